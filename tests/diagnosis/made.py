"""Observations with curves written by hand."""

import numpy as np

from dlcore.diagnosis import Observation, Recording, diagnose
from dlcore.errors import Message
from dlcore.records import Baseline, Evaluation
from dlcore.records.evaluation import ClassScore
from dlcore.records.signals import Signal, SignalKind
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import DatasetFacts, Task

FOUR_CLASSES = ("a", "b", "c", "d")


def facts(classes=FOUR_CLASSES, size=5_000, task=Task.MULTICLASS, **more):
    return DatasetFacts("made", "", "", task, (8, 8, 1), tuple(classes), size, 0, "", "", "", **more)


def spec(layers=("Flatten", {"kind": "Dense", "units": 8, "activation": "relu"}, "Dense"), **values):
    return ExperimentSpec.from_dict({"model": {"layers": layers}, **values})


def curves(**named):
    """Curves by name, of the training part."""
    return {name: np.array(values, dtype=float) for name, values in named.items()}


def signals(kind, layers, epochs=3):
    """A signal that is the same after each epoch, by layer."""
    steps = np.arange(1.0, epochs + 1)
    return {
        Signal.of(SignalKind(kind), name): Recording(steps, np.full(epochs, float(value)))
        for name, value in layers.items()
    }


def evaluation(metrics, supports=(250, 250, 250, 250), recalls=None, baselines=(), task=Task.MULTICLASS):
    recalls = recalls or [metrics.get("accuracy", 0.0)] * len(supports)
    scores = [
        ClassScore(name, 0.5, recall, 0.5, support)
        for name, recall, support in zip(FOUR_CLASSES, recalls, supports, strict=False)
    ]
    made = [Baseline(Message(name), values, fitted=fitted, samples=100) for name, values, fitted in baselines]
    return Evaluation(metrics, FOUR_CLASSES, (), tuple(scores), (), task.value, (), tuple(made))


def run(train, validation=None, *, epochs=None, complete=True, about=None, **more):
    """A run of which everything but its curves is healthy."""
    done = len(next(iter(train.values()), ()))
    return Observation(
        about or spec(),
        epochs or done,
        final=complete,
        complete=complete,
        train=train,
        validation=validation or {},
        facts=more.pop("facts", facts()),
        **more,
    )


def kinds(observation):
    return [found.kind for found in diagnose(observation)]


def sureness(observation, kind):
    return next(found.sureness.name for found in diagnose(observation) if found.kind == kind)
