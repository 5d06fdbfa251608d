"""`python -m dlcore diagnose`: findings, a remedy as YAML, remedies that are tried."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from dlcore.cli.main import app
from dlcore.errors import SpecError
from dlcore.queue.diagnosis import diagnose_run, try_remedies
from dlcore.queue.library import Library
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.records.signals import Signal, SignalKind
from tests.comparison.runs import completed


def call(*arguments):
    return CliRunner().invoke(app, list(arguments))


def points(name, scope, values, axis=Axis.EPOCH):
    return [
        Metric(SeriesKey(name, scope, axis), float(at), value) for at, value in enumerate(values, start=1)
    ]


OVERFITS = [
    *points("loss", Scope.TRAIN, [2.0, 1.0, 0.5, 0.2]),
    *points("accuracy", Scope.TRAIN, [0.4, 0.7, 0.9, 0.99]),
    *points("loss", Scope.VALIDATION, [2.0, 1.5, 1.4, 1.4]),
    *points("accuracy", Scope.VALIDATION, [0.4, 0.6, 0.6, 0.6]),
]


@pytest.fixture
def run(store, settings, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setattr("dlcore.cli.diagnosis.ensure_worker", lambda settings, store: None)
    dead = points(str(Signal.of(SignalKind.DEAD_SHARE, "conv2d")), Scope.TRAIN, [0.95] * 4, Axis.PROBE)
    return completed(store, "mine", points=[*dead, *OVERFITS])


def test_findings_are_told_in_words(run):
    said = call("diagnose", run.id)
    assert said.exit_code == 0
    assert "Dead units (sure)" in said.stdout
    assert "In layer conv2d, 95% of the units" in said.stdout
    assert "Overfitting" in said.stdout
    assert "dropout: Add dropout, or more of it." in said.stdout


def test_findings_are_told_as_json(run):
    data = json.loads(call("diagnose", run.id, "--json").stdout)
    assert [(one["kind"], one["sureness"]) for one in data["findings"]] == [
        ("overfitting", "sure"),
        ("dead_units", "sure"),
    ]
    # Its early stopping keeps the weights of the third epoch; with its neighbours (70 + 90 + 99) / 3.
    assert data["findings"][0]["evidence"] == [
        "Accuracy: 86.33% on the training part, 60.00% on the validation part (epoch 3)."
    ]
    assert (data["epochs"], data["has_signals"], len(data["looked_for"])) == (4, True, 12)


def test_a_healthy_run_says_what_was_looked_for(store, run):
    good = [0.4, 0.9, 0.95, 0.951]
    parts = [one for scope in (Scope.TRAIN, Scope.VALIDATION) for one in points("accuracy", scope, good)]
    losses = [
        one for scope in (Scope.TRAIN, Scope.VALIDATION) for one in points("loss", scope, [2, 0.3, 0.2, 0.2])
    ]
    healthy = completed(store, "good", points=[*parts, *losses])
    said = call("diagnose", healthy.id).stdout
    assert "good: nothing was found in 4 epochs. Looked for: overfitting, underfitting" in said
    assert "Nothing was recorded of its layers" in said


def test_a_remedy_is_printed_as_an_experiment(run):
    said = call("diagnose", run.id, "--remedy", "clip_gradients")
    assert yaml.safe_load(said.stdout)["training"]["optimizer"]["global_clipnorm"] == 1.0
    wrong = call("diagnose", run.id, "--remedy", "split_by_groups")
    assert wrong.exit_code != 0
    assert "changes nothing in this experiment" in wrong.output


def test_remedies_are_tried_each_as_a_run_that_differs_in_it_alone(store, run):
    said = call("diagnose", run.id, "--remedy", "dropout", "--remedy", "l2", "--try", "--json")
    new = [store.runs.get(one["run_id"]) for one in json.loads(said.stdout)]
    assert [one.name for one in new] == ["mine + dropout", "mine + l2"]
    assert {one.spec["training"]["epochs"] for one in new} == {run.spec["training"]["epochs"]}
    kinds = [[layer["kind"] for layer in one.spec["model"]["layers"]] for one in new]
    assert kinds[0] != kinds[1]


def test_nothing_is_queued_where_a_remedy_changes_nothing(store, run):
    library, before = Library.of(store), store.runs.count()
    for names in (["dropout", "split_by_groups"], [], ["dropout"] * 9):
        with pytest.raises(SpecError):
            try_remedies(library, run, names, actor=store.reader)
    assert store.runs.count() == before


def test_a_run_whose_data_is_gone_is_still_diagnosed(store, run):
    lost = completed(store, "lost", points=OVERFITS)
    gone = diagnose_run(Library.of(store), lost)
    assert [one.kind for one in gone.findings] == ["overfitting"]
