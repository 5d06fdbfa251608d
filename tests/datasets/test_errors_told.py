"""An error is told as what it is: a full disk as full, damage as damage, and a bug of ours as itself."""

import errno
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets import decoding, load
from dlcore.datasets.builtin import digits
from dlcore.datasets.builtin.downloads import download
from dlcore.datasets.ingest import Choices, folders
from dlcore.datasets.ingest.intake import ingest, inspect
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.prepare import preparation
from dlcore.datasets.prepare.preparation import prepare
from dlcore.errors import DatasetError
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec

from .disks import small_disk  # noqa: F401
from .fixtures import serving
from .makers import colours, people, png, stored, wave_series, zipped
from .test_downloads import CONTENT, remote

MISTAKES = [KeyError("colour"), ValueError("a bug"), TypeError("a bug"), RuntimeError("a bug"), IndexError(3)]
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def failing(error):
    def fail(*arguments, **named):
        raise error

    return fail


def archives(tmp_path):
    zipped_ = colours(tmp_path / "x.zip")
    tarred, folder = tmp_path / "x.tar.gz", tmp_path / "x"
    with zipfile.ZipFile(zipped_) as archive:
        archive.extractall(folder)
    with tarfile.open(tarred, "w:gz") as archive:
        archive.add(folder, ".")
    return {"zip": zipped_, "tar": tarred, "folder": folder}


def leftovers(home):
    """The files that an ingestion left, but for its lock."""
    return [entry for entry in home.rglob("*") if entry.is_file() and entry.suffix != ".lock"]


@pytest.mark.parametrize("form", ["zip", "tar", "folder"])
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda error: type(error).__name__)
def test_a_bug_while_an_archive_is_read_surfaces_as_itself(form, mistake, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(folders, "_image", failing(mistake))
    with pytest.raises(type(mistake)) as caught:
        ingest(archives(tmp_path)[form], settings, Choices(name="it"), owner="me")
    assert caught.value is mistake
    assert leftovers(settings.home) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda error: type(error).__name__)
def test_a_bug_while_a_table_is_read_surfaces_as_itself(mistake, tmp_path, settings, monkeypatch):
    monkeypatch.setattr("dlcore.datasets.ingest.cells.frame_of", failing(mistake))
    with pytest.raises(type(mistake)) as caught:
        inspect(people(tmp_path / "people.csv"), settings)
    assert caught.value is mistake


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda error: type(error).__name__)
def test_a_bug_with_the_pixels_of_an_image_is_not_called_a_broken_image(mistake, monkeypatch):
    monkeypatch.setattr(decoding, "_pixels", failing(mistake))
    with pytest.raises(type(mistake)) as caught:
        decoding.decode_image(png(np.zeros((4, 4, 3))), max_pixels=99)
    assert caught.value is mistake


@pytest.mark.parametrize("form", ["zip", "tar", "folder"])
@pytest.mark.parametrize("method", ["blob", "rows", "targets"])
def test_a_disk_that_is_full_while_an_archive_is_stored_is_said_to_be_full(
    form, method, tmp_path, settings, monkeypatch
):
    source = archives(tmp_path)[form]
    real, store = getattr(Draft, method), Draft._store

    def full(self, *arguments):
        monkeypatch.setattr(Draft, "_store", lambda self, write: store(self, failing(FULL)))
        return real(self, *arguments)

    monkeypatch.setattr(Draft, method, full)
    with pytest.raises(DatasetError, match=r"^the disk is full; nothing was stored\. Free disk space under"):
        ingest(source, settings, Choices(name="it"), owner="me")
    assert leftovers(settings.home) == []


def test_a_real_disk_that_is_full_is_said_to_be_full(tmp_path, small_disk):  # noqa: F811
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3))
    source = zipped(
        tmp_path / "x.zip", {f"{label}/{n}.png": png(noise + n) for label in "ab" for n in range(6)}
    )
    with pytest.raises(DatasetError, match="the disk is full; nothing was stored"):
        ingest(source, Settings(home=small_disk / "home"), Choices(name="it"), owner="me")
    assert leftovers(small_disk / "home") == []


def test_arrays_for_which_there_is_no_room_end_with_a_sentence_and_not_with_the_process(
    tmp_path,
    small_disk,  # noqa: F811
):
    settings = Settings(home=small_disk / "home")
    stored(colours(tmp_path / "x.zip"), settings)
    steps = [{"kind": "Resizing", "height": 400, "width": 400}]
    spec = ExperimentSpec.from_dict({"dataset": {"name": "it"}, "preprocessing": steps})
    with pytest.raises(
        DatasetError, match=r"cannot be prepared: No space left on device\. Free disk space under"
    ):
        prepare(spec, settings, lambda *_: None)
    assert not list(settings.prepared_dir.glob("*/"))


@pytest.mark.parametrize("mistake", [KeyError("colour"), PermissionError(errno.EACCES, "no", "x")], ids=repr)
def test_a_bug_while_arrays_are_prepared_surfaces_as_itself(mistake, tmp_path, settings, monkeypatch):
    stored(wave_series(tmp_path / "x.csv"), settings)
    monkeypatch.setattr(preparation, "repair_values", failing(mistake))
    spec = ExperimentSpec.from_dict(
        {"dataset": {"name": "it"}, "preprocessing": [{"kind": "Windows", "sequence_length": 4}]}
    )
    with pytest.raises(type(mistake)) as caught:
        prepare(spec, settings, lambda *_: None)
    assert caught.value is mistake


def test_a_bug_in_the_reader_of_published_files_surfaces_as_itself(settings, monkeypatch):
    monkeypatch.setattr(digits, "split", failing(KeyError("images")))
    with pytest.raises(KeyError, match="images"):
        load("digits", settings)


@pytest.mark.parametrize("error", [FULL, ConnectionError("a bug"), KeyError("a bug")], ids=repr)
def test_what_is_raised_where_a_downloads_progress_is_told_is_not_called_a_broken_network(error, tmp_path):
    with serving(CONTENT) as server, pytest.raises(type(error)) as caught:
        download(remote(server.url), tmp_path, failing(error))
    assert caught.value is error


def test_a_folder_of_an_uploaded_folder_that_may_not_be_read_is_no_silent_gap(
    tmp_path, settings, monkeypatch
):
    source, real = archives(tmp_path)["folder"], os.scandir

    def scandir(path):
        if str(path).endswith("red"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(DatasetError, match="it cannot be read: Permission denied"):
        ingest(source, settings, Choices(name="it"), owner="me")


def test_a_file_of_a_folder_that_may_not_be_read_is_refused_alone(tmp_path, settings, monkeypatch):
    source, real = archives(tmp_path)["folder"], Path.read_bytes

    def read_bytes(self):
        if self.name == "3.png" and self.parent.name == "red":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    dataset = ingest(source, settings, Choices(name="it"), owner="me")
    assert dataset.facts.size == 11
    assert [(one.name, one.reason.text()) for one in dataset.refused] == [
        ("all/red/3.png", "it cannot be read: Permission denied.")
    ]
