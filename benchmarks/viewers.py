"""How many can watch a run: sessions on the page of a live run, each asking once a second as a browser does.

`python -m benchmarks.viewers [--viewers N …] [--seconds S]` starts the dashboard in a home of its own, writes
into a run three times a second as training does, opens the run's page in so many sessions over the real
websocket, and sends the one request a second of each at a moment of its own within the second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets

from benchmarks.session import PROTOCOLS, SOCKET, Ask, Session, feed_path, open_page, take_all
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import Axis, Metric, Run, RunState, Scope, SeriesKey
from dlcore.settings import Settings
from dlcore.store import Store

ROOT = Path(__file__).resolve().parents[1]
REPORT_SECONDS, STEPS, EPOCHS = 0.35, 20, 10_000
"""As a run on digits reports: so often, so many batches at a time, and an epoch ends with each second report."""
TOGETHER = 20
"""Pages that are opened at the same time."""
WARM_SECONDS = 3.0
TARGETS = {150: (50.0, 0.5), 300: (100.0, 1.0)}
"""Viewers to the slowest p95 in milliseconds and the most cores."""


class LiveRun(threading.Thread):
    """Writes into a run as its process would."""

    def __init__(self, store: Store, run: Run) -> None:
        super().__init__(daemon=True)
        self._store, self._run, self._over = store, run, threading.Event()

    def run(self) -> None:
        """Reports until `stop`."""
        step = 0
        while not self._over.wait(REPORT_SECONDS):
            step += STEPS
            epoch = step // (2 * STEPS)
            loss = 2.0 / (1 + step / 100)
            metrics = [
                Metric(SeriesKey("loss", Scope.TRAIN, Axis.BATCH), float(at), loss)
                for at in range(step - STEPS + 1, step + 1)
            ]
            if step % (2 * STEPS) == 0:
                metrics += [
                    Metric(SeriesKey(name, scope, Axis.EPOCH), float(epoch), loss)
                    for name in ("loss", "accuracy")
                    for scope in (Scope.TRAIN, Scope.VALIDATION)
                ]
            values = {
                "epoch": epoch, "step": step, "steps": EPOCHS * 2 * STEPS, "seconds": step / 60.0,
                "summary": {"validation": {"loss": loss, "accuracy": 1 - loss / 3}},
            }  # fmt: skip
            self._store.reports.write(self._run.id, self._run.attempt, values, metrics=metrics)

    def stop(self) -> None:
        """Ends it."""
        self._over.set()
        self.join()


def live_run(store: Store) -> Run:
    """Returns a run that is said to be at work."""
    run = submit(store, example().with_values({"training.epochs": EPOCHS}), owner="local")
    store.runs.move(run, RunState.STARTING, device="cpu")
    store.runs.move(store.runs.get(run.id), RunState.RUNNING)
    return store.runs.get(run.id)


@contextmanager
def dashboard(home: Path, port: int, **settings: str) -> Iterator[psutil.Process]:
    """Yields the server as it is hosted.

    Args:
        home: its home folder.
        port: where it listens.
        **settings: further variables of its environment.
    """
    environment = {**os.environ, "DLCORE_HOME": str(home), "DLCORE_START_WORKER": "false", **settings}
    command = [
        sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning",
        "--ws-per-message-deflate", "false",
    ]  # fmt: skip
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **silent) as process:
        try:
            for _try in range(600):
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                    break
                time.sleep(0.1)
            yield psutil.Process(process.pid)
        finally:
            process.kill()


@dataclass
class Viewer:
    """One browser: a session, its connection for requests, and how long each took.

    Attributes:
        cookie: what it sends with each request, if anything.
    """

    port: int
    cookie: str = ""
    session: Session = field(default_factory=Session)
    asks: list[Ask] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    size: int = 0

    async def visit(self, page: str, **query: str) -> None:
        """Opens a page and waits until its script has run."""
        url = f"ws://127.0.0.1:{self.port}{SOCKET}"
        self.socket = await websockets.connect(
            url, subprotocols=PROTOCOLS, max_size=None, compression=None, ping_interval=None,
            additional_headers={"cookie": self.cookie} if self.cookie else {},
        )  # fmt: skip
        await self.say(open_page(page, **query))

    async def say(self, message: bytes) -> None:
        """Sends what a person did, and waits until the script has run."""
        until = self.session.finished + 1
        await self.socket.send(message)
        while self.session.finished < until:
            self.session.take(await self.socket.recv())
        if self.session.failed:
            raise RuntimeError(f"the page failed: {self.session.failed}")

    async def open(self, run_id: str) -> None:
        """Opens the run's page, and a connection for what it asks."""
        await self.visit("run", run=run_id)
        self.asks = self.session.asks()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def listen(self) -> None:
        """Takes whatever the server says, as long as it lasts."""
        async for message in self.socket:
            self.session.take(message)

    async def tick(self) -> None:
        """One request, and what follows from its answer."""
        began = time.perf_counter()
        cookie = [f"cookie: {self.cookie}"] if self.cookie else []
        lines = (f"GET {feed_path(self.asks)} HTTP/1.1", f"host: 127.0.0.1:{self.port}", *cookie, "", "")
        self.writer.write("\r\n".join(lines).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        body = await self.reader.readexactly(length)
        self.seconds.append(time.perf_counter() - began)
        self.size += len(head) + length
        status = head.split(maxsplit=2)[1]
        if status not in (b"200", b"204"):
            raise RuntimeError(f"the feed answered {status.decode()}")
        if length:
            take_all(self.asks, json.loads(body))

    async def watch(self, phase: float, ticks: int) -> None:
        """So many ticks, one a second, at the same moment of each."""
        loop = asyncio.get_running_loop()
        start = loop.time() + phase
        for number in range(ticks):
            await asyncio.sleep(max(0.0, start + number - loop.time()))
            await self.tick()


@dataclass(frozen=True)
class ViewerTimes:
    """What was measured.

    Attributes:
        cores: how many the server used.
        runs: scripts that ran while all only watched.
        timers: fragments that a browser would have run again by itself.
        stale: parts for which a script should have run.
        missed: epochs that did not come.
        memory: bytes that the server took for each, from before they came.
    """

    viewers: int
    milliseconds: Sequence[float]
    cores: float
    size: float
    runs: int
    timers: int
    stale: int
    missed: float
    memory: float

    @property
    def p95(self) -> float:
        """Milliseconds within which 19 of 20 ticks were answered."""
        return statistics.quantiles(self.milliseconds, n=20)[-1]

    @property
    def good(self) -> bool:
        """Whether no script ran, and the targets for so many are kept."""
        slowest, cores = TARGETS.get(self.viewers, (float("inf"), float("inf")))
        return (
            not (self.runs or self.timers or self.stale or self.missed)
            and self.p95 <= slowest
            and self.cores <= cores
        )

    def __str__(self) -> str:
        return (
            f"{self.viewers:>4} viewers: tick p50 {statistics.median(self.milliseconds):.1f} ms, p95 {self.p95:.1f} ms, "
            f"max {max(self.milliseconds):.0f} ms; {self.cores:.2f} cores; {self.size:.0f} bytes a tick; "
            f"{self.runs} script runs, {self.timers} timers"
        )


async def measure(
    viewers: Sequence[Viewer], server: psutil.Process, run_id: str, seconds: int
) -> ViewerTimes:
    """Lets them watch for so long."""
    count, empty = len(viewers), server.memory_info().rss
    for part in range(0, count, TOGETHER):
        await asyncio.gather(*(viewer.open(run_id) for viewer in viewers[part : part + TOGETHER]))
    listening = [asyncio.create_task(viewer.listen()) for viewer in viewers]
    draw = random.Random(count)
    phases = [draw.random() for _ in viewers]
    await asyncio.gather(
        *(v.watch(phase, int(WARM_SECONDS)) for v, phase in zip(viewers, phases, strict=True))
    )
    for viewer in viewers:
        viewer.seconds, viewer.size, viewer.session.finished = [], 0, 0
    before, began = server.cpu_times(), time.perf_counter()
    await asyncio.gather(*(v.watch(phase, seconds) for v, phase in zip(viewers, phases, strict=True)))
    after, ended, full = server.cpu_times(), time.perf_counter(), server.memory_info().rss
    for task in listening:
        task.cancel()
    for viewer in viewers:
        viewer.writer.close()
        await viewer.socket.close()
    used = after.user + after.system - before.user - before.system
    milliseconds = [1_000 * one for viewer in viewers for one in viewer.seconds]
    return ViewerTimes(
        viewers=count,
        milliseconds=milliseconds,
        cores=used / (ended - began),
        size=sum(viewer.size for viewer in viewers) / len(milliseconds),
        runs=sum(viewer.session.finished for viewer in viewers),
        timers=sum(len(viewer.session.timers) for viewer in viewers),
        stale=sum(ask.stale for viewer in viewers for ask in viewer.asks),
        missed=sum(ask.missed for viewer in viewers for ask in viewer.asks),
        memory=(full - empty) / count,
    )


def free_port() -> int:
    """Returns a port that no one has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Measures and prints; the exit status is 0 if the targets are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 50, 150, 300])
    parser.add_argument("--seconds", type=int, default=15)
    options = parser.parse_args()
    port, good = free_port(), True
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Settings(home=Path(folder)))
        run = live_run(store)
        writer = LiveRun(store, run)
        writer.start()
        try:
            with dashboard(Path(folder), port) as server:
                for count in options.viewers:
                    viewers = [Viewer(port) for _ in range(count)]
                    found = asyncio.run(measure(viewers, server, run.id, options.seconds))
                    print(found, flush=True)
                    good = good and found.good
        finally:
            writer.stop()
            store.close()
    print("target: no script runs; p95 at most 50 ms with half a core at 150 viewers, at most 100 ms at 300")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
