"""The way from a sample to its neighbours."""

from __future__ import annotations

import streamlit as st

from dlcore.analysis.samples import Indices
from dlcore.ui.lab.source import SAMPLE, LabSource
from dlcore.ui.shared.i18n import _


def neighbour_buttons(
    source: LabSource, place: int, order: Indices, *, key: str, has_keys: bool = False
) -> None:
    """Draws two buttons that open the samples before and after one in a list.

    Args:
        source: the part.
        place: of the sample in it.
        order: the places of the list; the sample may have left it.
        key: what the keys of the buttons begin with.
        has_keys: whether the arrows of the keyboard press them, too.
    """
    places = order.tolist()
    here = places.index(place) if place in places else -1
    with st.container(horizontal=True, gap="small", width="content", wrap=False):
        for title, icon, step, shortcut in (
            (_("Previous"), "arrow_back", -1, "Left"),
            (_("Next"), "arrow_forward", 1, "Right"),
        ):
            there = here + step
            possible = here >= 0 and 0 <= there < len(places)
            st.button(
                title,
                # A key is shown as an arrow, too.
                icon=None if has_keys else f":material/{icon}:",
                key=f"{key}.{step}",
                disabled=not possible,
                shortcut=shortcut if has_keys else None,
                on_click=_open,
                args=(int(source.samples.rows[places[there] if possible else place]),),
            )


def _open(row: int) -> None:
    st.query_params[SAMPLE] = str(row)
