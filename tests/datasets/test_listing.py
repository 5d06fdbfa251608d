"""What is kept aside of the files of an archive while they are listed: tables and descriptions, and not too many."""

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices, listing
from dlcore.datasets.ingest.listing import extension_of, list_files
from dlcore.datasets.ingest.trees import layout_of
from dlcore.spec.data import DataKind

from .makers import png, wav, zipped


@pytest.fixture
def files(tmp_path, settings):
    """The listing of an archive with these files, and what was told of it."""

    def listed(contents):
        told = []
        found = list_files(
            zipped(tmp_path / "x.zip", contents), settings, Choices(), lambda *news: told.append(news[:2])
        )
        return found, told

    return listed


DOT, TONE = png(np.zeros((2, 2))), wav(np.zeros(9))


def test_tables_and_descriptions_of_boxes_are_kept_and_pictures_are_not(files):
    contents = {
        "a/1.png": DOT, "a/2.wav": TONE, "a/3": DOT, "labels.CSV": b"name,y", "list.tsv": b"x", "about.txt": b"y",
        "boxes.json": b"{}", "one.xml": b"<a/>", "conf.yaml": b"a: 1", "conf.yml": b"b: 2", "tool.exe": b"MZ",
    }  # fmt: skip
    found, told = files(contents)
    assert set(found.aside) == {
        "labels.CSV", "list.tsv", "about.txt", "boxes.json", "one.xml", "conf.yaml", "conf.yml",
    }  # fmt: skip
    assert found.aside["labels.CSV"] == b"name,y"
    assert {file.name: file.kind for file in found.files if file.kind} == {
        "a/1.png": DataKind.IMAGE, "a/2.wav": DataKind.AUDIO, "a/3": DataKind.IMAGE, "about.txt": DataKind.TEXT,
    }  # fmt: skip
    assert told == [(number, 0) for number in range(1, 12)]


def test_a_thousand_texts_do_not_keep_a_table_out(files, monkeypatch):
    monkeypatch.setattr(listing, "_MOST_ASIDE", 3)
    found, _ = files({**{f"{n}.txt": b"text" for n in range(9)}, "labels.csv": b"name,y"})
    assert sorted(found.aside) == ["0.txt", "1.txt", "2.txt", "labels.csv"]


def test_what_is_too_large_is_not_kept_and_neither_is_what_is_too_much(files, monkeypatch):
    monkeypatch.setattr(listing, "_LARGEST_ASIDE", 10)
    found, _ = files({"1.csv": b"x" * 11, "2.csv": b"x" * 6, "3.csv": b"x" * 5, "4.csv": b"x" * 4})
    assert sorted(found.aside) == ["2.csv", "4.csv"]


def test_texts_behind_those_that_are_read_say_nothing_of_the_encoding(files, monkeypatch):
    western = "naïve café über".encode("cp1252")
    found, _ = files({"1.txt": b"plain", "2.txt": western})
    assert found.text_encoding == "cp1252"
    monkeypatch.setattr(listing, "_MOST_TEXTS", 1)
    found, _ = files({"1.txt": b"plain", "2.txt": western})
    assert found.text_encoding == ""


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a/B.CSV", "csv"), ("a.b/readme", ""), ("x.tar.gz", "gz"), (".hidden", "hidden"), ("plain", "")],
)
def test_an_ending_is_that_of_the_file_and_not_of_its_folder(name, ending):
    assert extension_of(name) == ending


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["test/1", "test/2"], {""}),
        (["val/1", "val/2"], {""}),
        (["train/1", "train/2"], {"train"}),
        (["test/1", "val/2"], {"test", "validation"}),
    ],
)
def test_one_folder_alone_is_a_part_only_if_it_is_for_training(names, parts):
    layout = layout_of(names)
    assert {layout.place(name).part for name in names} == parts
