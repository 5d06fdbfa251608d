"""Prepared arrays are kept while there is room, and go with their dataset."""

import errno
import os
import time

import numpy as np
import pytest

from dlcore.datasets.prepare import cache as kept
from dlcore.datasets.prepare.cache import RECENT_SECONDS, make_room
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.stored import remove
from dlcore.errors import DatasetError
from dlcore.spec import ExperimentSpec

from .makers import colours, stored

SIDES = (16, 20, 24)


@pytest.fixture
def squares(tmp_path, settings):
    """A dataset of 12 images; gives what prepares them at a size."""
    stored(colours(tmp_path / "x.zip"), settings)

    def prepared(side, with_settings=settings):
        steps = [{"kind": "Resizing", "height": side, "width": side}]
        spec = ExperimentSpec.from_dict({"dataset": {"name": "it"}, "preprocessing": steps})
        return prepare(spec, with_settings, lambda *_: None)

    return prepared


def sides(settings):
    """The sizes that lie on the disk."""
    found = [np.load(path, mmap_mode="r").shape[1] for path in settings.prepared_dir.glob("*/input.npy")]
    return sorted(found)


def aged(prepared):
    """As if nobody had asked for it for long."""
    then = time.time() - 2 * RECENT_SECONDS
    os.utime(prepared.folder / "state.json", (then, then))


def much_later():
    return time.time() + 2 * RECENT_SECONDS


def test_what_was_not_used_for_longest_goes_first_until_the_rest_fits(squares, settings):
    for side in (*SIDES, SIDES[0]):
        squares(side)
        time.sleep(0.02)
    assert make_room(settings, 10**9, now=much_later()) == 0
    assert sides(settings) == [16, 20, 24]
    largest = 12 * 24 * 24 * 3
    assert largest > make_room(settings, 2 * largest, now=much_later()) > 12 * 20 * 20 * 3
    assert sides(settings) == [16, 24], "16 was used again after the others"


def test_what_was_taken_away_stays_readable_where_it_is_open_and_is_made_again_alike(squares, settings):
    before = squares(16).train.inputs["input"]
    values = np.array(before)
    assert make_room(settings, 0, now=much_later()) > 0
    assert sides(settings) == []
    assert (np.asarray(before) == values).all()
    assert (np.asarray(squares(16).train.inputs["input"]) == values).all()


def test_what_somebody_may_be_about_to_open_is_not_taken_away(squares, settings):
    squares(16)
    assert make_room(settings, 0) == 0
    assert sides(settings) == [16]


def test_a_new_preparation_keeps_all_within_the_limit(squares, settings):
    aged(squares(16))
    squares(20)
    assert sides(settings) == [16, 20]
    squares(24, settings.model_copy(update={"prepared_mb": 0}))
    assert sides(settings) == [20, 24], "20 was used just now"


def test_on_a_full_disk_others_are_taken_away_and_it_is_tried_once_more(squares, settings, monkeypatch):
    aged(squares(16))
    written, tries = kept.write_json, []

    def full_once(path, data):
        tries.append(path)
        if len(tries) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(path, data)

    monkeypatch.setattr(kept, "write_json", full_once)
    squares(20)
    assert (len(tries), sides(settings)) == (2, [20])


def test_on_a_full_disk_without_anything_to_take_away_it_is_said_what_to_do(squares, settings, monkeypatch):
    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept, "write_json", full)
    with pytest.raises(DatasetError, match="Free disk space under"):
        squares(16)
    assert sides(settings) == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_removed_dataset_takes_its_arrays_along_and_leaves_others(squares, settings, tmp_path, whole):
    folder = squares(16).folder
    other = settings.prepared_dir / "it-2-0123456789ab-0123456789abcdef"
    other.mkdir()
    (other / "state.json").write_text("{}")
    version = stored(colours(tmp_path / "y.zip", count=7), settings).facts.version
    second = squares(16).folder
    assert second != folder
    remove("it", settings, "" if whole else version)
    assert (folder.exists(), second.exists(), other.exists()) == (not whole, False, True)
