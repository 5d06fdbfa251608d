"""The home folder: private from the moment that anything makes it."""

import os
import stat
import sys

import pytest
from typer.testing import CliRunner

from dlcore.cli.main import app
from dlcore.datasets import load
from dlcore.datasets.ingest.keras_sets import KERAS_SETS
from dlcore.settings import Settings
from dlcore.store import Store
from tests.datasets.keras_makers import small_imdb

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


@pytest.fixture(autouse=True)
def open_umask():
    """A machine on which new files are readable by everybody."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_store(settings, tmp_path, monkeypatch):
    Store.open(settings).close()


def add_own_data(settings, tmp_path, monkeypatch):
    table = tmp_path / "points.csv"
    table.write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(30)))
    assert CliRunner().invoke(app, ["data", "add", str(table)]).exit_code == 0


def add_data_of_keras(settings, tmp_path, monkeypatch):
    entry = small_imdb(settings.datasets_dir)
    monkeypatch.setitem(KERAS_SETS, entry.name, entry)
    assert CliRunner().invoke(app, ["data", "add", "keras:imdb"]).exit_code == 0


def prepare_built_in_data(settings, tmp_path, monkeypatch):
    load("digits", settings)


def add_word_vectors(settings, tmp_path, monkeypatch):
    file = tmp_path / "glove.txt"
    file.write_text("cat 1 2\ndog 3 4\n")
    assert CliRunner().invoke(app, ["vectors", "add", str(file)]).exit_code == 0


ACTS = [open_store, add_own_data, add_word_vectors, add_data_of_keras, prepare_built_in_data]


@pytest.mark.parametrize("act", ACTS)
def test_whatever_makes_the_home_folder_makes_it_for_its_owner_alone(act, tmp_path, monkeypatch):
    settings = Settings(home=tmp_path / "a" / "home", KERAS_HOME=tmp_path / "keras")
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("KERAS_HOME", str(settings.keras_home))
    act(settings, tmp_path, monkeypatch)
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700


def test_a_home_folder_that_somebody_shares_stays_shared(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    Store.open(Settings(home=home)).close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
