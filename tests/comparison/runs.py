"""Runs that have answered, without any training."""

import json

import numpy as np

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import Evaluation, RunState
from dlcore.records.artifacts import EVALUATION_FILE, PREDICTIONS_FILE
from dlcore.spec.data import Task

SAMPLES = 200


def completed(store, name, *, owner="", points=(), test=None, **values):
    """A run that has ended, perhaps with curves; of its test part nothing is kept but perhaps its metrics."""
    spec = example().with_values({"name": name, **values})
    run = submit(store, spec, owner=owner or store.settings.owner)
    store.runs.move(run, RunState.STARTING)
    store.runs.move(store.runs.get(run.id), RunState.RUNNING)
    if points:
        store.reports.write(run.id, 1, {"epoch": int(points[-1].step), "seconds": 12.0}, metrics=points)
    store.runs.move(store.runs.get(run.id), RunState.COMPLETED, summary={"test": test} if test else {})
    return store.runs.get(run.id)


def classified(store, name, wrong, *, targets=None, rows=None, owner="", points=(), **values):
    """A run that gives each sample its class of ten, but for those at some places, which get the next one.

    Args:
        store: where it is.
        name: of the run.
        wrong: the places.
        targets: the right classes.
        rows: of the samples.
        owner: of the run.
        points: of its curves.
        values: of the spec, by path.
    """
    targets = np.arange(SAMPLES) % 10 if targets is None else np.asarray(targets)
    said = targets.copy()
    said[list(wrong)] = (said[list(wrong)] + 1) % 10
    answers = np.full((len(targets), 10), 0.02)
    answers[np.arange(len(targets)), said] = 0.82
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (targets, said), 1)
    accuracy = float((said == targets).mean())
    metrics = {"loss": 1 - accuracy, "accuracy": accuracy}
    run = completed(store, name, owner=owner, points=points, test=metrics, **values)
    left(
        store, run, Task.MULTICLASS, answers, targets, rows,
        metrics=metrics,
        classes=tuple("0123456789"), confusion=tuple(tuple(int(n) for n in row) for row in counts),
    )  # fmt: skip
    return store.runs.get(run.id)


def left(store, run, task, answers, targets, rows=None, *, metrics, classes=(), confusion=()):
    """Writes what a run leaves of its test part."""
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    found = Evaluation(metrics, classes, confusion, (), (), task=task.value)
    (folder / EVALUATION_FILE).write_text(json.dumps(found.to_dict()))
    rows = np.arange(len(answers)) if rows is None else np.asarray(rows)
    np.savez(folder / PREDICTIONS_FILE, answers=np.float32(answers), targets=targets, rows=rows)
