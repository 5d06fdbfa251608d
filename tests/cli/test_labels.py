"""`python -m dlcore labels RUN`: a list of suspicious samples, of the whole dataset or by the run's own answers."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dlcore.cli import labels as labels_cli
from dlcore.cli.main import app
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.loader import load
from dlcore.processes import alone
from dlcore.processes.jobs import JOBS
from dlcore.queue import submit
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store
from tests.engine.trained import trained_run

pytestmark = pytest.mark.keras

CHANGED = 20


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with trained runs on tables: of digits of which some labels were changed, and of numbers."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    generator = np.random.default_rng(0)
    digits = load("digits", settings)
    pixels = digits.x_train.reshape(len(digits.x_train), -1)[:900, ::3]
    labels = np.array(digits.y_train[:900])
    changed = generator.choice(900, CHANGED, replace=False)
    labels[changed] = (labels[changed] + generator.integers(1, 10, CHANGED)) % 10
    classes = pd.DataFrame(pixels, columns=[f"p{place}" for place in range(pixels.shape[1])])
    x = generator.normal(size=(200, 2))
    numbers = pd.DataFrame(x, columns=["a", "b"])
    numbers["y"] = 3 * x[:, 0] + x[:, 1]
    numbers.loc[11, "y"] += 40
    store, ids = Store.open(settings), {}
    for name, table in (
        ("classes", classes.assign(digit=[f"d{one}" for one in labels])),
        ("values", numbers),
    ):
        table.to_csv(settings.home / f"{name}.csv", index=False)
        kept = ingest(settings.home / f"{name}.csv", settings, Choices(name=name), owner="local")
        ids[name] = trained_run(store, kept.facts, epochs=10).id
    again = ExperimentSpec.from_dict(store.runs.get(ids["values"]).spec)
    ids["waiting"] = submit(store, again, owner="local").id
    store.close()
    return settings, ids, changed


@pytest.fixture
def call(home, tmp_path, monkeypatch):
    settings, _ids, _changed = home
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("COLUMNS", "200")

    def here(what, arguments, settings, progress):
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        handle = SimpleNamespace(settings=settings, folder=folder, progress=progress)
        return json.loads(json.dumps(alone.do_here(JOBS[what], arguments, handle)))

    monkeypatch.setattr(labels_cli, "run_alone", here)
    return lambda *line: CliRunner().invoke(app, ["labels", *line])


def test_changed_labels_of_all_parts_stand_first(call, home):
    _settings, ids, changed = home
    done = call(ids["classes"], "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found[0]) == {"sample", "part", "given", "suggested", "score", "likely", "chances"}
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    first = [one["sample"] for one in found[: CHANGED * 2]]
    assert np.isin(changed, first).mean() >= 0.8
    assert {one["part"] for one in found} == {"train", "validation", "test"}
    assert found[0]["given"] != found[0]["suggested"]


def test_the_runs_own_answers_tell_of_validation_and_test_alone(call, home):
    _settings, ids, _changed = home
    done = call(ids["classes"], "--quick", "--json", "--limit", "3")
    found = json.loads(done.stdout)
    assert len(found) == 3
    assert {one["part"] for one in found} <= {"validation", "test"}
    table = call(ids["classes"], "--quick")
    assert "by the run's own answers" in table.stdout


def test_of_numbers_the_largest_residual_is_listed(call, home):
    _settings, ids, _changed = home
    done = call(ids["values"], "--folds", "2", "--json")
    found = json.loads(done.stdout)
    assert found[0]["sample"] == 11 and found[0]["likely"]
    assert found[0]["given"] > 30
    assert "the largest residuals" in call(ids["values"], "--quick").stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("values", "--folds", "1"), "expected from 2 to 10 folds, got 1"),
        (("waiting", "--quick"), "no answers to check labels by yet"),
    ],
)
def test_what_cannot_be_done_is_said(call, home, line, message):
    _settings, ids, _changed = home
    done = call(ids[line[0]], *line[1:])
    assert done.exit_code != 0
    assert message in done.output
