"""The run process: one run from its first batch to its evaluation, then it ends."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dlcore.durable import is_full
from dlcore.engine.entry import TrainResult, train
from dlcore.engine.transfer import SourceWeights, source_weights
from dlcore.errors import N_, DlcoreError, Message, StoreError
from dlcore.processes.ending import on_end_request
from dlcore.processes.handle import FENCED_OUT, SHUT_DOWN, StoreHandle, how_to_stop, meters
from dlcore.processes.output import LogStream, complain
from dlcore.queue.processes import own_identity
from dlcore.queue.sources import source_path
from dlcore.records import Run, RunState
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

FINISH_SECONDS = 60.0
"""How long a store that is full or locked may take to recover before the end of a run is given up."""


def main(settings: Settings, run_id: str, attempt: int) -> None:
    """Runs one run to its end; the last thing this process does.

    Args:
        settings: where store and data lie.
        run_id: the run, in its state *starting*.
        attempt: the one this process was started for.
    """
    store = Store.open(settings)
    run = store.runs.get(run_id)
    me = own_identity()
    known = {"host": me.host, "pid": me.pid, "pid_started": me.pid_started}
    if run.attempt != attempt or not store.runs.move(run, RunState.RUNNING, **known):
        sys.exit(FENCED_OUT)
    run = replace(run, state=RunState.RUNNING)
    try:
        handle = StoreHandle(store, run)
    except StoreError as error:
        store.runs.move(run, RunState.FAILED, reason=error.message)
        return
    on_end_request(handle.interrupt)
    output, errors = sys.stdout, sys.stderr
    stream: Any = LogStream(handle)
    sys.stdout = sys.stderr = stream
    handle.start()
    try:
        state, reason = _train(store, run, handle, settings)
    finally:
        sys.stdout, sys.stderr = output, errors
    _finish(store, run, handle, state, reason)


def _train(
    store: Store, run: Run, handle: StoreHandle, settings: Settings
) -> tuple[RunState, Message | None]:
    """Trains; whatever goes wrong becomes a state and a reason."""
    try:
        spec = ExperimentSpec.from_dict(run.spec)
        source = _source(store, run, spec)
        result = train(spec, handle, epochs=run.epochs, settings=settings, source=source)
    except DlcoreError as error:
        handle.log(str(error))
        return RunState.FAILED, error.message
    except OSError as error:
        handle.log(traceback.format_exc())
        return RunState.FAILED, _disk(error)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, the run says so
        handle.log(traceback.format_exc())
        return RunState.FAILED, _unexpected(error)
    handle.summary.update(result.summary)
    return _ended(store, run, handle, result)


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
    handle.report(meters(handle.seconds))  # a short run has not said yet what memory it took
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


def _disk(error: OSError) -> Message:
    if is_full(error):
        return Message(
            N_("the disk is full."),
            N_("Delete runs or other files, then resume it: its last checkpoint is kept."),
        )
    return Message(
        N_("a file could not be read or written: {reason}."),
        N_("Check the log, fix the cause, then resume the run."),
        params={"reason": f"{error.strerror or type(error).__name__} {error.filename or ''}".strip()},
    )


def _unexpected(error: Exception) -> Message:
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Message(
        N_("an unexpected error: {error}."), N_("The log has the details."), params={"error": text}
    )
