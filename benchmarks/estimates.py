"""How far estimated times are from real ones, for ten runs of different sizes one after another.

`python -m benchmarks.estimates [--mnist PATH]` starts a supervisor in a home of its own. Before each run
it asks how long that will take, as the Train page does, then trains it and prints both. From the fourth
run on, when three are known, an estimate should be within a factor of two.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.supervised import run_to_end, supervised_store
from dlcore.datasets import dataset_facts
from dlcore.datasets.ingest.examples import EXAMPLE_SETS, example_file
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.speeds import Span
from dlcore.design.workload import workload
from dlcore.queue.forecasts import Forecasts
from dlcore.queue.slots import slots_here
from dlcore.records import Run, RunState
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check
from dlcore.store import Store

KNOWN, FACTOR = 3, 2.0
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@dataclass(frozen=True)
class Outcome:
    """One run: the estimate before it, if there was one, and how long it took."""

    name: str
    estimate: Span | None
    seconds: float

    @property
    def ratio(self) -> float:
        """How many times as long as expected it took."""
        assert self.estimate is not None, "nothing was known yet"
        return self.seconds / self.estimate.expected

    @property
    def near(self) -> bool:
        """Whether the estimate was within the factor."""
        return 1 / FACTOR <= self.ratio <= FACTOR

    @property
    def within(self) -> bool:
        """Whether it took as long as the range says."""
        return self.estimate is not None and self.estimate.low <= self.seconds <= self.estimate.high

    def line(self) -> str:
        """For the table."""
        if self.estimate is None:
            return f"{self.name:<34} {self.seconds:7.1f} s   nothing was known yet"
        span = self.estimate
        mark = "" if self.near else "  beyond the factor"
        return (
            f"{self.name:<34} {self.seconds:7.1f} s   {span.expected:7.1f} s "
            f"({span.low:.1f} to {span.high:.1f})  {self.ratio:5.2f}{mark}"
        )


def experiments() -> Iterator[tuple[str, ExperimentSpec]]:
    """Ten experiments, from a second to minutes: small and large batches, dense, convolutional, recurrent."""
    cnn = [_conv(32), "MaxPooling2D", "Flatten", _dense(128), "Dense"]
    yield "digits, MLP, 5 epochs", _spec("digits", ["Flatten", _dense(64), "Dense"], epochs=5)
    yield "digits, CNN, 10 epochs", _spec("digits", cnn, epochs=10)
    yield "MNIST 10,000, CNN, 1 epoch", _spec("mnist", cnn, epochs=1, samples=10_000)
    yield "digits, CNN, batches of 256", _spec("digits", cnn, epochs=40, batch_size=256)
    yield "digits, small ResNet, 10 epochs", _example("digits_resnet", epochs=10)
    yield "breast cancer, MLP, 80 epochs", _example("breast_cancer", epochs=80)
    yield "sine, LSTM, 10 epochs", _example("sine", epochs=10)
    wide = ["Flatten", _dense(2048), _dense(2048), "Dense"]
    yield "MNIST 20,000, wide MLP, 2 epochs", _spec("mnist", wide, epochs=2, samples=20_000, batch_size=128)
    yield "MNIST 60,000, CNN, 3 epochs", _spec("mnist", cnn, epochs=3)
    deep = [_conv(32), _conv(32), "MaxPooling2D", _conv(64), _conv(64), "MaxPooling2D", "Flatten", "Dense"]
    yield "MNIST 10,000, deep CNN, 2 epochs", _spec("mnist", deep, epochs=2, samples=10_000, batch_size=64)


def _conv(filters: int) -> dict[str, Any]:
    return {"kind": "Conv2D", "filters": filters, "padding": "same", "activation": "relu"}


def _dense(units: int) -> dict[str, Any]:
    return {"kind": "Dense", "units": units, "activation": "relu"}


def _spec(
    dataset: str, layers: list[Any], *, epochs: int, samples: int | None = None, batch_size: int = 32
) -> ExperimentSpec:
    data = {"dataset": {"name": dataset, "train_samples": samples}, "model": {"layers": layers}}
    return ExperimentSpec.from_dict({**data, "training": {"epochs": epochs, "batch_size": batch_size}})


def _example(name: str, *, epochs: int) -> ExperimentSpec:
    spec = ExperimentSpec.load(EXAMPLES / f"{name}.yaml")
    return spec.with_values({"training.epochs": epochs, "training.early_stopping": None})


def measure(store: Store, settings: Settings) -> Iterator[Outcome]:
    """Estimates and trains one after another."""
    forecasts = Forecasts(store, slots_here(settings))
    for name, spec in experiments():
        facts = dataset_facts(spec.dataset, settings)
        load = workload(spec, facts, check(spec, facts))
        found = forecasts.new(load, spec.training.device, spec.training.epochs)
        run = run_to_end(store, spec)
        yield Outcome(name, None if found is None else found.span, _seconds(run))


def _seconds(run: Run) -> float:
    if run.state is not RunState.COMPLETED or run.finished_at is None or run.started_at is None:
        raise RuntimeError(f"the run is {run.state}: {run.reason.text() if run.reason else 'no reason'}")
    return (run.finished_at - run.started_at).total_seconds()


def prepare(settings: Settings, mnist: Path) -> None:
    """Puts MNIST and two tables where the runs look for them."""
    settings.datasets_dir.mkdir(parents=True)
    shutil.copy(mnist, settings.datasets_dir / "mnist.npz")
    for name in ("breast_cancer", "sine"):
        entry = EXAMPLE_SETS[name]
        with example_file(entry) as path:
            ingest(path, settings, entry.choices, owner="benchmark")


def summary(outcomes: list[Outcome]) -> str:
    """Returns how many of those with three runs before them were estimated well."""
    judged = outcomes[KNOWN:]
    near, within = sum(one.near for one in judged), sum(one.within for one in judged)
    return (
        f"after {KNOWN} runs: {near} of {len(judged)} within a factor of {FACTOR:g} (target: all), "
        f"{within} of {len(judged)} within their range (it is meant for eight of ten)"
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    parser.add_argument("--mnist", type=Path, default=home / "datasets" / "mnist.npz")
    mnist, outcomes = parser.parse_args().mnist, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
        prepare(settings, mnist)
        print(f"{'':<34} {'real':>9}   estimated (range)  real / estimated", flush=True)
        with supervised_store(settings) as store:
            for outcome in measure(store, settings):
                print(outcome.line(), flush=True)
                outcomes.append(outcome)
    print(summary(outcomes))


if __name__ == "__main__":
    main()
