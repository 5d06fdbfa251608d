"""Batches are attacked as the formula says, and a network that was trained against attacks bears them better."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from dlcore.datasets import CATALOGUE, facts
from dlcore.datasets.parts import Part
from dlcore.datasets.prepare.values import Affine
from dlcore.design.code import keras_script
from dlcore.design.templates import proposal
from dlcore.engine.adversarial import Opponent
from dlcore.engine.entry import train
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.robustness import Disturber, measure_robustness
from dlcore.engine.handle import MemoryHandle
from dlcore.spec.adversarial import AdversarialTraining
from dlcore.spec.data import DataKind
from dlcore.spec.experiment import ExperimentSpec

pytestmark = pytest.mark.keras

WEIGHTS = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, -1.0]], np.float32)


def linear():
    """A compiled linear model of one pixel with two channels."""
    given = keras.Input((1, 1, 2))
    model = keras.Model(given, keras.layers.Dense(3, use_bias=False)(keras.layers.Flatten()(given)))
    model.set_weights([WEIGHTS])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def opponent(pixels, **wanted):
    """One on pictures of bytes that are made numbers from 0 to 1, and turned round."""
    part = Part.whole({"input": pixels}, np.zeros(len(pixels), np.int64))
    data = SimpleNamespace(
        train=part,
        values={"input": (Affine(np.float32(-1 / 255), np.float32(1)),)},
        facts=SimpleNamespace(kind=DataKind.IMAGE),
        image_shape=pixels.shape[1:],
    )
    return Opponent(AdversarialTraining(**wanted), data, seed=3)


PIXELS = np.array([[10, 200], [30, 40], [250, 3], [128, 128]], np.uint8).reshape(4, 1, 1, 2)
X = 1 - PIXELS.astype(np.float32) / 255
TRUTH = np.array([0, 2, 1, 1])


def test_half_of_a_batch_is_moved_by_the_strength_along_the_sign_of_the_gradient():
    """By hand: ∂L/∂x = W (p − y); 51 of 255 levels are a fifth of the range that the network sees."""
    flat = X.reshape(4, 2)
    gradient = (softmax(flat @ WEIGHTS, axis=1) - np.eye(3)[TRUTH]) @ WEIGHTS.T
    moved = np.clip(flat + 0.2 * np.sign(gradient), 0, 1)
    attack = opponent(PIXELS, strength=51, share=0.5)
    found = attack(linear(), tf.constant(X), tf.constant(TRUTH)).numpy().reshape(4, 2)
    np.testing.assert_allclose(found[:2], moved[:2], atol=1e-6)
    np.testing.assert_array_equal(found[2:], flat[2:])


def test_steps_from_a_random_point_stay_within_the_strength_and_find_no_lower_loss():
    model = linear()
    found = opponent(PIXELS, attack="pgd", strength=25.5, share=1.0)(
        model, tf.constant(X), tf.constant(TRUTH)
    )
    assert np.abs(found.numpy() - X).max() <= 0.1 + 1e-6
    assert found.numpy().min() >= 0 and found.numpy().max() <= 1

    def losses(x):
        return keras.losses.sparse_categorical_crossentropy(TRUTH, model(x), from_logits=True).numpy()

    assert (losses(found) >= losses(tf.constant(X)) - 1e-6).all()


def test_the_random_starts_follow_from_the_state_that_a_checkpoint_keeps():
    attack, model = opponent(PIXELS, attack="pgd", strength=8), linear()
    (state,) = attack.variables
    kept = state.numpy()
    args = model, tf.constant(X), tf.constant(TRUTH)
    first, second = attack(*args).numpy(), attack(*args).numpy()
    state.assign(kept)
    np.testing.assert_array_equal(attack(*args).numpy(), first)
    assert state.numpy().tolist() != kept.tolist() and first.shape == second.shape


@pytest.mark.parametrize("name", ["fgsm", "pgd"])
def test_the_script_trains_against_the_same_attack(name):
    known = CATALOGUE.get("digits").facts
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits", "train_samples": 100},
            "preprocessing": [{"kind": "Normalization"}],
            "model": {"layers": ["Flatten", {"kind": "Dense"}]},
            "training": {"epochs": 1, "adversarial": {"attack": name, "strength": 16, "share": 1.0}},
        }
    )
    there = {}
    exec(keras_script(spec, known), there)
    mean, deviation = there["mean"], there["deviation"]
    np.testing.assert_allclose(there["reach"], 16 / deviation, rtol=1e-4)
    np.testing.assert_allclose(there["low"], (0 - mean) / deviation, rtol=1e-4)
    assert type(there["model"]).__name__ == "AdversarialModel"


@pytest.mark.acceptance
def test_a_network_that_is_trained_against_attacks_bears_them_better(digits_settings, folder):
    """At 32 of 255 levels, PGD leaves it at least 15 points more of its answers."""
    left = {}
    for name, adversarial in (("plain", None), ("against", {"attack": "pgd", "strength": 32, "share": 1.0})):
        spec = proposal(facts("digits", digits_settings)).with_values(
            {"training.epochs": 15, "training.adversarial": adversarial, "augmentation": []}
        )
        train(spec, MemoryHandle(folder(name)), settings=digits_settings)
        asked = AskedModel(folder(name), digits_settings, lambda *told: None)
        found = measure_robustness(Disturber(asked, "pgd", [32]), "test", lambda *done: None)
        left[name] = [one.value for one in found.points]
    assert left["against"][1] > left["plain"][1] + 0.15, left
    assert left["against"][0] > 0.9, left
