"""What our code adds to what SQLite itself takes, as a ratio of CPU times, which says the same on a busy machine.

`python -m benchmarks.overhead [--rounds N]` adds rows to a run and asks for what is new of it, and does the same
with bare statements on the same tables, in turn; the least of many rounds counts.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from benchmarks.curves_ours import LOSS, Ours
from benchmarks.curves_side import values
from dlcore.records import Metric
from dlcore.web.charts import curves
from dlcore.web.feed import Ask

ROWS, BATCH = 20_000, 1_000
NEWS = 20
"""Points that are new at a tick."""
BARE_INSERT = "INSERT INTO points (run_id, seq, axis, scope, name, step, value) VALUES (?, ?, 'batch', 'train', 'loss', ?, ?)"
BARE_NEWS = (
    ("SELECT state, attempt FROM runs WHERE id = ?", 1),
    ("SELECT * FROM points WHERE run_id = ? AND seq > ? AND axis = 'batch' ORDER BY seq LIMIT 2000", 2),
    ("SELECT max(seq) FROM points WHERE run_id = ?", 1),
)


class Both:
    """Our way and the bare one, on one store.

    Args:
        folder: where the store is.
    """

    def __init__(self, folder: Path) -> None:
        self._ours = Ours(folder)
        self._store = self._ours.store
        self._values = values(BATCH, 0)

    def add(self) -> None:
        """Adds rows to a new run as its process does."""
        run = self._ours.new_run()
        for begin in range(0, ROWS, BATCH):
            rows = [Metric(LOSS, float(begin + at), y) for at, y in enumerate(self._values)]
            self._store.reports.write(run.id, run.attempt, {"step": begin}, metrics=rows)

    def add_bare(self) -> None:
        """Adds them by one statement a batch, without a look at the run, and without coarser levels."""
        run = self._ours.new_run()
        for begin in range(0, ROWS, BATCH):
            rows = [(run.id, begin + at, float(begin + at), y) for at, y in enumerate(self._values)]
            with self._store.database.write() as connection:
                connection.exec_driver_sql(BARE_INSERT, rows)

    def watch(self) -> None:
        """Prepares ticks: a run of which a page has all but the newest points."""
        run = self._ours.new_run()
        rows = [Metric(LOSS, float(at), y) for at, y in enumerate(self._values)]
        self._store.reports.write(run.id, run.attempt, {}, metrics=rows)
        cursor = self._store.metrics.overview(run.id, axis=LOSS.axis).cursor - NEWS
        self._ask, self._asked = Ask("curves", f"{run.id}:batch", str(cursor)), (run.id, cursor)

    def tick(self) -> None:
        """Answers a tick as the dashboard does."""
        orjson.dumps(curves(self._store, [self._ask]), option=orjson.OPT_SERIALIZE_NUMPY)

    def tick_bare(self) -> None:
        """Reads the same rows."""
        with self._store.database.read() as connection:
            cursor = connection.connection.cursor()
            for statement, count in BARE_NEWS:
                cursor.execute(statement, self._asked[:count]).fetchall()


def least(rounds: int, *ways: Callable[[], None]) -> list[float]:
    """Returns the least CPU seconds of each of some ways, which take turns."""
    found = [math.inf] * len(ways)
    for _ in range(rounds):
        for place, way in enumerate(ways):
            begun = time.process_time()
            way()
            found[place] = min(found[place], time.process_time() - begun)
    return found


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        both = Both(Path(folder))
        ours, bare = least(rounds, both.add, both.add_bare)
        print(
            f"adding rows in batches of {BATCH:,}: {ROWS / ours:,.0f} a second of CPU, {ours / bare:.2f} times what the "
            f"rows alone take ({ROWS / bare:,.0f})"
        )
        both.watch()
        ours, bare = least(30 * rounds, both.tick, both.tick_bare)
        print(f"a tick: {1e3 * ours:.2f} ms of CPU, {ours / bare:.1f} times what its rows alone take")


if __name__ == "__main__":
    main()
