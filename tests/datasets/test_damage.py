"""A disk that changes bytes: what can be made again is, and what cannot is reported by name."""

import errno
import random
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets import load
from dlcore.datasets.loader import load_dataset
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.samples import built_in_samples
from dlcore.datasets.stored import open_stored as newest
from dlcore.datasets.stored import remove, stored_damage, stored_names, versions
from dlcore.datasets.summary import statistics
from dlcore.errors import DatasetError
from dlcore.spec import ExperimentSpec

from .fixtures import put, small_mnist, small_npz
from .makers import colours, people, samples, stored

RESIZED = {
    "dataset": {"name": "it"},
    "preprocessing": [{"kind": "Resizing", "height": 16, "width": 16}],
}


def flip(path, count=1):
    """Changes so many bytes somewhere in a file, always the same ones."""
    data, chance = bytearray(path.read_bytes()), random.Random(0)
    for place in chance.sample(range(len(data)), count):
        data[place] ^= 0x55
    path.write_bytes(data)


@pytest.fixture
def squares(tmp_path, settings):
    """Twelve images as a dataset of one's own, and what prepares them."""
    stored(colours(tmp_path / "x.zip"), settings)
    return lambda: prepare(ExperimentSpec.from_dict(RESIZED), settings, lambda *_: None)


@pytest.mark.parametrize("name", ["input.npy", "state.json", "checksums.json"])
def test_damaged_prepared_arrays_are_made_again(squares, name):
    before = squares()
    values = np.array(before.train.inputs["input"])
    flip(before.folder / name, count=30)
    assert np.array_equal(squares().train.inputs["input"], values)
    assert np.array_equal(squares().train.inputs["input"], values)


def test_prepared_arrays_of_an_older_version_are_made_again(squares):
    folder = squares().folder
    (folder / "checksums.json").unlink()
    (folder / "input.npy").write_bytes(b"")
    assert squares().train.inputs["input"].shape == (12, 16, 16, 3)


@pytest.mark.parametrize("name", ["x_train.npy", "y_test.npy", "checksums.json"])
def test_damaged_arrays_of_a_built_in_dataset_are_made_again(settings, name):
    before = load("digits", settings)
    images, labels = np.array(before.x_train), np.array(before.y_test)
    flip(before.folder / name, count=200)
    again = load("digits", settings)
    assert np.array_equal(again.x_train, images)
    assert np.array_equal(again.y_test, labels)


def test_a_damaged_index_of_prepared_arrays_is_made_again(settings):
    load("digits", settings)
    flip(settings.prepared_dir / "digits.json", count=20)
    assert len(load("digits", settings).x_train) == 1438


def test_damaged_arrays_whose_source_is_gone_count_as_absent(settings):
    source = put(settings.datasets_dir, "mnist.npz", small_npz())
    folder = load_dataset(small_mnist(), settings).folder
    source.unlink()
    assert load_dataset(small_mnist(), settings, use_network=False).y_train.tolist() == [3, 1, 4, 1]
    flip(folder / "x_train.npy")
    with pytest.raises(DatasetError, match="is not on this machine yet"):
        load_dataset(small_mnist(), settings, use_network=False)


def test_damaged_statistics_are_computed_again(settings):
    digits = built_in_samples(load("digits", settings))
    found = statistics(digits, settings)
    (path,) = settings.prepared_dir.glob("digits-*-pixels-*.json")
    assert '"images": 1438' in path.read_text()
    path.write_text(path.read_text().replace('"images": 1438', '"images": 1439'))
    assert statistics(digits, settings) == found
    path.write_text(path.read_text()[:100])
    assert statistics(digits, settings) == found


@pytest.mark.parametrize("name", ["samples.bin", "samples.parquet", "targets.npy"])
def test_a_damaged_original_is_named_and_heals_when_the_same_data_is_added_again(settings, tmp_path, name):
    source = colours(tmp_path / "x.zip")
    dataset = stored(source, settings)
    flip(dataset.folder / name, count=5)
    expected = (
        rf"it/{dataset.facts.version}: .* changed since it was stored: {name}.* Add the same data again"
    )
    with pytest.raises(DatasetError, match=expected):
        samples(settings)
    assert [name in str(error) for error in stored_damage(settings, whole=True)] == [True]
    assert stored(source, settings).facts == dataset.facts
    assert len(samples(settings)) == 12
    assert list(stored_damage(settings, whole=True)) == []


@pytest.fixture(params=["garbled", "empty", "gone", "another form"])
def halves(request, tmp_path, settings):
    """A dataset of two versions, the newer of which has a damaged manifest."""
    good = stored(colours(tmp_path / "x.zip"), settings)
    bad = stored(colours(tmp_path / "y.zip", count=7), settings)
    manifest = bad.folder / "manifest.json"
    match request.param:
        case "garbled":
            flip(manifest)
        case "empty":
            manifest.write_bytes(b"")
        case "gone":
            manifest.unlink()
        case _:
            manifest.write_text('{"format": 1, "facts": []}')
    return good.facts.version, bad.facts.version


def test_a_damaged_version_is_reported_and_the_other_one_serves(halves, settings):
    good, bad = halves
    assert [str(error).partition(":")[0] for error in stored_damage(settings)] == [f"it/{bad}"]
    assert newest("it", settings).facts.version == good
    assert versions("it", settings) == (good,)
    with pytest.raises(DatasetError, match=f"it/{bad}: this stored dataset is damaged"):
        newest("it", settings, bad)


def test_a_damaged_version_is_removed_alone(halves, settings):
    good, bad = halves
    remove("it", settings, bad)
    assert list(stored_damage(settings)) == []
    assert newest("it", settings).facts.version == good


def test_a_dataset_of_which_nothing_is_left_is_removed_as_a_whole(settings, tmp_path):
    folder = stored(people(tmp_path / "people.csv"), settings).folder
    (folder / "manifest.json").write_bytes(b"\0")
    assert stored_names(settings) == ("it",)
    with pytest.raises(DatasetError, match="damaged"):
        newest("it", settings)
    remove("it", settings)
    assert stored_names(settings) == ()


def test_the_same_data_under_the_name_of_a_damaged_dataset_takes_its_place(settings, tmp_path):
    source = people(tmp_path / "people.csv")
    dataset = stored(source, settings)
    (dataset.folder / "manifest.json").write_bytes(b"\0")
    assert stored(source, settings).facts == dataset.facts
    assert newest("it", settings).facts == dataset.facts


def test_a_file_that_may_not_be_read_is_not_called_damaged(settings, tmp_path, monkeypatch):
    dataset = stored(people(tmp_path / "people.csv"), settings)
    real = Path.open

    def refused(self, *arguments, **named):
        if self.parent == dataset.folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return real(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(DatasetError, match=r"cannot be read: Permission denied\. Check the path"):
        newest("it", settings)
