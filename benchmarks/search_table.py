"""The table of a benchmark of searches: a row for each search, for medians and for ratios."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from benchmarks.search_course import NEVER, Figures, ratio

LEGEND = (
    "Seconds from the start of the process, imports included; *: from the start of the search. RSS counts a\n"
    "page that processes share once for each, PSS once; growth is that of RSS, from trials 3-5 to the last three."
)


def header(targets: Sequence[float]) -> list[str]:
    """Returns the names of the columns.

    Args:
        targets: the validation accuracies that were to be reached.
    """
    names = [f"{100 * target:g} %" for target in targets]
    clocks = [*(f"{name} s" for name in names), *(f"{name} s*" for name in names)]
    return ["", "seed", *clocks, "total s", "best %", "epochs", "RSS MB", "PSS MB", "growth MB", "trials"]


def row(name: str, seed: str, figures: Figures, trials: Mapping[str, int] | None = None) -> list[str]:
    """Returns a search, or the medians of several.

    Args:
        name: the contestant.
        seed: which of its searches.
        figures: what it gave.
        trials: how many there were, and how many of which sort.
    """
    counts = [f"{count} {kind}" for kind, count in (trials or {}).items() if count]
    return [
        name,
        seed,
        *(_number(time, 1) for time in (*figures.from_process, *figures.from_search, figures.total)),
        _number(100 * figures.best, 2),
        *(_number(value, 0) for value in (figures.epochs, figures.resident, figures.proportional)),
        "-" if math.isnan(figures.growth) else f"{figures.growth:+.0f}",
        ", ".join(counts),
    ]


def ratios(name: str, theirs: Figures, ours: Figures) -> list[str]:
    """Returns how many times as much another contestant needs; of the best value,
    how many points more it has.
    """
    times = zip(
        (*theirs.from_process, *theirs.from_search, theirs.total),
        (*ours.from_process, *ours.from_search, ours.total),
        strict=True,
    )
    amounts = zip(
        (theirs.epochs, theirs.resident, theirs.proportional),
        (ours.epochs, ours.resident, ours.proportional),
        strict=True,
    )
    return [
        f"{name} / ours",
        "",
        *(_number(ratio(a, b), 2) for a, b in times),
        f"{100 * (theirs.best - ours.best):+.2f}",
        *(_number(ratio(a, b), 2) for a, b in amounts),
        "",
        "",
    ]


def verdict(ours: Figures, others: Sequence[Figures], goal: float) -> str:
    """Returns how much sooner than each of the others ours reaches the first target, in words.

    Args:
        ours: medians.
        others: medians of one or more.
        goal: what was hoped for.
    """
    process = min(ratio(figures.from_process[0], ours.from_process[0]) for figures in others)
    search = min(ratio(figures.from_search[0], ours.from_search[0]) for figures in others)
    return (
        f"The first target, against the faster of the others: {_number(process, 2)} times sooner from the start "
        f"of the process, {_number(search, 2)} times from that of the search (goal: {goal:g})."
    )


def align(rows: Sequence[Sequence[str]]) -> str:
    """Returns the rows as text: the first and the last column to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for first, *middle, last in rows:
        cells = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells, last]).rstrip())
    return "\n".join(lines)


def _number(value: float, digits: int) -> str:
    if math.isnan(value):
        return "-"
    return "never" if value == NEVER else f"{value:.{digits}f}"
