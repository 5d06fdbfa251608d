"""A run that was exported elsewhere, brought here on the page of all runs."""

import io
import json
import zipfile

import pytest

from dlcore.store.run_archive import write_archive
from dlcore.store.run_records import read_records
from tests.comparison.runs import classified

from .conftest import parameter, sent, settle


@pytest.fixture
def archive(here, tmp_path):
    """What another store has exported: a run with its answers on the test part. Here it is no more."""
    run = classified(here.store, "from afar", range(10))
    path = tmp_path / "it.run.zip"
    write_archive(read_records(here.store, run.id), here.store.artifacts.folder(run.id), path)
    here.store.runs.delete(here.store.runs.get(run.id))
    here.store.removals.sweep()
    return run.id, path.read_bytes()


def opened(open_page, here, content):
    return settle(open_page("runs", archive=sent(here, "it.run.zip", content)), here)


def changed(content, change):
    """The archive with another record of its run."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            given = old.read(name)
            new.writestr(name, json.dumps(change(json.loads(given))) if name == "run.json" else given)
    return made.getvalue()


def test_a_place_for_a_file_is_in_the_address_once_it_is_opened(open_page, here):
    page = open_page("runs")
    assert "archive" not in page.query_params
    page.session_state["import_run"] = True
    page.run()
    assert parameter(page, "archive")


def test_a_run_from_elsewhere_is_added_with_its_files(open_page, here, archive):
    run_id, content = archive
    page = opened(open_page, here, content)
    assert "**from afar** is here now." in "\n".join(one.value for one in page.success)
    run = here.store.runs.get(run_id)
    assert (run.owner, run.name) == (here.actor.id, "from afar")
    assert (here.store.artifacts.folder(run_id) / "predictions.npz").is_file()
    # A reload says the same, and nothing is left of the upload.
    again = open_page("runs", run_adding=parameter(page, "run_adding"))
    assert "is here now" in again.success[0].value
    assert list((here.settings.home / "uploads").glob("*/content")) == []
    assert [one.name for one in here.settings.runs_dir.iterdir()] == [run_id]


def test_a_run_that_is_here_is_not_added_twice(open_page, here, archive):
    opened(open_page, here, archive[1])
    page = opened(open_page, here, archive[1])
    assert "this run is already here. Delete it first." in page.error[0].value
    assert len(here.store.runs.list()) == 1
    page.button(key="import_another").click().run()
    assert not page.error
    assert "run_adding" not in page.query_params


def with_member(content, name):
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as file:
        file.writestr(name, "print()")
    return made.getvalue()


HOSTILE = {
    "no archive": lambda content: b"no archive",
    "cut off": lambda content: content[: len(content) // 2],
    "a way out": lambda content: with_member(content, "../../escaped.txt"),
    "a foreign file": lambda content: with_member(content, "files/own.py"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_left(open_page, here, archive, tmp_path, kind):
    page = opened(open_page, here, HOSTILE[kind](archive[1]))
    assert len(page.error) == 1
    assert here.store.runs.list() == []
    assert list(tmp_path.rglob("escaped.txt")) == []
    assert list(here.settings.runs_dir.iterdir()) == []


def test_a_run_whose_dataset_is_not_here_says_so(open_page, here, archive):
    def elsewhere(record):
        record["run"]["spec"]["dataset"] = {"name": "not-here"}
        return record

    page = opened(open_page, here, changed(archive[1], elsewhere))
    assert "Its dataset is not here, so it cannot be resumed" in page.warning[0].value
