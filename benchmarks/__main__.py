"""All benchmarks, each in a process of its own: `python -m benchmarks [--mnist PATH]`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path


def run(title: str, name: str, *arguments: str) -> bool:
    """Runs one of them, which prints what it measures; returns whether it came to its end."""
    print(f"\n{title}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.run(command, env=quiet, check=False).returncode == 0


def main() -> int:
    """Runs all; the exit status is 0 if each came to its end."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    parser.add_argument("--mnist", type=Path, default=home / "datasets" / "mnist.npz")
    mnist = parser.parse_args().mnist
    fine = run("From queueing a run to its first trained batch, on digits", "latency")
    fine = run("The page of a search with 6,000 trials of 100 epochs", "study_page") and fine
    fine = run("Curves and tables beside MLflow's", "curves") and fine
    fine = run("A hundred runs in one chart, in a browser", "compare_page") and fine
    fine = run("The table of 10,000 runs, filtered and sorted", "runs_table") and fine
    fine = run("Watching a live run: sessions that ask once a second", "viewers") and fine
    fine = run("Memory and time that storing a CSV of 2 GB takes", "memory") and fine
    if not mnist.exists():
        print(f"\nWhat trains on MNIST was not timed: there is no {mnist}. Name it with --mnist PATH.")
        return 1
    fine &= run("Estimated and real times of ten runs", "estimates", "--mnist", str(mnist))
    fine &= run("An epoch of the first CNN on MNIST", "epoch", "--mnist", str(mnist))
    fine &= run("A search beside Optuna and KerasTuner on MNIST", "search", "--mnist", str(mnist))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
