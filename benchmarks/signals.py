"""What the signals of layers add to a training of the first CNN on MNIST, in the processor's time, in pairs.

`python -m benchmarks.signals [--mnist PATH] [--rounds N]` trains two epochs on 20,000 images with and without them, in
turn, and prints the median of the ratios. A second pair is a training of seconds, on 2,000 images. On a machine that has
other work, caches and threads are shared, and the ratio of the fastest ones says more.
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

import numpy as np

from dlcore.datasets import CATALOGUE
from dlcore.datasets.parts import Part, PreparedData
from dlcore.design import templates
from dlcore.engine.data import TrainingData
from dlcore.engine.entry import train_on
from dlcore.engine.handle import MemoryHandle
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.signature import INPUT

TARGET = 1.03
VALIDATION = 0.1


def processor_seconds(arrays: dict[str, Any], samples: int, *, signals: bool) -> float:
    """Returns what a training takes, from the empty model to its evaluation: other processes do not count."""
    spec = ExperimentSpec(model=templates.template("cnn").build((28, 28, 1)))
    spec = spec.with_values({"training.epochs": 2, "training.record_signals": signals})
    cut = round(samples * VALIDATION)
    x, y = arrays["x_train"], arrays["y_train"]
    prepared = PreparedData(
        facts=CATALOGUE.get("mnist").facts,
        train=_part(x[cut:samples], y[cut:samples]),
        validation=_part(x[:cut], y[:cut]),
        test=_part(arrays["x_test"][:1000], arrays["y_test"][:1000]),
    )
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        train_on(TrainingData.of(prepared, spec), spec, MemoryHandle(Path(folder)))
        return time.process_time() - began


def _part(images: Any, labels: Any) -> Part:
    return Part.whole({INPUT: images[..., None]}, labels.astype("int64"))


def main() -> None:
    """Runs the rounds and prints what they give."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    parser.add_argument("--mnist", type=Path, default=home / "datasets" / "mnist.npz")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with np.load(options.mnist) as file:
        arrays = {name: file[name] for name in file.files}
    processor_seconds(arrays, 1_000, signals=True)  # what a process does once
    for samples, epochs in ((20_000, "of MNIST"), (2_000, "of seconds")):
        ratios: list[float] = []
        spent: dict[bool, list[float]] = {True: [], False: []}
        for number in range(options.rounds):
            order = (True, False) if number % 2 else (False, True)
            seconds = {wanted: processor_seconds(arrays, samples, signals=wanted) for wanted in order}
            ratios.append(seconds[True] / seconds[False])
            for wanted, took in seconds.items():
                spent[wanted].append(took)
            print(
                f"{samples:>6} samples: {seconds[False]:6.2f} s, with signals {seconds[True]:6.2f} s",
                flush=True,
            )
        fastest = min(spent[True]) / min(spent[False])
        said = (
            f"{statistics.median(ratios):.3f} times, the fastest ones {fastest:.3f} times (target: {TARGET})"
        )
        print(f"a training {epochs}: {said}")


if __name__ == "__main__":
    main()
