"""From queueing a run to its first trained batch, with a warm supervisor, on digits.

`python -m benchmarks.latency [--runs N]` starts a supervisor in a home of its own, waits until it is
warm, queues runs one after another and prints the median, the spread, and where the time goes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.supervised import run_to_end, supervised_store
from dlcore.design import templates
from dlcore.records import Run
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

TARGET = 0.75


def start_seconds(run: Run) -> dict[str, float]:
    """Returns seconds until the process said that it runs, from then to the first batch, and both."""
    if run.started_at is None or run.first_batch_at is None:
        raise RuntimeError(f"the run is {run.state}: {run.reason.text() if run.reason else 'no reason'}")
    return {
        "to the process": (run.started_at - run.queued_at).total_seconds(),
        "to the first batch": (run.first_batch_at - run.started_at).total_seconds(),
        "in all": (run.first_batch_at - run.queued_at).total_seconds(),
    }


def measure(store: Store, count: int) -> list[dict[str, float]]:
    """Returns the parts of so many runs, after one that does not count."""
    model = templates.template("cnn").build((8, 8, 1))
    spec = ExperimentSpec(model=model).with_values({"dataset.name": "digits", "training.epochs": 1})
    run_to_end(store, spec)
    return [start_seconds(run_to_end(store, spec)) for _ in range(count)]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, supervised_store(Settings(home=Path(folder))) as store:
        found = measure(store, options.runs)
    for name in found[0]:
        values = [each[name] for each in found]
        print(
            f"{name:>19}: median {statistics.median(values):.2f} s, {min(values):.2f} to {max(values):.2f} s"
        )
    print(f"target: a median of {TARGET} s in all")


if __name__ == "__main__":
    main()
