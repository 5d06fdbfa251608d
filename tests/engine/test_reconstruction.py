"""Reconstructions: what is unlike the rest comes back badly, in tables, series and arrays."""

import json

import numpy as np
import pandas as pd
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.prepare.preparation import prepare
from dlcore.design.templates import proposal
from dlcore.engine.data import TrainingData
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.predictor import Predictor
from dlcore.engine.reconstruction import anomaly_scores
from dlcore.records import Evaluation
from dlcore.settings import Settings
from dlcore.spec.data import Task

pytestmark = pytest.mark.keras


def trained(path, folder, **changed):
    """Stores the file for a reconstruction and trains what is proposed; its facts, its record, and what it left."""
    settings = Settings(home=folder / "home")
    kept = ingest(path, settings, Choices(name="it", task=Task.RECONSTRUCTION), owner="me")
    spec = proposal(kept.facts).with_values(changed)
    train(spec, MemoryHandle(folder), settings=settings)
    record = Evaluation.from_dict(json.loads((folder / "evaluation.json").read_text()))
    with np.load(folder / "reconstructions.npz") as file:
        return (
            kept.facts,
            record,
            {name: file[name] for name in file.files},
            prepare(spec, settings, lambda *told: None),
        )


def machines(path):
    """Four measures that follow one another, and a kind; in row 7 one of them does not follow."""
    rng = np.random.default_rng(0)
    speed = rng.uniform(10, 20, 400)
    noise = rng.normal(0, 0.02, (3, 400))
    table = pd.DataFrame(
        {
            "speed": speed,
            "heat": 300 + 50 * speed + 50 * noise[0],
            "noise": 0.01 * speed + 0.01 * noise[1],
            "power": -speed + noise[2],
            "kind": np.where(speed > 15, "fast", "slow"),
        }
    )
    table.loc[7, "heat"] = 500  # as if it stood at a speed of 4, between what others have
    table.loc[7, "speed"] = 19
    table.to_csv(path, index=False)
    return path


def test_a_row_whose_columns_do_not_go_together_has_the_highest_score(tmp_path):
    # Of the rows that test, one is made odd: their numbers depend on nothing but the count of rows.
    path = machines(tmp_path / "it.csv")
    settings = Settings(home=tmp_path / "first")
    kept = ingest(path, settings, Choices(name="it", task=Task.RECONSTRUCTION), owner="me")
    test = prepare(proposal(kept.facts), settings, lambda *told: None).test.own_rows
    table = pd.read_csv(path)
    table.loc[7] = table.loc[8]
    odd = int(test[3])
    table.loc[odd, ["speed", "heat", "kind"]] = [18, 900, "fast"]
    table.to_csv(path, index=False)

    facts, found, left, prepared = trained(path, tmp_path, **{"training.epochs": 40})
    assert facts.task is Task.RECONSTRUCTION
    assert [column.role.value for column in facts.columns] == ["feature"] * 5
    assert found.anomalies[0].row == odd == prepared.test.own_rows[found.anomalies[0].index]
    assert found.anomalies[0].score > 2 * found.anomalies[1].score
    # It is better than always giving back the mean.
    assert found.metrics["rmse"] < 0.5 * found.baselines[0].metrics["rmse"]
    names = ["speed", "heat", "noise", "power", "kind = ?", "kind = fast", "kind = slow"]
    assert [error.name for error in found.errors] == names
    assert left["inputs"].shape == left["outputs"].shape == (48, 7)
    assert left["inputs"][0, :2].tolist() == [18, 900]
    assert left["scores"].shape == left["rows"].shape == (80,)
    assert left["scores"].argmax() == found.anomalies[0].index


def test_windows_of_a_series_come_back_but_where_it_jumps(tmp_path):
    values = np.sin(np.arange(600) * 2 * np.pi / 20) * 10 + 50
    values[560] += 25
    rows = [f"{n},{value:.4f}" for n, value in enumerate(values)]
    (tmp_path / "it.csv").write_text("\n".join(["step,load", *rows]) + "\n")
    facts, found, left, prepared = trained(tmp_path / "it.csv", tmp_path, **{"training.epochs": 30})

    assert facts.task is Task.RECONSTRUCTION
    length = 30  # rows of a window
    assert left["inputs"].shape == (48, length, 1)
    # Each window is of the part that all of its rows are of: the last 120 test.
    assert left["rows"].tolist() == list(range(480 + length - 1, 600))
    # The windows that show row 560, and no other, come back badly.
    shows = {row for row in range(560, 560 + length) if row < 600}
    worst = [one.row for one in found.anomalies[: len(shows) // 2]]
    assert set(worst) <= shows
    assert [error.name for error in found.errors] == ["load"]
    # No row that tests is in a window that trains.
    train_rows = prepared.train.own_rows
    assert train_rows.max() < 432 and train_rows.min() == length - 1


def test_arrays_without_targets_are_for_a_reconstruction(tmp_path):
    rng = np.random.default_rng(0)
    phase = rng.uniform(0, 6, (120, 1))
    x = np.stack([np.sin(np.arange(30) / 3 + phase), np.cos(np.arange(30) / 3 + phase)], axis=-1)
    np.savez(tmp_path / "it.npz", x=x.astype(np.float32))
    facts, found, left, _ = trained(tmp_path / "it.npz", tmp_path, **{"training.epochs": 3})

    assert (facts.task, facts.input_shape, facts.classes) == (Task.RECONSTRUCTION, (30, 2), ())
    assert left["outputs"].shape == (24, 30, 2)
    assert [error.name for error in found.errors] == ["1", "2"]
    assert found.baselines[0].name.text() == "always the training part's mean"


def test_the_threshold_is_what_a_share_of_the_validation_part_exceeds(tmp_path):
    _, found, left, prepared = trained(
        machines(tmp_path / "it.csv"), tmp_path, **{"training.epochs": 20, "training.anomaly_share": 0.25}
    )
    model = Predictor.open(tmp_path)
    rows = pd.read_csv(tmp_path / "it.csv")
    validating = model.predict(rows.iloc[prepared.validation.own_rows])
    limit = found.threshold
    assert (limit.validated, limit.samples, limit.share, limit.tested) == (True, 32, 0.25, 80)
    assert limit.above == (left["scores"] > limit.value).sum() > 0
    # Of 32, a quarter is 8; the ninth is the threshold itself.
    assert sorted(validating.answers[:, 0])[-9] == pytest.approx(limit.value, rel=1e-4)
    assert validating.threshold == model.preparation.threshold == limit.value
    assert [one.unusual for one in validating] == (validating.answers[:, 0] > limit.value).tolist()
    assert validating.to_frame()["unusual"].tolist() == [one.unusual for one in validating]
    assert validating.as_json()["threshold"] == limit.value


def test_where_few_samples_validate_the_training_part_gives_the_threshold_too(tmp_path):
    x = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    np.savez(tmp_path / "it.npz", x=x)
    _, found, _, prepared = trained(tmp_path / "it.npz", tmp_path, **{"training.epochs": 2})

    # Of fewer than 100, no one can be above what 1 % exceed.
    assert 0 < len(prepared.validation) < 100
    assert not found.threshold.validated
    assert found.threshold.samples == len(prepared.train) + len(prepared.validation)


@pytest.mark.parametrize("scaled", [True, False])
def test_a_score_counts_errors_in_deviations_of_each_number(tmp_path, scaled):
    x = np.array([[0.0, 100.0], [2.0, 300.0], [4.0, 500.0], [2.0, 300.0]], np.float32)
    np.savez(tmp_path / "it.npz", x_train=x, x_test=x[:2])
    settings = Settings(home=tmp_path / "home")
    kept = ingest(tmp_path / "it.npz", settings, Choices(name="it"), owner="me")
    spec = proposal(kept.facts).with_values(
        {"dataset.validation_fraction": 0, "training.scale_targets": scaled}
    )
    data = TrainingData.of(prepare(spec, settings, lambda *told: None), spec)
    # The deviations are √2 and 100·√2: an error of 1 and one of 100 weigh the same.
    scores = anomaly_scores(np.array([[1.0, 100.0], [2.0, 500.0]]), data)
    np.testing.assert_allclose(scores, [0.25, 1.0], rtol=1e-6)
