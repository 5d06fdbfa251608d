"""Attacks are what their formulas say and stay within their bounds; corruptions do what they are called."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from dlcore.datasets import facts
from dlcore.datasets.prepare.values import Affine
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.attacks import Attacker
from dlcore.engine.explain.corruptions import corrupt
from dlcore.engine.explain.robustness import Disturber, disturbed_sample, measure_robustness, together
from dlcore.engine.explain.room import Room, raw_samples, rooms_of
from dlcore.errors import DatasetError, SpecError
from dlcore.records.explanation_methods import Form
from dlcore.records.robustness import CHANGED, ORIGINAL, SCALE, Unit
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.store import Store
from dlcore.store.run_files import read_evaluation
from tests.engine import planted
from tests.engine.trained import trained_run

pytestmark = pytest.mark.keras

WEIGHTS = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, -1.0]], np.float32)
"""Of a linear model of two numbers and three classes."""
SCALE_OF_STEP, OFFSET = np.array([-0.5, 2.0], np.float32), np.array([1.0, 0.0], np.float32)


def linear(task=Task.MULTICLASS, weights=WEIGHTS):
    """A linear model behind a step on values that turns the first number round."""
    values = {"input": (Affine(SCALE_OF_STEP, OFFSET),)}
    return SimpleNamespace(
        task=task,
        how=SimpleNamespace(values=values),
        outputs=lambda given: tf.linalg.matmul(given["input"], tf.constant(weights)),
    )


def room(low=-100.0, high=100.0, unit=1.0):
    return Room(*(np.asarray(one, np.float32) for one in (low, high, unit)))


X = np.array([[0.3, -0.7], [1.2, 0.4], [-0.5, 0.1]], np.float32)
TRUTH = np.array([0, 2, 1])


def test_fgsm_adds_the_strength_times_the_sign_of_the_gradient_of_the_loss():
    """By hand: ∂L/∂x = scale · W (p − y), of the cross-entropy of softmax."""
    chances = softmax((X * SCALE_OF_STEP + OFFSET) @ WEIGHTS, axis=1)
    gradient = (chances - np.eye(3)[TRUTH]) @ WEIGHTS.T * SCALE_OF_STEP
    attacker = Attacker(linear(), {"input": room()})
    np.testing.assert_allclose(attacker.gradients({"input": X}, TRUTH)[1]["input"], gradient, atol=1e-6)
    found = attacker.fgsm({"input": X}, TRUTH, 0.25)
    np.testing.assert_allclose(found["input"], X + 0.25 * np.sign(gradient), atol=1e-6)


@pytest.mark.parametrize(
    ("task", "truth", "loss"),
    [
        (Task.BINARY, np.array([0, 1, 1]), lambda z, y: np.log1p(np.exp(np.where(y, -z[:, 0], z[:, 0])))),
        (
            Task.MULTILABEL,
            np.array([[1, 0], [0, 0], [1, 1]], np.float32),
            lambda z, y: np.log1p(np.exp(np.where(y > 0, -z, z))).sum(axis=1),
        ),
        (
            Task.REGRESSION,
            np.array([[1, 0], [0, 0], [2, 1]], np.float32),
            lambda z, y: ((z - y) ** 2).sum(axis=1),
        ),
    ],
)
def test_the_gradients_of_each_task_are_those_of_small_differences(task, truth, loss):
    weights = WEIGHTS[:, :1] if task is Task.BINARY else WEIGHTS[:, :2]
    attacker = Attacker(linear(task, weights), {"input": room()})
    losses, gradients = attacker.gradients({"input": X}, truth)

    def by_hand(x):
        return loss((x * SCALE_OF_STEP + OFFSET) @ weights.astype(np.float64), truth)

    np.testing.assert_allclose(losses, by_hand(X.astype(np.float64)), rtol=1e-5)
    for place in range(2):
        step = np.eye(2)[place] * 1e-5
        slope = (by_hand(X + step) - by_hand(X - step)) / 2e-5
        np.testing.assert_allclose(gradients["input"][:, place], slope, atol=1e-3)


def test_what_is_attacked_stays_in_its_range_and_what_has_no_room_as_it_is():
    attacker = Attacker(linear(), {"input": room(low=[-0.6, -9.0], high=[1.0, 9.0], unit=[1.0, 0.0])})
    found = attacker.fgsm({"input": X}, TRUTH, 0.5)["input"]
    np.testing.assert_array_equal(found[:, 1], X[:, 1])
    # The second sample was above the range before: it goes no further.
    assert found[:, 0].min() >= -0.6 and found[0, 0] <= 1.0 and found[1, 0] <= X[1, 0]
    assert np.abs(found - X).max() <= 0.5 + 1e-6


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A run on digits, with its accuracy on the test part."""
    home = tmp_path_factory.mktemp("digits")
    settings = Settings(home=home / "home", KERAS_HOME=home / "keras")
    store = Store.open(settings)
    run = trained_run(store, facts("digits", settings), epochs=3)
    folder = store.artifacts.folder(run.id)
    store.close()
    return AskedModel(folder, settings, lambda *told: None), read_evaluation(folder).metrics["accuracy"]


def some_of(asked, count=100):
    part = asked.part("test")
    places = part.indices[:count]
    return raw_samples(asked, part, places), part.y[places], part.own_rows[:count]


def test_pgd_stays_within_the_strength_and_the_range_and_is_never_the_weaker_attack(digits):
    asked, _accuracy = digits
    given, truth, rows = some_of(asked)
    attacker = Attacker(asked, rooms_of(asked))
    once, worst = attacker.fgsm(given, truth, 16.0), attacker.pgd(given, truth, 16.0, rows)
    for found in (once, worst):
        assert np.abs(found["input"] - given["input"]).max() <= 16 + 1e-3
        assert found["input"].min() >= 0 and found["input"].max() <= 255
    before, by_step, by_steps = (attacker.gradients(one, truth)[0] for one in (given, once, worst))
    assert (by_steps >= by_step - 1e-5).all() and by_steps.mean() > by_step.mean() > before.mean()


def test_a_sample_is_attacked_the_same_in_any_company(digits):
    asked, _accuracy = digits
    given, truth, rows = some_of(asked, 12)
    attacker = Attacker(asked, rooms_of(asked))
    together = attacker.pgd(given, truth, 8.0, rows)["input"][5]
    alone = attacker.pgd({"input": given["input"][5:6]}, truth[5:6], 8.0, rows[5:6])["input"][0]
    assert np.abs(together - alone).mean() < 0.5  # a sign may turn where a gradient is all but 0


def test_the_curve_begins_at_the_accuracy_of_the_evaluation_and_falls(digits):
    asked, accuracy = digits
    told = []
    found = measure_robustness(Disturber(asked, "fgsm", [8, 64]), "test", lambda *done: told.append(done))
    assert [one.strength for one in found.points] == [0, 8, 64] and found.unit is Unit.LEVELS
    assert found.points[0].value == pytest.approx(accuracy) and found.samples == found.total == 359
    assert found.points[2].value < found.points[1].value <= found.points[0].value
    assert all(one.low < one.value < one.high for one in found.points[:2])
    assert told[-1][0] == told[-1][1] == len(told)


def test_a_sample_is_shown_beside_what_became_of_it(digits):
    asked, _accuracy = digits
    row = int(asked.part("test").own_rows[4])
    found, arrays = disturbed_sample(Disturber(asked, "fgsm", [4, 32]), "test", row)
    pixels = np.asarray(asked.part("test").inputs["input"][asked.part("test").indices[4]])
    np.testing.assert_array_equal(arrays[ORIGINAL], pixels)
    assert arrays[CHANGED].dtype == np.uint8 and arrays[CHANGED].shape == (2, 8, 8, 1)
    moved = np.abs(arrays[CHANGED].astype(int) - pixels).max(axis=(1, 2, 3))
    assert moved.tolist() == [4, 32] and [one.strength for one in found.answers] == [0, 4, 32]
    assert found.answers[0].is_right is (found.answers[0].said == found.truth)
    with pytest.raises(DatasetError, match="has no sample"):
        disturbed_sample(Disturber(asked, "fgsm"), "test", 10**6)


def test_of_a_table_only_columns_of_numbers_are_moved_by_their_deviations(tmp_path):
    run = planted.table(tmp_path)
    disturber = Disturber(run.asked, "fgsm", [0.5])
    found, arrays = disturbed_sample(disturber, "test", run.rows()[0])
    assert found.labels == ("noise", "telling") and found.form is Form.COLUMNS
    moved = np.abs(arrays[CHANGED][0] - arrays[ORIGINAL])
    assert (moved <= 0.5 * arrays[SCALE] + 1e-4).all()
    # `telling` has a deviation of 10; the price is half of it.
    assert moved[1] == pytest.approx(5, rel=0.2) and found.answers[1].is_right is None
    curve = measure_robustness(disturber, "test", lambda *done: None)
    assert not curve.is_share and curve.points[1].value > curve.points[0].value
    with pytest.raises(SpecError, match="cannot be disturbed in this way"):
        Disturber(run.asked, "blur")


def test_a_column_that_became_several_numbers_is_shown_once_by_their_mean():
    names, values, scale = (
        ["age", "age", "city", "income"],
        np.array([[1.0, 0.5, 1.0, 7.0]]),
        [0.2, 0.4, 0, 3],
    )
    labels, shown, units = together(names, values, np.array(scale))
    assert labels == ("age", "income") and shown.tolist() == [[0.75, 7]]
    np.testing.assert_allclose(units, [0.3, 3])


def picture(*rows):
    return np.array(rows, np.float32)[None, ..., None]


def corrupted(kind, given, strength, rows=(0,), **bounds):
    bounds = {"low": 0.0, "high": 255.0, **bounds}
    return corrupt(kind, {"input": given}, {"input": room(**bounds)}, strength, np.array(rows))["input"]


def test_corruptions_do_what_they_are_called():
    one = picture([10, 20, 30], [40, 50, 60], [70, 80, 90])
    np.testing.assert_array_equal(corrupted("brightness", one, 200.0)[0, 0, :, 0], [210, 220, 230])
    np.testing.assert_array_equal(corrupted("brightness", one, 20.0, rows=(1,))[0, 0, :, 0], [0, 0, 10])
    # To the right: what was at 0 is at 1, and the edge is continued. Then down, left and up.
    np.testing.assert_allclose(corrupted("shift", one, 1.0)[0, 0, :, 0], [10, 10, 20])
    np.testing.assert_allclose(corrupted("shift", one, 1.0, rows=(1,))[0, :, 0, 0], [10, 10, 40])
    np.testing.assert_allclose(corrupted("shift", one, 1.0, rows=(2,))[0, 0, :, 0], [20, 30, 30])
    np.testing.assert_allclose(corrupted("shift", one, 1.0, rows=(3,))[0, :, 0, 0], [40, 70, 70])
    np.testing.assert_allclose(
        corrupted("rotation", one, 90.0)[0, ..., 0], [[30, 60, 90], [20, 50, 80], [10, 40, 70]], atol=1e-3
    )
    flat = picture([7, 7, 7], [7, 7, 7])
    np.testing.assert_allclose(corrupted("blur", flat, 2.0), flat, atol=1e-4)
    assert corrupted("blur", one, 2.0).std() < one.std() / 2


def test_noise_has_the_strength_as_its_deviation_and_is_the_same_in_any_company():
    given = np.full((2, 100, 100, 1), 128.0, np.float32)
    found = corrupted("noise", given, 10.0, rows=(3, 8))
    assert found.std() == pytest.approx(10, rel=0.05) and found.mean() == pytest.approx(128, abs=0.5)
    np.testing.assert_array_equal(corrupted("noise", given[1:], 10.0, rows=(8,))[0], found[1])
