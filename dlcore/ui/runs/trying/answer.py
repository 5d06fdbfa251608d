"""What the model answers: the class with its confidence, the numbers, and what was noticed."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import Message
from dlcore.plots.answers import answer_figure, answer_info
from dlcore.queue.wire import Answer, Given
from dlcore.records.predictions import SCORE, Prediction
from dlcore.spec.data import Task
from dlcore.text import short_text
from dlcore.ui.runs.trying.forecast import show_forecast
from dlcore.ui.runs.trying.seen import show_seen
from dlcore.ui.runs.trying.unlike import show_unlike
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_markdown, escape_name

MOST_CARDS = 8
"""Of more numbers, a table."""


def show_answer(answer: Answer, how: Preparation, given: Given, *, key: str) -> None:
    """Shows the answer for the sample that was given, what the model saw of it, and what was noticed.

    Args:
        answer: has predictions for one sample.
        how: the run's samples were prepared.
        given: the sample.
        key: of the run; several answers may be on the page.
    """
    predictions = answer.predictions
    assert predictions is not None, "something was given"
    one = predictions[0]
    if one.problem is not None:
        st.warning(say(one.problem), icon=":material/warning:")
    elif predictions.task.classifies:
        _show_classes(one, predictions.task, key)
    else:
        _show_numbers(one, key)
        _show_unusual(one, predictions.threshold)
        if predictions.task is Task.FORECASTING and isinstance(given, list) and len(predictions) == 1:
            show_forecast(one, how, given, key=key)
    if answer.unlike is not None:
        show_unlike(answer.unlike)
    show_seen(answer, how, key=key)
    show_notes(predictions.notes)
    milliseconds = max(1, round(answer.seconds * 1000))
    st.caption(_("Answered in {time}.").format(time=f"{milliseconds:,} ms"))


def _show_classes(one: Prediction, task: Task, key: str) -> None:
    if one.chosen:
        title = ", ".join(escape_markdown(short_text(name, 40)) for name in one.chosen)
    else:
        title = _("None of the labels")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.header(title, anchor=False, width="content")
        if task.single_label:
            share = one.values[one.chosen[0]]
            st.markdown(_("{share} confident").format(share=f"{share:.0%}"), width="content")
    info = answer_info(one.values, one.chosen)
    st.plotly_chart(
        answer_figure(info),
        key=f"try_bars.{key}",
        config={"displayModeBar": False},
        alt=_("The likeliest answers"),
    )


def _show_numbers(one: Prediction, key: str) -> None:
    names = {name: _("Anomaly score") if name == SCORE else short_text(name, 40) for name in one.values}
    if len(names) <= MOST_CARDS:
        with st.grid(4, min_column_width=show.CARD, gap="small"):
            for name, title in names.items():
                st.metric(escape_name(title), f"{one.values[name]:.6g}", border=True)
        return
    table = pd.DataFrame({"name": list(names.values()), "value": list(one.values.values())})
    st.dataframe(
        table,
        hide_index=True,
        key=f"try_numbers.{key}",
        column_config={
            "name": st.column_config.TextColumn(_("Answer"), pinned=True),
            "value": st.column_config.NumberColumn(_("Value"), format="%.6g"),
        },
    )


def _show_unusual(one: Prediction, threshold: float | None) -> None:
    """Says whether a sample that was reconstructed is above the threshold, where there is one."""
    if threshold is None:
        return
    limit = f"{threshold:.4g}"
    if one.unusual:
        st.badge(
            _("Unusual: above the threshold of {limit}").format(limit=limit),
            icon=":material/warning:",
            color="orange",
        )
    else:
        st.badge(
            _("Usual: at most the threshold of {limit}").format(limit=limit),
            icon=":material/check:",
            color="green",
        )


def show_notes(notes: Sequence[Message]) -> None:
    """Shows what was noticed of the samples, in one box."""
    if notes:
        st.info("\n".join(f"- {say(note)}" for note in notes) if len(notes) > 1 else say(notes[0]))
