"""The Search page: what a search aims for, how it searches, and how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from dlcore.errors import SpecError
from dlcore.search.measures import MEASURES, Measure, WhenKnown, default_objective
from dlcore.search.spec import SearchOptions
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import METRICS, default_metrics
from dlcore.spec.problems import parse
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.form import Form
from dlcore.ui.forms.rows import palette
from dlcore.ui.forms.widgets import number_format
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, say_beside
from dlcore.ui.shared.markdown import escape_markdown

UNITS = {"min": 60.0, "h": 3600.0}


def options_form(draft: WorkingDraft, problem: SpecError | None) -> bool:
    """Shows the options of the search in three cards; a change is saved immediately.

    Args:
        draft: whose search.
        problem: of the search as it is stored, path from the root of its file.

    Returns:
        Whether all that was typed could be taken.
    """
    options, inside = draft.search.options, problem.inside("search") if problem else None
    with st.container(border=True):
        st.markdown(f"**{_('What it aims for')}**")
        raw = _aims(draft, options, inside)
    with st.container(border=True):
        st.markdown(f"**{_('Search')}**")
        how = Form(f"{draft.id}.how", problem=_of(inside, "sampler", "pruner"))
        options = how.edit(options, only=("sampler", "pruner"))
    with st.container(border=True):
        st.markdown(f"**{_('Duration')}**")
        long = Form(f"{draft.id}.long", problem=_of(inside, "max_trials", "seeds"))
        options = long.edit(options, only=("max_trials", "parallel", "seeds"), flat=True)
        raw["max_seconds"] = _time(draft, options.max_seconds)
    try:
        options = parse(
            SearchOptions, {name: getattr(options, name) for name in SearchOptions.model_fields} | raw
        )
    except SpecError as error:
        st.error(say_beside(error), icon=":material/error:")
        return False
    if options != draft.search.options:
        draft.save(search=replace(draft.search, options=options))
    return how.valid and long.valid


def _of(problem: SpecError | None, *names: str) -> SpecError | None:
    """Returns the problem, if it comes from one of these options."""
    return problem if problem and problem.path.root in names else None


def _aims(draft: WorkingDraft, options: SearchOptions, problem: SpecError | None) -> dict[str, Any]:
    """Metrics, target and constraints."""
    offered = available_measures(draft)
    form = Form(
        f"{draft.id}.aims",
        problem=_of(problem, "metrics"),
        names=[name for name in offered if name not in options.metrics],
        titles={name: measure_title(name) for name in (*offered, *options.metrics)},
        empty={
            "metrics": _("automatic: {metrics}").format(
                metrics=measure_title(default_objective(draft.facts.task))
            )
        },
    )
    metrics = form.edit(options, only=("metrics",)).metrics
    raw: dict[str, Any] = {"metrics": metrics, "target": options.target}
    if len(metrics) < 2 or options.target is not None:
        raw["target"] = ask(
            f"{draft.id}.target",
            options.target,
            lambda key, shown: st.number_input(
                _("Target"),
                value=shown,
                step=0.01,
                format=number_format(shown),
                key=key,
                persist_state=KEPT,
                placeholder=_("none"),
                help=_("The search stops when the metric is this good."),
            ),
        )
    _say(_of(problem, "target"))
    raw["constraints"] = _constraints(draft, options.constraints, offered)
    _say(_of(problem, "constraints"))
    return raw


def _say(problem: SpecError | None) -> None:
    if problem is not None:
        st.error(say_beside(problem), icon=":material/error:")


def available_measures(draft: WorkingDraft) -> list[str]:
    """Returns the measures that this experiment has."""
    task = draft.facts.task
    metrics = draft.spec.training.metrics or default_metrics(task)
    bare = {"loss", *(name for name in metrics if task in METRICS[name].tasks)}
    has_validation = draft.spec.dataset.division(draft.facts).validation > 0

    def known(one: Measure) -> bool:
        if one.known is not WhenKnown.EPOCH:
            return True
        name = MeasureName.parse(one.name)
        return name.metric in bare and (has_validation or not name.on_validation)

    return [one.name for one in MEASURES.values() if known(one)]


def measure_title(name: str) -> str:
    """Returns a measure as users read it, with an arrow to where it is better."""
    one = MEASURES.get(name)
    if one is None:
        return name
    part = ""
    if one.known is WhenKnown.EPOCH:
        part = f" · {_('validation') if MeasureName.parse(name).on_validation else _('training')}"
    unit = f" ({_(one.unit)})" if one.unit else ""
    return f"{_(one.title)}{part}{unit} {'↑' if one.direction == 'maximize' else '↓'}"


def _constraints(draft: WorkingDraft, limits: Mapping[str, float], offered: list[str]) -> dict[str, float]:
    """Shows one row per limit, and a new one."""
    kept: dict[str, Any] = {}
    for name, limit in limits.items():
        title, most = measure_title(name), name not in MEASURES or MEASURES[name].direction == "minimize"
        text = f"{title} · {_('at most') if most else _('at least')}"
        with st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
            value = ask(f"{draft.id}.limit.{name}", limit, _limit_field(escape_markdown(text)))
            gone = icon_button(_("Remove: {name}").format(name=title), "delete", f"unlimit.{name}")
        if not gone:
            kept[name] = limit if value is None else value
    free = [name for name in offered if name not in limits]
    new = palette(
        _("Add a limit that every trial must keep"),
        free,
        f"{draft.id}.new_limit",
        dict(limits),
        title=measure_title,
    )
    if new:
        kept[new] = _first_limit(draft, new)
    return kept


def _limit_field(label: str) -> Callable[[str, float], float | None]:
    def draw(key: str, shown: float) -> float | None:
        return st.number_input(
            label,
            value=float(shown),
            step=None,
            format=number_format(shown),
            key=key,
            persist_state=KEPT,
            help=_("The best trial is the best of those that keep all limits."),
        )

    return draw


def _first_limit(draft: WorkingDraft, name: str) -> float:
    """Returns what a new limit begins with: what the model has now, where that is known."""
    total = float(draft.report.parameters.total)
    known = {
        "parameters": total,
        "flops": float(draft.report.flops),
        "model_mb": round(total * 4 / 1e6, 3),
        "memory_mb": 4096.0,
        "seconds": 600.0,
        "latency_ms": 10.0,
    }
    return known.get(name, 0.9 if MEASURES[name].direction == "maximize" else 1.0)


def _time(draft: WorkingDraft, seconds: float | None) -> float | None:
    """Shows a limit of time in minutes or hours; returns seconds."""
    begins = "h" if seconds and seconds >= 2 * UNITS["h"] else "min"
    titles = {"min": _("minutes"), "h": _("hours")}
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
        place = st.container()
        unit = st.segmented_control(
            _("Unit"),
            list(UNITS),
            default=begins,
            format_func=titles.__getitem__,
            key=f"{draft.id}.unit",
            required=True,
            label_visibility="collapsed",
        )
    size = UNITS[str(unit)]
    with place:
        limit: float | None = ask(
            f"{draft.id}.time.{unit}",
            seconds,
            lambda key, shown: st.number_input(
                _("Time"),
                value=shown,
                step=1.0,
                format=number_format(shown),
                key=key,
                placeholder=_("no limit"),
                help=_("The search stops after this time."),
            ),
            show=lambda value: None if value is None else value / size,
            read=lambda held: None if held is None else held * size,
        )
    return limit
