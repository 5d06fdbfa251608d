"""A demo that is used for long: 500 short runs, and 50 visitors who come and go; what is left of it afterwards.

`python -m benchmarks.soak [--runs N] [--visitors N] [--seconds S]` starts the dashboard in the mode `demo` and a supervisor of
two slots. Strangers' runs follow each other, each is deleted soon after its end, and meanwhile visitors open pages over
the real websocket, watch for a moment and leave. The memory, the open files and the threads of all processes that stay
must be flat after the first third, and no process and no file may be left.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import websockets

from benchmarks.steadiness import MOST_GROWTH, Member, Watch
from benchmarks.supervised import supervised_store
from benchmarks.viewers import Viewer, dashboard, free_port
from benchmarks.visitors import DEMO, visitor
from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.queue.requests import delete
from dlcore.queue.start import end_worker
from dlcore.records.shares import Thing
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

MOST_SECONDS = 600.0
SLOTS, OWNERS = 2, 7
AHEAD, KEPT = 8, 12
"""How many runs are queued, and how many of the last are there to be looked at."""
TOGETHER, BETWEEN_VISITS, TICKS = 3, (1.0, 5.0), 3
"""Visitors at the same time, the seconds until the next one comes, and for how long each watches."""
PAGES = ("", "runs", "new", "data", "run")
LASTING = ("prepared", "baselines")
OWN = ("store.", "optuna.sqlite", "worker.", "secret.", "audit.")
"""The folders of what is prepared, and the files of a home itself."""


def short_spec() -> ExperimentSpec:
    """Returns the cheapest training that is a real one: an epoch of one layer on the digits."""
    spec = example().with_values({"training.epochs": 1, "training.batch_size": 256}).to_dict()
    spec["model"]["layers"] = [{"kind": "Flatten"}, {"kind": "Dense", "units": 10}]
    return ExperimentSpec.from_dict(spec)


class Trainings:
    """Runs that follow each other, of which the last ones are kept.

    Attributes:
        ended: how many ended how.
        public: the id of one that everybody may look at.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._spec = store, short_spec()
        self._open: set[str] = set()
        self._kept: deque[tuple[str, str]] = deque()
        self._begun = 0
        self.ended: Counter[str] = Counter()
        self.public = ""

    def train(self, count: int, until: float) -> None:
        """Lets so many runs be trained, but begins none after a moment."""
        while self._open or (self._begun < count and time.monotonic() < until):
            while len(self._open) < AHEAD and self._begun < count and time.monotonic() < until:
                self._begin()
            time.sleep(0.2)
            self._look()
        self._delete_but(0)

    def _begin(self) -> None:
        owner = f"visitor {self._begun % OWNERS}"
        run = submit(self._store, self._spec, owner=owner)
        self._store.shares.publish(Thing(Kind.RUN, run.id), owner=owner)
        self.public = run.id
        self._open.add(run.id)
        self._kept.append((run.id, owner))
        self._begun += 1

    def _look(self) -> None:
        for run in map(self._store.runs.get, list(self._open)):
            if run.state.final:
                self._open.remove(run.id)
                self.ended[run.state.value] += 1
                if run.reason is not None:
                    print(f"{run.id}: {run.reason.text()}")
        self._delete_but(KEPT + AHEAD)

    def _delete_but(self, kept: int) -> None:
        while len(self._kept) > kept and self._kept[0][0] not in self._open:
            run_id, owner = self._kept.popleft()
            delete(self._store, run_id, actor=Actor(owner))


class Visits(threading.Thread):
    """Visitors who open a page, watch for a moment, and leave, again and again.

    Attributes:
        count: how many visits there were.
        failures: what went wrong.
    """

    def __init__(self, port: int, visitors: int, trainings: Trainings) -> None:
        super().__init__(name="visits", daemon=True)
        self._port, self._visitors, self._trainings = port, visitors, trainings
        self._over = threading.Event()
        self.count, self.failures = 0, Counter[str]()

    def run(self) -> None:
        """Lets them come until `stop`."""
        asyncio.run(self._all())

    def stop(self) -> None:
        """Ends it."""
        self._over.set()
        self.join()

    async def _all(self) -> None:
        cookies = [visitor(self._port).cookie for _ in range(self._visitors)]
        await asyncio.gather(*(self._some(cookies[part::TOGETHER], part) for part in range(TOGETHER)))

    async def _some(self, cookies: list[str], part: int) -> None:
        draw, number = random.Random(part), 0
        while cookies and not self._over.is_set():
            try:
                await self._visit(Viewer(self._port, cookies[number % len(cookies)]), draw.choice(PAGES))
            except (RuntimeError, OSError, EOFError, websockets.ConnectionClosed) as error:
                self.failures[f"{type(error).__name__}: {error}"[:200]] += 1
            number += 1
            self.count += 1
            await asyncio.sleep(draw.uniform(*BETWEEN_VISITS))

    async def _visit(self, browser: Viewer, page: str) -> None:
        try:
            if page == "run" and self._trainings.public:
                await browser.open(self._trainings.public)
                for _ in range(TICKS):
                    await browser.tick()
                    await asyncio.sleep(0.5)
                browser.writer.close()
            else:
                await browser.visit(page)
        finally:
            if hasattr(browser, "socket"):
                await browser.socket.close()


def lasting_members(app: psutil.Process, supervisor: psutil.Process) -> list[Member]:
    """Returns the processes that stay: the two, and those that the supervisor has started for all time."""
    children = supervisor.children(recursive=True)
    return [
        Member("app", app),
        Member("supervisor", supervisor),
        *(Member(_name(one), one) for one in children),
    ]


def _name(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    names = ("forkserver", "resource_tracker", "nursery")
    return next((name for name in names if name in words), f"process {process.pid}")


def processes_of(home: Path) -> list[str]:
    """Returns the processes on this machine that work for a home."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get("DLCORE_HOME", "").startswith(str(home)):
                found.append(f"{process.pid} {' '.join(process.cmdline())[:80]}")
    return found


def files_in(home: Path, temporary: Path) -> set[str]:
    """Returns what does not belong into a home at rest, or into the folder of temporary files."""
    found = {str(path) for path in temporary.rglob("*")}
    for path in home.rglob("*"):
        if not (path.is_dir() or _may_stay(path.relative_to(home))):
            found.add(str(path))
    return found | {str(path) for name in ("runs", "jobs", "uploads") for path in home.glob(f"{name}/*")}


def _may_stay(path: Path) -> bool:
    """Returns whether a file of a home is its own, or prepared for an owner, which is kept for a day."""
    if len(path.parts) == 1:
        return path.name.startswith(OWN)
    shared = path.parts[2:] if path.parts[0] == "confined" else path.parts
    return shared[0] in LASTING


@contextmanager
def temporary_folder(path: Path) -> Iterator[None]:
    """Makes a folder the one for temporary files of all processes that are started."""
    path.mkdir()
    before, os.environ["TMPDIR"] = os.environ.get("TMPDIR"), str(path)
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before


def soak(folder: Path, runs: int, visitors: int, seconds: float) -> list[str]:
    """Lets a demo be used, prints what that took, and returns what is wrong.

    Args:
        folder: gets its home.
        runs: how many are trained.
        visitors: how many come and go.
        seconds: after which no run is begun any more.
    """
    home, temporary = folder / "home", folder / "tmp"
    settings = Settings(home=home, mode="demo", slots=SLOTS)
    port, faults = free_port(), list[str]()
    with (
        temporary_folder(temporary),
        supervised_store(settings) as store,
        dashboard(home, port, **DEMO) as app,
    ):
        worker = store.workers.current()
        assert worker is not None, "it has just said that it is ready"
        supervisor = psutil.Process(worker.pid)
        members = lasting_members(app, supervisor)
        before = in_memory()
        trainings = Trainings(store)
        watch, visits = Watch(members), Visits(port, visitors, trainings)
        began = time.monotonic()
        watch.start()
        visits.start()
        trainings.train(runs, began + seconds)
        visits.stop()
        watch.stop()
        took = time.monotonic() - began
        known = {member.process.pid for member in members}
        faults += [f"a process goes on: {one}" for one in lasting(lambda: _children(supervisor, known))]
        print(
            f"{sum(trainings.ended.values())} runs in {took:.0f} s: {dict(trainings.ended)}; {visits.count} visits"
        )
        faults += [f"{count} visits failed: {what}" for what, count in visits.failures.items()]
        if trainings.ended != {"completed": runs}:
            faults.append(f"not all of {runs} runs were completed")
        app.terminate()
        app.wait(60)
        if not end_worker(store):
            faults.append("the supervisor does not end")
    _print_table(members)
    if not members[0].is_warm:
        print("too short to say whether anything grows")
    faults += [fault for member in members for fault in member.faults()]
    faults += [f"a process is left: {one}" for one in lasting(lambda: processes_of(home))]
    return faults + [
        f"a file is left: {one}" for one in sorted(files_in(home, temporary) | in_memory() - before)
    ]


def lasting(find: Callable[[], list[str]]) -> list[str]:
    """Returns what is still found after a moment: processes of Python's own, for one, end after their parent."""
    for _look in range(100):
        if not (found := find()):
            break
        time.sleep(0.1)
    return found


def _children(supervisor: psutil.Process, known: set[int]) -> list[str]:
    found = (one for one in supervisor.children(recursive=True) if one.pid not in known)
    return [f"{one.pid} {one.status()}" for one in found]


def in_memory() -> set[str]:
    """Returns what is in shared memory, the folders of other programs apart."""
    return {str(path) for path in Path("/dev/shm").glob("*") if not path.is_dir()}


def _print_table(members: list[Member]) -> None:
    print(f"{'process':<18}{'what':<14}{'after a third':>14}{'most':>10}{'growth':>10}{'allowed':>10}")
    for member in members:
        for measure, first, most, grown in member.lines():
            allowed = MOST_GROWTH[measure]
            print(
                f"{member.name:<18}{measure.value:<14}{first:>14.1f}{most:>10.1f}{grown:>10.2f}{allowed:>10.1f}"
            )


def main() -> int:
    """Measures and prints; the exit status is 0 if all is as it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=MOST_SECONDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = soak(Path(folder), options.runs, options.visitors, options.seconds)
    print("\n".join(faults) or "nothing has grown, and nothing is left")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
