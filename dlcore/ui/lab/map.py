"""Where the network puts the samples of a part: what it takes for alike lies together."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.plots.network_maps import groups_by_class, groups_by_error, map_figure, values_figure
from dlcore.queue.explanations import Arrays
from dlcore.queue.network_maps import find_map, map_of, request_map
from dlcore.records import Run
from dlcore.records.network_maps import MapMethod, NetworkMap
from dlcore.ui.lab.card import sample_card
from dlcore.ui.lab.list import asked_sample
from dlcore.ui.lab.source import SAMPLE, LabSource
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.web.context import context


def map_view(source: LabSource) -> None:
    """Draws where the network puts the samples of a part; a click on a point shows that sample below."""
    _network_map(source.run, source.part)
    place = asked_sample(source)
    if place is not None:
        sample_card(source, place, np.arange(len(source.samples)))


def _network_map(run: Run, part: str) -> None:
    here = context()
    titles = {MapMethod.PCA: "PCA", MapMethod.TSNE: "t-SNE"}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.segmented_control(
            _("Map"), list(MapMethod), format_func=titles.__getitem__, key="map_method", default=MapMethod.PCA,
            required=True, persist_state="session",
        )  # fmt: skip
        colours = st.container(width="content")
    method = MapMethod(str(chosen))
    job = find_map(here.store, run, part, method, owner=here.actor.id)
    try:
        if job is None:
            st.caption(
                _(
                    "Each sample becomes a point, by what the last layer takes: what the network takes for alike lies together."
                )
            )
            if not st.button(
                _("Draw the map"), icon=":material/scatter_plot:", key="map_ask", type="primary"
            ):
                return
            job = request_map(here.store, run, part, method, owner=here.actor.id)

        def again() -> None:
            request_map(here.store, run, part, method, owner=here.actor.id, again=True)

        if not show_until_done(wait_briefly(job), _("Drawing the map"), again, key="map_again", border=False):
            return
        found, arrays = map_of(here.store, job)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    with colours:
        by_error = bool(found.classes) and _choose_colours()
    _map(found, arrays, by_error=by_error)


def _choose_colours() -> bool:
    titles = {"class": _("Class"), "error": _("Right or wrong")}
    chosen = st.segmented_control(
        _("Colour"),
        list(titles),
        format_func=titles.__getitem__,
        key="map_colour",
        default="class",
        required=True,
    )
    return chosen == "error"


def _map(found: NetworkMap, arrays: Arrays, *, by_error: bool) -> None:
    points, rows, true = arrays["points"], arrays["rows"], arrays["true"]
    if found.classes:
        groups = (
            groups_by_error(true, arrays["predicted"]) if by_error else groups_by_class(true, found.classes)
        )
        drawn = map_figure(points, rows, groups, translate=_)
    else:
        drawn = values_figure(points, rows, true, _("Target"), translate=_)
    st.plotly_chart(drawn, key="map_plot", on_select=_open_clicked, selection_mode="points")
    told = _("{count} of {total} samples; a click on a point opens the sample.").format(
        count=f"{found.samples:,}", total=f"{found.total:,}"
    )
    if found.explained is not None:
        told += " " + _("The two directions hold {share} of all differences.").format(
            share=f"{found.explained:.0%}"
        )
    else:
        told += " " + _("Neighbours are alike; how far groups lie apart means nothing.")
    st.caption(told)


def _open_clicked() -> None:
    points = st.session_state["map_plot"].selection.points
    for point in points:
        data = point.get("customdata")
        row = data[0] if isinstance(data, list) and data else data
        if row is not None:
            st.query_params[SAMPLE] = str(int(row))
            return
