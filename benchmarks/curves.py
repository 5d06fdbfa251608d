"""Curves and tables beside MLflow's, on the same rows in the same call.

`python -m benchmarks.curves [--mlflow PYTHON] [--points N] [--runs N] [--each N] [--table N] [--rounds N]`

Each side is a process of its own with a store of its own in SQLite (`curves_ours`, `curves_mlflow`); they are asked
in turn, so that what else the machine does falls on both. Without MLflow's Python only our figures are printed.
Pages that are open beside are read for by another process on the same store, since run and dashboard are two.
What a page asks is measured up to the JSON that is sent; how much of it is CPU time of the process that answers
is said, too, since that depends less on what else the machine does. The machine's load is printed with the figures.
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
        folder.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [*command, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def ask(self, what: str, **arguments: int | str) -> dict[str, Any]:
        """Has it do something; returns what it says of it; see `hear`."""
        self.tell(what, **arguments)
        return self.hear()

    def tell(self, what: str, **arguments: int | str) -> None:
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
        target: for our side, in words.
    """

    title: str
    rows: int = 0
    target: str = ""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, side: str, answer: Mapping[str, Any]) -> None:
        """Adds a round."""
        self.seconds.setdefault(side, []).append(answer["seconds"])
        self.cpu.setdefault(side, []).append(answer["cpu"])
        self.said[side] = dict(answer)

    def median(self, side: str) -> float:
        """Returns the median in seconds."""
        return statistics.median(self.seconds[side])

    def line(self) -> str:
        """Returns the figures as a line: medians, in brackets the range and the CPU time; the ratio."""
        cells = [self._cell(side) for side in self.seconds]
        if len(cells) == 2:
            ours, theirs = (self.median(side) for side in self.seconds)
            cells.append(f"{theirs / ours:8.1f} times as fast")
        if self.target:
            cells.append(f"(target: {self.target})")
        return f"{self.title:52} " + "  ".join(cells)

    def _cell(self, side: str) -> str:
        seconds, said, cpu = self.seconds[side], self.said[side], statistics.median(self.cpu[side])
        if self.rows:
            rates = [self.rows / one for one in (self.median(side), max(seconds), min(seconds), cpu)]
            return "{:9,.0f} rows/s ({:,.0f}–{:,.0f}; {:,.0f} a second of CPU)".format(*rates)
        low, middle, high = (1000 * one for one in (min(seconds), self.median(side), max(seconds)))
        size = f" {said['bytes'] / 1000:7.0f} kB" if "bytes" in said else ""
        spike = "" if said.get("spike", True) else ", spike lost"
        return f"{middle:9.2f} ms ({low:.2f}–{high:.2f}; CPU {1000 * cpu:.2f}){size}{spike}"


@dataclass(frozen=True)
class Comparison:
    """Has both sides do the same in turn; prints the figures.

    Args:
        sides: who does it.
        beside: a second process of each, on the same store.
        rounds: how often.
    """

    sides: Mapping[str, Side]
    beside: Mapping[str, Side]
    rounds: int

    def add(self, title: str, rows: int, batch: int, *, readers: int = 0, target: str = "") -> None:
        """Adds rows to a new run each, in batches, with so many readers beside."""
        found = Figures(title, rows, target)
        for number in range(self.rounds + 1):
            for name, side in self.sides.items():
                run = side.ask("begin")["run"]
                if readers:
                    self.beside[name].ask("watch", run=run, readers=readers)
                answer = side.ask("add", run=run, rows=rows, batch=batch)
                if readers:
                    self.beside[name].ask("rest")
                if number:  # the first does not count
                    found.add(name, answer)
        print(found.line(), flush=True)

    def ask(self, title: str, what: str, *, target: str = "", seldom: bool = False, **arguments: int) -> None:
        """Asks what a page asks; `seldom` what takes one of them most of a minute."""
        found, first = Figures(title, target=target), 0 if seldom else -1
        for number in range(first, min(self.rounds, LONG_ROUNDS) if seldom else self.rounds):
            for name, side in self.sides.items():
                answer = side.ask(what, **arguments)
                if number >= 0:
                    found.add(name, answer)
        print(found.line(), flush=True)


def prepare(sides: Mapping[str, Side], what: str, **arguments: int) -> None:
    """Has both sides make something to measure with, at the same time."""
    for side in sides.values():
        side.tell(what, **arguments)
    for side in sides.values():
        side.hear()


def measure(both: Comparison, asked: argparse.Namespace) -> None:
    """Prints all figures."""
    few, sides = asked.rows, both.sides
    for batch in (1, 100, 1_000):
        rows = few if batch > 1 else few // 50
        target = "100,000 rows/s" if batch == 1_000 else ""
        both.add(f"adding {rows:,} rows, {batch:,} in a batch", rows, batch, target=target)
    title = f"the same with {READERS} readers beside"
    both.add(title, few, 1_000, readers=READERS, target="100,000 rows/s")
    prepare(sides, "fill", runs=1, points=asked.points)
    both.ask(f"a run of {asked.points:,} points: opened", "open", run=0, target="100 ms")
    both.ask("the same: what is new since a second ago", "tick", run=0, target="1 ms")
    both.ask("the same: zoomed into a thousandth of it", "zoom", run=0, points=asked.points)
    prepare(sides, "table", runs=asked.table)
    both.ask(f"a table of {asked.table:,} runs: filtered and sorted", "page", target="500 ms")
    prepare(sides, "fill", runs=asked.runs, points=asked.each)
    title = f"{asked.runs} runs × {asked.each:,} points: all curves"
    both.ask(title, "overlay", seldom=True, runs=asked.runs)


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
    commands = {"ours": [sys.executable, "-m", "benchmarks.curves_ours"]}
    if asked.mlflow.exists():
        commands["mlflow"] = [str(asked.mlflow), str(ROOT / "benchmarks" / "curves_mlflow.py")]
    else:
        print(f"There is no {asked.mlflow}: call `make .mlflow/.done`. DL Studio alone:")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        sides = {name: Side(command, home / name) for name, command in commands.items()}
        said = {name: side.ask("version")["version"] for name, side in sides.items()}
        # Only now: the first has made the store.
        beside = {name: Side(command, home / name) for name, command in commands.items()}
        print(" | ".join(said.values()) + ": medians (fastest–slowest)")
        print("load of the machine: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()), flush=True)
        try:
            measure(Comparison(sides, beside, asked.rounds), asked)
        finally:
            for side in (*sides.values(), *beside.values()):
                side.close()
        print("load of the machine: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))


if __name__ == "__main__":
    main()
