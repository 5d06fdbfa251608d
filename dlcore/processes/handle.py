"""The run's way to the world: what the training reports goes to the store, and a stop comes back."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from dlcore.design.timing import Timing
from dlcore.durable import discard_parts
from dlcore.errors import N_, Message, StoreError
from dlcore.processes.output import complain
from dlcore.queue.devices import gpus
from dlcore.records import Axis, Metric, Run, RunState, Scope, Segment, SeriesKey
from dlcore.store import Store
from dlcore.store.database import now

FLUSH_SECONDS = 0.3
METER_SECONDS = 3.0
PATIENCE_SECONDS = 2.0
"""How long a run that shall stop may take until it trains: a download could take an hour."""
FENCED_OUT = 75
"""Exit code of a process whose run has been given to another."""

SHUT_DOWN = Message(N_("the worker was shut down."))


class StoreHandle:
    """The run's handle: buffers what the training reports, and writes it in the background.

    Everything is written under the attempt this process was started for. When another process has
    been started since, writes are refused, and this one ends immediately.

    Args:
        store: opened in this process.
        run: the run, in its state *running*.
        process: which one trains, if another than this one.
    """

    def __init__(self, store: Store, run: Run, process: int | None = None) -> None:
        self._store, self._run, self._process = store, run, process
        self._folder = store.artifacts.create(run.id)
        discard_parts(self._folder)
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._metrics: list[Metric | Segment] = []
        self._lines: list[tuple[float, str]] = []
        self._progress: dict[str, Any] = {}
        self._first_epoch = -1
        self._began = time.monotonic()
        self._stop = self.interrupted = self._over = False
        self._first_batch_at: float | None = None
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reports", daemon=True)
        self.summary: dict[str, dict[str, float]] = dict(run.summary)

    @property
    def folder(self) -> Path:
        """The folder of the run's artifacts."""
        return self._folder

    def report(self, metrics: Iterable[Metric | Segment]) -> None:
        """Adds points to the run's curves, shortly; immediately those of an epoch, which is saved next."""
        found = list(metrics)
        with self._lock:
            self._metrics += [*found, *epoch_times(found, self.seconds, time.time())]
            for metric in found:
                axis, name = metric.key.axis, metric.key.name
                if isinstance(metric, Metric) and axis is Axis.EPOCH and name != "learning_rate":
                    scope = self.summary.setdefault(metric.key.scope.value, {})
                    scope[name] = metric.value
                elif axis is Axis.BATCH and self._first_batch_at is None:
                    self._first_batch_at = now()
                    self._wake.set()
        if any(metric.key.axis is Axis.EPOCH for metric in found):
            self._try_to_flush()

    def progress(self, *, epoch: int, step: int, steps: int) -> None:
        """Says how far the run is; the first call says where it continues from."""
        if self._first_epoch < 0:
            self._first_epoch = epoch
            if not self._store.reports.rewind(self._run.id, self._run.attempt, epoch=epoch, step=step):
                os._exit(FENCED_OUT)
            if self._run.epoch and not epoch + step:
                self.log("no checkpoint was found: training starts over from the first epoch")
        with self._lock:
            self._progress |= {"epoch": epoch, "step": step, "steps": steps}
            if epoch > self._first_epoch:
                # It gets on between its losses, however many they are.
                self._progress["lost_count"] = 0

    def record(self, timing: Timing) -> None:
        """Says where the seconds of this attempt went so far; those of earlier ones are added."""
        with self._lock:
            self._progress["timing"] = (self._run.timing + timing).to_dict()

    def should_stop(self) -> bool:
        """Returns whether someone asked the run to stop, or its process to end."""
        return self._stop or self.interrupted

    def log(self, text: str) -> None:
        """Adds lines to the run's console log, shortly."""
        moment = now()
        with self._lock:
            self._lines += [(moment, line) for line in text.splitlines()]

    def interrupt(self) -> None:
        """Lets the training save and end: the process was asked to end, not the run."""
        self.interrupted = True

    def measure(self) -> None:
        """Reports what the process that trains takes of the machine."""
        with suppress(psutil.NoSuchProcess):  # it has just ended
            self.report(meters(self.seconds, self._process))

    def start(self) -> None:
        """Starts to write."""
        self._thread.start()

    def close(self) -> None:
        """Writes what is left, and stops."""
        self._over = True
        self._wake.set()
        self._thread.join()
        self._flush()

    @property
    def seconds(self) -> float:
        """Time spent, over all attempts."""
        return self._run.seconds + time.monotonic() - self._began

    def _work(self) -> None:
        psutil.cpu_percent()  # measures from one call to the next, so the first one tells nothing
        meters_at, asked_at = time.monotonic() + FLUSH_SECONDS, math.inf
        while not self._over:
            if time.monotonic() >= meters_at:
                self.measure()
                meters_at = time.monotonic() + METER_SECONDS
            if self.should_stop():
                asked_at = min(asked_at, time.monotonic())
            self._try_to_flush()
            if self._first_epoch < 0 and time.monotonic() - asked_at > PATIENCE_SECONDS:
                self._leave()
            self._wake.wait(FLUSH_SECONDS)
            self._wake.clear()

    def _leave(self) -> None:
        """Ends the process though it is in the middle of something: there is nothing to save yet."""
        state: RunState = RunState.LOST
        reason: Message | None = SHUT_DOWN
        with suppress(StoreError):  # locked or full: asked again after the next report
            if self._stop:
                state, reason = how_to_stop(self._store, self._run, Message(N_("stopped before it started.")))
            if self._store.runs.move(self._run, state, reason=reason, seconds=self.seconds):
                os._exit(0)

    def _try_to_flush(self) -> None:
        try:
            self._flush()
        except StoreError as error:
            # What could not be written is kept; the training continues until it cannot save either.
            complain(error)

    def _flush(self) -> None:
        with self._writing:
            self._write()

    def _write(self) -> None:
        with self._lock:
            metrics, lines = self._metrics, self._lines
            self._metrics, self._lines = [], []
            values: dict[str, Any] = {**self._progress, "summary": _finite(self.summary)}
        values["seconds"] = self.seconds
        if self._first_batch_at is not None:
            values["first_batch_at"] = self._first_batch_at
        try:
            stop = self._store.reports.write(
                self._run.id, self._run.attempt, values, metrics=metrics, lines=lines
            )
        except StoreError:
            with self._lock:
                self._metrics, self._lines = metrics + self._metrics, lines + self._lines
            raise
        if stop is None:
            os._exit(FENCED_OUT)
        self._stop = stop


def how_to_stop(store: Store, run: Run, reason: Message | None) -> tuple[RunState, Message | None]:
    """Returns the final state of a run that was asked to stop, and why: its study may have pruned it."""
    asked = store.runs.get(run.id)
    return asked.stopped_state, asked.prune_reason or reason


def _finite(summary: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Returns a copy without what JSON has no number for."""
    return {scope: {n: v for n, v in logs.items() if math.isfinite(v)} for scope, logs in summary.items()}


def epoch_times(metrics: Iterable[Metric | Segment], seconds: float, clock: float) -> list[Metric]:
    """Returns when the epochs ended whose metrics are reported: what curves over time are drawn by.

    Args:
        metrics: as the training reports them, at the end of an epoch.
        seconds: that the run has worked, over all attempts.
        clock: the seconds since 1970.
    """
    ended = {
        metric.step
        for metric in metrics
        if isinstance(metric, Metric) and metric.key.axis is Axis.EPOCH and metric.key.scope is not Scope.TEST
    }
    return [
        Metric(SeriesKey(name, Scope.SYSTEM, Axis.EPOCH), step, round(value, 2))
        for step in sorted(ended)
        for name, value in (("seconds", seconds), ("clock", clock))
    ]


def meters(seconds: float, pid: int | None = None) -> list[Metric]:
    """Returns what a process takes of the machine, by default this one, at this second of its run."""
    process = psutil.Process(pid)
    values = {
        "cpu_percent": psutil.cpu_percent(),
        "memory_mb": process.memory_info().rss / 1e6,
    }
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    for gpu in gpus():
        if str(gpu.index) == visible:
            values |= {"gpu_percent": float(gpu.use_percent), "gpu_memory_mb": gpu.memory_used / 1e6}
    return [Metric(SeriesKey(n, Scope.SYSTEM, Axis.TIME), round(seconds, 1), v) for n, v in values.items()]
