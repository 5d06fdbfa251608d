"""The gallery of datasets: your own and those that come along, each with a look at its samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.access.actors import EVERYBODY
from dlcore.access.permissions import Kind, Verb, may
from dlcore.datasets import CATALOGUE, is_available
from dlcore.datasets.stored import StoredDataset
from dlcore.datasets.summary import random_samples, thumbnails
from dlcore.errors import DlcoreError
from dlcore.plots.images import tile
from dlcore.records.shares import Thing
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.ui.shared import format as show
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.complaining import report_dialog
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.images import png_of
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.owners import owner_text
from dlcore.ui.shared.samples import samples_of
from dlcore.ui.shared.sharing import may_share, share_dialog
from dlcore.ui.upload.own_datasets import ask_removal, own_datasets, use_button
from dlcore.web.context import context

PAGE_SIZE = 24
PICTURES, IN_A_ROW, SIDE = 16, 8, 64
ROWS, COLUMNS, LONGEST = 3, 4, 18
"""Of a table as it is shown in a card; characters of a cell."""
TEXTS, LONGEST_TEXT = 3, 80
WIDTH, HEIGHT = 320, 64
"""Of the picture of a waveform, in pixels."""
_INK = (99, 102, 241, 255)


def gallery() -> None:
    """Shows a card for each dataset, your own first, the latest before the others."""
    own: list[StoredDataset | DatasetFacts] = [*own_datasets()]
    cards = [*own, *(one.facts for one in CATALOGUE)]
    pages = max(1, -(-len(cards) // PAGE_SIZE))
    page = min(pages, int(st.session_state.get("datasets_page") or 1))
    with st.grid(3, min_column_width=300, gap="small"):
        for card in cards[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]:
            with st.container(border=True, height="stretch", gap="small"):
                _card(card)
    if pages > 1:
        st.pagination(pages, key="datasets_page")


def _card(card: StoredDataset | DatasetFacts) -> None:
    facts = card.facts if isinstance(card, StoredDataset) else card
    here = context()
    st.markdown(f"**{escape_name(_(facts.title))}**")
    size = _n("{n} sample", "{n} samples", facts.size).format(n=f"{facts.size:,}")
    about = [_(facts.kind.value), _(facts.task.value), size]
    if isinstance(card, StoredDataset):
        about += [facts.name, owner_text(facts.owner)]
    st.caption(escape_name(" · ".join(about), 160))
    if is_available(facts.name, here.settings):
        _look(facts)
    else:
        words = _("{size} are downloaded first: it needs a network.")
        st.caption(f":material/download: {words.format(size=show.size(facts.download_bytes))}")
    st.space("stretch")  # so that the buttons of a row are side by side
    with st.container(horizontal=True, horizontal_alignment="distribute", wrap=False):
        use_button(facts, key=f"use.{facts.name}")
        text = _("Remove the dataset {name}").format(name=facts.name)
        if isinstance(card, StoredDataset) and facts.owner == here.actor.id and may_share():
            _share(facts.name)
        if not isinstance(card, StoredDataset) or not may(here.actor, Verb.DELETE, Kind.DATASET, facts.owner):
            if isinstance(card, StoredDataset) and facts.owner != EVERYBODY:
                _report(facts.name)
            return
        if icon_button(text, "delete", f"remove_own.{facts.name}"):
            ask_removal(card)


def _share(name: str) -> None:
    if icon_button(_("Share the dataset {name}").format(name=name), "share", f"share.{name}"):
        share_dialog([Thing(Kind.DATASET, name)])


def _report(name: str) -> None:
    if icon_button(_("Report the dataset {name}").format(name=name), "flag", f"report.{name}"):
        report_dialog([Thing(Kind.DATASET, name)])


def _look(facts: DatasetFacts) -> None:
    """Shows some samples as they are: pictures, texts, a waveform, or the first rows."""
    try:
        match facts.kind:
            case DataKind.IMAGE:
                st.image(_pictures(facts.name, facts.version), width="stretch")
            case DataKind.AUDIO:
                st.image(_waveform(facts.name, facts.version), width="stretch")
            case DataKind.TEXT:
                for text in _texts(facts.name, facts.version):
                    st.caption(escape_name(text, LONGEST_TEXT))
            case DataKind.TABLE | DataKind.SERIES | DataKind.RATINGS:
                st.table(_rows(facts.name, facts.version), border="horizontal")
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")


@st.cache_data(max_entries=64, show_spinner=False)
def _pictures(name: str, version: str) -> bytes:
    samples = samples_of(name, version)
    images = thumbnails(samples, random_samples(samples, PICTURES), side=SIDE)
    return png_of(tile(images, columns=IN_A_ROW, scale=max(1, SIDE // images.shape[2])))


@st.cache_data(max_entries=64, show_spinner=False)
def _waveform(name: str, version: str) -> bytes:
    """Returns a picture of the first recording: the lowest and the highest value of each column of pixels."""
    samples = samples_of(name, version)
    wave = samples.read(int(samples.rows[0]))[:, 0]
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    loudest = float(np.abs(wave).max(initial=0.0)) or 1.0
    middle = (HEIGHT - 1) / 2
    for place, part in enumerate(np.array_split(wave, WIDTH)):
        low, high = (float(part.min()), float(part.max())) if part.size else (0.0, 0.0)
        top, bottom = (round(middle - middle * value / loudest) for value in (high, low))
        picture[top : bottom + 1, place] = _INK
    return png_of(picture)


@st.cache_data(max_entries=64, show_spinner=False)
def _texts(name: str, version: str) -> list[str]:
    samples = samples_of(name, version)
    return [samples.texts.iloc[index] for index in random_samples(samples, TEXTS)]


@st.cache_data(max_entries=64, show_spinner=False)
def _rows(name: str, version: str) -> pd.DataFrame:
    samples = samples_of(name, version)
    names = [column.name for column in samples.facts.columns][:COLUMNS]
    cells = {escape_name(one, LONGEST): samples.column(one).head(ROWS).map(_cell).tolist() for one in names}
    return pd.DataFrame(cells)


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return escape_name(text, LONGEST)
