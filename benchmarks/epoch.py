"""An epoch of the first CNN on MNIST: through dlcore, with tracking, and as the plain script, interleaved.

`python -m benchmarks.epoch [--mnist PATH] [--rounds N]` prints both medians, the test accuracies and
the ratio. Both train on all 60,000 images with batches of 32; each round builds and compiles anew.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from dlcore import queue
from dlcore.datasets import CATALOGUE
from dlcore.datasets.parts import Part, PreparedData
from dlcore.design import templates
from dlcore.engine.data import TrainingData
from dlcore.engine.entry import train_on
from dlcore.processes.handle import StoreHandle
from dlcore.records import Run, RunState
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.signature import INPUT
from dlcore.store import Store

TARGET = 1.75


class _EpochWatch(StoreHandle):
    """Keeps the moment at which the first epoch is done and saved."""

    end = 0.0

    def progress(self, *, epoch: int, step: int, steps: int) -> None:
        if epoch == 1 and not self.end:
            self.end = time.perf_counter()
        super().progress(epoch=epoch, step=step, steps=steps)


def plain_epoch(arrays: dict[str, Any], seed: int) -> tuple[float, float]:
    """Returns seconds of an epoch and the test accuracy, as a reader of the article would write it."""
    keras.utils.set_random_seed(seed)
    x_train, x_test = (arrays[name][..., None].astype("float32") / 255.0 for name in ("x_train", "x_test"))
    began = time.perf_counter()
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, (3, 3), activation="relu"),
            keras.layers.MaxPooling2D((2, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    model.fit(x_train, arrays["y_train"], batch_size=32, epochs=1, verbose=0)
    seconds = time.perf_counter() - began
    return seconds, float(model.evaluate(x_test, arrays["y_test"], verbose=0)[1])


def own_epoch(arrays: dict[str, Any], seed: int) -> tuple[float, float]:
    """Returns seconds to the end of the epoch, checkpoint included, and the test accuracy."""
    model = templates.template("cnn").build((28, 28, 1))
    spec = ExperimentSpec(model=model, seed=seed)
    train = _part(arrays["x_train"], arrays["y_train"])
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Settings(home=Path(folder)))
        handle = _EpochWatch(store, _running(store, spec))
        handle.start()
        began = time.perf_counter()
        prepared = PreparedData(
            CATALOGUE.get("mnist").facts,
            train=train,
            validation=train.take(train.indices[:0]),
            test=_part(arrays["x_test"], arrays["y_test"]),
        )
        result = train_on(TrainingData.of(prepared, spec), spec, handle, epochs=1)
        handle.close()
        store.close()
        return handle.end - began, result.summary["test"]["accuracy"]


def _part(images: Any, labels: Any) -> Part:
    return Part.whole({INPUT: images[..., None]}, labels.astype("int64"))


def _running(store: Store, spec: ExperimentSpec) -> Run:
    """Returns a run as its process finds it: curves, log, meters and heartbeat go to a real store."""
    run = queue.submit(store, spec.with_values({"dataset.name": "mnist"}), owner="benchmark")
    for state in (RunState.STARTING, RunState.RUNNING):
        store.runs.move(run, state)
        run = store.runs.get(run.id)
    return run


def main() -> None:
    """Runs the rounds and prints what they give."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    parser.add_argument("--mnist", type=Path, default=home / "datasets" / "mnist.npz")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with np.load(options.mnist) as file:
        arrays = {name: file[name] for name in file.files}
    times: dict[str, list[float]] = {"plain": [], "dlcore": []}
    scores: dict[str, list[float]] = {"plain": [], "dlcore": []}
    for number in range(options.rounds):
        for name in ("plain", "dlcore") if number % 2 == 0 else ("dlcore", "plain"):
            seconds, accuracy = (plain_epoch if name == "plain" else own_epoch)(arrays, number)
            times[name].append(seconds)
            scores[name].append(accuracy)
            print(f"round {number + 1} {name:>6}: {seconds:6.2f} s, test accuracy {accuracy:.4f}", flush=True)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:>6}: median {median:.2f} s, mean test accuracy {statistics.mean(scores[name]):.4f}")
    print(f"ratio: {medians['plain'] / medians['dlcore']:.2f} (target: {TARGET})")


if __name__ == "__main__":
    main()
