"""The supervisor: places queued runs on slots and brings back the lost; one a store."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from dlcore.errors import N_, Message, StoreError
from dlcore.queue.executor import Executor
from dlcore.queue.placement import Slots
from dlcore.queue.processes import is_gone, myself
from dlcore.records import Run, RunState
from dlcore.settings import Settings
from dlcore.store import Identity, Store

SHUTDOWN_SECONDS = 30.0
"""How long children get to save when the supervisor is asked to end."""

UNBORN_SECONDS = 5.0
"""How long a placed run may take until its process has said who it is; a late one finds its attempt over."""


class Supervisor:
    """One for a store, held by a lease; it may be killed at any moment.

    Children live on when it dies. Its successor finds those that still say they are alive and leaves
    them be, and queues the others again.

    Args:
        store: where runs are.
        settings: poll and heartbeat times, attempts.
        executor: where processes come from.
        slots: how many runs there is room for.
        log: takes a line for people.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        executor: Executor,
        slots: Slots,
        *,
        log: Callable[[str], None],
    ) -> None:
        self._store, self._settings, self._executor, self._slots = store, settings, executor, slots
        self._log = log
        self._me = myself()
        self._ending = False
        self._ready = False
        self._next_beat = 0.0

    def acquire(self) -> bool:
        """Takes the lease; False if another supervisor is alive."""
        return self._store.workers.acquire(
            self._me, slots=self._slots.total, lost_seconds=self._settings.lost_seconds, is_gone=is_gone
        )

    def run(self) -> None:
        """Works until it is asked to end or has lost the lease; `acquire` first."""
        self._log("supervising")
        while not self._ending:
            try:
                if not self.tick():
                    self._log("another supervisor has taken over")
                    return
            except StoreError as error:
                # A full disk or a locked store passes; runs at work must not pay for it.
                self._log(str(error))
                time.sleep(1.0)
            time.sleep(self._settings.poll_seconds)
        self._shut_down()

    def end(self) -> None:
        """Lets `run` come to its end soon; may be called from a signal handler."""
        self._ending = True

    def tick(self) -> bool:
        """One round; False if the lease is lost."""
        if time.monotonic() >= self._next_beat:
            ready = self._executor.warm()
            if ready and not self._ready:
                self._log("ready")
            self._ready = ready
            if not self._store.workers.renew(self._me.id, ready=ready):
                return False
            self._next_beat = time.monotonic() + (self._settings.heartbeat_seconds if ready else 0.2)
            self._reap()
            self._find_lost()
        else:
            self._reap()
        self._place()
        return True

    def _reap(self) -> None:
        for (run_id, attempt), code in self._executor.ended():
            run = self._store.runs.get(run_id)
            if run.attempt == attempt and run.state.active:
                self._lose(run, _how_it_ended(code))

    def _find_lost(self) -> None:
        mine = set(self._executor.jobs())
        for run in self._store.runs.active():
            process = self._store.runs.process(run.id)
            if process is not None and is_gone(Identity(run.id, *process)):
                if (run.id, run.attempt) not in mine:
                    self._lose(run, Message(N_("its process was killed.")))
            elif process is None and (run.id, run.attempt) not in mine:
                if _silence(run) > UNBORN_SECONDS:
                    self._lose(run, Message(N_("its process did not start.")))
            elif process is not None and _silence(run) > self._settings.lost_seconds:
                _kill(process[1])
                self._lose(run, Message(N_("its process hung.")))
        for run in self._store.runs.list(states=(RunState.LOST,)):
            self._bring_back(run)

    def _lose(self, run: Run, why: Message) -> None:
        self._log(f"{run.id} lost: {why.text()}")
        if self._store.runs.move(run, RunState.LOST, reason=why):
            self._bring_back(self._store.runs.get(run.id))

    def _bring_back(self, run: Run) -> None:
        """From *lost* to the head of the queue, unless it was lost too often or shall stop."""
        lost = self._store.runs.lost_count(run.id) + 1
        why = run.reason or Message(N_("its process was killed."))
        if run.stop_requested:
            self._store.runs.move(run, RunState.STOPPED, reason=why)
        elif lost >= self._settings.max_attempts:
            reason = Message(
                N_("its process ended {count} times without a word; the last time: {why}"),
                N_("Perhaps memory ran out: try a batch size of {half}, then resume it."),
                params={"count": lost, "why": why, "half": max(1, _batch_size(run) // 2)},
            )
            self._store.runs.move(run, RunState.FAILED, reason=reason)
        else:
            reason = Message(N_("{why} It goes on from its last checkpoint."), params={"why": why})
            first = run.queued_at.timestamp()
            self._store.runs.move(run, RunState.QUEUED, reason=reason, lost_count=lost, queued_at=first)

    def _place(self) -> None:
        waiting = self._store.runs.queued()
        if not waiting:
            return
        taken = [run.device for run in self._store.runs.active()]
        for run in waiting:
            if run.stop_requested:
                reason = Message(N_("stopped before it started."))
                self._store.runs.move(run, RunState.STOPPED, reason=reason)
                continue
            if not self._ready:
                continue
            place = self._slots.place(str(run.spec["training"]["device"]), taken)
            if isinstance(place, Message):
                self._store.runs.move(run, RunState.FAILED, reason=place)
            elif place is not None and self._store.runs.move(run, RunState.STARTING, device=place.device):
                taken.append(place.device)
                self._executor.start((run.id, run.attempt + 1), place.environment)
                self._log(f"{run.id} started on {place.device}")

    def _shut_down(self) -> None:
        self._log("ending: runs save and go back to the queue")
        self._executor.terminate()
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        while self._executor.jobs() and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.05)
        self._find_lost()
        self._store.workers.release(self._me.id)


def _silence(run: Run) -> float:
    last = run.heartbeat_at or run.queued_at
    return (datetime.now(UTC) - last).total_seconds()


def _how_it_ended(code: int) -> Message:
    if code == -signal.SIGKILL:
        return Message(N_("its process was killed, by somebody or for want of memory."))
    return Message(N_("its process ended unexpectedly (exit code {code})."), params={"code": code})


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _batch_size(run: Run) -> int:
    return int(run.spec["training"]["batch_size"])
