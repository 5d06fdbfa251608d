"""Forecasts of when runs end and begin, from earlier runs on the same hardware."""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from statistics import fmean, stdev

from dlcore.design import reference
from dlcore.design.estimate import Forecast, Position, forecast
from dlcore.design.speeds import EIGHT_OF_TEN, Span, Units, learn
from dlcore.design.workload import Workload
from dlcore.queue.slots import CPU, Slots, hardware_here
from dlcore.records import Run, RunState, Study, Trial, TrialState
from dlcore.store import Store

LATEST = 300
"""Of how many of the latest runs those of like work are chosen."""

FRESH_SECONDS = 20.0
"""How long what was learned for a run is used, unless the run gets on quickly."""

MOST_KEPT = 1_000

LONGEST_QUEUE = 100
"""Behind more runs than these no one is told how long they take together."""


class Forecasts:
    """Forecasts how long runs take, and when queued ones begin.

    Learning takes some ten milliseconds, and a live page asks every second: so it is done for a run once
    in a while, and again when it has come twice as far; in between only what is left is counted.

    Args:
        store: where the runs are.
        slots: how many run at the same time, and on what.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, store: Store, slots: Slots, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._slots, self._clock = store, slots, clock
        self._known: dict[object, Units | None] = {}

    def new(self, load: Workload, device: str, epochs: int) -> Forecast | None:
        """Returns how long a run will take that is not queued yet; None where nothing is known.

        Args:
            load: what it has to do.
            device: the spec's `training.device`.
            epochs: how many it should have.
        """
        units = self._learn(load, self._slots.device(device))
        return None if units is None else forecast(load, units, Position(epochs))

    def run(self, run: Run) -> Forecast | None:
        """Returns how much longer a run takes; None if nothing is known, or it has ended."""
        load = Workload.from_dict(run.workload)
        if load is None or run.state.final:
            return None
        position = Position(run.epochs, float(run.epoch))
        if run.state is RunState.RUNNING and run.steps and run.first_batch_at is not None:
            position = Position(run.epochs, run.epochs * run.step / run.steps, training=True)
        device = run.device if run.state.active else self._slots.device(run.wanted_device)
        counts = tuple(lap.count.bit_length() for lap in run.timing.laps.values())
        key = (run.id, run.attempt, device, counts, int(self._clock() / FRESH_SECONDS))
        if key not in self._known:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[key] = self._learn(load, device, run)
        units = self._known[key]
        return None if units is None else forecast(load, units, position)

    def wait(self, place: int) -> Span | None:
        """Returns how long until a run begins; None where nothing is known.

        Args:
            place: in the queue, from 1.
        """
        if place - 1 > LONGEST_QUEUE:
            return None
        ahead = self._store.queue.waiting()[: place - 1]
        at_work, before = self._spans(self._store.runs.active()), self._spans(ahead)
        if at_work is None or before is None:
            return None

        def start(bound: Callable[[Span], float]) -> float:
            return _starts(sorted(map(bound, at_work)), list(map(bound, before)), self._slots.total)[-1]

        return Span(
            start(lambda span: span.expected), start(lambda span: span.low), start(lambda span: span.high)
        )

    def waits(self, at_work: Sequence[Run], waiting: Sequence[Run]) -> list[Span | None]:
        """Returns how long until each run begins that waits; None of those of which nothing is known.

        Args:
            at_work: the runs that have a slot.
            waiting: those that wait, the next one first.
        """
        now = self._spans(at_work)
        known = (
            []
            if now is None
            else list(takewhile(lambda one: one is not None, self._each(waiting[:LONGEST_QUEUE])))
        )
        if now is None:
            return [None] * len(waiting)
        # One more than is known: it begins when those before it do.
        count = min(len(known) + 1, len(waiting), LONGEST_QUEUE + 1)

        def starts(bound: Callable[[Span], float]) -> list[float]:
            lengths = [bound(span) for span in known if span is not None]
            return _starts(sorted(map(bound, now)), lengths, self._slots.total)[:count]

        found = zip(
            starts(lambda span: span.expected), starts(lambda span: span.low), starts(lambda span: span.high),
            strict=True,
        )  # fmt: skip
        return [*(Span(*one) for one in found), *[None] * (len(waiting) - count)]

    def _each(self, runs: Iterable[Run]) -> Iterator[Span | None]:
        for run in runs:
            found = self.run(run)
            yield None if found is None else found.span

    def _spans(self, runs: Sequence[Run]) -> list[Span] | None:
        """Returns the time of each; None if that of any is not known."""
        found = list(self._each(runs))
        return None if None in found else [one for one in found if one is not None]

    def _learn(self, load: Workload, device: str | None, run: Run | None = None) -> Units | None:
        if device is None:
            return None
        hardware = hardware_here(self._slots, device)
        # What a run did on other hardware, before it was resumed here, tells nothing of it here.
        own = run.timing if run is not None and run.hardware == hardware else None
        found = self._store.runs.timings(hardware, limit=LATEST, without=run.id if run is not None else "")
        history = [(work, timing) for data, timing in found if (work := Workload.from_dict(data))]
        return learn(load, history, reference.CPU if device == CPU else reference.GPU, own=own)


def study_left(study: Study, trials: Sequence[Trial], slots: int) -> Span | None:
    """Returns how long a study continues, by the trials it has finished; None while nothing is known.

    Args:
        study: which one.
        trials: its latest ones.
        slots: runs at the same time, where the study sets no limit.
    """
    limit = math.inf if study.max_seconds is None else max(0.0, study.max_seconds - study.seconds)
    known = [one.seconds for one in trials if one.state is not TrialState.FAIL and one.seconds is not None]
    if study.max_trials is None or not known:
        return Span(limit, limit, limit) if limit < math.inf else None
    count = max(0, study.max_trials - study.finished)
    mean = fmean(known)
    # One alone says nothing of how much they differ.
    spread = stdev(known) if len(known) > 1 else mean
    reach = EIGHT_OF_TEN * spread * math.sqrt(count + count**2 / len(known))
    bounds = (count * mean, max(0.0, count * mean - reach), count * mean + reach)
    return Span(*(min(limit, bound / max(1, study.parallel or slots)) for bound in bounds))


def _starts(ends: Sequence[float], lengths: Sequence[float], slots: int) -> list[float]:
    """Returns when each run begins that waits, and one more behind them.

    Args:
        ends: when the runs at work end, in order.
        lengths: how long each of those takes that wait, in order.
        slots: how many run at the same time.

    Example:
        >>> _starts([10.0, 60.0], [30.0], slots=2)
        [10.0, 40.0]
        >>> _starts([10.0], [], slots=2)
        [0.0]
    """
    free = [0.0] * (slots - len(ends)) + list(ends)[max(0, len(ends) - slots) :]
    return [*(heapq.heapreplace(free, free[0] + length) for length in lengths), free[0]]
