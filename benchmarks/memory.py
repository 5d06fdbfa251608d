"""Memory and time that storing a large CSV takes: `python -m benchmarks.memory [--mb SIZE] [--json]`.

Writes a table of that size into a temporary folder, stores it in a process of its own as a job would, and prints
the highest resident memory of that process, how much of it was there before anything was read, and the seconds.
Takes about four times the size on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.settings import Settings

TARGET_MB = 600
"""The memory within which a table of 2 GB is to be stored."""

_ROWS = 20_000
_CITIES = ("Berlin", "Paris", "Rome", "Madrid", "Oslo", "Vienna", "Bern")
_WORDS = ("good", "bad", "long", "short", "round", "red", "fast", "new")


@dataclass(frozen=True)
class Measurement:
    """What storing a file took.

    Attributes:
        rows: how many were stored; of word vectors, how many words.
        base_mb: resident memory before the file was opened.
        peak_mb: the highest resident memory.
        seconds: from opening the file to the stored dataset.
    """

    rows: int
    base_mb: float
    peak_mb: float
    seconds: float


def write_table(path: Path, size: int) -> None:
    """Writes a CSV of at least `size` bytes: ids, times, numbers, categories, short texts with quotes, a target."""
    rng = np.random.default_rng(0)
    start, row = datetime(2020, 1, 1), 0
    with path.open("w", encoding="utf-8") as file:
        file.write("id,when,city,amount,rate,count,note,price,label\n")
        while file.tell() < size:
            amounts, rates = rng.uniform(0, 1000, _ROWS), rng.normal(size=_ROWS)
            cities, counts, labels = (rng.integers(0, most, _ROWS) for most in (len(_CITIES), 500, 3))
            words = rng.integers(0, len(_WORDS), (_ROWS, 2))
            lines = []
            for i in range(_ROWS):
                note = f"{_WORDS[words[i, 0]]} and {_WORDS[words[i, 1]]}"
                note = f'"{note}, {row % 977}"' if row % 50_021 == 0 else note
                lines.append(
                    f"{row},{start + timedelta(minutes=row)},{_CITIES[cities[i]]},{amounts[i]:.4f},{rates[i]:.6f},"
                    f"{counts[i]},{note},{amounts[i] / 7:.2f},{'abc'[labels[i]]}\n"
                )
                row += 1
            file.write("".join(lines))


def write_vectors(path: Path, size: int) -> None:
    """Writes at least `size` bytes of word vectors, 300 numbers each."""
    rng, word = np.random.default_rng(0), 0
    tails = [b" ".join(b"%.5f" % number for number in row) for row in rng.normal(size=(500, 300))]
    with path.open("wb") as file:
        while file.tell() < size:
            file.writelines(b"word%d %b\n" % (word + place, tail) for place, tail in enumerate(tails))
            word += len(tails)


WRITERS = {".csv": write_table, ".vec": write_vectors}


def measure(size: int, ending: str = ".csv") -> Measurement:
    """Returns what storing a table, or word vectors, of `size` bytes takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"large{ending}"
        WRITERS[ending](path, size)
        command = [sys.executable, "-m", "benchmarks.memory", "--store", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return Measurement(**json.loads(done.stdout))


def _store(path: Path) -> dict[str, Any]:
    """Stores the file in this process, which does nothing else."""
    from dlcore.datasets.ingest.intake import ingest
    from dlcore.datasets.vectors.storing import store_vectors

    base, settings = _peak_mb(), Settings(home=path.parent / "home")
    began = time.perf_counter()
    if path.suffix == ".vec":
        rows = store_vectors(path, settings, owner="benchmark", origin=path.name).about.words
    else:
        rows = ingest(path, settings, owner="benchmark").facts.train_size
    seconds = time.perf_counter() - began
    return {"rows": rows, "base_mb": base, "peak_mb": _peak_mb(), "seconds": seconds}


def _peak_mb() -> float:
    """Returns the highest resident memory so far, since this program was started."""
    status = Path("/proc/self/status")
    if status.exists():
        found = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(found.split()[1]) * 1024 / 1e6
    # On Linux this is at least what the process had that started this one.
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=float, default=2_000, help="the size of the table")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.store is not None:
        print(json.dumps(_store(arguments.store)))
        return
    found = measure(int(arguments.mb * 1e6))
    if arguments.json:
        print(json.dumps(vars(found)))
        return
    print(
        f"a CSV of {arguments.mb:,.0f} MB, {found.rows:,} rows: {found.peak_mb:.0f} MB at most "
        f"({found.base_mb:.0f} MB before it was opened), {found.seconds:.0f} s on {os.cpu_count()} cores"
        f" (target for 2,000 MB: {TARGET_MB} MB)"
    )


if __name__ == "__main__":
    main()
