"""All benchmarks, each in a process of its own: `python -m benchmarks [NAME …] [--mnist PATH]`.

`python -m benchmarks --brief` takes those of curves and tables alone, at full size beside MLflow but with fewer rounds:
less than six minutes.
"""

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


TITLES = {
    "latency": "From queueing a run to its first trained batch, on digits",
    "study_page": "The page of a search with 6,000 trials of 100 epochs",
    "overhead": "What our code adds to what SQLite takes",
    "curves": "Curves and tables beside MLflow's",
    "compare_page": "A hundred runs in one chart, in a browser",
    "runs_table": "The table of 10,000 runs, filtered and sorted",
    "viewers": "Watching a live run: sessions that ask once a second",
    "visitors": "A demo with 150 visitors who watch, and 50 who train",
    "soak": "A demo that is used for ten minutes: what grows, and what is left",
    "memory": "Memory and time that storing a CSV of 2 GB takes",
    "estimates": "Estimated and real times of ten runs",
    "epoch": "An epoch of the first CNN on MNIST",
    "signals": "What the signals of layers add to a training",
    "search": "A search beside Optuna and KerasTuner on MNIST",
}
BRIEF = {
    "overhead": ["--rounds", "5"],
    "curves": ["--rows", "10000", "--rounds", "3"],
    "compare_page": ["--rounds", "3"],
    "runs_table": [],
}
"""What is measured in brief, and how."""
ON_MNIST = {"estimates", "epoch", "signals", "search"}


def main() -> int:
    """Runs those that are named, or all; the exit status is 0 if each came to its end."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which: {', '.join(TITLES)}; by default all"
    )
    parser.add_argument("--brief", action="store_true", help="curves and tables alone, with few rounds")
    parser.add_argument("--mnist", type=Path, default=home / "datasets" / "mnist.npz")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(TITLES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(TITLES)}")
    wanted = [*BRIEF] if asked.brief else [name for name in TITLES if not asked.names or name in asked.names]
    if missing := [name for name in wanted if name in ON_MNIST and not asked.mnist.exists()]:
        print(f"Not measured: {', '.join(missing)}. There is no {asked.mnist}. Name it with --mnist PATH.")
        wanted = [name for name in wanted if name not in missing]
    arguments = {name: ["--mnist", str(asked.mnist)] for name in ON_MNIST} | (BRIEF if asked.brief else {})
    ends = [run(TITLES[name], name, *arguments.get(name, [])) for name in wanted]
    return 0 if all(ends) and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
