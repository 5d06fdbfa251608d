"""What the process of a stranger's run and the one that keeps the store tell each other: frames of JSON and numbers."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from dlcore.design.timing import Timing
from dlcore.engine.entry import TrainResult
from dlcore.engine.handle import RunHandle
from dlcore.errors import Message
from dlcore.queue.frames import FrameError, read_frame, write_frame
from dlcore.records import Axis, Metric, Scope, Segment, SeriesKey

MOST_SERIES = 2_000
MOST_LINES = 50_000
_MOST_LINE = 2_000
_MOST_NAME = 300

_REPORT, _PROGRESS, _TIMING, _LOG, _END = "report", "progress", "timing", "log", "end"
STOP, HEARD = "stop", "heard"


class ReportingHandle:
    """The run's handle in a confined process: all goes to the parent, and a stop comes back.

    Args:
        folder: of the run's artifacts.
        hears: the parent's words.
        says: what it reads.
    """

    def __init__(self, folder: Path, hears: IO[bytes], says: IO[bytes]) -> None:
        self._folder, self._hears, self._says = folder, hears, says
        self._saying, self._numbers = threading.Lock(), itertools.count(1)
        self._heard, self._news = 0, threading.Condition()
        self._stop = False
        threading.Thread(target=self._listen, name="parent", daemon=True).start()

    @property
    def folder(self) -> Path:
        """The folder of the run's artifacts."""
        return self._folder

    def report(self, metrics: Iterable[Metric | Segment]) -> None:
        """Sends points; those of an epoch are in the store when this returns, for a checkpoint comes next."""
        found = list(metrics)
        number = next(self._numbers) if any(one.key.axis is Axis.EPOCH for one in found) else 0
        values = [_values(one) for one in found]
        about = [[*_key_form(one), len(few)] for one, few in zip(found, values, strict=True)]
        body = np.concatenate(values).tobytes() if values else b""
        self._say({"do": _REPORT, "curves": about, "number": number}, body)
        if number:
            with self._news:
                self._news.wait_for(lambda: self._heard >= number)

    def progress(self, *, epoch: int, step: int, steps: int) -> None:
        """Sends how far the run is."""
        self._say({"do": _PROGRESS, "epoch": epoch, "step": step, "steps": steps})

    def record(self, timing: Timing) -> None:
        """Sends where the time went."""
        self._say({"do": _TIMING, "timing": timing.to_dict()})

    def should_stop(self) -> bool:
        """Returns whether the parent has said so."""
        return self._stop

    def log(self, text: str) -> None:
        """Sends lines."""
        self._say({"do": _LOG, "text": text})

    def end(self, ending: TrainResult | Message) -> None:
        """Sends how the training ended; nothing comes after that."""
        if isinstance(ending, Message):
            self._say({"do": _END, "failed": ending.to_dict()})
            return
        reason = None if ending.reason is None else ending.reason.to_dict()
        result = {
            "stopped": ending.stopped,
            "epoch": ending.epoch,
            "reason": reason,
            "summary": ending.summary,
        }
        self._say({"do": _END, "result": result})

    def _say(self, header: Mapping[str, Any], body: bytes = b"") -> None:
        with self._saying:
            write_frame(self._says, header, body)

    def _listen(self) -> None:
        while (frame := read_frame(self._hears, most_bytes=0)) is not None:
            self._stop = self._stop or STOP in frame[0]
            with self._news:
                self._heard = max(self._heard, frame[0].get(HEARD, 0))
                self._news.notify_all()
        os._exit(1)  # the parent has ended, and with it whoever could take what is trained


class Reports:
    """What a confined process has said, passed on to the run's handle: checked, for it may say anything.

    Args:
        handle: the run's own.
    """

    def __init__(self, handle: RunHandle) -> None:
        self._handle = handle
        self._series: set[SeriesKey] = set()
        self._lines = 0
        self.ending: TrainResult | Message | None = None

    def take(self, header: Mapping[str, Any], body: bytes) -> int:
        """Passes one frame on; returns the number that the process waits to hear, 0 if it does not.

        Raises:
            FrameError: it is no report, or one too many.
        """
        try:
            return self._take(header, body)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise FrameError(f"no report: {error}") from error

    def _take(self, header: Mapping[str, Any], body: bytes) -> int:
        match header["do"]:
            case "report":
                self._handle.report(self._curves(header["curves"], body))
                return int(header["number"])
            case "progress":
                epoch, step, steps = (_count(header[name]) for name in ("epoch", "step", "steps"))
                self._handle.progress(epoch=epoch, step=step, steps=steps)
            case "timing":
                laps = {
                    str(name)[:_MOST_NAME]: (int(n), float(s)) for name, (n, s) in header["timing"].items()
                }
                self._handle.record(Timing.from_dict(laps))
            case "log":
                self._log(str(header["text"]))
            case "end":
                self.ending = _ending(header)
            case what:
                raise ValueError(f"it cannot {what}")
        return 0

    def _log(self, text: str) -> None:
        lines = [line[:_MOST_LINE] for line in text.splitlines()]
        self._lines += len(lines)
        if self._lines > MOST_LINES:
            raise ValueError("too many lines of a log")
        self._handle.log("\n".join(lines))

    def _curves(self, about: Iterable[Any], body: bytes) -> list[Metric | Segment]:
        values, found, at = np.frombuffer(body, np.float64), list[Metric | Segment](), 0
        for name, scope, axis, first, is_segment, size in about:
            key = SeriesKey(str(name)[:_MOST_NAME], Scope(scope), Axis(axis))
            self._series.add(key)
            few, at = values[at : at + int(size)], at + int(size)
            if is_segment:
                found.append(Segment(key, _count(first), few.astype(np.float32)))
            else:
                found.append(Metric(key, float(first), float(few[0])))
        if at != len(values) or len(self._series) > MOST_SERIES:
            raise ValueError("the numbers do not fit the curves, or there are too many")
        return found


def _ending(header: Mapping[str, Any]) -> TrainResult | Message:
    if "failed" in header:
        return Message.from_dict(header["failed"])
    result = header["result"]
    summary = {
        str(scope)[:_MOST_NAME]: {str(name)[:_MOST_NAME]: float(value) for name, value in metrics.items()}
        for scope, metrics in result["summary"].items()
    }
    reason = None if result["reason"] is None else Message.from_dict(result["reason"])
    return TrainResult(bool(result["stopped"]), _count(result["epoch"]), reason, summary)


def _count(value: Any) -> int:
    number = int(value)
    if not 0 <= number < 2**62:
        raise ValueError(f"{number} is no count")
    return number


def _key_form(one: Metric | Segment) -> list[Any]:
    first, is_segment = (one.first, True) if isinstance(one, Segment) else (one.step, False)
    return [one.key.name, one.key.scope.value, one.key.axis.value, first, is_segment]


def _values(one: Metric | Segment) -> Any:
    values = one.values if isinstance(one, Segment) else [one.value]
    return np.asarray(values, np.float64)
