"""How the numbers of the compared runs go together: any two of them as points, and all that differ as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from optuna.distributions import FloatDistribution

from dlcore.plots.scatter import NumberAxis, ScatterPoint, scatter_figure, scatter_info
from dlcore.plots.studies import Goal, ParallelInfo, parallel_info
from dlcore.records import Direction, Origin, Run, Trial, TrialState
from dlcore.spec.metrics import METRICS, higher_is_better
from dlcore.store.filters.fields import Field, FieldKind, find_field
from dlcore.store.filters.reading import differing_fields, field_value
from dlcore.ui.components.study_chart import brushed_axes, brushed_ranges, selected_trials
from dlcore.ui.runs.columns import offered_columns, title_of
from dlcore.ui.runs.comparison.choice import ComparedRuns
from dlcore.ui.runs.view import main_metric
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.format import setting_text
from dlcore.ui.shared.hues import hue
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.markdown import escape_name

X, Y = "x", "y"
"""The parameters of the address that name the two numbers."""
FEWEST_LINES = 3
"""Runs of which lines across axes say more than the table of settings."""
MOST_AXES = 8
WIDE = 100.0
_UNTOLD = frozenset({"number", "archived", "favorite", "schema_version"})
"""Fields that are numbers, and tell nothing of a run."""
BRUSHED = "compare_parallel"


def scatter(chosen: ComparedRuns) -> None:
    """Shows the runs as points over any two of their numbers; a click opens the run."""
    names = number_names(chosen.runs)
    st.markdown(f"**{_('Any two numbers')}**", help=_("A click on a point opens its run."))
    if len(names) < 2:
        st.markdown(f":gray[{_('These runs have no two numbers yet.')}]")
        return
    with st.container(horizontal=True, gap="small"):
        y = _choose(Y, _("Upwards"), names, first=_usual_y(chosen.runs, names))
        x = _choose(X, _("To the right"), names, first=_usual_x(chosen.runs, names, y))
    points = [
        ScatterPoint(
            run.id, chosen.names[run.id], _number(run, x), _number(run, y), hue(chosen.line_of(run.id).place)
        )
        for run in chosen.runs
    ]
    info = scatter_info(points, _axis(x), _axis(y))
    event = st.plotly_chart(
        scatter_figure(info),
        key=f"scatter.{x}.{y}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
    )
    if info.missing:
        st.caption(_("Runs without one of the two: {n}").format(n=info.missing))
    picked = event.selection.points
    if picked:
        st.switch_page(RUN_PAGE, query_params={"run": _clicked(picked[0])})


def _clicked(point: dict[str, Any]) -> str:
    found = point.get("customdata")
    return str(found[0] if isinstance(found, list) else found)


def number_names(runs: Sequence[Run]) -> list[str]:
    """Returns what is a number in at least two runs: first the settings in which they differ, then what was measured."""
    found = []
    for name in offered_columns(runs):
        known = [value for run in runs if (value := _number(run, name)) is not None]
        if name not in _UNTOLD and len(known) > 1:
            found.append(name)
    return found


def _number(run: Run, name: str) -> float | None:
    field = find_field(name)
    value = field_value(run, field) if field is not None else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _usual_y(runs: Sequence[Run], names: Sequence[str]) -> str:
    """Returns what the runs are judged by, on the test part if any."""
    judged = main_metric(runs[0])
    wanted = (f"test_{judged}", judged, f"val_{judged}", "test_loss", "val_loss", "train_loss")
    return next((name for name in wanted if name in names), names[-1])


def _usual_x(runs: Sequence[Run], names: Sequence[str], y: str) -> str:
    """Returns a setting that the runs were trained with on purpose, else how large or how slow they are."""
    settings = [name for name in names if (field := find_field(name)) and field.kind is FieldKind.SPEC]
    wanted = [*(name for name in settings if name != "seed"), "parameters", "seconds", *names]
    others = [name for name in wanted if name in names and not _is_same_metric(name, y)]
    differing = (name for name in others if len({_number(run, name) for run in runs}) > 1)
    return next(differing, others[0] if others else names[0])


def _is_same_metric(name: str, other: str) -> bool:
    """Returns whether two fields are one metric, perhaps of different parts."""
    one, two = find_field(name), find_field(other)
    return one == two or (one is not None and two is not None and bool(one.parts) and one.path == two.path)


def _choose(key: str, label: str, names: Sequence[str], *, first: str) -> str:
    begin(key, dict.fromkeys(names))
    if st.session_state.get(key) not in names:
        st.session_state[key] = first
    chosen = st.selectbox(label, names, format_func=title_of, key=key, width=200)
    tell(key, chosen, first=first)
    return str(chosen)


def _axis(name: str) -> NumberAxis:
    field = find_field(name)
    metric = METRICS.get(str(field.path[0])) if field is not None and field.parts else None
    return NumberAxis(title_of(name), is_share=metric is not None and metric.is_share)


def parallel(chosen: ComparedRuns) -> None:
    """Shows the runs as lines across what differs in their settings, and the metric; a brush names those within."""
    metric = _judged_field(chosen)
    info = runs_as_lines(chosen.runs, metric) if metric is not None else None
    st.markdown(
        f"**{_('All that differs')}**",
        help=_("A line is a run; the one that stands out most is the best. Drag along an axis to choose."),
    )
    if info is None or len(info.numbers) < FEWEST_LINES or len(info.axes) < 2:
        st.markdown(
            f":gray[{_('Shown with three runs or more that were measured and differ in their settings.')}]"
        )
        return
    brushed_axes(info, on_brush=_nothing, key=BRUSHED, name=",".join(run.id for run in chosen.runs))
    ranges = brushed_ranges(BRUSHED)
    if ranges:
        with st.container(horizontal=True, gap="small"):
            for place in sorted(selected_trials(info, info, ranges)):
                run = chosen.runs[place]
                label = escape_name(chosen.names[run.id])
                st.page_link(RUN_PAGE, label=label, query_params={"run": run.id}, width="content")


def _nothing() -> None:
    """Does nothing: the brush only makes the page run again."""


def _judged_field(chosen: ComparedRuns) -> Field | None:
    """Returns the field of what the runs are judged by: on the test part, else on the validation part."""
    names = number_names(chosen.runs)
    return find_field(_usual_y(chosen.runs, names)) if names else None


def runs_as_lines(runs: Sequence[Run], metric: Field) -> ParallelInfo:
    """Returns runs as lines across axes, as the trials of a study are; a number of a line is the place of its run.

    Args:
        runs: which.
        metric: what they are judged by.
    """
    paths = [name for name in differing_fields(runs) if find_field(name) is not None][:MOST_AXES]
    trials = [
        _as_trial(place, run, paths, value)
        for place, run in enumerate(runs)
        if (value := _number(run, metric.name)) is not None
    ]
    direction: Direction = "maximize" if higher_is_better(str(metric.path[0])) else "minimize"
    return parallel_info(trials, Goal(title_of(metric.name), direction), _wide(trials), paths=paths)


def _as_trial(place: int, run: Run, paths: Sequence[str], value: float) -> Trial:
    fields = [(path, field) for path in paths if (field := find_field(path)) is not None]
    known = {path: given for path, field in fields if (given := field_value(run, field)) is not None}
    params = {
        path: one if isinstance(one, int | float | str) else setting_text(one) for path, one in known.items()
    }
    return Trial(
        study_id="", number=place, state=TrialState.COMPLETE, params=params, values=(value,), reason=None,
        measured={}, violation=0.0, run_id=run.id, epoch=run.epoch, bad=False, origin=Origin.SAMPLED, retries=0,
        created_at=run.created_at, started_at=run.started_at, finished_at=run.finished_at, revision=0,
    )  # fmt: skip


def _wide(trials: Sequence[Trial]) -> dict[str, FloatDistribution]:
    """Returns the parameters whose values span orders of magnitude, as a search over them would have them."""
    found = {}
    for path in dict.fromkeys(path for trial in trials for path in trial.params):
        values = [trial.params[path] for trial in trials if path in trial.params]
        numeric = all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
        if numeric and min(values) > 0 and max(values) >= WIDE * min(values):
            found[path] = FloatDistribution(min(values), max(values), log=True)
    return found
