"""Searches from a terminal."""

import json

import pytest
from typer.testing import CliRunner

from dlcore import queue
from dlcore.cli.main import app
from dlcore.records import StudyAction
from dlcore.records.alerts import AlertKind, Sign
from tests.conftest import ROOT
from tests.search.runs import World
from tests.store.samples import of_trial


@pytest.fixture(autouse=True)
def home(settings, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("DLCORE_OWNER", "ada")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(queue, "ensure_worker", lambda settings, store: None)
    monkeypatch.setattr("dlcore.queue.client.ensure_worker", lambda settings, store: None)


def call(*arguments):
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def done(store):
    world = World(store, lambda run, epoch: 0.5 + run.trial / 10)
    study = world.begin(max_trials=3)
    world.finish(study)
    return world, study


def test_studies_are_listed_and_shown_with_their_best_trials(done):
    _, study = done
    (row,) = json.loads(call("studies", "--json").stdout)
    assert (row["study_id"], row["state"], row["best"]["number"]) == (study.id, "completed", 2)
    assert row["trials"] == {"waiting": 0, "running": 0, "complete": 3, "pruned": 0, "fail": 0}
    shown = call("study", "search").stdout
    assert shown.startswith(
        f"search {study.id}: completed, 3/3 trials\nall trials are done (3).\n  2: val_accuracy 0.7000"
    )
    assert "0.7000" in call("studies").stdout


def test_what_went_wrong_in_trials_is_told_by_their_study(store):
    study = World(store).begin(max_trials=3)
    for number in (7, 8):
        store.alerts.add(of_trial(store, study, number).id, Sign(AlertKind.NAN, 1))
    said = "Trials whose loss was no longer a finite number: 2."
    assert said in call("study", "search").stdout
    (alert,) = json.loads(call("study", "search", "--json").stdout)["alerts"]
    assert (alert["kind"], alert["trials"], alert["text"]) == ("nan", 2, said)


def test_a_study_is_paused_let_go_on_and_stopped_by_name(store):
    study = World(store).begin(max_trials=3)
    for action in ("pause", "stop"):
        assert call("study", action, "search").exit_code == 0
    assert [one.action for one in store.studies.requests(study.id)] == [StudyAction.PAUSE, StudyAction.STOP]
    wrong = call("study", "puase", "search")
    assert (wrong.exit_code, "there is no action 'puase'. Nearest: pause" in wrong.stderr) == (2, True)
    missing = call("study", "nothing")
    assert (missing.exit_code, "there is no study 'nothing'" in missing.stderr) == (1, True)


def test_a_search_is_started_followed_and_told(store, monkeypatch):
    world = World(store, lambda run, epoch: 0.25)
    monkeypatch.setattr("dlcore.queue.client.time.sleep", lambda seconds: advance(world))
    result = call(
        "search", str(ROOT / "examples" / "search.yaml"), "--trials", "2", "--parallel", "1", "--json",
        "--set", "training.epochs=2", "--name", "mine",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["name"], told["state"], told["trials"]["complete"]) == ("mine", "completed", 2)
    assert all(run.epochs == 2 for run in store.runs.list(study=told["study_id"]))


def advance(world):
    world.tick()
    for run in world.queued():
        world.train(run)


def test_a_search_that_cannot_be_says_where(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "dataset: {name: digits}\nmodel: {layers: [Flatten, Dense]}\nspace: {training.epoch: [1, 2]}\n"
    )
    result = call("search", str(path))
    assert result.exit_code == 2
    assert "space.training.epoch: there is no field 'epoch'. Nearest: epochs" in result.stderr
