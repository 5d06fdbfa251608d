"""Folds of a whole dataset, and answers of models that have not learned from what they answer for."""

import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.parts import Part, PreparedData
from dlcore.datasets.prepare.preparation import prepare
from dlcore.design.templates import proposal
from dlcore.engine.folds import (
    answers_out_of_fold,
    fold_epochs,
    fold_numbers,
    unmixed,
    whole_data,
    whole_part,
)
from dlcore.errors import DatasetError
from dlcore.spec.schedules import ReduceLROnPlateau
from tests.datasets.makers import stored, wave_series

pytestmark = pytest.mark.keras


def quiet(*_told):
    """Ignores progress."""


def test_folds_hold_each_class_in_proportion():
    labels = np.array([0] * 9 + [1] * 7)
    found = fold_numbers(labels, 3, seed=0)
    assert np.bincount(found[labels == 0]).tolist() == [3, 3, 3]
    assert sorted(np.bincount(found[labels == 1])) == [2, 2, 3]
    assert sorted(np.bincount(found)) == [5, 5, 6]
    assert (found == fold_numbers(labels, 3, seed=0)).all()


def test_a_group_is_in_one_fold():
    groups = np.array(list("aaaabbbccd"))
    found = fold_numbers(np.zeros(10, np.int64), 2, seed=0, groups=groups)
    assert all(len(set(found[groups == name])) == 1 for name in "abcd")
    assert np.bincount(found).tolist() == [5, 5]


def test_a_test_part_in_arrays_of_its_own_follows_the_others():
    train = Part({"input": np.arange(4)}, np.arange(4) * 10, np.array([0, 2, 3]))
    test = Part({"input": np.array([7, 8])}, np.array([70, 80]), np.array([1]), np.array([4, 5]))
    prepared = PreparedData(facts("digits", None), train, train.take(np.array([1])), test)
    whole, names = whole_part(prepared)
    assert whole.inputs["input"][whole.indices].tolist() == [0, 2, 3, 1, 8]
    assert whole.labels.tolist() == [0, 20, 30, 10, 80]
    assert whole.own_rows.tolist() == [0, 2, 3, 1, 5]
    assert names.tolist() == ["train"] * 3 + ["validation", "test"]


def test_a_fold_does_not_stop_early_nor_begin_with_weights_that_saw_the_labels(digits_settings):
    spec = proposal(facts("digits", digits_settings)).with_values(
        {
            "fine_tuning": {"source": {"kind": "FromRun", "run": "1"}},
            "dataset.train_samples": 50,
            "training.schedule": ReduceLROnPlateau().model_dump(mode="json"),
        }
    )
    found = unmixed(spec)
    assert found.training.early_stopping is None
    assert found.fine_tuning is None
    assert found.dataset.train_samples is None
    assert found.training.schedule.monitor == "loss"
    assert unmixed(spec.with_values({"fine_tuning": {"source": None}})).fine_tuning is not None


def test_a_fold_of_many_samples_learns_for_few_epochs(digits_settings):
    spec = proposal(facts("digits", digits_settings)).with_values({"training.epochs": 20})
    assert [fold_epochs(spec, count) for count in (1_000, 70_000, 1_000_000)] == [20, 3, 3]


def test_changed_labels_are_doubted_by_answers_out_of_their_fold(digits_settings, tmp_path):
    from dlcore.analysis.labels import doubt_classes

    spec = unmixed(proposal(facts("digits", digits_settings)))
    found = whole_data(spec, prepare(spec, digits_settings, quiet), digits_settings, folds=2)
    assert len(found.whole) == 1_797
    generator = np.random.default_rng(0)
    changed = generator.choice(1_797, 36, replace=False)
    labels = np.array(found.whole.y)
    places = found.whole.indices[changed]
    labels[places] = (labels[places] + generator.integers(1, 10, 36)) % 10
    whole = Part(found.whole.inputs, labels, found.whole.indices, found.whole.rows)
    told = []
    answers = answers_out_of_fold(
        spec,
        type(found)(found.data, whole, found.parts, found.folds),
        digits_settings,
        lambda done, total: told.append(done / total),
        epochs=5,
        kept=tmp_path / "folds.npz",
    )
    assert answers.shape == (1_797, 10)
    assert answers.sum(axis=1) == pytest.approx(1, abs=1e-4)
    first = doubt_classes(answers, whole.labels).ranked()[:54]
    assert np.isin(changed, first).mean() >= 0.9
    assert told == sorted(told) and told[-1] == 1


@pytest.mark.parametrize("left", ["whole", "half a file"])
def test_a_check_that_was_killed_goes_on_from_the_folds_that_are_done(
    digits_settings, tmp_path, monkeypatch, left
):
    spec = unmixed(proposal(facts("digits", digits_settings)))
    found = whole_data(spec, prepare(spec, digits_settings, quiet), digits_settings, folds=3)
    kept, trained = tmp_path / "folds.npz", []

    def train(_spec, data, handle, _settings, _epochs):
        if len(trained) == 2 and handle.fold == 2:
            trained.append("killed")
            raise KeyboardInterrupt
        trained.append(handle.fold)
        return np.full((len(data.test), 10), handle.fold, np.float32)

    def check():
        return answers_out_of_fold(spec, found, digits_settings, quiet, epochs=1, kept=kept)

    monkeypatch.setattr("dlcore.engine.folds._answers", train)
    with pytest.raises(KeyboardInterrupt):
        check()
    if left == "half a file":
        kept.write_bytes(kept.read_bytes()[:500])
    np.testing.assert_array_equal(check()[:, 0], found.folds)
    assert trained == [0, 1, "killed", *([2] if left == "whole" else [0, 1, 2])]


def test_what_cannot_be_divided_into_folds_is_said(digits_settings, tmp_path):
    kept = stored(wave_series(tmp_path / "series.csv"), digits_settings)
    spec = unmixed(proposal(kept.facts))
    with pytest.raises(DatasetError, match="cannot be divided into folds"):
        whole_data(spec, prepare(spec, digits_settings, quiet), digits_settings, folds=2)
    digits = unmixed(proposal(facts("digits", digits_settings)))
    with pytest.raises(DatasetError, match="too few samples for 1000 folds"):
        whole_data(digits, prepare(digits, digits_settings, quiet), digits_settings, folds=1_000)
