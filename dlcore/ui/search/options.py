"""The Search page: what a search aims for, how it searches, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from dlcore.errors import SpecError
from dlcore.search.measures import MEASURES, Known, Measure, default_objective
from dlcore.search.spec import SearchOptions
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import resolved_metrics
from dlcore.spec.problems import parse
from dlcore.ui.forms.dimensions import KEPT
from dlcore.ui.forms.form import Form
from dlcore.ui.shared.drafts import Working
from dlcore.ui.shared.i18n import _, say_beside

UNITS = {"min": 60.0, "h": 3600.0}


def options_form(draft: Working, problem: SpecError | None) -> bool:
    """The options of the search in three cards; a change is saved at once.

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
        st.markdown(f"**{_('How it searches')}**")
        how = Form(f"{draft.key}.how", problem=_of(inside, "sampler", "pruner"))
        options = how.edit(options, only=("sampler", "pruner"))
    with st.container(border=True):
        st.markdown(f"**{_('How long')}**")
        long = Form(f"{draft.key}.long", problem=_of(inside, "max_trials", "seeds"))
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
    """The problem, if it comes from one of these options."""
    return problem if problem and problem.path.split(".")[0].split("[")[0] in names else None


def _aims(draft: Working, options: SearchOptions, problem: SpecError | None) -> dict[str, Any]:
    """Metrics, target and constraints."""
    offered = measured(draft)
    metrics = st.multiselect(
        _("Metrics"),
        list(dict.fromkeys([*offered, *options.metrics])),
        default=list(options.metrics),
        format_func=measure_title,
        key=f"{draft.key}.metrics",
        persist_state=KEPT,
        placeholder=measure_title(default_objective(draft.facts.task)),
        help=_("Empty: chosen by the data. Several: a front of best compromises instead of one best trial."),
    )
    _say(_of(problem, "metrics"))
    raw: dict[str, Any] = {"metrics": tuple(metrics), "target": options.target}
    if len(metrics) < 2 or options.target is not None:
        raw["target"] = st.number_input(
            _("Target"),
            value=options.target,
            step=0.01,
            format="%.6g",
            key=f"{draft.key}.target",
            persist_state=KEPT,
            placeholder=_("none"),
            help=_("The search ends when the metric is as good as this."),
        )
        _say(_of(problem, "target"))
    raw["constraints"] = _constraints(draft, options.constraints, offered)
    _say(_of(problem, "constraints"))
    return raw


def _say(problem: SpecError | None) -> None:
    if problem is not None:
        st.error(say_beside(problem), icon=":material/error:")


def measured(draft: Working) -> list[str]:
    """The measures that this experiment has."""
    bare = {"loss", *resolved_metrics(draft.spec.training.metrics, draft.facts.task)}
    has_validation = draft.spec.dataset.division(draft.facts).validation > 0

    def known(one: Measure) -> bool:
        if one.known is not Known.EPOCH:
            return True
        name = MeasureName.parse(one.name)
        return name.metric in bare and (has_validation or not name.on_validation)

    return [one.name for one in MEASURES.values() if known(one)]


def measure_title(name: str) -> str:
    """A measure as people read it, with an arrow to where it is better."""
    one = MEASURES.get(name)
    if one is None:
        return name
    part = ""
    if one.known is Known.EPOCH:
        part = f" · {_('validation') if MeasureName.parse(name).on_validation else _('training')}"
    unit = f" ({_(one.unit)})" if one.unit else ""
    return f"{_(one.title)}{part}{unit} {'↑' if one.direction == 'maximize' else '↓'}"


def _constraints(draft: Working, limits: Mapping[str, float], offered: list[str]) -> dict[str, float]:
    """One row a limit, and a new one."""
    kept: dict[str, Any] = {}
    for name, limit in limits.items():
        most = name not in MEASURES or MEASURES[name].direction == "minimize"
        with st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
            value = st.number_input(
                f"{measure_title(name)} · {_('at most') if most else _('at least')}",
                value=float(limit),
                step=None,
                format="%.6g",
                key=f"{draft.key}.limit.{name}",
                persist_state=KEPT,
            )
            gone = st.button(
                "", icon=":material/delete:", key=f"unlimit.{name}", help=_("Remove"), type="tertiary"
            )
        if not gone:
            kept[name] = limit if value is None else value
    free = [name for name in offered if name not in limits]
    new = st.selectbox(
        _("New constraint"),
        free,
        index=None,
        format_func=measure_title,
        key=f"{draft.key}.new_limit.{len(limits)}",
        placeholder=_("A limit that every trial must keep"),
        help=_("The best trial is the best of those that keep all limits."),
    )
    if new:
        kept[new] = _first_limit(draft, new)
    return kept


def _first_limit(draft: Working, name: str) -> float:
    """What a new limit begins with: what the model has now, where that is known."""
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


def _time(draft: Working, seconds: float | None) -> float | None:
    """A limit of time in minutes or hours; gives seconds."""
    with st.container(horizontal=True, vertical_alignment="bottom", wrap=False):
        unit_key = f"{draft.key}.unit"
        begins = "h" if seconds and seconds >= 2 * UNITS["h"] else "min"
        unit = str(st.session_state.get(unit_key) or begins)
        value = st.number_input(
            _("Time"),
            value=None if seconds is None else seconds / UNITS[unit],
            step=1.0,
            format="%.6g",
            key=f"{draft.key}.time.{unit}",
            placeholder=_("no limit"),
            help=_("The search ends after so much time."),
        )
        st.segmented_control(
            _("Unit"),
            list(UNITS),
            default=begins,
            format_func={"min": _("minutes"), "h": _("hours")}.__getitem__,
            key=unit_key,
            required=True,
            label_visibility="collapsed",
        )
    return None if value is None else value * UNITS[unit]
