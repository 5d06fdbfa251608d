"""The table of 10,000 runs, with searches and drafts: a plain page of it, one that is filtered and sorted by a line,
and groups.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from dlcore.datasets import CATALOGUE
from dlcore.design.templates import proposal, templates_of
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import find_field
from dlcore.store.filters.grouping import group_runs
from dlcore.store.tables import runs

RUNS, OTHERS, PAGE, TIMES = 10_000, 100, 200, 5
"""Runs, and as many searches and drafts each; rows of a page; tries."""
LINES = {
    "a plain page": ("", ""),
    "a metric, a tag, a template, a date": (
        'accuracy > 0.95 and template = "cnn" and tag:baseline and created > -7d',
        "accuracy",
    ),
    "a field of the spec": ("training.optimizer.learning_rate < 0.01", "training.optimizer.learning_rate"),
    "a layer by its name": ("model.layers[conv2d].filters >= 32", "+seconds"),
}


def fill(store: Store) -> None:
    """Puts runs of the templates for digits into a store, with metrics, tags and times by a fixed seed."""
    facts, draw = CATALOGUE.get("digits").facts, random.Random(0)
    specs = [
        (one.name, proposal(facts, one.name).to_dict()) for one in templates_of(facts) if one.name != "empty"
    ]
    rows = []
    for number in range(RUNS):
        template, spec = specs[number % len(specs)]
        values = {
            part: {"accuracy": draw.random(), "loss": draw.random()}
            for part in ("train", "validation", "test")
        }
        moment = time.time() - draw.random() * 30 * 86_400
        rows.append(
            {
                "id": f"{number:010x}", "name": f"digits · {template} · {number}", "owner": "local",
                "state": "completed", "spec": spec, "spec_hash": "0", "dataset": "digits", "epochs": 5,
                "template": template, "number": number, "tags": ["baseline"] if number % 3 else [],
                "summary": values, "workload": {"parameters": 1_000 + number}, "seconds": draw.random() * 100,
                "created_at": moment, "queued_at": moment,
            }
        )  # fmt: skip
    with store.database.write() as connection:
        connection.execute(insert(runs), rows)
    for number in range(OTHERS):
        spec = specs[number % len(specs)][1]
        store.drafts.create(spec, owner="local")
        store.studies.create(
            owner="local", spec=spec, dataset="digits", metrics=("val_accuracy",), directions=("maximize",),
            parallel=1, max_trials=10, max_seconds=None, target=None,
        )  # fmt: skip


def page(store: Store, line: str, sort: str) -> Callable[[], None]:
    """Returns what the page does for its table: it reads the line, counts, and takes the first rows."""

    def read() -> None:
        asked = RunQuestion.read(line, sort)
        store.experiments.page(owner="local", **asked.filters, **asked.order, limit=PAGE)

    return read


def groups(store: Store) -> None:
    """Does what the page does for groups by a template and a field of the spec, with two metrics."""
    by = [find_field("template"), find_field("training.batch_size")]
    numbers = [find_field("accuracy"), find_field("seconds")]
    fields = [field for field in (*by, *numbers) if field is not None]
    group_runs(store.runs.values(fields, owner="local"), fields[:2], fields[2:])


def main() -> None:
    """Prints the median of some tries of each."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Settings(home=Path(folder)))
        fill(store)
        reads = {title: page(store, *asked) for title, asked in LINES.items()}
        for title, read in {**reads, "groups by template and batch size": lambda: groups(store)}.items():
            seconds = []
            for _ in range(TIMES):
                begun = time.perf_counter()
                read()
                seconds.append(time.perf_counter() - begun)
            print(
                f"{title:40} {statistics.median(seconds) * 1000:7.1f} ms  (slowest {max(seconds) * 1000:.1f})"
            )
        store.close()


if __name__ == "__main__":
    main()
