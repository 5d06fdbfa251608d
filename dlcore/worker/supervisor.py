"""The supervisor: places queued runs on slots and requeues lost ones; one per store."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import psutil

from dlcore.errors import N_, Message, NotFoundError, StoreError
from dlcore.processes.ending import how_it_ended
from dlcore.processes.private import sweep_old
from dlcore.queue.processes import is_gone, own_identity
from dlcore.queue.slots import Slots, hardware_here
from dlcore.records import Program, Run, RunState, Worker
from dlcore.settings import Settings
from dlcore.store import PROGRAM, Identity, Store
from dlcore.store.database import now
from dlcore.worker.departures import DepartureDriver
from dlcore.worker.executors.base import UNKNOWN_END, Attempt, Executor
from dlcore.worker.holds import Holds
from dlcore.worker.jobs import JobRunner
from dlcore.worker.placement import Place, place

SHUTDOWN_SECONDS = 30.0
"""How long children get to save when the supervisor is asked to end."""

SWEEP_SECONDS = 600.0
"""How often it removes the folders of deleted runs whose removal was cut short, and what strangers no longer use."""

USAGE_KEPT_SECONDS = 2 * 24 * 3600.0
"""How long it is known who had a slot and sent files when: longer than the day by which both are counted."""

UNBORN_SECONDS = 5.0
"""How long a run that another supervisor placed may take until its process says who it is."""

BIRTH_SECONDS = 120.0
"""How long one that this supervisor started may take: it may have to import Keras first, on a busy machine."""

_KILLED = N_("its process was killed.")

LOST_TOO_OFTEN = N_("its process ended {count} times unexpectedly; the last time: {why}")
"""Why a run fails through no fault that is known."""

RESTART_SECONDS = 10.0
"""How long after its last start a companion that has ended is started again."""


class Companion(Protocol):
    """What works beside the supervisor as long as it holds the lease."""

    @property
    def alive(self) -> bool:
        """Whether it works."""

    @property
    def trouble(self) -> Message | None:
        """Returns what has kept it from working since it last succeeded, if anything."""

    def start(self, worker_id: str) -> None:
        """Begins, as that supervisor, without waiting; again if it has ended."""

    def close(self) -> None:
        """Ends soon."""


class Supervisor:
    """One for a store, held by a lease; it may be killed at any moment.

    Children live on when it dies. Its successor finds those that still say they are alive and leaves
    them be, and queues the others again.

    Args:
        store: where runs are.
        settings: poll and heartbeat times, attempts.
        executor: where processes come from.
        slots: how many runs there is room for.
        jobs: does jobs beside the runs.
        log: takes a line of the log.
        companion: works beside it.
        program: which one this process runs.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        executor: Executor,
        slots: Slots,
        jobs: JobRunner,
        *,
        log: Callable[[str], None],
        companion: Companion | None = None,
        program: Program = PROGRAM,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._settings, self._executor, self._slots = store, settings, executor, slots
        self._log, self._companion, self._program, self._clock = log, companion, program, clock
        self._jobs = jobs
        self._me = own_identity()
        self._holds = Holds(store, clock=clock)
        self._departures = DepartureDriver(store, log=log, clock=clock)
        self._said = ""
        self._ending = False
        self._ready = False
        self._next_beat = self._next_sweep = self._next_start = 0.0
        self._exits: dict[Attempt, int] = {}
        self._heard: dict[Attempt, tuple[object, float]] = {}

    def acquire(self) -> bool:
        """Takes the lease, from an older program if need be; False if another supervisor is alive."""
        return self._store.workers.acquire(
            self._me,
            program=self._program,
            slots=self._slots.total,
            lost_seconds=self._settings.lost_seconds,
            is_gone=is_gone,
        )

    def run(self) -> bool:
        """Works until it is asked to end or has lost the lease; `acquire` first.

        Returns:
            Whether it held the lease to the end. If not, its runs continue without it.
        """
        self._log(f"supervising, version {self._program.version}")
        self._accompany()
        try:
            held = self._supervise()
        finally:
            if self._companion is not None:
                self._companion.close()
        try:
            self._jobs.close()
            if held:
                self._shut_down()
            else:
                self._log(_who_took_over(self._store.workers.current()))
        except StoreError as error:
            self._log(str(error))
        self._store.fold()
        return held

    def _accompany(self) -> None:
        """Starts the companion, and starts it again if it has ended."""
        if self._companion is None or self._companion.alive or self._clock() < self._next_start:
            return
        if self._companion.trouble is not None:
            self._log("the searches go on: what drives them is started again")
        self._companion.start(self._me.id)
        self._next_start = self._clock() + RESTART_SECONDS

    def _supervise(self) -> bool:
        """Works round after round until it should end; False if the lease is lost."""
        trouble = ""
        while not self._ending:
            try:
                if not self.tick():
                    return False
            except StoreError as error:
                # A full disk or a locked store passes. Runs could not say that they are alive either,
                # so their silence does not count.
                if trouble != str(error):
                    self._log(str(error))
                trouble = str(error)
                self._heard.clear()
                time.sleep(1.0)
            time.sleep(self._settings.poll_seconds)
        return True

    def end(self) -> None:
        """Lets `run` come to its end soon; may be called from a signal handler."""
        self._ending = True

    def tick(self) -> bool:
        """Returns one round; False if the lease is lost."""
        beat = self._clock() >= self._next_beat
        if beat:
            ready = self._executor.warm()
            if ready and not self._ready:
                self._log("ready")
            self._ready = ready
            if not self._renew():
                return False
            self._next_beat = self._clock() + (self._settings.heartbeat_seconds if ready else 0.2)
        self._reap()
        if beat:
            self._accompany()
            self._find_lost()
            self._holds.end_used_up()
            self._departures.tick()
        self._jobs.tick(ready=self._ready)
        if self._clock() >= self._next_sweep:
            self._store.removals.sweep()
            sweep_old(self._settings)
            self._store.turns.sweep(before=now() - USAGE_KEPT_SECONDS)
            self._store.sendings.sweep(before=now() - USAGE_KEPT_SECONDS)
            self._next_sweep = self._clock() + SWEEP_SECONDS
        return self._place()

    def _renew(self) -> bool:
        """Says that it is alive; False if the lease is lost."""
        trouble = None if self._companion is None else self._companion.trouble
        return self._store.workers.renew(self._me.id, ready=self._ready, trouble=trouble)

    def _reap(self) -> None:
        self._exits.update(self._executor.ended())
        for attempt, code in list(self._exits.items()):
            if not self._jobs.took(attempt, code):
                with suppress(NotFoundError):  # deleted since its process ended
                    self._end_attempt(self._store.runs.get(attempt[0]), attempt, code)
            del self._exits[attempt]

    def _end_attempt(self, run: Run, attempt: Attempt, code: int) -> None:
        if (run.id, run.attempt) != attempt or not run.state.active:
            return
        who = self._process(run)
        if who is None and code == UNKNOWN_END:
            return
        if who is None or is_gone(who):
            self._lose(run, how_it_ended(code))

    def _find_lost(self) -> None:
        mine, active = set(self._executor.at_work()), self._store.runs.active()
        known = {(run.id, run.attempt) for run in active}
        self._heard = {seen: heard for seen, heard in self._heard.items() if seen in known}
        for run in active:
            is_mine, silence, who = (run.id, run.attempt) in mine, self._silence(run), self._process(run)
            if who is None:
                if silence > (max(BIRTH_SECONDS, self._settings.lost_seconds) if is_mine else UNBORN_SECONDS):
                    self._lose(run, Message(N_("its process did not start.")))
            elif is_gone(who):
                if not is_mine:  # of those that are, the exit code tells more
                    self._lose(run, Message(_KILLED))
            elif silence > self._settings.lost_seconds:
                self._lose(run, Message(N_("its process hung.")))
        for run in self._store.runs.list(states=(RunState.LOST,), trials=True):
            self._bring_back(run)

    def _process(self, run: Run) -> Identity | None:
        process = self._store.runs.process(run.id)
        return None if process is None else Identity(run.id, *process)

    def _silence(self, run: Run) -> float:
        """Returns how long this supervisor has seen no heartbeat of a run.

        By its own clock: another host's may differ, and a laptop that slept would wake up to runs that
        all seem to have been silent for hours.
        """
        attempt, said = (run.id, run.attempt), (run.state, run.heartbeat_at)
        heard = self._heard.get(attempt)
        if heard is None or heard[0] != said:
            heard = self._heard[attempt] = (said, self._clock())
        return self._clock() - heard[1]

    def _lose(self, run: Run, why: Message) -> None:
        if not self._store.runs.move(run, RunState.LOST, reason=why):
            return
        self._log(f"{run.id} lost: {why.text()}")
        self._executor.kill((run.id, run.attempt))
        if (process := self._process_here(run)) is not None:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._bring_back(self._store.runs.get(run.id))

    def _process_here(self, run: Run) -> psutil.Process | None:
        """Returns the process of a run, if it lives on this machine."""
        who = self._process(run)
        if who is not None and who.host == self._me.host and not is_gone(who):
            with suppress(psutil.NoSuchProcess):
                return psutil.Process(who.pid)
        return None

    def _bring_back(self, run: Run) -> None:
        """Moves a run from *lost* to its old place in the queue,
        unless it was lost too often or should stop.
        """
        lost = self._store.runs.lost_count(run.id) + 1
        why = run.reason or Message(_KILLED)
        if run.stop_requested:
            self._store.runs.move(run, run.stopped_state, reason=run.prune_reason or why)
        elif lost >= self._settings.max_attempts:
            reason = Message(
                LOST_TOO_OFTEN,
                N_("It may have run out of memory: try a batch size of {half}, then resume it."),
                params={"count": lost, "why": why, "half": max(1, run.batch_size // 2)},
            )
            self._store.runs.move(run, RunState.FAILED, reason=reason)
        else:
            reason = Message(N_("{why} It resumes from its last checkpoint."), params={"why": why})
            first = run.queued_at.timestamp()
            self._store.runs.move(run, RunState.QUEUED, reason=reason, lost_count=lost, queued_at=first)

    def _place(self) -> bool:
        """Starts what there is room for; False if the lease is lost."""
        taken = list(self._store.runs.devices_in_use())
        full = not self._ready or len(taken) >= self._slots.total or self._disk_is_full()
        for run in self._store.queue.to_stop() if full else self._store.queue.waiting():
            if run.stop_requested:
                reason = run.prune_reason or Message(N_("stopped before it started."))
                self._store.runs.move(run, run.stopped_state, reason=reason)
                continue
            if self._holds.holds(run):
                continue
            found = place(self._slots, run.wanted_device, taken)
            if isinstance(found, Message):
                self._store.runs.move(run, RunState.FAILED, reason=found)
                continue
            if found is None:
                continue
            if not self._renew():
                return False
            if self._store.runs.move(run, RunState.STARTING, **self._placed(run, found)):
                taken.append(found.device)
                self._holds.began(run)
                self._executor.start((run.id, run.attempt + 1), found.environment)
                self._log(f"{run.id} started on {found.device}")
        return True

    def _disk_is_full(self) -> bool:
        """Returns whether no run may begin for want of room, and says so once in the log."""
        why = self._holds.full_disk()
        said = "" if why is None else why.text()
        if said and said != self._said:
            self._log(said)
        self._said = said
        return why is not None

    def _placed(self, run: Run, found: Place) -> dict[str, Any]:
        """Returns where a run is, as columns of its row;
        times on other hardware would be taken for those here.
        """
        hardware = hardware_here(self._slots, found.device)
        afresh: dict[str, Any] = {} if run.hardware == hardware else {"timing": {}}
        return {"device": found.device, "hardware": hardware, **afresh}

    def _shut_down(self) -> None:
        self._log("ending: runs save and go back to the queue")
        mine = set(self._executor.at_work())
        self._executor.terminate()
        for run in self._store.runs.active():
            if (run.id, run.attempt) not in mine and (process := self._process_here(run)) is not None:
                with suppress(psutil.NoSuchProcess):
                    process.terminate()  # on Windows this kills: the run resumes from its checkpoint
        deadline = self._clock() + SHUTDOWN_SECONDS
        while self._at_work() and self._clock() < deadline:
            self._store.workers.renew(self._me.id, ready=False)
            self._reap()
            time.sleep(0.05)
        self._reap()
        self._find_lost()
        self._store.workers.release(self._me.id)

    def _at_work(self) -> bool:
        """Returns whether a run process lives on this machine, started by this supervisor or another."""
        if self._executor.at_work():
            return True
        return any(self._process_here(run) is not None for run in self._store.runs.active())


def _who_took_over(holder: Worker | None) -> str:
    """Returns why a supervisor leaves that has lost its lease, for its log."""
    if holder is None:
        return "a newer version has changed the store: this supervisor leaves, its runs go on"
    return f"a supervisor of version {holder.program.version} has taken over: this one leaves, its runs go on"
