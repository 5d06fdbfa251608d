"""What a run's page says of its test part, task by task."""

import base64
import json

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.errors import Message
from dlcore.records import Anomaly, Baseline, ClassScore, Evaluation, RunState, TargetError, Threshold
from dlcore.spec.data import Task
from tests.datasets import makers

from .conftest import components, running, texts


@pytest.fixture
def evaluated(here, open_page):
    """The page of a run that left an evaluation and its answers."""

    def opened(found, spec=None, file="predictions.npz", **arrays):
        run = running(here, spec, summary={"test": dict(found.metrics)})
        folder = here.store.artifacts.folder(run.id)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "evaluation.json").write_text(json.dumps(found.to_dict()))
        np.savez(folder / file, **arrays)
        here.store.runs.move(here.store.runs.get(run.id), RunState.COMPLETED)
        page = open_page("run", run=run.id)
        page.session_state["view"] = "Evaluation"
        return page.run()

    return opened


def values(page):
    return {metric.label: metric.value for metric in page.metric}


def forecast(last=0.5, **more):
    return Evaluation(
        metrics={"rmse": 0.25}, classes=(), confusion=(), scores=(), mistakes=(),
        errors=(TargetError("load", 0.2, 0.25, 0.9, 0.01),), task=Task.FORECASTING.value,
        baselines=(
            Baseline(Message("the last value that is known"), {"rmse": last, "mae": 0.3}, False, 9),
            Baseline(Message("ridge regression on the same windows"), {"rmse": 0.125, "mae": 0.1}, True, 7),
        ),
        **more,
    )  # fmt: skip


def test_a_forecast_stands_beside_what_needs_no_learning_and_over_time(evaluated):
    true = np.array([[1.0], [2.0], [3.0]])
    page = evaluated(forecast(), targets=true, answers=true + 0.5, rows=np.array([7, 8, 9]))

    assert values(page)["Root mean squared error · Test"] == "0.25"
    assert "2.0 times worse than ridge regression on the same windows." in texts(page)
    assert "2.0 times better than the last value that is known." in texts(page)
    (table,) = (one.value for one in page.dataframe if "samples" in one.value)
    assert table["name"].tolist() == [
        "This run", "The last value that is known", "Ridge regression on the same windows",
    ]  # fmt: skip
    assert table["rmse"].tolist() == [0.25, 0.5, 0.125]
    # Only what was measured of the run is compared.
    assert "mae" not in table
    assert not page.warning
    assert {"Forecast", "Predicted and true", "Errors"} <= {one.value for one in page.subheader}
    assert drawn(page, "forecast") == [7, 8, 9]


def test_the_headline_stands_beside_what_it_is_compared_with(evaluated, here):
    page = evaluated(forecast(), targets=np.zeros((3, 1)), answers=np.zeros((3, 1)), rows=np.arange(3))
    (run,) = here.store.runs.list()
    path = here.store.artifacts.folder(run.id) / "evaluation.json"
    page.session_state["view"] = "Curves"

    def headline():
        (data,) = (one for one in components(page.run()) if "numbers" in one)
        return data["test"]["value"], [(card["value"], card["help"]) for card in data["numbers"]]

    compared = ("0.125", "2.0 times worse than ridge regression on the same windows.")
    assert headline() == ("0.25", [compared])
    path.write_text("{")
    assert headline() == ("0.25", [])
    path.unlink()
    assert headline() == ("0.25", [])


def test_a_run_that_learned_less_than_nothing_is_warned_of(evaluated):
    true = np.array([[1.0], [2.0], [3.0]])
    page = evaluated(forecast(last=0.2), targets=true, answers=true, rows=np.arange(3))

    assert "1.2 times worse than the last value that is known." in texts(page)
    (warning,) = page.warning
    assert "It learned less than what needs no learning." in warning.value


def test_a_forecast_of_a_file_in_another_order_is_drawn_in_the_order_of_time(evaluated):
    true = np.array([[1.0], [2.0], [3.0]])
    page = evaluated(forecast(), targets=true, answers=true, rows=np.array([4, 0, 2]))

    assert drawn(page, "forecast") == [0, 1, 2]


def test_forecasts_of_several_series_are_drawn_one_at_a_time(evaluated, here, tmp_path):
    path = makers.panel(tmp_path / "panel.csv")
    facts = ingest(path, here.settings, Choices(name="panel"), owner="local").facts
    true = np.arange(6.0)[:, None]
    # The rows of shop b are the odd ones.
    rows = np.array([34, 36, 38, 35, 37, 39])
    page = evaluated(forecast(), proposal(facts), targets=true, answers=true, rows=rows)

    assert drawn(page, "forecast") == [34, 36, 38]
    page.selectbox(key="forecast_series").set_value("b").run()
    assert drawn(page, "forecast") == [35, 37, 39]


def test_the_choice_of_a_threshold_shows_what_it_does(evaluated):
    found = Evaluation(
        metrics={"accuracy": 0.75}, classes=("no", "yes"), confusion=((1, 1), (0, 2)),
        scores=(ClassScore("no", 1, 0.5, 2 / 3, 2), ClassScore("yes", 2 / 3, 1, 0.8, 2)), mistakes=(),
        task=Task.BINARY.value,
    )  # fmt: skip
    chance = np.array([0.9, 0.8, 0.7, 0.1])
    page = evaluated(
        found,
        targets=np.array([1, 0, 1, 0]),
        answers=np.stack([1 - chance, chance], axis=1),
        rows=np.arange(4),
    )

    assert "Area under it: 0.750" in texts(page)
    assert (values(page)["Precision"], values(page)["Recall"]) == ("66.67%", "100.00%")
    page.slider(key="threshold").set_value(0.85).run()
    assert (values(page)["Precision"], values(page)["Recall"]) == ("100.00%", "50.00%")


def reconstructed(evaluated, inputs, names=()):
    anomalies = (Anomaly(2, 30, 9.5), Anomaly(0, 10, 0.25))
    found = Evaluation(
        metrics={"rmse": 0.5}, classes=(), confusion=(), scores=(), mistakes=(), task=Task.RECONSTRUCTION.value,
        errors=tuple(TargetError(name, 0.1, 0.2, 0.9, 0.0) for name in names), anomalies=anomalies,
        threshold=Threshold(1.5, 0.02, samples=90, validated=False, tested=3, above=1),
    )  # fmt: skip
    return evaluated(
        found, file="reconstructions.npz", scores=np.array([0.25, 0.1, 9.5]), rows=np.array([10, 20, 30]),
        inputs=inputs, outputs=inputs + 1,
    )  # fmt: skip


def test_a_row_that_came_back_badly_is_shown_column_by_column(evaluated):
    page = reconstructed(evaluated, np.array([[1.0, 20.0], [2.0, 30.0]]), ("heat", "speed"))

    assert not page.exception
    tables = [one.value for one in page.dataframe]
    assert tables[0]["name"].tolist() == ["heat", "speed"]
    assert tables[1].to_dict("list") == {"row": [30, 10], "score": [9.5, 0.25], "unusual": [True, False]}
    assert "as at most 2% of the training and validation samples do." in texts(page)
    assert "Test samples above it: 1 of 3." in texts(page)
    assert tables[2].to_dict("list") == {"name": ["heat", "speed"], "given": [1, 20], "returned": [2, 21]}
    page.selectbox(key="anomaly").set_value(1).run()
    assert page.dataframe[2].value["given"].tolist() == [2, 30]


def test_a_series_that_came_back_badly_is_drawn_feature_by_feature(evaluated):
    page = reconstructed(evaluated, np.arange(12.0).reshape(2, 3, 2), ("heat", "speed"))

    assert not page.exception
    assert drawn(page, "anomaly_lines", "y") == [0, 2, 4]
    page.selectbox(key="anomaly_feature").set_value(1).run()
    assert drawn(page, "anomaly_lines", "y") == [1, 3, 5]


def test_a_picture_that_came_back_badly_is_shown_beside_it(evaluated):
    page = reconstructed(evaluated, np.zeros((2, 8, 8, 1)))

    assert not page.exception
    assert "Given · Reconstructed" in texts(page)


def test_labels_are_scored_one_by_one(evaluated):
    found = Evaluation(
        metrics={"f1": 0.5}, classes=("sun", "rain"), confusion=(), mistakes=(), task=Task.MULTILABEL.value,
        scores=(ClassScore("sun", 1, 0.5, 2 / 3, 2), ClassScore("rain", 0, 0, 0, 1)),
    )  # fmt: skip
    page = evaluated(found, targets=np.ones((2, 2)), answers=np.ones((2, 2)), rows=np.arange(2))

    assert page.dataframe[0].value["class"].tolist() == ["sun", "rain"]
    assert page.dataframe[0].value["support"].tolist() == [2, 1]


def test_runs_are_listed_with_the_metric_that_each_is_judged_by(open_page, here):
    for summary in (
        {"test": {"rmse": 54.2, "mae": 43.0}},
        {"validation": {"accuracy": 0.75}},
        {"validation": {"r2": 0.5}},
    ):
        here.store.runs.move(running(here, summary=summary), RunState.COMPLETED)

    table = open_page("runs").dataframe[0].value
    assert [name for name in table if name in ("accuracy", "rmse", "mae", "r2")] == ["accuracy", "rmse", "r2"]
    assert sorted(table["rmse"].dropna()) == [54.2]
    assert sorted(table["r2"].dropna()) == [0.5]


def drawn(page, key, axis="x"):
    """The x, or the y, of the chart's first line, which is sent as bytes."""
    (chart,) = [one for one in page.get("plotly_chart") if key in one.proto.id]
    sent = json.loads(chart.proto.spec)["data"][0][axis]
    return np.frombuffer(base64.b64decode(sent["bdata"]), sent["dtype"]).tolist()


@pytest.mark.parametrize("name", ["evaluation.json", "predictions.npz"])
@pytest.mark.parametrize("content", [b"", b'{"metrics": 1}', b"PK\x03\x04 no zip"])
def test_a_damaged_file_of_a_run_is_named_and_the_page_stands(evaluated, here, name, content):
    page = evaluated(forecast(), targets=np.zeros((3, 1)), answers=np.zeros((3, 1)), rows=np.arange(3))
    (run,) = here.store.runs.list()
    (here.store.artifacts.folder(run.id) / name).write_bytes(content)
    page.run()

    assert not page.exception
    (warning,) = page.warning
    assert f"{name}: this file of the run is damaged" in warning.value.replace("\\", "")
    assert "Restore a backup" in warning.value


def test_a_run_whose_files_are_deleted_meanwhile_is_said_to_be_gone(evaluated, here):
    page = evaluated(forecast(), targets=np.zeros((3, 1)), answers=np.zeros((3, 1)), rows=np.arange(3))
    (run,) = here.store.runs.list()
    (here.store.artifacts.folder(run.id) / "predictions.npz").unlink()
    page.run()

    assert not page.exception
    assert [one.value for one in page.warning] == [
        "Files of this run are no longer here. It may have been deleted."
    ]
