"""One sample: what it is, what was answered, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dlcore.analysis.samples import Indices
from dlcore.datasets.parts import Array
from dlcore.plots.answers import answer_figure, answer_info
from dlcore.spec.data import Task
from dlcore.text import number_text, short_texts
from dlcore.ui.lab.corrections import correction_buttons
from dlcore.ui.lab.explanation import explain_sample
from dlcore.ui.lab.forecast import show_forecast
from dlcore.ui.lab.layers import sample_layers
from dlcore.ui.lab.list import said_classes
from dlcore.ui.lab.neighbours import neighbour_buttons
from dlcore.ui.lab.sample import places_of, show_sample
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.inside import lead_to_forward
from dlcore.ui.shared.markdown import escape_name

MOST_CARDS, LONG = 3, 12
"""Numbers that have a card each; rows of a table that is shown whole."""


def sample_card(source: LabSource, place: int, chosen: Indices) -> None:
    """Shows a sample beside what was answered, with the way to its neighbours in the list.

    Args:
        source: the part.
        place: of the sample in it.
        chosen: the list in which it stands, or did.
    """
    row = int(source.samples.rows[place])
    with st.container(border=True, key="lab_card"):
        _head(source, row, place, chosen)
        samples = source.dataset()
        is_forecast = source.samples.task is Task.FORECASTING
        left, right = st.columns([3, 2] if is_forecast else [2, 3], gap="large")
        with left:
            if samples is None:
                st.info(_("The dataset of this run is no longer here."), icon=":material/info:")
            elif is_forecast:
                show_forecast(source, samples, place)
            else:
                show_sample(
                    samples,
                    int(places_of(samples, source.samples.rows[place : place + 1])[0]),
                    key=f"lab.{row}",
                    steps=source.preprocessing,
                )
        with right:
            _answer(source, place)
        lead_to_forward(source.run, source.part, row)
        correction_buttons(source.run, source.part, row, suggested=_answered(source, place))
        explain_sample(source.run, source.part, row)
        sample_layers(source.run, source.part, row)


def _head(source: LabSource, row: int, place: int, chosen: Indices) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{_('Sample {number}').format(number=f'{row:,}')}**", width="stretch")
        neighbour_buttons(source, place, chosen, key="lab_step", has_keys=True)


def _answer(source: LabSource, place: int) -> None:
    samples = source.samples
    if samples.correct is None:
        _numbers(source, place)
        return
    true, predicted = (
        said_classes(source, values[place : place + 1])[0] for values in (samples.true, samples.predicted)
    )
    right = bool(samples.correct[place])
    icon, color = ("check_circle", "green") if right else ("cancel", "red")
    said = _("Right: {name}") if right else _("Answered {predicted}, is {name}")
    text = said.format(name=f"**{escape_name(true)}**", predicted=f"**{escape_name(predicted)}**")
    st.markdown(f":{color}[:material/{icon}:] {text}")
    st.caption(
        _("{confidence} confident · loss {loss}").format(
            confidence=f"{samples.confidence[place]:.1%}", loss=f"{samples.loss[place]:.3g}"
        )
    )
    chances = dict(zip(source.classes, source.answers.answers[place].tolist(), strict=True))
    chosen = tuple(name for name, chance in chances.items() if chance >= 0.5) if samples.true.ndim == 2 else (
        source.classes[int(samples.predicted[place])],
    )  # fmt: skip
    st.plotly_chart(
        answer_figure(answer_info(chances, chosen)),
        key="lab_answer",
        config={"displayModeBar": False},
        alt=_("The likeliest answers"),
    )


def _answered(source: LabSource, place: int) -> str | None:
    """Returns the class that was answered, where a sample has one."""
    samples = source.samples
    return source.classes[int(samples.predicted[place])] if samples.task.single_label else None


def _numbers(source: LabSource, place: int) -> None:
    """Shows each number beside the true one; many as a table."""
    true, said = source.samples.true[place], source.samples.predicted[place]
    if len(true) > MOST_CARDS:
        _table_of_numbers(source.targets, said, true)
        return
    with st.grid(3, min_column_width=show.CARD, gap="small"):
        for name, right, answer in zip(source.targets, true.tolist(), said.tolist(), strict=True):
            with st.container(border=True):
                st.metric(
                    escape_name(name),
                    number_text(answer),
                    number_text(answer - right, 4, signed=True),
                    delta_color="off",
                )
                st.caption(_("True: {value}").format(value=number_text(right)))


def _table_of_numbers(names: Sequence[str], said: Array, true: Array) -> None:
    titles, number = short_texts(names), partial(st.column_config.NumberColumn, format="%.6g")
    st.dataframe(
        pd.DataFrame(
            {"name": [titles[name] for name in names], "said": said, "true": true, "error": said - true}
        ),
        hide_index=True,
        key="lab_numbers",
        height="content" if len(names) <= LONG else 420,
        column_config={
            "name": st.column_config.TextColumn(_("Target"), pinned=True),
            "said": number(_("Predicted")),
            "true": number(_("True")),
            "error": number(_("Error"), format="%+.4g"),
        },
    )
