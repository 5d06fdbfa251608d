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
from dlcore.spec.preprocessing import (
    MFCC,
    MelSpectrogram,
    TextVectorization,
    form_after,
    seconds_seen,
)
from dlcore.spec.signature import INPUT
from dlcore.text import short_text
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.images import enlarge
from dlcore.ui.shared.markdown import escape_markdown

SIDE = 112
MOST_WORDS = 200
MOST_LINES = 8
_CONFIG = {"displayModeBar": False}


def show_seen(answer: Answer, how: Preparation, *, key: str) -> None:
    """Shows what was given as a picture, and what the model saw of it; nothing where it saw nothing."""
    if not answer.seen:
        return
    first = next(iter(answer.seen.values()))
    match how.facts.kind:
        case DataKind.IMAGE:
            _pictures(answer, first)
        case DataKind.AUDIO:
            _sound(first, how, key)
        case DataKind.TEXT:
            _words(first, how)
        case DataKind.SERIES:
            watched = how.facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
            _lines(answer, [column.name for column in watched], key)
        case DataKind.ARRAY if first.ndim == 3 and first.shape[-1] in (1, 3):
            _array_pictures(first, answer.returned)
        case DataKind.ARRAY if first.ndim == 2:
            _lines(answer, [], key)
        case DataKind.TABLE | DataKind.RATINGS:
            _numbers(answer, how, key)
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
        if seen.shape[-1] in (1, 3):
            pixels = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
            st.image(enlarge(pixels), width=SIDE, alt=_("What the model sees"))
        with st.container(width="stretch"):
            _heading(_form(seen[..., 0]) if seen.ndim == 3 else _form(seen))


def _sound(seen: Array, how: Preparation, key: str) -> None:
    _heading(_form(seen))
    if any(isinstance(step, MelSpectrogram | MFCC) for step in how.steps) and seen.ndim == 3:
        figure = spectrogram_figure(seen[..., 0], seconds=seconds_seen(how.facts, how.steps), translate=_)
    else:
        places = np.arange(len(seen)) / form_after(how.facts, how.steps).sample_rate
        figure = lines_figure(lines_info(places, {_("Sample"): seen[:, 0]}), x_title=_("Seconds"))
        figure.update_layout(height=180)
    st.plotly_chart(figure, key=f"try_seen.{key}", config=_CONFIG)


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
    are_characters = any(
        isinstance(step, TextVectorization) and step.split == "character" for step in how.steps
    )
    st.markdown(("" if are_characters and seen.dtype == np.int32 else " ").join(words) or "–")


def _array_pictures(seen: Array, returned: Array | None) -> None:
    """Shows an array as a picture, and beside it what came back of it; both from the least value to the greatest."""
    low, high = float(seen.min()), float(seen.max())
    pictures = {_("What the model sees"): seen}
    if returned is not None:
        pictures[_("Reconstructed")] = returned
    with st.container(horizontal=True, vertical_alignment="center"):
        for title, values in pictures.items():
            share = np.clip((values - low) / max(high - low, 1e-12), 0, 1)
            st.image(enlarge(np.rint(share * 255).astype(np.uint8)), width=SIDE, alt=title)
        with st.container(width="stretch"):
            _heading(_form(seen))
            if returned is not None:
                st.caption(_("On the right, what came back of it"))


def _lines(answer: Answer, names: list[str], key: str) -> None:
    """Shows a series as lines, called by `names` if it has so many, and what came back of each."""
    seen = answer.seen[INPUT]
    _heading(_form(seen))
    if seen.ndim != 2 or len(names) != seen.shape[1]:
        names = [str(place + 1) for place in range(seen.shape[-1])]
    lines = {name: seen[:, place] for place, name in enumerate(names[:MOST_LINES])}
    if answer.returned is not None and answer.returned.shape == seen.shape:
        back = _("{name} · reconstructed")
        lines |= {
            back.format(name=name): answer.returned[:, place] for place, name in enumerate(names[:MOST_LINES])
        }
    figure = lines_figure(lines_info(np.arange(len(seen)), lines), x_title=_("Position"))
    figure.update_layout(height=220)
    st.plotly_chart(figure, key=f"try_seen.{key}", config=_CONFIG)


def _numbers(answer: Answer, how: Preparation, key: str) -> None:
    """Shows each number that the model got, by what it means."""
    names, values = list[str](), list[float]()
    features = how.state.get("features", [])
    for name, one in answer.seen.items():
        flat = one.ravel()
        known = name == INPUT and len(features) == len(flat)
        names += features if known else [name] * len(flat)
        values += [float(value) for value in flat]
    before = answer.returned is not None
    _heading(_("Before they are scaled") if before else _("Numbers and ids, as they go into the network"))
    table = pd.DataFrame({"name": [short_text(name, 60) for name in names], "value": values})
    if answer.returned is not None and answer.returned.size == len(table):
        table["returned"] = answer.returned.ravel()
    st.dataframe(
        table,
        hide_index=True,
        key=f"try_seen.{key}",
        height="content" if len(names) <= 6 else 240,
        column_config={
            "name": st.column_config.TextColumn(_("Input"), pinned=True),
            "value": st.column_config.NumberColumn(_("Value"), format="%.4g"),
            "returned": st.column_config.NumberColumn(_("Reconstructed"), format="%.4g"),
        },
    )
