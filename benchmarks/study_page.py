"""How long the page of a search takes to open, and what one live tick of it costs.

`python -m benchmarks.study_page [--trials N] [--points N]` writes a study of so many trials, each with
a curve, into a store of its own, opens its page without a browser, and asks the route of its live chart.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from dlcore.records import Study, TrialState
from dlcore.store import Store
from dlcore.store.tables import points, runs, studies, trials

ROUTER = Path(__file__).resolve().parents[1] / "dlcore" / "ui" / "router.py"
TARGET = 2.0
TICKS = 50
SPACE: dict[str, Any] = {
    "training.optimizer.learning_rate": {"low": 1e-5, "high": 1e-1, "log": True},
    "training.optimizer": {"choices": ["Adam", "SGD", "RMSprop"]},
    "training.batch_size": {"choices": [16, 32, 64, 128, 256]},
    "training.epochs": {"low": 5, "high": 100},
    "model.layers[conv2d].filters": {"low": 8, "high": 64, "step": 8},
    "model.layers[dense].units": {"low": 16, "high": 256, "log": True},
}


def search_spec(**options: Any) -> dict[str, Any]:
    """Returns a search around the first CNN, as a study keeps it."""
    from dlcore.datasets import CATALOGUE
    from dlcore.design.templates import proposal
    from dlcore.search.spec import SearchSpec

    base = proposal(CATALOGUE.get("digits").facts).updated(name="digits-cnn")
    return SearchSpec.from_dict({**base.to_dict(), "space": SPACE, "search": options}).to_dict()


def fill(
    store: Store, count: int, length: int, *, name: str = "benchmark", seed: int = 0, **values: Any
) -> Study:
    """Writes a study with so many trials, each with a run and a curve of so many epochs."""
    draw = random.Random(seed)
    given: dict[str, Any] = {
        "name": name, "owner": "local", "spec": search_spec(), "dataset": "digits",
        "metrics": ["val_accuracy"], "directions": ["maximize"], "parallel": 2, "max_trials": count * 2,
        "max_seconds": None, "target": None,
    }  # fmt: skip
    study = store.studies.create(**{**given, **values})
    began = time.time() - 40.0 * count / 2
    made = [_trial(study, number, length, began + 20.0 * number, draw) for number in range(count)]
    with store.database.write() as connection:
        for part in range(0, count, 500):
            chosen = made[part : part + 500]
            connection.execute(insert(runs), [run for _, run, _ in chosen])
            connection.execute(insert(trials), [trial for trial, _, _ in chosen])
            connection.execute(insert(points), [point for _, _, curve in chosen for point in curve])
        query = select(trials.c.state, func.count()).where(trials.c.study_id == study.id)
        counts = {row[0]: row[1] for row in connection.execute(query.group_by(trials.c.state))}
        complete = [trial for trial, _, _ in made if trial["state"] == TrialState.COMPLETE.value]
        best = max(complete, key=lambda trial: float(trial["values"][0]))
        connection.execute(
            update(studies).where(studies.c.id == study.id).values(
                counts=counts, best=best["number"], best_value=best["values"][0], revision=count,
                seconds=20.0 * count, created_at=began,
            )
        )  # fmt: skip
    return store.studies.get(study.id)


def _trial(
    study: Study, number: int, length: int, began: float, draw: random.Random
) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    params = {path: _drawn(dimension, draw) for path, dimension in study.spec["space"].items()}
    rate = params.get("training.optimizer.learning_rate", 1e-3)
    quality = 0.985 - 0.05 * (math.log10(rate) + 2.8) ** 2 - abs(draw.gauss(0, 0.02))
    quality -= 0.03 * (params.get("training.optimizer") == "SGD")
    kind = draw.random()
    state = "complete" if kind < 0.55 else "pruned" if kind < 0.95 else "fail"
    epochs = length if state == "complete" else max(1, length // 4)
    curve = [
        max(0.05, quality * (1 - math.exp(-5 * (e + 1) / length)) + draw.gauss(0, 0.004))
        for e in range(epochs)
    ]
    values = [] if state == "fail" else [curve[-1]]
    if len(study.metrics) > 1 and values:
        values.append(2e3 * params.get("model.layers[conv2d].filters", 16) + draw.random() * 9e3)
    ends = began + 40.0 * epochs / length
    run_id = f"{study.id}{number:06d}"
    reason = {"complete": None, "pruned": _said("it is behind the others."), "fail": _said("out of memory.")}
    trial = {
        "study_id": study.id, "number": number, "state": state, "params": params, "values": values,
        "reason": reason[state], "measured": {"parameters": 2e4 + 1e3 * params.get("training.epochs", 1)},
        "violation": 0.0, "run_id": run_id, "epoch": epochs, "bad": False, "origin": "sampled", "retries": 0,
        "created_at": began, "started_at": began, "finished_at": ends, "revision": number + 1,
    }  # fmt: skip
    run_state = {"complete": "completed", "pruned": "pruned", "fail": "failed"}[state]
    run = {
        "id": run_id, "owner": study.owner, "name": f"{study.name} {number}", "state": run_state,
        "spec": {k: v for k, v in study.spec.items() if k not in ("space", "search")}, "spec_hash": "",
        "dataset": study.dataset, "epochs": length, "epoch": epochs, "created_at": began, "queued_at": began,
        "study_id": study.id, "trial": number, "repeat": 0, "summary": {},
    }  # fmt: skip
    plain = {"run_id": run_id, "axis": "epoch", "scope": "validation", "name": "accuracy"}
    rows = [{**plain, "seq": i + 1, "step": i + 1.0, "value": value} for i, value in enumerate(curve)]
    return trial, run, rows


def _said(text: str) -> dict[str, Any]:
    from dlcore.errors import Message

    return Message(text).to_dict()


def _drawn(dimension: dict[str, Any], draw: random.Random) -> Any:
    if "choices" in dimension:
        return draw.choice(dimension["choices"])
    low, high, step = dimension["low"], dimension["high"], dimension.get("step")
    value = (
        math.exp(draw.uniform(math.log(low), math.log(high)))
        if dimension.get("log")
        else draw.uniform(low, high)
    )
    if high <= 1:
        return value
    return round(low + (value - low) // (step or 1) * (step or 1))


def seconds(action: Callable[[], object]) -> float:
    """Returns how long it takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def page_seconds(study: Study, view: str = "") -> tuple[float, float]:
    """Of the page's script: the first run in this process, and the next."""
    from streamlit.testing.v1 import AppTest

    page = AppTest.from_file(str(ROUTER), default_timeout=120)
    page.run()
    page.switch_page("../../pages/study.py")
    page.query_params["study"] = study.id
    if view:
        page.session_state["figure"] = view

    def shown() -> None:
        page.run()
        if page.exception:
            raise RuntimeError(page.exception[0].message)

    return seconds(shown), seconds(shown)


def tick_milliseconds(study: Study) -> float:
    """Of one request of the page, when two trials have changed: the median."""
    from starlette.testclient import TestClient

    from app import app
    from dlcore.web.context import context

    client = TestClient(app, base_url="http://localhost")
    path = f"/api/feed?ask=study:{study.id}:&ask=trials:{study.id}:{study.revision - 2}"

    def ask() -> None:
        # What others have just asked would only be handed on.
        context().moments.forget(study.id)
        client.get(path).raise_for_status()

    ask()
    return 1000 * statistics.median(seconds(ask) for _ in range(TICKS))


def main() -> int:
    """Measures and prints; the exit status is 0 if the page opens in time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=6_000)
    parser.add_argument("--points", type=int, default=100)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DLCORE_HOME=folder, DLCORE_START_WORKER="false")
        from dlcore.web.context import context

        store = context().store
        small = fill(store, max(1, options.trials // 10), options.points, name="small")
        large = fill(store, options.trials, options.points, name="large")
        cold, warm = page_seconds(large)
        print(
            f"page of {options.trials:,} trials of {options.points}: first {cold:.2f} s, again {warm:.2f} s"
        )
        for view in VIEWS:
            first, again = page_seconds(large, view)
            print(f"{'with ' + view:>24}: first {first:.2f} s, again {again:.2f} s")
        for study in (small, large):
            print(f"one tick at {study.finished:>6,} trials: {tick_milliseconds(study):.1f} ms")
        store.close()
    print(f"target: open in at most {TARGET:.0f} s, and a tick that does not grow")
    return 0 if cold <= TARGET else 1


VIEWS = ("curves", "importance", "parallel", "slice", "contour", "rank", "timeline", "front", "edf")

if __name__ == "__main__":
    sys.exit(main())
