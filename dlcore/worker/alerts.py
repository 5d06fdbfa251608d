"""The watch over runs and studies: what losses show and how they end, noted once and passed on."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

from dlcore.errors import Message, StoreError
from dlcore.records import Axis, Run, Scope, SeriesKey, Study
from dlcore.records.alerts import Alert, Losses, Sign, ending, signs, signs_of_trial, study_ending
from dlcore.store import Store
from dlcore.store.database import now

ROUND_SECONDS = 2.0
"""Between two looks at the runs."""
RECENT_SECONDS = 3_600.0
"""How long ago a run may have ended while nobody watched, for that to be news."""
MOST_EPOCHS = 5_000
"""Epochs whose losses are looked at: a run shows what it will show long before."""


class AlertWatch:
    """Notes what a person should know of the runs and studies of a store; a companion of the supervisor.

    What trials show is told by their study, each kind once, whatever their number.

    Args:
        store: where runs are.
        send: passes a sign of a run or a study on; called once for each, and must not wait; None: nobody else is
            told.
        log: takes a line of the log.
    """

    def __init__(
        self, store: Store, *, send: Callable[[Run | Study, Sign], None] | None, log: Callable[[str], None]
    ) -> None:
        self._store, self._send, self._log = store, send, log
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._judged: dict[str, tuple[int, int]] = {}

    @property
    def alive(self) -> bool:
        """Whether its thread works."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def trouble(self) -> Message | None:
        """Returns None: what keeps it from working is in the log, and keeps nothing else from working."""
        return None

    def start(self, _worker_id: str) -> None:
        """Begins to watch."""
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends after the round it is in."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self.tick()
            except StoreError as error:
                # A full disk or a locked store passes.
                self._log(str(error))
            except Exception:  # noqa: BLE001 - the edge of a background loop: a bug is told, and the loop continues
                self._log(traceback.format_exc())
            self._over.wait(ROUND_SECONDS)

    def tick(self) -> None:
        """Looks at what is at work, and at what has ended."""
        active = self._store.runs.active()
        self._judged = {run.id: self._judged.get(run.id, (0, 0)) for run in active}
        for run in active:
            if self._judged[run.id] != (run.attempt, run.epoch):
                self._judged[run.id] = (run.attempt, run.epoch)
                self._note(run)
        since = now() - RECENT_SECONDS
        for run in self._store.alerts.ended_without(since=since):
            self._note(run)
        for study in self._store.alerts.resting_without(since=since):
            sign = study_ending(study)
            self._pass_on(study, self._store.alerts.add_to_study(study.id, sign) if sign else None)

    def _note(self, run: Run) -> None:
        losses = self._losses(run, Scope.TRAIN), self._losses(run, Scope.VALIDATION)
        found = (*signs(*losses), *ending(run))
        if run.study_id is None:
            for sign in found:
                self._pass_on(run, self._store.alerts.add(run.id, sign))
            return
        for sign in signs_of_trial(found):
            told = self._store.alerts.add(run.id, sign)
            if told is not None:
                self._pass_on(self._store.studies.get(run.study_id), told)

    def _pass_on(self, about: Run | Study, alert: Alert | None) -> None:
        if alert is not None and self._send is not None:
            self._send(about, alert.sign)

    def _losses(self, run: Run, scope: Scope) -> Losses:
        key = SeriesKey("loss", scope, Axis.EPOCH)
        return self._store.metrics.window(run.id, key, high=MOST_EPOCHS, buckets=MOST_EPOCHS).y
