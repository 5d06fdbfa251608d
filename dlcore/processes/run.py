"""The run process: one run from its first batch to its evaluation, then it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from dlcore.engine.entry import TrainResult
from dlcore.engine.transfer import SourceWeights, source_weights
from dlcore.errors import DlcoreError, Message, StoreError
from dlcore.processes.confined import trains_for_stranger
from dlcore.processes.confined_run import ConfinedRun
from dlcore.processes.ending import on_end_request
from dlcore.processes.handle import FENCED_OUT, SHUT_DOWN, StoreHandle, how_to_stop
from dlcore.processes.output import LogStream, complain
from dlcore.processes.private import private_home
from dlcore.processes.training import train_or_reason
from dlcore.queue.processes import own_identity
from dlcore.queue.sources import source_path
from dlcore.records import Run, RunState
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

FINISH_SECONDS = 60.0
"""How long a store that is full or locked may take to recover before the end of a run is given up."""

Train = Callable[[StoreHandle], TrainResult | Message]
"""Trains, and returns how that ended, or why it failed; may raise a DlcoreError instead."""


def main(settings: Settings, run_id: str, attempt: int) -> None:
    """Runs one run to its end; the last thing this process does.

    Args:
        settings: where store and data lie.
        run_id: the run, in its state *starting*.
        attempt: the one this process was started for.
    """
    store = Store.open(settings)
    run = store.runs.get(run_id)
    if not trains_for_stranger(store, run):
        _live(store, run, attempt, partial(_train_here, store, run))
        return
    store.close()  # what is forked must not inherit it; it is opened again when it is next asked
    with private_home(settings, run.owner) as home:
        confined = ConfinedRun(home, with_gpu=run.device != "cpu")
        _live(store, run, attempt, partial(confined.train, store, run), process=confined.pid)


def _live(store: Store, run: Run, attempt: int, train: Train, process: int | None = None) -> None:
    """Moves the run through its states.

    Args:
        store: where it is.
        run: in its state *starting*.
        attempt: the one this process was started for.
        train: does the work.
        process: which one does it, if another than this one.
    """
    me = own_identity()
    known = {"host": me.host, "pid": me.pid, "pid_started": me.pid_started}
    if run.attempt != attempt or not store.runs.move(run, RunState.RUNNING, **known):
        sys.exit(FENCED_OUT)
    run = replace(run, state=RunState.RUNNING)
    try:
        handle = StoreHandle(store, run, process)
    except StoreError as error:
        store.runs.move(run, RunState.FAILED, reason=error.message)
        return
    on_end_request(handle.interrupt)
    output, errors = sys.stdout, sys.stderr
    stream: Any = LogStream(handle)
    sys.stdout = sys.stderr = stream
    handle.start()
    try:
        state, reason = _state_after(store, run, handle, train)
    finally:
        sys.stdout, sys.stderr = output, errors
    _finish(store, run, handle, state, reason)


def _state_after(
    store: Store, run: Run, handle: StoreHandle, train: Train
) -> tuple[RunState, Message | None]:
    """Trains; whatever goes wrong becomes a state and a reason."""
    try:
        result = train(handle)
    except DlcoreError as error:
        handle.log(str(error))
        return RunState.FAILED, error.message
    if isinstance(result, Message):
        return RunState.FAILED, result
    handle.summary.update(result.summary)
    return _ended(store, run, handle, result)


def _train_here(store: Store, run: Run, handle: StoreHandle) -> TrainResult | Message:
    spec = ExperimentSpec.from_dict(run.spec)
    source = _source(store, run, spec)
    return train_or_reason(spec, handle, store.settings, epochs=run.epochs, source=source)


def _source(store: Store, run: Run, spec: ExperimentSpec) -> Callable[[], SourceWeights] | None:
    """Returns what reads the weights that the run starts with, if it starts with those of another model."""
    source = spec.fine_tuning.source if spec.fine_tuning else None
    if source is None:
        return None

    return lambda: source_weights(source, source_path(store, source, owner=run.owner))


def _ended(
    store: Store, run: Run, handle: StoreHandle, result: TrainResult
) -> tuple[RunState, Message | None]:
    if not result.stopped:
        return RunState.COMPLETED, result.reason
    if handle.interrupted:
        return RunState.LOST, SHUT_DOWN
    return how_to_stop(store, run, result.reason)


def _finish(store: Store, run: Run, handle: StoreHandle, state: RunState, reason: Message | None) -> None:
    """Writes how it ended; a store that is full or locked gets a while to recover."""
    handle.measure()  # a short run has not said yet what memory it took
    deadline = time.monotonic() + FINISH_SECONDS
    while True:
        try:
            handle.close()
            store.runs.move(run, state, reason=reason, seconds=handle.seconds)
            if state is RunState.LOST:
                lost, first = replace(run, state=state), run.queued_at.timestamp()
                store.runs.move(lost, RunState.QUEUED, reason=reason, queued_at=first)
            break
        except StoreError as error:
            complain(error)
            if time.monotonic() > deadline:
                raise
            time.sleep(1.0)
    store.close()
