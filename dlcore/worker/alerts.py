"""The watch over runs: what their losses show and how they end, noted once and passed on."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

from dlcore.errors import Message, StoreError
from dlcore.records import Axis, Run, Scope, SeriesKey
from dlcore.records.alerts import Losses, Sign, ending, signs
from dlcore.store import Store
from dlcore.store.database import now

ROUND_SECONDS = 2.0
"""Between two looks at the runs."""
RECENT_SECONDS = 3_600.0
"""How long ago a run may have ended while nobody watched, for that to be news."""
MOST_EPOCHS = 5_000
"""Epochs whose losses are looked at: a run shows what it will show long before."""


class AlertWatch:
    """Notes what a person should know of the runs of a store; a companion of the supervisor.

    Trials are not watched: their study judges them.

    Args:
        store: where runs are.
        send: passes a sign of a run on; called once for each, and must not wait; None: nobody else is told.
        log: takes a line of the log.
    """

    def __init__(
        self, store: Store, *, send: Callable[[Run, Sign], None] | None, log: Callable[[str], None]
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
        active = [run for run in self._store.runs.active() if run.study_id is None]
        self._judged = {run.id: self._judged.get(run.id, (0, 0)) for run in active}
        for run in active:
            if self._judged[run.id] != (run.attempt, run.epoch):
                self._judged[run.id] = (run.attempt, run.epoch)
                self._note(run)
        for run in self._store.alerts.ended_without(since=now() - RECENT_SECONDS):
            self._note(run)

    def _note(self, run: Run) -> None:
        for sign in (
            *signs(self._losses(run, Scope.TRAIN), self._losses(run, Scope.VALIDATION)),
            *ending(run),
        ):
            if self._store.alerts.add(run.id, sign) and self._send is not None:
                self._send(run, sign)

    def _losses(self, run: Run, scope: Scope) -> Losses:
        key = SeriesKey("loss", scope, Axis.EPOCH)
        return self._store.metrics.window(run.id, key, high=MOST_EPOCHS, buckets=MOST_EPOCHS).y
