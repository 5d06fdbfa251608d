"""A run process without Keras: an epoch is a tenth of a second and nothing is learnt in it.

Its name says how it behaves: `patient` trains until the test has seen `enough`, whatever its epochs;
`importing` needs that long until it says who it is; `crash`, `stillborn` and `hang` go wrong.
"""

import os
import signal
import sys
import time
from pathlib import Path

from dlcore.processes.ending import on_end_request
from dlcore.queue.processes import own_identity
from dlcore.records import Run, RunState
from dlcore.settings import Settings
from dlcore.store import Store
from tests.waiting import wait_for
from tests.worker.enough import is_enough

EPOCH_SECONDS = 0.1


def starts(home: Path) -> list[tuple[str, int, int]]:
    """Run, attempt and pid of each process that began."""
    note = home / "starts.txt"
    lines = note.read_text().splitlines() if note.exists() else []
    return [(run, int(attempt), int(pid)) for run, attempt, pid in map(str.split, lines)]


def freeze(store: Store, pid: int) -> None:
    """Freezes a process, while it has not got the store locked, which would stay so."""
    with store.database.write():
        os.kill(pid, signal.SIGSTOP)


def main(settings: Settings, run_id: str, attempt: int) -> None:
    store = Store.open(settings)
    run, me = store.runs.get(run_id), own_identity()
    if run.name == "stillborn":
        os._exit(3)
    if run.name == "importing":
        wait_for(lambda: is_enough(settings.home), seconds=600)
    known = {"host": me.host, "pid": me.pid, "pid_started": me.pid_started}
    if run.attempt != attempt or not store.runs.move(run, RunState.RUNNING, **known):
        sys.exit(75)
    with (settings.home / "starts.txt").open("a") as file:
        file.write(f"{run_id} {attempt} {me.pid}\n")
    told = []
    on_end_request(lambda: told.append(1))
    state = train(store, run, attempt, told)
    run = store.runs.get(run_id)
    if store.runs.move(run, state) and state is RunState.LOST:
        store.runs.move(store.runs.get(run_id), RunState.QUEUED)


def train(store: Store, run: Run, attempt: int, told: list[int]) -> RunState:
    epoch, home = run.epoch, store.settings.home
    while not (is_enough(home) if run.name == "patient" else epoch >= run.epochs):
        time.sleep(EPOCH_SECONDS)
        if run.name == "crash":
            os._exit(3)
        epoch += 1
        stop = store.reports.write(run.id, attempt, {"epoch": epoch})
        if stop is None:
            sys.exit(75)
        if run.name == "hang" and attempt == 1:
            os.kill(os.getpid(), signal.SIGSTOP)
        if stop or told:
            return RunState.STOPPED if stop else RunState.LOST
    return RunState.COMPLETED
