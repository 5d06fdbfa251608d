"""The columns of the table of experiments: which there are, what they are called, their cells; and all of it as CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote as url_quote

import pandas as pd
import streamlit as st

from dlcore.errors import N_
from dlcore.records import Run, Scope
from dlcore.records.kinds import DRAFT, RUN, SEARCH
from dlcore.spec.metrics import METRICS
from dlcore.store.experiments import Experiment
from dlcore.store.filters.fields import Field, FieldKind, find_field, known_fields
from dlcore.store.filters.reading import differing_fields, field_value, spec_values
from dlcore.ui.runs.judging import best_value
from dlcore.ui.runs.trends import TREND, TREND_HELP, TREND_TITLE, trends_of
from dlcore.ui.shared import format as show
from dlcore.ui.shared.address import choose_several
from dlcore.ui.shared.annotations import starred_name
from dlcore.ui.shared.format import state_names
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import address_of, page_of
from dlcore.ui.shared.tables import date_column, escape_formula, link_column

URL = "columns"
"""The parameter of the address that names the columns, if they are not the usual ones."""
SETTINGS = ("state", "dataset", "template", "epochs", "seconds", "tag", "created")
"""The usual columns after those of the metrics that the experiments are judged by."""

TITLES = {
    "kind": N_("Kind"), "state": N_("State"), "dataset": N_("Dataset"), "template": N_("Template"), "epochs": N_("Epochs"),
    "seconds": N_("Seconds"), "tag": N_("Tags"), "created": N_("Queued"), "notes": N_("Notes"),
    "favorite": N_("Favorite"), "archived": N_("Archived"), "owner": N_("Owner"), "device": N_("Device"),
    "hardware": N_("Hardware"), "started": N_("Started"), "finished": N_("Finished"),
    "epoch": N_("Epoch"), "number": N_("Number"), "study": N_("Study"), "trial": N_("Trial"),
    "parent": N_("Parent"), "parameters": N_("Parameters"),
}  # fmt: skip
KINDS = {RUN: N_("run"), SEARCH: N_("search"), DRAFT: N_("draft")}
_MOVING = frozenset({"epoch", "seconds"})
"""What changes while a run is at work, besides its metrics: it is on the card then."""


def title_of(name: str) -> str:
    """Returns what a column is called: fields of the spec by their path."""
    if name == TREND:
        return _(TREND_TITLE)
    field = find_field(name)
    if field is None or not field.parts:
        return _(TITLES[name]) if name in TITLES else name
    labels = show.labels()
    title = labels[str(field.path[0])]
    return f"{title} · {labels[field.parts[0].value]}" if len(field.parts) == 1 else title


def usual_columns(found: Sequence[Experiment]) -> list[str]:
    """Returns the columns of someone who has chosen none: results before settings.

    The metrics are those that some experiment is judged by; what kind it is is said where there are several, tags where someone gave any.
    """
    judged = {best[0] for one in found if not _is_moving(one) and (best := best_value(one))}
    metrics = [name for name in (*METRICS, "loss") if name in judged] or [next(iter(METRICS))]
    empty = set() if any(one.annotation.tags for one in found) else {"tag"}
    kinds = ["kind"] if any(one.kind != RUN for one in found) else []
    return [*metrics, TREND, *kinds, *(name for name in SETTINGS if name not in empty)]


def _is_moving(one: Experiment) -> bool:
    return isinstance(one, Run) and not one.state.final


def offered_columns(found: Sequence[Experiment]) -> list[str]:
    """Returns what can be a column: first the fields of the spec in which they differ, then what was measured."""
    measured = {(scope, name) for one in found for scope, logs in one.summary.items() for name in logs}
    specs = [one for one in found if one.kind != SEARCH]  # a search has its space in its spec, too
    others = [
        name
        for name, field in known_fields().items()
        if not field.parts or any((part.value, field.path[0]) in measured for part in field.parts)
    ]
    left_out = {"name", "id"}
    return [name for name in dict.fromkeys([*differing_fields(specs), *others]) if name not in left_out]


def chosen_columns(found: Sequence[Experiment]) -> list[str]:
    """Shows the choice of columns; returns those that are chosen, which the address names."""
    usual = usual_columns(found)
    offered = dict.fromkeys([*fields_in_address(URL), *offered_columns(found), *usual])
    with st.popover(_("Columns"), icon=":material/view_column:"):
        return choose_several(
            _("Columns"),
            URL,
            list(offered),
            usual=usual,
            format_func=title_of,
            help=_("The settings in which these experiments differ come first."),
            placeholder=_("choose or type"),
            width=420,
        )


def fields_in_address(parameter: str) -> list[str]:
    """Returns the names of fields that a parameter of the address lists; those of another version are left out."""
    return [name for name in st.query_params.get(parameter, "").split(",") if name and find_field(name)]


def experiments_frame(found: Sequence[Experiment], names: Sequence[str]) -> pd.DataFrame:
    """Returns the experiments as a table with some columns; numbers that still move are left out."""
    # What moves stands on the cards: the table is drawn again only when one comes, goes or changes its state.
    columns: dict[str, list[Any]] = {"name": [name_link(one) for one in found]}
    for name in names:
        if name == TREND:
            columns[name] = trends_of(found)
        elif (field := find_field(name)) is not None:
            columns[name] = _alike([_cell(one, field) for one in found])
    return pd.DataFrame({**columns, "id": [one.id for one in found]})


def name_link(one: Experiment) -> str:
    """Returns the address of an experiment, with the name that is shown for it behind the hash."""
    return f"{address_of(*page_of(one))}#{url_quote(starred_name(one), safe='')}"


def _cell(one: Experiment, field: Field) -> Any:
    if _is_moving(one) and (field.parts or field.name in _MOVING):
        return None
    value = field_value(one, field)
    match field.kind:
        case FieldKind.STATE:
            return [_(state_names()[str(one.state)][0])]
        case FieldKind.TEXT if field.name == "kind":
            return [_(KINDS[one.kind])]
        case FieldKind.TAGS:
            return list(value)
        case FieldKind.SPEC if isinstance(value, list | dict):
            return json.dumps(value, ensure_ascii=False)
    return value


def _alike(cells: list[Any]) -> list[Any]:
    """Returns cells of one type: numbers stay if nothing else is among them."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) <= 1 or kinds == {int, float}:
        return cells
    return [cell if cell is None else str(cell) for cell in cells]


def column_formats(frame: pd.DataFrame, sort: str) -> dict[str, Any]:
    """Returns how each column is shown; the one that the table is sorted by has an arrow."""
    formats = {"name": link_column(_arrow("name", _("Name"), sort))}
    for name in frame:
        field = find_field(str(name))
        if field is not None and name not in ("name", "id"):
            formats[str(name)] = _format(field, _arrow(str(name), title_of(str(name)), sort), frame[name])
    if TREND in frame:
        formats[TREND] = st.column_config.LineChartColumn(_(TREND_TITLE), width=90, help=_(TREND_HELP))
    formats["id"] = st.column_config.TextColumn(_("Id"))
    return formats


def _arrow(name: str, title: str, sort: str) -> str:
    return f"{title} ↓" if sort == name else f"{title} ↑" if sort == f"+{name}" else title


def _format(field: Field, title: str, cells: pd.Series) -> Any:
    column = st.column_config
    match field.kind:
        case FieldKind.STATE:
            known = {_(name): color for name, color in state_names().values()}
            return column.MultiselectColumn(title, options=list(known), color=list(known.values()))
        case FieldKind.TEXT if field.name == "kind":
            return column.MultiselectColumn(title, options=[_(name) for name in KINDS.values()], color="gray")
        case FieldKind.TAGS:
            return column.ListColumn(title)
        case FieldKind.TIME:
            return date_column(title)
        case FieldKind.FLAG:
            return column.CheckboxColumn(title)
        case FieldKind.DURATION:
            return column.NumberColumn(title, format="%.1f")
        case FieldKind.NUMBER if field.parts:
            metric = METRICS.get(str(field.path[0]))
            is_share = metric is not None and metric.is_share
            judged = _("On the test part, else on the validation part.")
            return column.NumberColumn(
                title,
                format="percent" if is_share else "%.4g",
                help=judged if len(field.parts) > 1 else None,
            )
    if pd.api.types.is_numeric_dtype(cells):
        return column.NumberColumn(title, format="%.6g")
    return column.TextColumn(title)


def experiments_csv(found: Sequence[Experiment]) -> str:
    """Returns experiments as CSV: what they are, what was measured on each part, and all their settings."""
    rows = [
        {
            **{name: field_value(one, field) for name, field in known_fields().items() if not field.parts},
            "tag": ", ".join(one.annotation.tags),
            **{
                f"{scope}.{name}": value
                for scope in (part.value for part in (Scope.TRAIN, Scope.VALIDATION, Scope.TEST))
                for name, value in one.summary.get(scope, {}).items()
            },
            **spec_values(one.spec),
        }
        for one in found
    ]
    return str(pd.DataFrame(rows).map(escape_formula).to_csv(index=False))
