"""`python -m dlcore history RUN`, and the same numbers in Python."""

import csv
import io
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import dlcore
from dlcore.cli.main import app
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.store import Store
from tests.store.samples import at_work, report

LOSSES = {1: (0.9, 1.0), 2: (0.5, 0.75), 3: (0.25, 0.5)}


@pytest.fixture
def store(settings, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("COLUMNS", "200")
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def run(store):
    run = at_work(store)
    points = [
        Metric(SeriesKey("loss", scope, Axis.EPOCH), epoch, value)
        for epoch, values in LOSSES.items()
        for scope, value in zip((Scope.TRAIN, Scope.VALIDATION), values, strict=True)
    ]
    points.append(Metric(SeriesKey("loss", Scope.TEST, Axis.EPOCH), 3, 0.625))
    points += [Metric(SeriesKey("loss", Scope.TRAIN, Axis.BATCH), step, 1 / step) for step in range(1, 61)]
    report(store, run, *points)
    return run.id


def call(*arguments):
    return CliRunner().invoke(app, ["history", *arguments])


def test_csv_has_a_row_for_each_epoch_and_a_column_for_each_curve(run):
    rows = list(csv.DictReader(io.StringIO(call(run, "--csv").stdout)))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [row["validation_loss"] for row in rows] == ["1.0", "0.75", "0.5"]
    assert [row["test_loss"] for row in rows] == ["", "", "0.625"]


def test_json_leaves_out_what_a_row_does_not_have(run):
    assert json.loads(call(run, "--json").stdout) == [
        {"epoch": 1, "train_loss": 0.9, "validation_loss": 1.0},
        {"epoch": 2, "train_loss": 0.5, "validation_loss": 0.75},
        {"epoch": 3, "train_loss": 0.25, "validation_loss": 0.5, "test_loss": 0.625},
    ]


def test_people_see_the_last_rows_and_how_many_there_are(run):
    said = call(run, "--by", "batch").stdout
    assert "the last 50 of 60 rows; --csv prints all" in said
    assert "0.0166667" in said and " 10 " not in said


def test_a_run_that_is_not_there_is_said(store):
    done = call("nowhere")
    assert done.exit_code == 1 and "nowhere" in done.output


def test_python_has_the_same_numbers(run, settings):
    found = dlcore.run(run, settings=settings)
    assert found.history["train_loss"].tolist() == [0.9, 0.5, 0.25]
    assert found.history.index.tolist() == [1, 2, 3]
    np.testing.assert_allclose(found.curves("batch")["train_loss"], [1 / step for step in range(1, 61)])
    assert found.evaluation is None
