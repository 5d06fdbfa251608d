"""What the model saw of a sample, after the preprocessing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.saved import Preparation
from dlcore.plots.lines import lines_figure, lines_info
from dlcore.plots.spectrogram import spectrogram_figure
from dlcore.queue.wire import Answer
from dlcore.spec.data import ColumnRole, DataKind
from dlcore.spec.preprocessing import MFCC, MelSpectrogram
from dlcore.spec.signature import INPUT
from dlcore.text import short_text
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.images import enlarge
from dlcore.ui.shared.markdown import escape_markdown

SIDE = 112
MOST_WORDS = 200
MOST_LINES = 8
_CONFIG = {"displayModeBar": False}


def show_seen(answer: Answer, how: Preparation) -> None:
    """Shows what was given as a picture, and what the model saw of it; nothing where it saw nothing."""
    if not answer.seen:
        return
    first = next(iter(answer.seen.values()))
    match how.facts.kind:
        case DataKind.IMAGE:
            _pictures(answer, first)
        case DataKind.AUDIO:
            _sound(first, how)
        case DataKind.TEXT:
            _words(first, how)
        case DataKind.SERIES:
            _series(answer.seen[INPUT], how)
        case DataKind.TABLE | DataKind.RATINGS:
            _numbers(answer, how)
        case _:
            _heading(_form(first))


def _heading(what: str) -> None:
    st.markdown(f"**{_('What the model sees')}**  \n:small[:gray[{what}]]")


def _form(values: Array) -> str:
    return " × ".join(f"{size:,}" for size in values.shape)


def _pictures(answer: Answer, seen: Array) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if answer.shown is not None:
            shown = answer.shown
            st.image(enlarge(shown), width=SIDE, alt=_("What was given"))
        pixels = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
        if pixels.shape[-1] in (1, 3):
            st.image(enlarge(pixels), width=SIDE, alt=_("What the model sees"))
        with st.container(width="stretch"):
            _heading(_form(seen[..., 0]) if seen.ndim == 3 else _form(seen))


def _sound(seen: Array, how: Preparation) -> None:
    _heading(_form(seen))
    if any(isinstance(step, MelSpectrogram | MFCC) for step in how.steps) and seen.ndim == 3:
        figure = spectrogram_figure(seen[..., 0], seconds=how.facts.seconds, translate=_)
    else:
        places = np.arange(len(seen)) / max(1, how.facts.sample_rate)
        figure = lines_figure(lines_info(places, {_("Sample"): seen[:, 0]}), x_title=_("Seconds"))
        figure.update_layout(height=180)
    st.plotly_chart(figure, key="try_seen", config=_CONFIG)


def _words(seen: Array, how: Preparation) -> None:
    """Shows the words that the model knows of a text; of one that is counted, those that are in it."""
    vocabulary = how.state["vocabulary"]
    if seen.dtype == np.int32:
        ids = [int(one) for one in seen.ravel() if one][:MOST_WORDS]
        words = [
            escape_markdown(vocabulary[one]) if 1 < one < len(vocabulary) else ":gray[‹?›]" for one in ids
        ]
    else:
        places = np.argsort(-seen.ravel())[:MOST_WORDS]
        words = [
            escape_markdown(vocabulary[place])
            for place in places
            if seen.ravel()[place] > 0 and 1 < place < len(vocabulary)
        ]
    _heading(_("‹?› stands for a word that training does not know"))
    st.markdown(" ".join(words) or "–")


def _series(seen: Array, how: Preparation) -> None:
    _heading(_form(seen))
    watched = how.facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
    names = [column.name for column in watched]
    if seen.ndim != 2 or len(names) != seen.shape[1]:
        names = [str(place + 1) for place in range(seen.shape[-1])]
    lines = {name: seen[:, place] for place, name in enumerate(names[:MOST_LINES])}
    figure = lines_figure(lines_info(np.arange(len(seen)), lines), x_title=_("Position"))
    figure.update_layout(height=220)
    st.plotly_chart(figure, key="try_seen", config=_CONFIG)


def _numbers(answer: Answer, how: Preparation) -> None:
    """Shows each number that the model got, by what it means."""
    names, values = list[str](), list[float]()
    features = how.state.get("features", [])
    for name, one in answer.seen.items():
        flat = one.ravel()
        known = name == INPUT and len(features) == len(flat)
        names += features if known else [name] * len(flat)
        values += [float(value) for value in flat]
    _heading(_("Numbers and ids, as they go into the network"))
    st.dataframe(
        pd.DataFrame({"name": [short_text(name, 60) for name in names], "value": values}),
        hide_index=True,
        key="try_seen",
        height="content" if len(names) <= 6 else 240,
        column_config={
            "name": st.column_config.TextColumn(_("Input"), pinned=True),
            "value": st.column_config.NumberColumn(_("Value"), format="%.4g"),
        },
    )
