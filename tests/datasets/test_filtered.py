"""What the filter of a place refuses is not stored: neither texts nor names nor files, and only where that is wanted."""

import sys
from types import ModuleType

import numpy as np
import pytest

from dlcore.access.content import ContentKind
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import stored_names
from dlcore.errors import ContentError
from dlcore.spec.data import DataKind
from tests.datasets.makers import png


@pytest.fixture
def filtered(settings, tmp_path):
    """Settings of a place with a list of one word."""
    words = tmp_path / "words.txt"
    words.write_text("grumble\n")
    return settings.model_copy(update={"mode": "demo", "blocklist": words, "filter_uploads": True})


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.csv"
    rows = [
        f'"{["good", "bad"][n % 2]} film number {n}, they said",{["up", "down"][n % 2]}' for n in range(60)
    ]
    path.write_text("said,verdict\n" + "\n".join([*rows, '"they GRUMBLE at it, number 60",up']) + "\n")
    return path


def test_a_text_that_is_refused_keeps_all_of_the_data_out(filtered, reviews):
    with pytest.raises(ContentError, match="may not be stored here: grumble"):
        ingest(reviews, filtered, Choices(name="films", kind=DataKind.TEXT), owner="ann")
    assert stored_names(filtered) == ()


def test_texts_are_left_alone_where_uploads_are_not_filtered_and_at_home(filtered, settings, reviews):
    named_only = filtered.model_copy(update={"filter_uploads": False})
    at_home = filtered.model_copy(update={"mode": settings.mode})

    for place in (named_only, at_home):
        assert (
            ingest(reviews, place, Choices(name="films", kind=DataKind.TEXT), owner="ann").facts.train_size
            == 61
        )


def test_the_name_of_a_class_is_refused(filtered, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("size,label\n" + "".join(f"{n}.5,{['fine', 'grumble'][n % 2]}\n" for n in range(60)))

    with pytest.raises(ContentError, match="grumble"):
        ingest(path, filtered, Choices(name="sizes", kind=DataKind.TABLE), owner="ann")


def test_a_filter_of_the_hosts_own_is_given_pictures_as_they_were_sent(settings, tmp_path, monkeypatch):
    seen = []
    mine = ModuleType("mine")
    mine.make = lambda settings: lambda content: seen.append(content)
    monkeypatch.setitem(sys.modules, "mine", mine)
    folder = tmp_path / "shapes"
    for name in ("round", "square"):
        (folder / name).mkdir(parents=True)
        for n in range(4):
            (folder / name / f"{n}.png").write_bytes(png(np.full((8, 8, 3), 20 * n + len(name), np.uint8)))
    place = settings.model_copy(
        update={"mode": "demo", "content_filter": "mine:make", "filter_uploads": True}
    )
    ingest(folder, place, Choices(name="shapes"), owner="ann")

    files = [one.data for one in seen if one.kind is ContentKind.FILE]
    assert len(files) == 8 and all(data.startswith(b"\x89PNG") for data in files)
    assert {"round", "square"} <= {one.text for one in seen if one.kind is ContentKind.NAME}
