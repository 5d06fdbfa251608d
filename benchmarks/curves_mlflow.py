"""MLflow's side of `curves`: run by a Python that has MLflow, and knows nothing of ours.

What a page asks is what MLflow's own pages ask: a sample of each curve's rows for the charts, a search for the table.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, ViewType
from mlflow.protos.service_pb2 import GetMetricHistoryBulkInterval, SearchRuns
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.utils.proto_json_utils import message_to_json

from benchmarks.curves_side import SPIKE, Readers, serve, table_rows, timed, values

KEY = "loss"
MOST_IN_BATCH = 1_000
"""As many metrics MLflow takes at once."""
SAMPLE = 320
"""Points of a curve that its pages ask for."""


class Peer:
    """MLflow with a store in a folder."""

    def __init__(self, folder: Path) -> None:
        uri = f"sqlite:///{folder / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=uri)
        self._store = SqlAlchemyStore(uri, str(folder / "artifacts"))
        self._file = folder / "mlflow.db"
        self._filled: list[str] = []
        self._experiment, self._table = map(self._experiment_named, ("bench", "table"))

    def version(self) -> dict[str, Any]:
        """Returns which MLflow this is."""
        return {"version": f"MLflow {mlflow.__version__}"}

    def begin(self) -> dict[str, Any]:
        """Makes a run."""
        return {"run": self._new_run()}

    def add(self, run: str, rows: int, batch: int) -> dict[str, Any]:
        """Adds rows to the curve of a run as a training does."""
        seed, now = values(1_000, 0), int(time.time() * 1000)
        metrics = [Metric(KEY, seed[step % 1_000], now, step) for step in range(rows)]
        batch = min(batch, MOST_IN_BATCH)

        def work() -> None:
            for begin in range(0, rows, batch):
                self._client.log_batch(run, metrics=metrics[begin : begin + batch])

        return timed(work)[0]

    def watch(self, run: str, readers: int) -> dict[str, Any]:
        """Reads the curve of a run as so many pages do."""
        self._readers = Readers(readers, lambda: self._sample([run]))
        return {}

    def rest(self) -> dict[str, Any]:
        """Ends that."""
        self._readers.end()
        return {}

    def fill(self, runs: int, points: int) -> dict[str, Any]:
        """Makes runs with so many points each, by SQL: by its own calls it would take the whole day."""
        self._filled, now = [], int(time.time() * 1000)
        insert = (
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)"
        )
        for seed in range(runs):
            run = self._new_run()
            rows = [(KEY, y, now, run, step) for step, y in enumerate(values(points, seed))]
            with closing(sqlite3.connect(self._file)) as connection, connection:
                connection.execute("PRAGMA synchronous=OFF")
                connection.executemany(insert, rows)
            self._client.log_metric(run, KEY, 0.5, step=points)
            self._filled.append(run)
        return {}

    def open(self, run: int) -> dict[str, Any]:
        """Answers what the chart of a run's page asks."""
        return self._answered([self._filled[run]])

    def tick(self, run: int) -> dict[str, Any]:
        """Adds what training does in a second, and answers what the chart asks then: all of it again."""
        run_id, now = self._filled[run], int(time.time() * 1000)
        new = [Metric(KEY, 0.5, now + at, 10_000_000 + at) for at in range(20)]
        self._client.log_batch(run_id, metrics=new)
        return self._answered([run_id])

    def zoom(self, run: int, points: int) -> dict[str, Any]:
        """Answers what a zoom asks."""
        found = self._answered([self._filled[run]], points // 2, points // 2 + points // 1_000)
        return {**found, "spike": True}

    def overlay(self, runs: int) -> dict[str, Any]:
        """Answers what the page of comparisons asks for so many runs."""
        return self._answered(self._filled[:runs])

    def table(self, runs: int) -> dict[str, Any]:
        """Makes runs with metrics, a parameter and a tag, by SQL."""
        now = int(time.time() * 1000)
        with closing(sqlite3.connect(self._file)) as connection, connection:
            for one in table_rows(runs):
                run = f"{one['number']:032x}"
                connection.execute(
                    "INSERT INTO runs (run_uuid, name, source_type, status, start_time, end_time, lifecycle_stage, "
                    "artifact_uri, experiment_id, user_id) VALUES (?, ?, 'LOCAL', 'FINISHED', ?, ?, 'active', '', ?, 'me')",
                    (run, f"run {one['number']}", now, now, int(self._table)),
                )
                for key in ("accuracy", "loss"):
                    metric = "INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, 0, 0)"
                    connection.execute(metric, (key, one[key], now, run))
                for key in ("template", "rate"):
                    connection.execute(
                        "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
                        (key, str(one[key]), run),
                    )
                if one["baseline"]:
                    connection.execute(
                        "INSERT INTO tags (key, value, run_uuid) VALUES ('baseline', '1', ?)", (run,)
                    )
        return {}

    def page(self) -> dict[str, Any]:
        """Reads a page of the table: takes the best 200 of what passes the filter."""

        def read() -> Any:
            found = self._store.search_runs(
                [self._table],
                "metrics.accuracy > 0.95 and params.template = 'cnn' and tags.baseline = '1'",
                ViewType.ACTIVE_ONLY,
                200,
                ["metrics.accuracy DESC"],
            )
            answer = SearchRuns.Response()
            answer.runs.extend([run.to_proto() for run in found])
            return answer

        return timed(read)[0]

    def _experiment_named(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        return found.experiment_id if found else self._client.create_experiment(name)

    def _new_run(self) -> str:
        return str(self._client.create_run(self._experiment).info.run_id)

    def _sample(self, runs: list[str], first: int | None = None, last: int | None = None) -> str:
        found = self._store.get_metric_history_bulk_interval(
            run_ids=runs, metric_key=KEY, max_results=SAMPLE, start_step=first, end_step=last
        )
        answer = GetMetricHistoryBulkInterval.Response()
        answer.metrics.extend([metric.to_proto() for metric in found])
        return str(message_to_json(answer))

    def _answered(self, runs: list[str], first: int | None = None, last: int | None = None) -> dict[str, Any]:
        times, body = timed(lambda: self._sample(runs, first, last))
        return {**times, "bytes": len(body), "spike": str(SPIKE) in body}


if __name__ == "__main__":
    serve(Peer(Path(sys.argv[1])))
