"""`python -m dlcore data add`: files and arrays that need to be told how they are meant."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from dlcore.cli.main import app
from dlcore.datasets.stored import open_stored, stored_names
from tests.datasets.fixtures import settings_in
from tests.datasets.makers import png, zipped


@pytest.fixture
def settings(tmp_path, monkeypatch):
    found = settings_in(tmp_path)
    monkeypatch.setenv("DLCORE_HOME", str(found.home))
    monkeypatch.setenv("COLUMNS", "200")
    return found


def add(path, *options):
    return CliRunner().invoke(app, ["data", "add", str(path), "--name", "it", "--json", *options])


@pytest.mark.usefixtures("jobs_here")
def test_arrays_with_nan_are_refused_until_it_is_said_what_becomes_of_it(tmp_path, settings):
    x = np.arange(12.0).reshape(6, 2)
    x[2, 1] = np.nan
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(6) % 2)
    asked = add(tmp_path / "x.npz")
    assert asked.exit_code == 1 and "--non-finite refuse" in asked.output
    assert stored_names(settings) == ()
    assert json.loads(add(tmp_path / "x.npz", "--non-finite", "zero").stdout)["train_size"] == 6
    assert json.loads(add(tmp_path / "x.npz", "--non-finite", "refuse").stdout)["train_size"] == 5


@pytest.mark.usefixtures("jobs_here")
def test_where_the_channels_are_and_what_tells_the_classes_are_options(tmp_path, settings):
    np.savez(tmp_path / "x.npz", x=np.zeros((6, 3, 8, 8), np.uint8), y=np.arange(6) % 2)
    assert add(tmp_path / "x.npz").exit_code == 0
    assert open_stored("it", settings).facts.input_shape == (8, 8, 3)
    assert add(tmp_path / "x.npz", "--channels", "last").exit_code == 0
    assert open_stored("it", settings).facts.input_shape == (3, 8, 8)
    files = {f"{n}_{'ann' if n % 2 else 'bob'}_x.png": png(np.full((4, 4), n)) for n in range(6)}
    path = zipped(tmp_path / "flat.zip", files)
    asked = add(path)
    assert asked.exit_code == 1 and "--labels 1_" in asked.output
    assert json.loads(add(path, "--labels", "2_").stdout)["classes"] == ["ann", "bob"]
