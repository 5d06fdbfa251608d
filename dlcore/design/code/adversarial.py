"""The part of a script that trains against attacks."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.design.code.values import value_steps
from dlcore.spec.adversarial import LEVELS, AdversarialTraining, counts_levels
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.signature import INPUT

_START = """
        start = keras.random.uniform(tf.shape(first), -1.0, 1.0, seed=random_starts)
        at = tf.clip_by_value(first + reach * start, lowest, highest)""".splitlines()[1:]

_CLASS = """
class AdversarialModel(keras.Model):
    def uphill(self, x, y):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = self.compute_loss(x, y, self(x, training=False), training=False)
            loss = self.optimizer.scale_loss(loss)
        return tf.sign(tape.gradient(loss, x))

    def train_step(self, data):
        # The first samples of each batch are changed so that the loss rises.
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        x = tf.cast(x, tf.float32)
        count = tf.cast(tf.math.ceil({share} * tf.cast(tf.shape(x)[0], tf.float32)), tf.int32)
        first = x[:count]
        lowest = tf.maximum(tf.minimum(low, first), first - reach)
        highest = tf.minimum(tf.maximum(high, first), first + reach)
{start}
        for _ in range({steps}):
            moved = at + {stride} * reach * self.uphill(at, y[:count])
            at = tf.clip_by_value(moved, lowest, highest)
        x = tf.concat([at, x[count:]], axis=0)
        return super().train_step((x, y, weights))

model = AdversarialModel(model.inputs[0], model.outputs[0])"""


def adversarial_lines(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    """Yields a model that attacks a share of each batch before it learns from it, in the place of `model`."""
    wanted = spec.training.adversarial
    if wanted is None:
        return
    yield "# How far an attack may move the numbers of a sample, as the network sees them."
    yield from _bounds(spec, facts, wanted)
    if wanted.steps > 1:
        yield f"random_starts = keras.random.SeedGenerator({spec.seed})"
    start = _START if wanted.steps > 1 else ["        at = first"]
    places = {
        "{share}": str(wanted.share),
        "{start}": "\n".join(start),
        "{steps}": str(wanted.steps),
        "{stride}": f"{wanted.stride:.6g}",
    }
    source = _CLASS
    for place, value in places.items():
        source = source.replace(place, value)
    yield from source.splitlines()
    yield ""


def _bounds(spec: ExperimentSpec, facts: DatasetFacts, wanted: AdversarialTraining) -> Iterator[str]:
    seen = model_data(spec, facts).inputs[INPUT]
    of_picture = counts_levels(facts.kind, seen.shape)
    strength = wanted.reach(of_picture=of_picture)
    if of_picture and seen.dtype == "uint8":
        yield f'ends = np.array([[0.0], [{LEVELS}.0]], "float32") * np.ones({seen.shape[-1]}, "float32")'
        for step in value_steps(spec, facts):
            yield f"ends = {step.value('ends')}"
        yield 'low, high = ends.min(axis=0).astype("float32"), ends.max(axis=0).astype("float32")'
    else:
        yield "axes = tuple(range(x_train.ndim - 1))"
        yield "low, high = x_train.min(axis=axes), x_train.max(axis=axes)"
    if of_picture:
        yield f"reach = {strength} / {LEVELS} * (high - low)"
    else:
        yield f'reach = {strength} * x_train.std(axis=axes, dtype="float64").astype("float32")'
