"""`python -m dlcore predict RUN FILE`: the answers as a table, as CSV, as JSON; and `run.predict` in Python."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import dlcore
from dlcore.cli import predict as predict_cli
from dlcore.cli.main import app
from dlcore.datasets import facts
from dlcore.errors import NotFoundError
from dlcore.processes.jobs import JOBS
from dlcore.settings import Settings
from dlcore.store import Store
from tests.datasets.makers import png, shops, stored
from tests.engine.trained import trained_run

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a run on digits and one on a table, both trained."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), KERAS_HOME=tmp_path_factory.mktemp("keras"))
    store = Store.open(settings)
    kept = stored(shops(settings.home / "shops.csv"), settings)
    ids = {}
    for name, known in (("digits", facts("digits", settings)), ("it", kept.facts)):
        ids[name] = trained_run(store, known).id
    store.close()
    return settings, ids


@pytest.fixture
def call(home, monkeypatch):
    settings, _ = home
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("KERAS_HOME", str(settings.keras_home))
    monkeypatch.setenv("COLUMNS", "200")

    def here(what, arguments, settings, progress):
        # Its own process takes ten seconds to begin; another test starts one.
        return json.loads(json.dumps(JOBS[what].do(arguments, SimpleNamespace(settings=settings))))

    monkeypatch.setattr(predict_cli, "run_alone", here)
    return lambda *arguments: CliRunner().invoke(app, ["predict", *map(str, arguments)])


def test_a_table_is_answered_row_by_row_with_the_score_where_it_can_be_told(home, call):
    settings, ids = home
    file = settings.home / "shops.csv"
    done = call(ids["it"], file, "--out", settings.home / "answers.csv")
    assert done.exit_code == 0, done.output
    assert "row 50 " in done.stdout and "row 51 " not in done.stdout
    written = pd.read_csv(settings.home / "answers.csv")
    assert written.columns.tolist() == ["sample", "answer", "no", "yes"] and len(written) == 200
    truth = pd.read_csv(file)["open"]
    assert f"accuracy {(written['answer'] == truth).mean():.4f}" in done.stdout


def test_json_holds_all_answers_and_why_there_are_none(home, call, tmp_path):
    _, ids = home
    file = tmp_path / "new.csv"
    file.write_text("visits,size,city\n100.5,small,city 1\nmany,large,city 2\n90.5,tiny,nowhere\n")
    done = call(ids["it"], file, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert set(said) == {"task", "predictions", "notes", "metrics"} and said["metrics"] == {}
    first, second, third = said["predictions"]
    assert first["sample"] == "row 1" and set(first["values"]) == {"no", "yes"}
    assert sum(first["values"].values()) == pytest.approx(1)
    assert first["answer"] == [max(first["values"], key=first["values"].get)]
    assert (second["answer"], second["values"]) == ([], {})
    assert second["problem"].startswith("column visits: expected a number, got 'many'.")
    assert "problem" not in third
    assert any("training does not know 'tiny'" in note for note in said["notes"])


def test_a_picture_is_answered_and_what_was_done_to_it_is_said(home, call, tmp_path):
    _, ids = home
    (tmp_path / "seven.png").write_bytes(png(np.zeros((30, 30, 3))))
    done = call(ids["digits"], tmp_path / "seven.png")
    assert done.exit_code == 0, done.output
    assert "seven.png" in done.stdout
    assert "note: pictures brought to 8 × 8" in done.stderr


def test_what_cannot_be_answered_is_one_clear_line(home, call, tmp_path):
    _, ids = home
    assert "there is no such file" in call(ids["digits"], tmp_path / "none.png").stderr
    (tmp_path / "x.png").write_bytes(b"no picture")
    done = call(ids["digits"], tmp_path / "x.png")
    assert done.exit_code == 1 and "error: this is not an image, or it is damaged." in done.stderr
    assert call("nothing", tmp_path / "x.png").exit_code == 1
    (tmp_path / "x.png").write_bytes(png(np.zeros((8, 8, 1))))
    done = call(ids["digits"], tmp_path / "x.png", "--out", tmp_path / "no" / "such" / "a.csv")
    assert done.exit_code == 1 and "the file cannot be written" in done.stderr


def test_a_run_answers_in_python(home, tmp_path):
    settings, ids = home
    run = dlcore.run(ids["digits"], settings=settings)
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    one = run.predict(pixels)
    (tmp_path / "x.png").write_bytes(png(pixels[..., None]))
    np.testing.assert_array_equal(one.answers, run.predict(tmp_path / "x.png").answers)
    assert one[0].chosen[0] in "0123456789" and one.to_frame().shape == (1, 12)
    assert run.predictor is run.predictor
    assert (
        dlcore.run(ids["it"], settings=settings)
        .predict({"visits": 9, "size": "small", "city": "city 1"})[0]
        .problem
        is None
    )
    run.store.close()
    with pytest.raises(NotFoundError):
        dlcore.run("nothing", settings=settings)


def test_the_command_answers_in_a_process_of_its_own(home, tmp_path):
    settings, ids = home
    (tmp_path / "x.png").write_bytes(png(np.zeros((8, 8, 1))))
    done = subprocess.run(
        [sys.executable, "-m", "dlcore", "predict", ids["digits"], str(tmp_path / "x.png"), "--json"],
        env={**os.environ, "DLCORE_HOME": str(settings.home), "KERAS_HOME": str(settings.keras_home)},
        capture_output=True,
        text=True,
        check=True,
    )
    (one,) = json.loads(done.stdout)["predictions"]
    assert one["sample"] == "x.png" and set(one["values"]) == set("0123456789")
    # The pictures of digits have this size: there is nothing to say.
    assert done.stderr == ""
