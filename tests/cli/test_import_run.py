"""`python -m dlcore import-run FILE`: a run from elsewhere, added once."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dlcore.cli import import_run
from dlcore.cli.main import app
from dlcore.datasets import facts
from dlcore.design.templates import proposal
from dlcore.queue import submit
from dlcore.settings import Settings
from dlcore.store.run_archive import write_archive
from dlcore.store.run_import import unpack_archive
from dlcore.store.run_records import read_records


@pytest.fixture
def archive(store, tmp_path):
    run = submit(store, proposal(facts("digits", store.settings)), owner="ada", name="mine")
    path = tmp_path / "it.run.zip"
    write_archive(read_records(store, run.id), store.artifacts.create(run.id), path)
    return run.id, path


def test_a_run_from_elsewhere_is_added_once(archive, tmp_path, monkeypatch):
    run, path = archive
    home = tmp_path / "other"
    monkeypatch.setenv("DLCORE_HOME", str(home))

    def call(*arguments):
        return CliRunner().invoke(app, ["import-run", *map(str, arguments)])

    # In a process of its own, as everyone's files are; that is slow, so only once.
    done = call(path, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"run_id": run, "name": "mine", "dataset_is_here": True}

    def here(_what, arguments, settings, _progress):
        unpack_archive(Path(arguments["path"]), Path(arguments["to"]), settings)

    monkeypatch.setattr(import_run, "run_alone", here)
    again = call(path)
    assert again.exit_code == 1 and "this run is already here. Delete it first." in again.stderr
    path.write_text("no archive")
    bad = call(path)
    assert bad.exit_code == 1 and "this is not a zip, a tar or a folder" in bad.stderr
    assert [one.name for one in Settings(home=home).runs_dir.iterdir()] == [run]
