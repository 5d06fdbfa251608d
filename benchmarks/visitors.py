"""A demo under load: visitors who watch a public run, and visitors who train runs of their own.

`python -m benchmarks.visitors [--watchers N] [--trainers N] [--seconds S]` starts the dashboard in the mode `demo`. First so
many visitors, each with a cookie of their own, watch one public run as `python -m benchmarks.viewers` describes. Then a
supervisor trains what others launch from the page on which experiments begin: three of them three runs each, and after
them everybody else one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.session import click
from benchmarks.supervised import supervised_store
from benchmarks.viewers import TOGETHER, LiveRun, Viewer, dashboard, free_port, live_run, measure
from dlcore.access.permissions import Kind
from dlcore.records import Run
from dlcore.records.shares import Thing
from dlcore.settings import Settings
from dlcore.store import Store

SLOWEST_P95, MOST_MEMORY = 75.0, 0.2e6
"""Milliseconds of a tick, and bytes that the server takes for each visitor."""
GREEDY, AT_ONCE = 3, 3
"""Visitors who launch several runs, and how many."""
WAIT_SECONDS = 400.0
DEMO = {"DLCORE_MODE": "demo", "DLCORE_VISITORS_PER_HOUR": "10000", "DLCORE_SESSIONS_PER_ADDRESS": "10000"}
"""All visitors come from this one machine."""


def visitor(port: int) -> Viewer:
    """Returns a browser that has the cookie of a new visitor."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"accept": "text/html"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return Viewer(port, answer.headers["set-cookie"].partition(";")[0])


def watch(watchers: int, seconds: int) -> bool:
    """Lets visitors watch a public run, prints what that took, and returns whether the targets are kept."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Settings(home=Path(folder)))
        run = live_run(store)
        store.shares.publish(Thing(Kind.RUN, run.id), owner=run.owner)
        writer = LiveRun(store, run)
        writer.start()
        try:
            with dashboard(Path(folder), port, **DEMO) as server:
                # The first ones load what all others share.
                asyncio.run(measure([visitor(port) for _ in range(TOGETHER)], server, run.id, 3))
                visitors = [visitor(port) for _ in range(watchers)]
                found = asyncio.run(measure(visitors, server, run.id, seconds))
        finally:
            writer.stop()
            store.close()
    print(f"{found}; {found.memory / 1e6:.2f} MB for each; {found.missed:.0f} epochs missed")
    print(
        f"target: p95 at most {SLOWEST_P95:.0f} ms, at most {MOST_MEMORY / 1e6:.1f} MB for each, nothing missed"
    )
    return (
        not (found.runs or found.timers or found.stale or found.missed)
        and found.p95 <= SLOWEST_P95
        and found.memory <= MOST_MEMORY
    )


async def launch(browser: Viewer, runs: int) -> None:
    """Opens the page on which experiments begin and clicks the button that trains the example, so many times."""
    for _ in range(runs):
        await browser.visit("new")
        button = next(name for name in browser.session.buttons if name.endswith("-example"))
        await browser.say(click(button, browser.session.page))
        await browser.socket.close()


async def launch_all(browsers: Sequence[Viewer], runs: int) -> None:
    """Lets all of them launch at the same time."""
    await asyncio.gather(*(launch(browser, runs) for browser in browsers))


def unfair(runs: Mapping[str, Run]) -> list[tuple[Run, Run]]:
    """Returns each run that was somebody's second or third, with the first one of somebody that waited meanwhile."""
    ordered = sorted(runs.values(), key=lambda run: (run.created_at, run.id))
    firsts = {run.owner: run for run in reversed(ordered)}
    further = [run for run in ordered if run is not firsts[run.owner]]
    return [
        (run, first)
        for run in further
        for first in firsts.values()
        if run.started_at and first.started_at and first.created_at < run.started_at < first.started_at
    ]


def train(trainers: int) -> bool:
    """Lets visitors launch runs, prints who waited how long, and returns whether it was fair."""
    port, began = free_port(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with supervised_store(Settings(home=home)) as store, dashboard(home, port, **DEMO):
            browsers = [visitor(port) for _ in range(trainers)]
            asyncio.run(launch_all(browsers[:GREEDY], AT_ONCE))
            for part in range(GREEDY, trainers, TOGETHER):
                asyncio.run(launch_all(browsers[part : part + TOGETHER], 1))
            count = trainers + GREEDY * (AT_ONCE - 1)
            while sum(run.state.final for run in store.runs.list(limit=count)) < count:
                if time.monotonic() - began > WAIT_SECONDS:
                    raise TimeoutError("the runs of visitors do not end")
                time.sleep(0.5)
            runs = {run.id: run for run in store.runs.list(limit=count)}
    waits = [(run.started_at - run.created_at).total_seconds() for run in runs.values() if run.started_at]
    overtaken = unfair(runs)
    print(
        f"{trainers:>4} trainers: {len(runs)} runs in {time.monotonic() - began:.0f} s, "
        f"the longest wait {max(waits):.0f} s; first runs that waited for another one's second: {len(overtaken)}"
    )
    return not overtaken and all(run.state == "completed" for run in runs.values())


def main() -> int:
    """Measures and prints; the exit status is 0 if the targets are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=150)
    parser.add_argument("--trainers", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    good = watch(options.watchers, options.seconds)
    return 0 if train(options.trainers) and good else 1


if __name__ == "__main__":
    sys.exit(main())
