"""A hundred runs of 100,000 points on the page of comparisons, in a headless Chromium.

`python -m benchmarks.compare_page [--runs N] [--points N] [--rounds N]` fills a store of its own, opens the
page in a fresh profile each round, and measures from the first question for curves to the last chart that is drawn;
beside it from the moment at which the page was opened, all of Streamlit included, and the CPU time of the page until
nothing more is drawn, which depends less on what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plain_browser import Browser, plain_browser
from benchmarks.viewers import dashboard, free_port
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import Axis, Metric, RunState, Scope, Segment, SeriesKey
from dlcore.settings import Settings
from dlcore.store import Store

LOSS, ACCURACY = (SeriesKey(name, Scope.TRAIN, Axis.BATCH) for name in ("loss", "accuracy"))
CHUNK = 1_000
"""Batches between two reports."""
QUIET = 3_000
"""Milliseconds after which nothing more is drawn."""
TARGETS = {"milliseconds": 1_500, "kilobytes": 2_000}
WATCH = """
window.drawings = [];
let plotly;
Object.defineProperty(window, "Plotly", {
  get: () => plotly,
  set: (found) => {
    const react = found.react;
    found.react = (...given) => {
      const begun = performance.now(), done = react(...given);
      const ours = given[0].dataset.chart !== undefined;
      if (ours) window.drawings.push({ begun, ended: performance.now(), traces: given[1].length });
      return done;
    };
    plotly = found;
  },
});
"""
FEED = """performance.getEntriesByType("resource").filter(({ name }) => /feed.*curves/.test(name))
    .map(({ startTime, responseEnd, encodedBodySize, decodedBodySize }) => ({ startTime, responseEnd, encodedBodySize, decodedBodySize }))"""

DRAWN = "[...document.querySelectorAll('[data-chart]')].filter((one) => one.data).length === 2"
SETTLED = f"performance.now() - Math.max(...window.drawings.map(({{ ended }}) => ended)) > {QUIET}"


def fill(store: Store, count: int, points: int) -> list[str]:
    """Makes runs that have ended: the loss of each batch, an accuracy a report; returns their ids."""
    found = []
    for seed in range(count):
        draw = np.random.default_rng(seed)
        spec = example().with_values(
            {"name": f"run {seed}", "training.optimizer.learning_rate": 1e-4 * (seed + 1)}
        )
        run = submit(store, spec, owner="local")
        store.runs.move(run, RunState.STARTING)
        store.runs.move(store.runs.get(run.id), RunState.RUNNING)
        losses = (np.exp(-np.arange(points) / points * 3) + draw.normal(0, 0.05, points)).astype(np.float32)
        losses[draw.integers(points)] = 3.0
        for begin in range(0, points, CHUNK):
            rows = [
                Segment(LOSS, begin + 1, losses[begin : begin + CHUNK]),
                Metric(ACCURACY, float(begin + CHUNK), 1 - float(losses[begin])),
            ]
            store.reports.write(run.id, 1, {"epoch": 1, "seconds": 12.0, "step": begin}, metrics=rows)
        store.runs.move(store.runs.get(run.id), RunState.COMPLETED)
        found.append(run.id)
    return found


def look(browser: Browser, address: str) -> dict[str, float]:
    """Opens the page; returns what it took."""
    with browser.page(WATCH) as page:
        page.open(address)
        page.wait(DRAWN)
        page.wait(SETTLED)
        asked: list[dict[str, Any]] = page.value(FEED)
        drawings: list[dict[str, Any]] = page.value("window.drawings")
        cpu = page.cpu
    return {
        "milliseconds": max(one["ended"] for one in drawings) - min(one["startTime"] for one in asked),
        "since opened": max(one["ended"] for one in drawings),
        "CPU": 1000 * cpu,
        "answered": max(one["responseEnd"] for one in asked) - min(one["startTime"] for one in asked),
        "kilobytes": sum(one["encodedBodySize"] for one in asked) / 1000,
        "unpacked": sum(one["decodedBodySize"] for one in asked) / 1000,
        "requests": len(asked),
        "drawing": sum(one["ended"] - one["begun"] for one in drawings),
        "drawings": len(drawings),
        "traces": max(one["traces"] for one in drawings),
    }


def main() -> None:
    """Measures and prints medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, plain_browser() as browser:
        store = Store.open(Settings(home=Path(folder)))
        ids = fill(store, asked.runs, asked.points)
        store.close()
        port = free_port()
        address = f"http://127.0.0.1:{port}/compare?axis=batch&runs={','.join(ids)}"
        with dashboard(Path(folder), port):
            look(browser, address)  # Python imports, caches are filled
            rounds = [look(browser, address) for _ in range(asked.rounds)]
    print("load of the machine: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))
    for name in rounds[0]:
        numbers = [one[name] for one in rounds]
        goal = f"  (target: at most {TARGETS[name]:,})" if name in TARGETS else ""
        print(
            f"{name:14} {statistics.median(numbers):10,.0f}  ({min(numbers):,.0f}–{max(numbers):,.0f}){goal}"
        )


if __name__ == "__main__":
    main()
