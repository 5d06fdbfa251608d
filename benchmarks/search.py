"""Hyperparameter searches side by side: ours, a plain Optuna loop, and KerasTuner's Hyperband.

`python -m benchmarks.search [--mnist PATH] [--seeds 3] [--trials 30] [--epochs 6] [--only NAME …]` gives
each the same space, data and budget, in a fresh process of its own, one after another, and prints when
it came to which validation accuracy, the best one, and the memory of the process with all its children.
`search_space` says what is searched, `search_events` what a contestant prints.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.search_course import Course, Figures, Memory, Moment, medians
from benchmarks.search_events import Budget, parse_event
from benchmarks.search_table import LEGEND, align, header, ratios, row, verdict

OURS = "ours"
CONTESTANTS = (OURS, "optuna", "keras_tuner")
TARGETS = (0.975, 0.98)
GOAL = 2.0
SAMPLE_SECONDS = 1.0
"""Between two looks at the memory; one takes 7 ms for each process of 700 MB."""
EXIT_SECONDS = 60.0


class ContestantFailed(Exception):
    """A contestant did not come to its end; with what it wrote last."""


class _Meter(threading.Thread):
    """Looks at the memory of a process and all its children, until told to stop."""

    def __init__(self, pid: int, began: float) -> None:
        super().__init__(daemon=True)
        self.found: list[Memory] = []
        self._root, self._began = psutil.Process(pid), began
        self._seen: set[psutil.Process] = set()
        self._done = threading.Event()

    def run(self) -> None:
        """Looks again and again."""
        while not self._done.wait(SAMPLE_SECONDS):
            with suppress(psutil.NoSuchProcess):
                self._look([self._root, *self._root.children(recursive=True)])

    def _look(self, processes: list[psutil.Process]) -> None:
        self._seen.update(processes)
        resident = proportional = 0
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                used = process.memory_full_info()
                resident, proportional = resident + used.rss, proportional + used.pss
        self.found.append(Memory(time.perf_counter() - self._began, resident, proportional))

    def stop(self) -> None:
        """Ends the thread, and each process that the contestant left behind."""
        self._done.set()
        self.join()
        for process in self._seen:
            with suppress(psutil.NoSuchProcess):
                process.kill()


def run_contestant(name: str, budget: Budget) -> Course:
    """Lets a contestant search, and watches it.

    Raises:
        ContestantFailed: it did not come to its end.
    """
    command = [sys.executable, "-m", f"benchmarks.search_{name}", *budget.arguments()]
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process:
            meter = _Meter(process.pid, began)
            meter.start()
            try:
                moments = _listen(process, began)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(EXIT_SECONDS)
            finally:
                meter.stop()
        if process.returncode or not moments or moments[-1].event["event"] != "end":
            errors.seek(0)
            raise ContestantFailed(f"{name} ended with status {process.returncode}:\n{errors.read()[-2000:]}")
    return Course(tuple(moments), tuple(meter.found))


def _listen(process: subprocess.Popen[str], began: float) -> list[Moment]:
    """Returns its lines as they come, until the search or the process ends."""
    moments: list[Moment] = []
    assert process.stdout is not None
    for line in process.stdout:
        seconds = time.perf_counter() - began
        if (event := parse_event(line)) is not None:
            moments.append(Moment(seconds, event))
            if event["event"] == "end":
                break
    return moments


def compare(names: Sequence[str], budgets: Sequence[Budget]) -> bool:
    """Lets all search with each budget, prints the table; returns whether all came to their end."""
    found: dict[str, list[Figures]] = {name: [] for name in names}
    rows: dict[str, list[list[str]]] = {name: [] for name in names}
    for turn, budget in enumerate(budgets):
        # No one is always first: what else the machine does changes with time.
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            try:
                search = run_contestant(name, budget)
            except ContestantFailed as error:
                print(error, flush=True)
                continue
            figures = search.figures(TARGETS)
            found[name].append(figures)
            rows[name].append(row(name, str(budget.seed), figures, search.trials()))
            # An hour is long: what is known so far is said, should someone break it off.
            print(align([header(TARGETS), rows[name][-1]]), flush=True)
    middle = {name: medians(figures) for name, figures in found.items() if figures}
    table = [header(TARGETS), *(line for name in names for line in rows[name])]
    table += [row(name, "median", figures) for name, figures in middle.items()]
    others = {name: figures for name, figures in middle.items() if name != OURS}
    if OURS in middle:
        table += [ratios(name, figures, middle[OURS]) for name, figures in others.items()]
    print(f"{align(table)}\n{LEGEND}")
    if OURS in middle and others:
        print(verdict(middle[OURS], list(others.values()), GOAL))
    return all(len(figures) == len(budgets) for figures in found.values())


def main() -> int:
    """Measures and prints; the exit status is 0 if all came to their end."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    parser.add_argument("--mnist", type=Path, default=home / "datasets" / "mnist.npz")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--only", choices=CONTESTANTS, action="append", help="may be given more than once")
    options = parser.parse_args()
    budgets = [
        Budget(options.mnist, seed, options.trials, options.epochs) for seed in range(1, options.seeds + 1)
    ]
    return 0 if compare(options.only or CONTESTANTS, budgets) else 1


if __name__ == "__main__":
    sys.exit(main())
