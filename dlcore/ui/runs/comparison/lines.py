"""What is drawn and told as one: a run, or a group of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dlcore.comparison import Comparison, ScoredGroup
from dlcore.plots.studies import short_names
from dlcore.records import Run
from dlcore.ui.shared import format as show
from dlcore.ui.shared.format import setting_text
from dlcore.ui.shared.i18n import _n

MOST_LINES = 10
"""Lines that can be told apart, and are drawn in half a second."""


@dataclass(frozen=True)
class Line:
    """A run or a group of runs.

    Attributes:
        name: of the run, or what the runs have in common and how many they are.
        place: gives it its hue.
        ids: of the runs.
    """

    name: str
    place: int
    ids: tuple[str, ...]


def lines_of(found: Comparison, names: Mapping[str, str], *, together: bool) -> tuple[Line, ...]:
    """Returns the lines of a comparison: a run each, or a group each.

    Args:
        found: the comparison.
        names: of the runs, by id.
        together: whether the runs of a group are one line.
    """
    if not together:
        return tuple(Line(names[run.id], place, (run.id,)) for place, run in enumerate(found.runs))
    return tuple(
        Line(_group_name(group, found, names), place, group.ids) for place, group in enumerate(found.groups)
    )


def drawn_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Returns the lines that a chart draws: of too many the first ones, and one of all the others."""
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    shown = lines[: MOST_LINES - 1]
    others = tuple(run_id for line in lines[len(shown) :] for run_id in line.ids)
    name = _n("{n} other", "{n} others", len(lines) - len(shown)).format(n=len(lines) - len(shown))
    return (*shown, Line(name, len(shown), others))


def short_run_names(runs: Sequence[Run]) -> dict[str, str]:
    """Returns a name for each run by its id: without the dataset where all have the same, and never two alike."""
    prefix = f"{runs[0].dataset} · " if runs else ""
    usual = all(run.name.startswith(prefix) and len(run.name) > len(prefix) for run in runs)
    names = [run.name.removeprefix(prefix) if usual else run.name for run in runs]
    return {
        run.id: name if names.count(name) == 1 else show.with_id(name, run.id)
        for run, name in zip(runs, names, strict=True)
    }


def _group_name(group: ScoredGroup, found: Comparison, names: Mapping[str, str]) -> str:
    """Returns the name of a group: of seeds that of the first run, else what they have in common."""
    if found.by:
        short = short_names(field.name for field in found.by)
        pairs = zip(found.by, group.values, strict=True)
        name = ", ".join(f"{short[field.name]} {setting_text(value)}" for field, value in pairs)
        count = _n("{n} run", "{n} runs", len(group.ids))
    else:
        # Without what tells runs of one name apart.
        name = names[group.ids[0]].removesuffix(f" ({group.ids[0]})")
        count = _n("{n} seed", "{n} seeds", len(group.ids))
    return f"{name} · {count.format(n=len(group.ids))}" if len(group.ids) > 1 else name
