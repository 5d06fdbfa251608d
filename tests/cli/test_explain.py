"""`python -m dlcore explain RUN …`: the file in each format, and what is said of it."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from dlcore.cli import explain as explain_cli
from dlcore.cli.main import app
from dlcore.datasets import facts
from dlcore.processes import alone
from dlcore.processes.jobs import JOBS
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.run_files import read_arrays
from tests.datasets.makers import shops, stored
from tests.engine.trained import trained_run

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a trained run on digits and one on a table; of each a sample of its test part."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), KERAS_HOME=tmp_path_factory.mktemp("keras"))
    store = Store.open(settings)
    found = {}
    for known in (facts("digits", settings), stored(shops(settings.home / "shops.csv"), settings).facts):
        run = trained_run(store, known)
        rows = read_arrays(store.artifacts.folder(run.id) / "predictions.npz")["rows"]
        found[known.name] = (run.id, int(rows[0]))
    store.close()
    return settings, found


@pytest.fixture
def call(home, monkeypatch, tmp_path):
    settings, found = home
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("KERAS_HOME", str(settings.keras_home))
    monkeypatch.setenv("COLUMNS", "200")

    def here(what, arguments, settings, progress):
        # Its own process takes ten seconds to begin.
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        handle = SimpleNamespace(settings=settings, folder=folder, progress=progress)
        return json.loads(json.dumps(alone.do_here(JOBS[what], arguments, handle)))

    monkeypatch.setattr(explain_cli, "run_alone", here)

    def called(name, method, file, *more):
        run, row = found[name]
        words = ["explain", run[:10], "--sample", row, "--method", method, "--output", tmp_path / file, *more]
        return CliRunner().invoke(app, list(map(str, words)))

    return called


def test_numbers_are_written_as_json_with_what_they_are_of(home, call, tmp_path):
    done = call("it", "occlusion", "it.json", "--class", "yes")
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "it.json").read_text())
    assert sorted(content["labels"]) == ["city", "size", "visits"] and len(content["attribution"]) == 3
    assert (content["output"], content["sample"], content["part"]) == ("yes", home[1]["it"][1], "test")
    assert done.stdout.startswith("yes: probability ") and "it.json is written" in done.stdout


def test_arrays_figures_and_pictures_are_written(call, tmp_path):
    done = call("digits", "integrated_gradients", "it.npz", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["holds"] is True and said["file"] == str(tmp_path / "it.npz")
    with np.load(tmp_path / "it.npz") as arrays:
        assert arrays["attribution"].sum() == pytest.approx(said["score"] - said["baseline_score"], rel=0.01)
    assert call("digits", "grad_cam", "it.html").exit_code == 0
    assert "plotly" in (tmp_path / "it.html").read_text(encoding="utf-8")[:200_000].lower()
    assert call("digits", "grad_cam", "it.png").exit_code == 0
    with Image.open(tmp_path / "it.png") as picture:
        assert picture.size == (512, 512)


@pytest.mark.parametrize(
    ("name", "method", "file", "more", "words"),
    [
        ("digits", "occlusion", "it.gif", (), "no explanation can be written as '.gif'"),
        ("it", "occlusion", "it.png", (), "only an explanation of a picture"),
        ("it", "grad_cam", "it.json", (), "Choose one of these: integrated_gradients, occlusion"),
        ("digits", "occlusion", "it.json", ("--class", "ten"), "there is no class or target 'ten'"),
        ("digits", "occlusion", "it.json", ("--part", "train"), "the train part has no sample"),
        ("digits", "occlusion", "no/it.json", (), "the file cannot be written"),
    ],
)
def test_what_cannot_be_written_or_explained_is_said(call, name, method, file, more, words):
    done = call(name, method, file, *more)
    assert done.exit_code != 0 and words in done.output
