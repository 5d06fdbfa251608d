"""What runs are compared with, held to answers worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcore.datasets import parts
from dlcore.datasets.parts import Part
from dlcore.datasets.prepare.values import Affine
from dlcore.engine.baselines import measure
from dlcore.engine.baselines.features import Features
from dlcore.engine.baselines.fitted import fitted_answers
from dlcore.engine.baselines.measure import fitted_baselines, plain_baselines
from dlcore.engine.data import TrainingData
from dlcore.records import Baseline, Evaluation
from dlcore.spec.data import DataKind, DatasetFacts, Task
from dlcore.spec.signature import INPUT, ITEM, USER, InputSpec, Signature

FACTS = DatasetFacts("it", "It", "", Task.REGRESSION, None, (), 0, 0, "", "", "", kind=DataKind.TABLE)


def part(inputs: dict[str, Any], y: Any) -> Part:
    return Part.whole({name: np.asarray(array) for name, array in inputs.items()}, np.asarray(y))


def data(
    train: Part, test: Part, inputs: dict[str, InputSpec], outputs: int = 1, **more: Any
) -> TrainingData:
    facts = replace(
        FACTS, **{name: more.pop(name) for name in ("task", "kind", "classes", "columns") if name in more}
    )
    return TrainingData(
        train, train.take(train.indices[:0]), test, facts, Signature(inputs, outputs), {}, **more
    )


def by_name(found: tuple[Baseline, ...]) -> dict[str, dict[str, float]]:
    return {one.name.text(): one.metrics for one in found}


def forecast(train: Any, test: Any, y_train: Any, y_test: Any) -> TrainingData:
    """One column of numbers; windows as rows of lists."""
    series = {"kind": DataKind.SERIES, "task": Task.FORECASTING, "state": {"target_columns": [0]}}
    windows = [np.asarray(rows, np.float32)[:, :, None] for rows in (train, test)]
    ys = [np.asarray(y, np.float32) for y in (y_train, y_test)]
    parts = [part({INPUT: x}, y) for x, y in zip(windows, ys, strict=True)]
    spec = InputSpec(windows[0].shape[1:])
    return data(*parts, {INPUT: spec}, ys[0].shape[1], **series)


def test_the_commonest_class_of_the_training_part_is_said_for_all() -> None:
    x = {INPUT: np.zeros((4, 1), np.float32)}
    found = data(
        part(x, [0, 1, 1, 1]), part(x, [1, 1, 0, 1]), {INPUT: InputSpec((1,))},
        task=Task.BINARY, classes=("no", "yes"),
    )  # fmt: skip
    # 3 of 4 are right; of those said to be yes 3 of 4 are, and all that are yes were found.
    assert by_name(plain_baselines(found)) == {
        "always the most common class": {"accuracy": 0.75, "f1": pytest.approx(6 / 7)}
    }


def test_a_label_that_most_samples_have_is_said_for_all() -> None:
    x = {INPUT: np.zeros((3, 1), np.float32)}
    truth = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    found = data(
        part(x, truth), part(x, truth), {INPUT: InputSpec((1,))}, 2, task=Task.MULTILABEL, classes=("a", "b")
    )
    # "a" is said of all: 2 of 3 are right; "b" of none: 2 of 3 are right, and its F1 is 0.
    assert by_name(plain_baselines(found)) == {
        "always the labels that most samples have": {
            "accuracy": pytest.approx(2 / 3), "f1": pytest.approx((0.8 + 0) / 2),
        }
    }  # fmt: skip


def test_a_forecast_is_compared_with_its_last_and_its_seasonal_value() -> None:
    # Each value is that of three rows before.
    windows, nexts = [[1, 2, 3], [2, 3, 1], [3, 1, 2], [1, 2, 3]], [[1], [2], [3], [1]]
    found = by_name(plain_baselines(forecast(windows, windows[:2], nexts, nexts[:2])))
    assert found["the value one season before"] == {"rmse": 0.0, "mae": 0.0}
    # 3 for 1 and 1 for 2.
    assert found["the last value that is known"] == {"rmse": pytest.approx(np.sqrt(2.5)), "mae": 1.5}
    # 7 / 4 for 1 and 2.
    assert found["always the training part's mean"]["mae"] == pytest.approx(0.5)


def test_each_step_of_a_longer_forecast_has_its_own_season() -> None:
    windows, nexts = [[1, 2, 3], [2, 3, 1], [3, 1, 2]], [[1, 2], [2, 3], [3, 1]]
    found = by_name(plain_baselines(forecast(windows, windows, nexts, nexts)))
    assert found["the value one season before"]["rmse"] == 0.0


def test_ratings_are_compared_with_the_biases_of_users_and_items() -> None:
    rng = np.random.default_rng(0)
    users, items = rng.integers(1, 21, 4000), rng.integers(1, 31, 4000)
    taste, quality = rng.normal(size=21), rng.normal(size=31)
    ratings = (3 + taste[users] + quality[items])[:, None].astype(np.float32)
    inputs = {USER: users[:, None].astype(np.int32), ITEM: items[:, None].astype(np.int32)}
    whole = part(inputs, ratings)
    specs = {USER: InputSpec((1,), "int32", 21), ITEM: InputSpec((1,), "int32", 31)}
    kind = {"kind": DataKind.RATINGS, "task": Task.RATING}
    found = data(whole.take(whole.indices[:3000]), whole.take(whole.indices[3000:]), specs, **kind)
    measured = by_name(plain_baselines(found))
    biases = measured["the mean, plus what each user and each item differ from it"]
    # Nothing but biases is in them; damping keeps back a little.
    assert biases["rmse"] < 0.1 < measured["always the training part's mean"]["rmse"]
    assert list(fitted_answers(found, print)) == []


def test_numbers_and_ids_of_a_table_are_fitted_on() -> None:
    rng = np.random.default_rng(1)
    x, kind = rng.normal(size=(600, 2)).astype(np.float32), rng.integers(0, 3, (600, 1)).astype(np.int32)
    y = (2 * x[:, :1] + np.array([0.0, 5.0, -5.0])[kind]).astype(np.float32)
    whole = part({INPUT: x, "kind": kind}, y)
    specs = {INPUT: InputSpec((2,)), "kind": InputSpec((1,), "int32", 3)}
    found = data(whole.take(whole.indices[:500]), whole.take(whole.indices[500:]), specs)
    measured = by_name(fitted_baselines(found, None, print))
    assert set(measured) == {"ridge regression", "gradient-boosted trees"}
    # Both are linear in what ridge regression sees: the number, and a column for each kind.
    assert measured["ridge regression"]["rmse"] < 0.1
    assert measured["gradient-boosted trees"]["rmse"] < 1.0


def test_words_are_counted_and_padding_is_not() -> None:
    features = Features({}, {}, ("input", 5), {})
    rows = features.linear(part({INPUT: np.array([[3, 3, 1, 0], [4, 0, 0, 0]], np.int32)}, [0, 1])).toarray()
    assert rows.tolist() == [[1, 0, 2, 0], [0, 0, 0, 1]]


def test_classes_that_training_lacks_are_never_said() -> None:
    rng = np.random.default_rng(0)
    x = {INPUT: rng.normal(size=(60, 2)).astype(np.float32)}
    y = (x[INPUT][:, 0] > 0).astype(np.int64) * 2
    found = data(
        part(x, y), part(x, y), {INPUT: InputSpec((2,))}, 3, task=Task.MULTICLASS, classes=("a", "b", "c")
    )
    for _, samples, answers in fitted_answers(found, print):
        assert samples == 60
        assert answers.shape == (60, 3)
        assert answers[:, 1].max() == 0
        assert (answers.argmax(axis=1) == y).mean() > 0.9


def test_nothing_is_fitted_on_one_class() -> None:
    x = {INPUT: np.ones((20, 2), np.float32)}
    found = data(
        part(x, [0] * 20), part(x, [0] * 20), {INPUT: InputSpec((2,))}, 2,
        task=Task.MULTICLASS, classes=("a", "b"),
    )  # fmt: skip
    said: list[str] = []
    assert list(fitted_answers(found, said.append)) == []
    assert said == ["baselines: the training part has one class only"]


def test_what_cannot_be_fitted_is_said_and_left_out() -> None:
    x = {INPUT: np.full((20, 2), 1e38, np.float32)}
    x[INPUT][0] = np.inf
    found = data(part(x, np.zeros((20, 1))), part(x, np.zeros((20, 1))), {INPUT: InputSpec((2,))})
    said: list[str] = []
    names = [name.text() for name, _, _ in fitted_answers(found, said.append)]
    assert "ridge regression" not in names
    assert any(line.startswith("baselines: ridge regression cannot be fitted: ") for line in said)


def test_samples_too_wide_are_left_to_the_network() -> None:
    x = {INPUT: np.zeros((20, 5_000), np.float32)}
    found = data(part(x, np.zeros((20, 1))), part(x, np.zeros((20, 1))), {INPUT: InputSpec((5_000,))})
    assert list(fitted_answers(found, lambda line: None)) == []


def test_numbers_are_seen_as_the_network_sees_them() -> None:
    values = {INPUT: (Affine(np.float32(2), np.float32(1)),)}
    features = Features({INPUT: (2,)}, {}, None, values)
    assert features.dense(part({INPUT: np.array([[1.0, 2.0]], np.float32)}, [0])).tolist() == [[3, 5]]


def test_what_was_measured_is_kept_for_the_next_run_on_the_same_arrays(tmp_path) -> None:
    rng = np.random.default_rng(0)
    x = {INPUT: rng.normal(size=(60, 2)).astype(np.float32)}
    whole, specs = part(x, x[INPUT][:, :1]), {INPUT: InputSpec((2,))}
    found = data(whole, whole, specs)
    said: list[str] = []
    first = fitted_baselines(found, tmp_path, said.append)
    assert first and said
    said.clear()
    assert fitted_baselines(found, tmp_path, said.append) == first
    assert said == []
    changed = data(whole, whole.take(whole.indices[:50]), specs)
    assert fitted_baselines(changed, tmp_path, said.append) != first
    (damaged, *_) = sorted(tmp_path.iterdir())
    for file in tmp_path.iterdir():
        file.write_text("{")
    assert fitted_baselines(found, tmp_path, said.append) == first
    assert damaged.exists()


def test_a_full_disk_takes_no_more_than_the_copy_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(measure, "write_json", full)
    said: list[str] = []

    x = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    whole = part({INPUT: x}, x[:, :1])
    found = fitted_baselines(data(whole, whole, {INPUT: InputSpec((2,))}), tmp_path, said.append)

    assert [one.name.text() for one in found] == ["ridge regression", "gradient-boosted trees"]
    assert "No space left on device" in said[-1]


def test_a_part_larger_than_memory_is_read_a_few_samples_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (30, 60, 60, 1)).astype(np.uint8)
    some = Part.whole({INPUT: pictures}, np.zeros(30)).take(np.array([4, 1, 20, 29, 7]))
    features = Features(
        {INPUT: (60, 60, 1)}, {}, None, {INPUT: (Affine(np.float32(1 / 255), np.float32(0)),)}
    )
    at_once = features.dense(some)

    monkeypatch.setattr(parts, "BLOCK", 2 * 60 * 60)

    assert [len(block) for block in some.blocks(INPUT)] == [2, 2, 1]
    np.testing.assert_array_equal(features.dense(some), at_once)
    np.testing.assert_allclose(at_once[0, 0], pictures[4, :2, :2].mean() / 255, rtol=1e-6)


def test_an_evaluation_keeps_its_baselines_and_reads_those_of_old_runs() -> None:
    whole = part({INPUT: np.zeros((2, 1), np.float32)}, np.array([[1.0], [3.0]], np.float32))
    found = Evaluation({"rmse": 1.0}, (), (), (), (), baselines=plain_baselines(data(whole, whole, {})))
    assert Evaluation.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    old = {**found.to_dict(), "baseline": {"rmse": 2.0}, "baseline_name": "always the training part's mean"}
    del old["baselines"]
    assert by_name(Evaluation.from_dict(old).baselines) == {"always the training part's mean": {"rmse": 2.0}}
