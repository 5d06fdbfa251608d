"""Runs grouped by some of their fields, as a table: how many, and the mean, deviation and best of each number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.spec.metrics import METRICS
from dlcore.store.experiments import Experiment
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import Field, FieldKind, find_field
from dlcore.store.filters.grouping import RunGroup, group_runs
from dlcore.ui.runs.columns import fields_in_address, offered_columns, title_of
from dlcore.ui.runs.filter_line import add_test, quote
from dlcore.ui.shared.address import choose_several
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.links import COMPARE_PAGE
from dlcore.web.context import context

URL = "group"
"""The parameter of the address that names the fields."""
MOST_FIELDS, MOST_GROUPS = 4, 500
MOST_IN_LINK = 200
"""Ids in an address; the page that compares them says how many it takes."""
_NUMBERS = (FieldKind.NUMBER, FieldKind.DURATION)
_NEVER = frozenset({"kind", "notes", "created", "started", "finished", "number"})
"""Fields that are another one in almost every run."""


def chosen_groups(found: Sequence[Experiment]) -> list[Field]:
    """Shows the choice of fields to group by; returns those that are chosen, which the address names."""
    with st.popover(_("Group"), icon=":material/stacks:"):
        chosen = choose_several(
            _("Group by"),
            URL,
            list(dict.fromkeys([*fields_in_address(URL), *offered_groups(found)])),
            format_func=title_of,
            max_selections=MOST_FIELDS,
            help=_("Runs that have the same in these fields become one row: seeds of one setting, for one."),
            placeholder=_("choose or type"),
            width=420,
        )
    return [field for name in chosen if (field := find_field(name))]


def offered_groups(found: Sequence[Experiment]) -> list[str]:
    """Returns the fields by which runs can be grouped: first the settings in which they differ."""
    return [name for name in offered_columns(found) if name not in _NEVER and not _is_measured(name)]


def _is_measured(name: str) -> bool:
    field = find_field(name)
    return field is not None and (bool(field.parts) or field.name in ("seconds", "parameters"))


def groups_table(
    asked: RunQuestion, by: Sequence[Field], columns: Sequence[str], *, bar: DeltaGenerator
) -> None:
    """Shows a row for each group, and what can be done with the chosen ones.

    Args:
        asked: which runs.
        by: what the runs of a group have in common.
        columns: the numbers among them are described.
        bar: where that is shown.
    """
    here = context()
    found = [field for name in columns if (field := find_field(name)) and field.kind in _NUMBERS]
    numbers = [field for field in found if field not in by]
    rows = here.store.runs.values([*by, *numbers], owner=here.actor.id, **asked.filters)
    groups = group_runs(rows, by, numbers)[:MOST_GROUPS]
    event = st.dataframe(
        groups_frame(groups, by, numbers),
        key=f"groups.{','.join(field.name for field in by)}",
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode="multi-row",
        height="content" if len(groups) <= 15 else 560,
        column_config=_formats(by, numbers),
        alt=_("Groups of runs"),
    )
    chosen = [groups[row] for row in event.selection.rows if row < len(groups)]
    with bar:
        _actions(chosen, by, len(groups), len(rows))


def groups_frame(groups: Sequence[RunGroup], by: Sequence[Field], numbers: Sequence[Field]) -> pd.DataFrame:
    """Returns the groups as a table: their values, their size, and of each number mean, deviation and best."""
    columns: dict[str, list[Any]] = {
        field.name: [_text(group.values[place]) for group in groups] for place, field in enumerate(by)
    }
    columns["runs"] = [len(group.ids) for group in groups]
    for field in numbers:
        known = [group.numbers.get(field.name) for group in groups]
        columns[f"{field.name}.mean"] = [one.mean if one else None for one in known]
        columns[f"{field.name}.deviation"] = [one.deviation if one else None for one in known]
        if field.parts:
            columns[f"{field.name}.best"] = [one.best if one else None for one in known]
    return pd.DataFrame(columns)


def _text(value: Any) -> str:
    match value:
        case None:
            return "–"
        case list():
            return ", ".join(map(str, value)) or "–"
        case bool():
            return _("yes") if value else _("no")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _formats(by: Sequence[Field], numbers: Sequence[Field]) -> dict[str, Any]:
    column = st.column_config
    formats: dict[str, Any] = {
        field.name: column.TextColumn(title_of(field.name), pinned=True) for field in by
    }
    formats["runs"] = column.NumberColumn("n", width="small", help=_("Runs of the group."))
    for field in numbers:
        metric = METRICS.get(str(field.path[0])) if field.parts else None
        shape = "percent" if metric is not None and metric.is_share else "%.4g"
        title = title_of(field.name)
        words = {"mean": title, "deviation": "±", "best": _("Best")}
        helps = {
            "mean": _("The mean over the runs of the group."),
            "deviation": _("The standard deviation from run to run: {name}.").format(name=title),
            "best": _("The best run of the group: {name}.").format(name=title),
        }
        for name, word in words.items():
            formats[f"{field.name}.{name}"] = column.NumberColumn(word, format=shape, help=helps[name])
    return formats


def _actions(chosen: Sequence[RunGroup], by: Sequence[Field], groups: int, runs: int) -> None:
    words = _n("{groups} group of {runs} runs", "{groups} groups of {runs} runs", groups)
    st.caption(words.format(groups=f"{groups:,}", runs=f"{runs:,}"), width="content")
    ids = [run_id for group in chosen for run_id in group.ids]
    # It rests without any, so that the table stays in its place.
    st.page_link(
        COMPARE_PAGE,
        label=_("Compare {n}").format(n=len(ids)) if ids else _("Compare"),
        icon=":material/compare_arrows:",
        query_params={"runs": ",".join(ids[:MOST_IN_LINK]), "group": ",".join(field.name for field in by)},
        disabled=not ids,
    )
    if len(chosen) == 1 and (test := group_test(chosen[0], by)):
        text, icon = _("Show these runs"), ":material/filter_alt:"
        if st.button(text, key="show_group", icon=icon, on_click=_show_runs, args=(test,)):
            st.rerun()


def _show_runs(test: str) -> None:
    st.query_params.pop(URL, None)
    add_test(test)


def group_test(group: RunGroup, by: Sequence[Field]) -> str:
    """Returns the filter that only the runs of a group pass; empty if no filter can say that."""
    tests = [_test(field, value) for field, value in zip(by, group.values, strict=True)]
    return " and ".join(tests) if all(tests) else ""


def _test(field: Field, value: Any) -> str:
    match value:
        case None | "" | []:
            return f"{field.name} = none"
        case bool():
            return f"{field.name} = {str(value).lower()}"
        case int() | float():
            return f"{field.name} = {value!r}"
        case str():
            return f"{field.name} = {quote(value)}"
        case list() if field.kind is FieldKind.TAGS:
            return " and ".join(f"{field.name} = {quote(one)}" for one in value)
    return ""
