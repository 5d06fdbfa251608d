"""`python -m dlcore backup` and `restore`, as somebody types them."""

import subprocess
import sys
from contextlib import closing

import pytest
from typer.testing import CliRunner

from dlcore.cli.main import app
from dlcore.settings import Settings
from dlcore.store import Store
from tests.store.samples import queued


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "home"


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_backup_is_made_and_restored_with_a_line_for_each_part(home, tmp_path, monkeypatch):
    with closing(Store.open(Settings(home=home))) as store:
        run = queued(store)
    made = call("backup", tmp_path / "copy")
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[-1].endswith(f"python -m dlcore restore {tmp_path / 'copy'}")
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "other"))
    back = call("restore", tmp_path / "copy")
    assert back.exit_code == 0, back.output
    with closing(Store.open(Settings(home=tmp_path / "other"))) as store:
        assert store.runs.get(run.id) == run


def test_nothing_is_restored_under_a_program_that_works_there(home, tmp_path):
    with closing(Store.open(Settings(home=home))) as store:
        queued(store)
    call("backup", tmp_path / "copy")
    holds = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM runs'); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(home / "store.sqlite")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline()
        refused = call("restore", tmp_path / "copy", "--replace")
        other.communicate(b"\n")
    assert refused.exit_code == 1
    assert f"other programs are at work here (pid {other.pid})" in " ".join(refused.stderr.split())
    assert not list(home.glob("replaced-*"))
