"""Formatting of numbers for display."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from dlcore.errors import N_
from dlcore.records import RunState, StudyState
from dlcore.records.kinds import DRAFT
from dlcore.spec.base import Kind
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import METRICS, metric_of, metric_text
from dlcore.store.ids import short_id
from dlcore.text import shape_text
from dlcore.ui.shared.i18n import _

STATE_NAMES = {
    RunState.QUEUED: N_("queued"),
    RunState.STARTING: N_("starting"),
    RunState.RUNNING: N_("running"),
    RunState.COMPLETED: N_("completed"),
    RunState.STOPPED: N_("stopped"),
    RunState.PRUNED: N_("pruned"),
    RunState.FAILED: N_("failed"),
    RunState.LOST: N_("lost"),
}
STATE_COLORS = {
    RunState.QUEUED: "gray",
    RunState.STARTING: "blue",
    RunState.RUNNING: "blue",
    RunState.COMPLETED: "green",
    RunState.STOPPED: "orange",
    RunState.PRUNED: "violet",
    RunState.FAILED: "red",
    RunState.LOST: "orange",
}
STUDY_STATES = {
    StudyState.RUNNING: (N_("running"), "blue"),
    StudyState.PAUSED: (N_("paused"), "orange"),
    StudyState.STOPPED: (N_("stopped"), "gray"),
    StudyState.COMPLETED: (N_("completed"), "green"),
}
DRAFT_STATE = (N_("draft"), "gray")
CARD = 140
"""Least width of a card with one number, in pixels: two stand side by side on a phone."""

PERCENT_METRICS = tuple(name for name, facts in METRICS.items() if facts.is_share)


def with_id(name: str, item_id: str) -> str:
    """Returns a name with as much of an id as tells it from others of that name.

    Example:
        >>> with_id("a run", "8fd3a2c1b05e4f7a9d6c3b2a1f0e9d8c")
        'a run (8fd3a2c1b0)'
    """
    return f"{name} ({short_id(item_id)})"


def labels() -> dict[str, str]:
    """Returns what curves and parts are called, in the reader's language."""
    return {
        "loss": _("Loss"),
        **{name: _(facts.title) for name, facts in METRICS.items()},
        "learning_rate": _("Learning rate"),
        "train": _("Training"),
        "validation": _("Validation"),
        "test": _("Test"),
        "system": _("Machine"),
        "cpu_percent": _("Processor, %"),
        "memory_mb": _("Memory, MB"),
        "gpu_percent": _("GPU, %"),
        "gpu_memory_mb": _("GPU memory, MB"),
    }


def measure_title(name: str) -> str:
    """Returns what a curve is called, in the reader's language; on one of several outputs, with its name."""
    measure = MeasureName.parse(name)
    title = labels().get(measure.metric, measure.metric)
    return f"{measure.output} · {title}" if measure.output else title


def is_share(name: str) -> bool:
    """Returns whether a curve is a share of all samples, shown in per cent."""
    metric = metric_of(name)
    return metric is not None and metric.is_share


def state_names() -> dict[str, tuple[str, str]]:
    """Returns what the states of runs, searches and drafts are called, and their colours, by their values."""
    return {
        **{state.value: STUDY_STATES[state] for state in StudyState},
        **{state.value: (name, STATE_COLORS[state]) for state, name in STATE_NAMES.items()},
        DRAFT: DRAFT_STATE,
    }


def duration(seconds: float) -> str:
    """Returns seconds as hours, minutes and seconds.

    Example:
        >>> duration(3725)
        '1 h 02 min'
    """
    if seconds < 59.5:
        return _("{n} s").format(n=f"{seconds:.{int(seconds < 9.95)}f}")
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    first, second = (_("{n} h"), _("{n} min")) if hours else (_("{n} min"), _("{n} s"))
    large, small = (hours, left) if hours else (minutes, rest)
    return f"{first.format(n=large)} {second.format(n=f'{small:02d}')}"


def rough_duration(seconds: float) -> str:
    """Returns seconds that are not known to the second.

    Example:
        >>> rough_duration(0.2), rough_duration(41.3), rough_duration(59.8), rough_duration(66), rough_duration(725), rough_duration(4_000), rough_duration(100_000)
        ('1 s', '41 s', '1 min', '1 min 10 s', '12 min', '1 h 10 min', '28 h')
    """
    for limit, step in ((60, 1), (180, 10), (3_600, 60), (36_000, 600), (math.inf, 3_600)):
        rounded = max(1, round(seconds / step) * step)
        if rounded < limit:
            break
    hours, rest = divmod(rounded, 3_600)
    parts = (hours, _("{n} h")), (rest // 60, _("{n} min")), (rest % 60, _("{n} s"))
    return " ".join(text.format(n=number) for number, text in parts if number)


def count(number: float) -> str:
    """Returns a count in short.

    Example:
        >>> count(693_962), count(1_819_786), count(12)
        ('694 k', '1.82 M', '12')
    """
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if number >= limit:
            scaled = number / (1e3 if unit == "k" else limit)
            return f"{scaled:.3g} {unit}" if scaled < 999.5 else f"{scaled:.0f} {unit}"
    return f"{number:,.0f}"


def size(number: float) -> str:
    """Returns bytes in short.

    Example:
        >>> size(11_490_434)
        '11.5 MB'
    """
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= limit:
            return f"{number / limit:.3g} {unit}"
    return f"{number:.0f} B"


def metric(name: str, value: float | None) -> str:
    """Returns a metric's value: shares as percent, the rest with four digits."""
    if value is None:
        return "–"
    return metric_text(name, value)


def argument(value: Any) -> str:
    """Returns an argument of a layer in a few signs; nothing for None."""
    match value:
        case None:
            return ""
        case Kind():
            return value.kind
        case (int(), *_):
            return shape_text(value)
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)


def time_ago(moment: datetime) -> str:
    """Returns how long ago, in words."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _("{n} min ago").format(n=int(seconds // 60))
    if seconds < 86400:
        return _("{n} h ago").format(n=int(seconds // 3600))
    return moment.astimezone().strftime("%Y-%m-%d")


def setting_text(value: Any) -> str:
    """Returns a value of a setting in a few signs.

    Example:
        >>> [setting_text(one) for one in (None, 0.001, [3, 3], "Adam", True)]
        ['–', '0.001', '[3, 3]', 'Adam', 'true']
    """
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
