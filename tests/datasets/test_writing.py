"""Datasets on their way to the disk: those of killed processes go, those that are being written stay."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.ingest.proposal import checked_name
from dlcore.datasets.ingest.writing import sweep, writing
from dlcore.datasets.stored import remove, stored_names
from dlcore.errors import DatasetError
from tests.datasets.makers import people

WRITE = """
import os, sys, time
from dlcore.datasets.ingest.writing import writing
from dlcore.settings import Settings
with writing(Settings()) as draft:
    draft.blob(b"content")
    print("writing", flush=True)
    time.sleep(600)
"""


def parts(settings):
    return sorted(settings.stored_dir.glob(".part-*"))


def test_what_a_killed_process_was_writing_goes_and_what_a_live_one_writes_stays(settings):
    command = [sys.executable, "-c", WRITE]
    with subprocess.Popen(
        command,
        env=settings.environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "writing\n"
        theirs = parts(settings)
        assert [path.is_dir() for path in theirs] == [True, False]
        with writing(settings):
            ours = [path for path in parts(settings) if path not in theirs]
            sweep(settings)
            assert parts(settings) == sorted(theirs + ours)
            process.kill()
            process.wait()
            sweep(settings)
            assert parts(settings) == ours
    assert not settings.stored_dir.exists()


def test_what_the_system_refuses_to_delete_is_named_and_stays(settings, tmp_path, monkeypatch):
    ingest(people(tmp_path / "people.csv"), settings, Choices(name="it"), owner="me")

    def refuse(path, target):
        raise PermissionError(errno.EACCES, "The process cannot access the file", str(path))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(
        DatasetError, match=r"/it/\w+: this dataset cannot be deleted: The process cannot access"
    ):
        remove("it", settings)
    assert stored_names(settings) == ("it",)


def test_a_draft_ends_well_though_somebody_cleaned_up_beside_it(settings):
    with writing(settings):
        for path in parts(settings):
            if path.is_file():
                path.unlink()
    assert not settings.stored_dir.exists()


@pytest.mark.parametrize("name", ["a", "7", "my-data_2", "x" * 64, "conx", "com", "lpt10"])
def test_a_name_of_small_letters_and_digits_is_one(name):
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "x" * 65, "Data", "my data", "-a", "_a", "a.b", "größe", "a\nb"])
def test_any_other_name_is_refused_as_it_is(name):
    with pytest.raises(DatasetError) as caught:
        checked_name(name)
    assert "data cannot be called" in str(caught.value)
    assert "Use 1 to 64 small letters" in str(caught.value)


def test_a_refused_name_is_quoted_once():
    with pytest.raises(DatasetError, match=r"^data cannot be called 'my data'\. Use"):
        checked_name("my data")


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9"])
def test_a_name_that_windows_keeps_for_a_device_is_refused(name):
    with pytest.raises(DatasetError, match=f"'{name}'.* Windows keeps this name"):
        checked_name(name)
