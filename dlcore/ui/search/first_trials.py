"""The Search page: trials to try first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution

from dlcore.errors import SpecError
from dlcore.search.dimensions import Label, contains
from dlcore.search.space import Space
from dlcore.spec.measure_name import MeasureName
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.dimensions import Dimensions, dimension_markdown
from dlcore.ui.shared import format as show
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.drafts import WorkingDraft, clear_entries
from dlcore.ui.shared.i18n import _, say_beside
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

STUDIES = 30
"""The best trials of so many of the latest studies are looked at."""

Row = dict[str, Label]


def first_trials(draft: WorkingDraft, space: Space) -> bool:
    """Shows the trials to try first: the experiment's own, the best of past studies, and some made by hand.

    Returns:
        Whether all of them are within the space.
    """
    options, valid, known = draft.search.options, True, Dimensions.of(draft)
    with st.container(border=True):
        st.markdown(f"**{_('Trials to try first')}**", help=_("The sampler also learns from them."))
        defaults = ask(
            f"{draft.id}.try_defaults",
            options.try_defaults,
            lambda key, shown: st.toggle(
                _("The experiment's values"),
                value=shown,
                key=key,
                persist_state=KEPT,
                help=_("The first trial is the draft itself, where its values are within the ranges."),
            ),
        )
        if defaults != options.try_defaults:
            draft.save(search=replace(draft.search, options=options.updated(try_defaults=defaults)))
        for index, row in enumerate(options.first):
            valid &= _row(draft, index, row, space, known)
        _past(draft, space)
        with st.popover(_("By hand"), icon=":material/edit:"):
            _by_hand(draft, space, known)
    return valid


def _row(draft: WorkingDraft, index: int, row: Mapping[str, Any], space: Space, known: Dimensions) -> bool:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.markdown(_text(row, known), width="stretch")
        text = _("Remove: {name}").format(name=_("trial {n}").format(n=index + 1))
        if icon_button(text, "delete", f"unfirst.{index}"):
            rest = tuple(one for place, one in enumerate(draft.search.options.first) if place != index)
            _save(draft, rest)
    try:
        space.fitting(row)
    except SpecError as error:
        st.error(
            f"{dimension_markdown(error.message.where, known.known.get(error.message.where))}: {say_beside(error)}",
            icon=":material/error:",
        )
        return False
    return True


def _text(row: Mapping[str, Any], known: Dimensions) -> str:
    parts = [
        f"{dimension_markdown(path, known.known.get(path))} **{escape_name(_shown(value))}**"
        for path, value in row.items()
    ]
    return " · ".join(parts)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _save(draft: WorkingDraft, rows: tuple[Row, ...]) -> None:
    clear_entries()
    draft.save(search=replace(draft.search, options=draft.search.options.updated(first=rows)))


def _past(draft: WorkingDraft, space: Space) -> None:
    """Shows the best trials of past studies on the same data,
    as far as their values are within this space.
    """
    offered = past_bests(draft, space)
    if not offered:
        return
    titles = list(offered)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            _("Best of a past study"),
            titles,
            index=None,
            key=f"{draft.entry_key}.past",
            placeholder=_("A study on the same data"),
        )
        if st.button(_("Add"), key="add_past", icon=":material/add:", disabled=chosen is None) and chosen:
            _save(draft, (*draft.search.options.first, offered[chosen]))


def past_bests(draft: WorkingDraft, space: Space) -> dict[str, Row]:
    """Returns title and parameters of what did best on the same data."""
    store, found = context().store, {}
    rows = list(draft.search.options.first)
    latest = [study for study in store.studies.list(limit=1_000) if study.dataset == draft.facts.name]
    for study in [one for one in latest if one.best is not None][:STUDIES]:
        assert study.best is not None
        params = store.studies.trial(study.id, study.best).params
        fitting = {
            path: value
            for path, value in params.items()
            if path in space.distributions and contains(space.distributions[path], value)
        }
        if fitting and fitting not in rows:
            value = show.metric(MeasureName.parse(study.metrics[0]).metric, study.best_value)
            title = f"{study.name} · #{study.best} · {value}"
            found[title if title not in found else f"{title} · {study.id}"] = fitting
    return found


def _by_hand(draft: WorkingDraft, space: Space, known: Dimensions) -> None:
    row: Row = {}
    for path, distribution in space.distributions.items():
        value = _widget(
            dimension_markdown(path, known.known.get(path)), distribution, f"{draft.entry_key}.hand.{path}"
        )
        if value is not None:
            row[path] = value
    st.caption(_("Empty fields are chosen by the sampler."))
    if st.button(_("Add"), key="add_hand", icon=":material/add:", type="primary", disabled=not row):
        try:
            row = space.fitting(row)
        except SpecError as error:
            st.error(
                f"{dimension_markdown(error.message.where, known.known.get(error.message.where))}: {say_beside(error)}"
            )
            return
        _save(draft, (*draft.search.options.first, row))


def _widget(label: str, distribution: BaseDistribution, key: str) -> Label:
    if isinstance(distribution, CategoricalDistribution):
        chosen: Label = st.selectbox(label, distribution.choices, index=None, format_func=_shown, key=key)
        return chosen
    whole = isinstance(distribution, IntDistribution)
    return st.number_input(
        label,
        value=None,
        step=1 if whole else 0.01,
        format=None if whole else "%.6g",
        key=key,
        placeholder=f"{distribution.low:g} … {distribution.high:g}",  # type: ignore[attr-defined]
    )
