"""Which samples are looked at: the choices, the confusion matrix that can be clicked, and the list of the samples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.analysis.samples import Indices, Order
from dlcore.errors import N_
from dlcore.plots.confusion import MOST_WITH_TEXT, Share, confusion_figure, confusion_info
from dlcore.ui.lab.sample import CELL, THUMBNAIL, cell_titles, describe_samples, places_of
from dlcore.ui.lab.source import SAMPLE, LabSource
from dlcore.ui.shared.address import asked_number, begin, tell
from dlcore.ui.shared.i18n import _, _n

ORDER, TRUE, PREDICTED, PAGE = "order", "true", "predicted", "lab_page"
"""The first three are parameters of the address, too."""
MATRIX = "lab_matrix"
PAGE_SIZE = 50
ROW, HEADER = 35, 38
"""Heights in a table, in pixels."""
_ALL = "all"

ORDERS = {
    Order.SURE_AND_WRONG: N_("Wrong, and sure of it"),
    Order.UNSURE_AND_RIGHT: N_("Right, but unsure"),
    Order.HIGHEST_LOSS: N_("Highest loss"),
    Order.AS_STORED: N_("All, as in the dataset"),
}


def choose_samples(source: LabSource) -> Indices:
    """Draws the choice of an order and of classes; returns the places of the samples."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        order = _choose_order(source)
        if not source.classes:
            return source.samples.chosen(order)
        true = _choose_class(_("True class"), TRUE, source)
        predicted = _choose_class(_("Predicted class"), PREDICTED, source)
    return source.samples.chosen(order, true=true, predicted=predicted)


def _choose_order(source: LabSource) -> Order:
    orders = list(source.samples.orders())
    begin(ORDER, {order.value: order for order in orders})
    if st.session_state.get(ORDER) not in orders:
        st.session_state[ORDER] = orders[0].value
    chosen = st.selectbox(
        _("Which samples"),
        [order.value for order in orders],
        format_func=lambda value: _(ORDERS[Order(value)]),
        key=ORDER,
        width=190,
    )
    tell(ORDER, chosen, first=orders[0].value)
    return Order(chosen)


def _choose_class(label: str, key: str, source: LabSource) -> int | None:
    """Draws the choice of a class, which the address names by its number."""
    names = [_ALL, *(str(place) for place in range(len(source.classes)))]
    begin(key, dict.fromkeys(names))
    if st.session_state.get(key) not in names:
        st.session_state[key] = _ALL
    chosen = st.selectbox(
        label,
        names,
        format_func=lambda name: _("all") if name == _ALL else source.titles[int(name)],
        key=key,
        width=130,
    )
    tell(key, chosen, first=_ALL)
    return None if chosen == _ALL else int(chosen)


def matrix(source: LabSource) -> None:
    """Shows which class was taken for which; a click on a cell chooses its samples."""
    shares = {Share.COUNTS: _("Samples"), Share.TRUE: _("By row"), Share.PREDICTED: _("By column")}
    share = st.segmented_control(
        _("Confusion matrix"),
        list(shares),
        format_func=lambda one: shares[one],
        key="lab_share",
        default=Share.COUNTS,
        required=True,
        help=_(
            "Counts, shares of each true class (a row), or of each predicted class (a column). Click a cell to see its samples."
        ),
    )
    info = confusion_info(source.confusion, source.classes, share=share or Share.COUNTS)
    clickable = len(source.classes) <= MOST_WITH_TEXT
    drawn = confusion_figure(info, clickable=clickable, height=420, translate=_)
    if not clickable:
        st.plotly_chart(drawn, key=MATRIX)
        return
    drawn.update_layout(clickmode="event+select", dragmode=False)
    key = f"{MATRIX}.{source.part}"
    st.plotly_chart(
        drawn,
        key=key,
        on_select=partial(_cell_clicked, key, len(source.classes)),
        selection_mode="points",
        config={"displayModeBar": False},
    )


def _cell_clicked(key: str, classes: int) -> None:
    points = st.session_state[key].selection.points
    true, predicted = divmod(int(points[0]["point_index"]), classes) if points else (None, None)
    choose_pair(true, predicted)


def choose_pair(true: int | None, predicted: int | None) -> None:
    """Chooses the samples of one class that were taken for another; of all, where none is named."""
    for key, value in ((TRUE, true), (PREDICTED, predicted)):
        st.session_state[key] = _ALL if value is None else str(value)
    # Else a cell of right answers would show none: they are not among what is wrong.
    is_right = true is not None and true == predicted
    st.session_state[ORDER] = (Order.HIGHEST_LOSS if is_right else Order.SURE_AND_WRONG).value
    st.session_state.pop(PAGE, None)
    st.query_params.pop(SAMPLE, None)


def sample_list(source: LabSource, chosen: Indices) -> int | None:
    """Shows the chosen samples, a page of them at a time; returns the place of the one that is open, if any."""
    total = len(chosen)
    words = _n("{n} sample of {total}", "{n} samples of {total}", total)
    st.caption(words.format(n=f"{total:,}", total=f"{len(source.samples):,}"))
    opened = asked_sample(source)
    if not total:
        st.info(_("There are no such samples."), icon=":material/check_circle:")
        return opened
    pages = -(-total // PAGE_SIZE)
    page = min(pages, int(st.session_state.get(PAGE) or 1))
    shown = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    _table(source, shown)
    if pages > 1:
        st.pagination(pages, key=PAGE)
    return int(shown[0]) if opened is None else opened


def asked_sample(source: LabSource) -> int | None:
    """Returns the place of the sample that the address names, if the part has it."""
    asked = asked_number(SAMPLE)
    return None if asked is None else source.samples.place_of(asked)


def _table(source: LabSource, shown: Indices) -> None:
    rows = source.samples.rows[shown]
    described, answers = _described(source, rows), _answers(source, shown)
    # A row of many columns would push the answers out of sight.
    is_row = any(str(name).startswith(CELL) for name in described)
    numbers = pd.DataFrame({"number": rows})
    order = (numbers, answers, described) if is_row else (described, numbers, answers)
    table = pd.concat(order, axis=1)
    of_pictures = "picture" in table
    # A selection is kept as places of rows: another list is another table.
    key = f"lab_list.{sha256(rows.tobytes()).hexdigest()[:12]}"
    height = THUMBNAIL + 8 if of_pictures else ROW
    st.dataframe(
        table,
        hide_index=True,
        key=key,
        on_select=partial(_row_chosen, key, rows.tolist()),
        selection_mode="single-row",
        row_height=height,
        height=min(HEADER + height * len(table) + 2, 420),
        column_config=_columns(source),
    )


def _row_chosen(key: str, rows: Sequence[int]) -> None:
    places = st.session_state[key].selection.rows
    if places:
        st.query_params[SAMPLE] = str(rows[places[0]])


def _described(source: LabSource, rows: Indices) -> pd.DataFrame:
    """Returns what the samples are; nothing where the dataset is gone."""
    samples = source.dataset()
    return pd.DataFrame() if samples is None else describe_samples(samples, places_of(samples, rows))


def _answers(source: LabSource, shown: Indices) -> pd.DataFrame:
    samples = source.samples
    if samples.correct is None:
        names = source.targets[:3]
        told = {
            title: values[shown, place]
            for place, name in enumerate(names)
            for title, values in ((f"true.{name}", samples.true), (f"predicted.{name}", samples.predicted))
        }
        return pd.DataFrame({**told, "loss": samples.loss[shown]})
    return pd.DataFrame(
        {
            "true": said_classes(source, samples.true[shown]),
            "predicted": said_classes(source, samples.predicted[shown]),
            "confidence": 100 * samples.confidence[shown],
            "loss": samples.loss[shown],
        }
    )


def said_classes(source: LabSource, values: np.ndarray) -> list[str]:
    """Returns the names of classes, or of all labels that are set."""
    titles = source.titles
    if values.ndim == 1:
        return [titles[int(place)] for place in values]
    return [", ".join(titles[place] for place in np.flatnonzero(row)) or "–" for row in values]


def _columns(source: LabSource) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    numbers = {
        f"{kind}.{name}": number(title.format(name=name), format="%.6g")
        for name in source.targets[:3]
        for kind, title in (("true", _("True {name}")), ("predicted", _("Predicted {name}")))
    }
    samples = source.dataset()
    return {
        **({} if samples is None else cell_titles(samples.facts)),
        "picture": st.column_config.ImageColumn(_("Sample"), width="small", pinned=True),
        "text": st.column_config.TextColumn(_("Text"), width="medium"),
        "name": st.column_config.TextColumn(_("Recording"), width=150),
        "number": number(_("Number"), width="small", help=_("Its row in the dataset, counted from 0.")),
        "true": st.column_config.TextColumn(_("True"), width="small"),
        "predicted": st.column_config.TextColumn(_("Predicted"), width="small"),
        "confidence": number(_("Confidence"), format="%.1f%%", width="small"),
        "loss": number(_("Loss"), format="%.3g", width="small"),
        "user": _("User"),
        "item": _("Item"),
        **numbers,
    }
