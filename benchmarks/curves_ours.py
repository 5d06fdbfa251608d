"""Our side of `curves`."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert

from benchmarks.curves_side import SPIKE, Readers, serve, table_rows, timed, values
from dlcore.records import Axis, Metric, Run, RunState, Scope, SeriesKey
from dlcore.settings import Settings
from dlcore.store import Store, tables
from dlcore.store.filters import RunQuestion
from dlcore.version import __version__
from dlcore.web.charts import curves, windows
from dlcore.web.feed import Ask

LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
AMONG_MANY = 120
"""Ranges of a curve that the page asks for where there are a hundred."""


class Ours:
    """DL Studio with a store in a folder.

    Attributes:
        store: the store.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(Settings(home=folder))
        self._filled: list[str] = []

    def version(self) -> dict[str, Any]:
        """Returns which DL Studio this is."""
        return {"version": f"DL Studio {__version__}"}

    def begin(self) -> dict[str, Any]:
        """Makes a run."""
        return {"run": self.new_run().id}

    def add(self, run: str, rows: int, batch: int) -> dict[str, Any]:
        """Adds rows to the curve of a run as its process does."""
        seed = values(1_000, 0)
        metrics = [Metric(LOSS, float(step), seed[step % 1_000]) for step in range(rows)]
        write = self.store.reports.write

        def work() -> None:
            for begin in range(0, rows, batch):
                write(run, 1, {"step": begin}, metrics=metrics[begin : begin + batch])

        return timed(work)[0]

    def watch(self, run: str, readers: int) -> dict[str, Any]:
        """Reads the curve of a run as so many pages do that are opened."""
        self._readers = Readers(readers, lambda: self.store.metrics.overview(run, axis=Axis.BATCH))
        return {}

    def rest(self) -> dict[str, Any]:
        """Ends that."""
        self._readers.end()
        return {}

    def fill(self, runs: int, points: int) -> dict[str, Any]:
        """Makes runs, each with so many points, a row each."""
        self._filled = []
        for seed in range(runs):
            run = self.new_run()
            found = values(points, seed)
            for begin in range(0, points, 50_000):
                metrics = [
                    Metric(LOSS, float(begin + at), y) for at, y in enumerate(found[begin : begin + 50_000])
                ]
                self.store.reports.write(run.id, run.attempt, {"step": points}, metrics=metrics)
            self._filled.append(run.id)
        return {}

    def open(self, run: int) -> dict[str, Any]:
        """Answers what the chart of a run's page asks first."""
        return self._answered(lambda: curves(self.store, [Ask("curves", f"{self._filled[run]}:batch", "0")]))

    def tick(self, run: int) -> dict[str, Any]:
        """Adds what training does in a second, and answers what the chart asks then."""
        run_id = self._filled[run]
        cursor = self.store.metrics.overview(run_id, axis=Axis.BATCH, buckets=10).cursor
        step = self.store.metrics.window(run_id, LOSS, buckets=10).x[-1]
        new = [Metric(LOSS, step + 1 + at, 0.5) for at in range(20)]
        self.store.reports.write(run_id, 1, {"seconds": 1.0}, metrics=new)
        found = self._answered(lambda: curves(self.store, [Ask("curves", f"{run_id}:batch", str(cursor))]))
        return {**found, "spike": True}

    def zoom(self, run: int, points: int) -> dict[str, Any]:
        """Answers what a zoom asks."""
        ids, low, high = [self._filled[run]], points / 2, points / 2 + points / 1_000
        found = self._answered(lambda: windows(self.store, ids, [LOSS], low, high, 1_000))
        return {**found, "spike": True}

    def overlay(self, runs: int) -> dict[str, Any]:
        """Answers what the page of comparisons asks for so many runs."""
        asks = [Ask("curves", f"{one}:batch:{AMONG_MANY}:loss", "0") for one in self._filled[:runs]]
        return self._answered(lambda: curves(self.store, asks))

    def table(self, runs: int) -> dict[str, Any]:
        """Makes runs with metrics, a parameter and a tag."""
        rows = [self._row(one) for one in table_rows(runs)]
        with self.store.database.write() as connection:
            connection.execute(insert(tables.runs), rows)
        return {}

    def page(self) -> dict[str, Any]:
        """Reads a page of the table: counts what passes the filter, and takes the best 200."""

        def read() -> Any:
            line = 'accuracy > 0.95 and template = "cnn" and tag:baseline'
            asked = RunQuestion.read(line, "accuracy")
            return self.store.runs.page(owner="table", **asked.filters, **asked.order, limit=200)

        return timed(read)[0]

    def _row(self, one: dict[str, Any]) -> dict[str, Any]:
        moment = time.time()
        summary = {"test": {"accuracy": one["accuracy"], "loss": one["loss"]}}
        return {
            "id": f"{one['number']:010x}", "name": f"run {one['number']}", "owner": "table", "state": "completed",
            "spec": {"training": {"optimizer": {"learning_rate": one["rate"]}}}, "spec_hash": "0",
            "dataset": "digits", "epochs": 5, "template": one["template"], "number": one["number"],
            "tags": ["baseline"] if one["baseline"] else [], "summary": summary, "seconds": 1.0,
            "created_at": moment, "queued_at": moment,
        }  # fmt: skip

    def new_run(self) -> Run:
        """Returns a run at work."""
        store = self.store
        run = store.runs.create(
            spec={}, spec_hash="0", name="curve", owner="bench", dataset="digits", epochs=1
        )
        for state in (RunState.STARTING, RunState.RUNNING):
            store.runs.move(store.runs.get(run.id), state)
        return store.runs.get(run.id)

    def _answered(self, ask: Any) -> dict[str, Any]:
        times, body = timed(lambda: orjson.dumps(ask(), option=orjson.OPT_SERIALIZE_NUMPY))
        return {**times, "bytes": len(body), "spike": str(SPIKE).encode() in body}


if __name__ == "__main__":
    # As dashboard and runs do, once all is imported.
    gc.collect()
    gc.freeze()
    serve(Ours(Path(sys.argv[1])))
