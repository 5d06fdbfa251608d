"""Curves and tables beside MLflow's, on the same rows in the same call.

`python -m benchmarks.curves [--mlflow PYTHON] [--points N] [--runs N] [--each N] [--table N] [--rounds N]`

Each side is a process of its own with a store of its own in SQLite (`curves_ours`, `curves_mlflow`); they are asked
in turn, so that what else the machine does falls on both. Without MLflow's Python only our figures are printed.
What a page asks is measured up to the JSON that is sent. The machine's load is printed with the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MLFLOW = ROOT / ".mlflow" / "bin" / "python"
READERS = 20
LONG_ROUNDS = 2
"""Of what takes one of the sides very long."""


class Side:
    """One of the two, as a process that answers.

    Args:
        command: starts it.
        folder: where its store is.
    """

    def __init__(self, command: list[str], folder: Path) -> None:
        folder.mkdir()
        self._process = subprocess.Popen(
            [*command, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def ask(self, what: str, **arguments: int) -> dict[str, Any]:
        """Has it do something; returns what it says of it; see `hear`."""
        self.tell(what, **arguments)
        return self.hear()

    def tell(self, what: str, **arguments: int) -> None:
        """Has it do something; `hear` waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"what": what, **arguments}) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Returns what it says of what it was told to do.

        Raises:
            RuntimeError: it has ended.
        """
        assert self._process.stdout is not None
        # Libraries print, too.
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise RuntimeError("the process of a side has ended")

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Figures:
    """What both sides took for one thing, round by round.

    Attributes:
        title: what was done.
        rows: how many rows were added, where that is what counts.
    """

    title: str
    rows: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, side: str, answer: Mapping[str, Any]) -> None:
        """Adds a round."""
        self.seconds.setdefault(side, []).append(answer["seconds"])
        self.said[side] = dict(answer)

    def median(self, side: str) -> float:
        """Returns the median in seconds."""
        return statistics.median(self.seconds[side])

    def line(self) -> str:
        """Returns the figures as a line: medians, in brackets the fastest and the slowest; the ratio."""
        cells = [self._cell(side) for side in self.seconds]
        if len(cells) == 2:
            ours, theirs = (self.median(side) for side in self.seconds)
            cells.append(f"{theirs / ours:8.1f} times as fast")
        return f"{self.title:52} " + "  ".join(cells)

    def _cell(self, side: str) -> str:
        seconds, said = self.seconds[side], self.said[side]
        if self.rows:
            rates = [self.rows / one for one in (self.median(side), max(seconds), min(seconds))]
            return "{:9,.0f} rows/s ({:,.0f}–{:,.0f})".format(*rates)
        low, middle, high = (1000 * one for one in (min(seconds), self.median(side), max(seconds)))
        size = f" {said['bytes'] / 1000:7.0f} kB" if "bytes" in said else ""
        spike = "" if said.get("spike", True) else ", spike lost"
        return f"{middle:9.2f} ms ({low:.2f}–{high:.2f}){size}{spike}"


def compare(
    sides: Mapping[str, Side], title: str, rounds: int, what: str, *, warm: bool = True, **arguments: int
) -> Figures:
    """Has both sides do the same in turn; prints and returns the figures.

    Args:
        sides: who does it.
        title: what it is, in words.
        rounds: how often.
        what: what is done.
        warm: whether there is a round before that does not count.
        arguments: of what is done.
    """
    found = Figures(title, arguments.get("rows", 0))
    for number in range(rounds + warm):
        for name, side in sides.items():
            answer = side.ask(what, **arguments)
            if number >= warm:
                found.add(name, answer)
    print(found.line(), flush=True)
    return found


def prepare(sides: Mapping[str, Side], what: str, **arguments: int) -> None:
    """Has both sides make something to measure with, at the same time."""
    for side in sides.values():
        side.tell(what, **arguments)
    for side in sides.values():
        side.hear()


def measure(sides: Mapping[str, Side], asked: argparse.Namespace) -> None:
    """Prints all figures."""
    few, rounds = asked.rows, asked.rounds
    for batch in (1, 100, 1_000):
        rows = few if batch > 1 else few // 50
        compare(sides, f"adding {rows:,} rows, {batch:,} in a batch", rounds, "add", rows=rows, batch=batch)
    title = f"the same in batches of 1,000 with {READERS} readers beside"
    compare(sides, title, rounds, "add", rows=few, batch=1_000, readers=READERS)
    prepare(sides, "fill", runs=1, points=asked.points)
    compare(sides, f"a run of {asked.points:,} points: opened", rounds, "open", run=0)
    compare(sides, "the same: what is new since a second ago", rounds, "tick", run=0)
    compare(sides, "the same: zoomed into a thousandth of it", rounds, "zoom", run=0, points=asked.points)
    prepare(sides, "table", runs=asked.table)
    compare(sides, f"a table of {asked.table:,} runs: filtered and sorted", rounds, "page")
    prepare(sides, "fill", runs=asked.runs, points=asked.each)
    # MLflow takes most of a minute to answer at full size.
    title = f"{asked.runs} runs × {asked.each:,} points: all curves"
    compare(sides, title, min(rounds, LONG_ROUNDS), "overlay", warm=False, runs=asked.runs)


def main() -> None:
    """Starts both sides and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mlflow", type=Path, default=MLFLOW, help="a Python that has MLflow")
    parser.add_argument("--rows", type=int, default=50_000, help="added in one round")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--each", type=int, default=100_000)
    parser.add_argument("--table", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        sides = {"ours": Side([sys.executable, "-m", "benchmarks.curves_ours"], home / "ours")}
        if asked.mlflow.exists():
            script = ROOT / "benchmarks" / "curves_mlflow.py"
            sides["mlflow"] = Side([str(asked.mlflow), str(script)], home / "mlflow")
            print(
                f"DL Studio | MLflow {sides['mlflow'].ask('version')['version']}: medians (fastest–slowest)"
            )
        else:
            print(f"There is no {asked.mlflow}: call `make .mlflow/.done`. DL Studio alone:")
        print("load of the machine: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))
        try:
            measure(sides, asked)
        finally:
            for side in sides.values():
                side.close()
        print("load of the machine: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))


if __name__ == "__main__":
    main()
