"""Inside the network: what its layers give for a sample, where it puts all samples, and which columns it needs."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.plots.explanations import bars_figure, bars_info
from dlcore.plots.network_maps import (
    groups_by_class,
    groups_by_error,
    layer_figure,
    map_figure,
    values_figure,
)
from dlcore.queue.explanations import Arrays, explainable
from dlcore.queue.network_maps import (
    find_importance,
    find_layers,
    find_map,
    has_columns,
    importance_of,
    layers_of,
    map_of,
    request_importance,
    request_layers,
    request_map,
)
from dlcore.records import Job, Run
from dlcore.records.network_maps import LayerView, MapMethod, NetworkMap
from dlcore.ui.shared.format import metric
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.web.context import context

SAMPLE = "sample"
"""The parameter of the address that names a sample by its row."""


def sample_layers(run: Run, part: str, sample: int) -> None:
    """Draws what each layer gives for a sample, and what the convolutions look for, once it is asked for."""
    st.subheader(_("Inside the network"), anchor=False)
    here = context()
    job = find_layers(here.store, run, part, sample, owner=here.actor.id)
    try:
        if job is None:
            if not st.button(_("Show the layers"), icon=":material/layers:", key=f"layers.{run.id}"):
                return
            job = request_layers(here.store, run, part, sample, owner=here.actor.id)

        def again() -> None:
            request_layers(here.store, run, part, sample, owner=here.actor.id, again=True)

        if not show_until_done(
            wait_briefly(job), _("Looking into the network"), again, key="layers_again", border=False
        ):
            return
        views, arrays = layers_of(here.store, job)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    kinds = {"activations": _("What the layers give"), "filters": _("Filters")}
    kind = "activations"
    if views.filters:
        kind = str(
            st.segmented_control(
                _("Show"),
                list(kinds),
                format_func=kinds.__getitem__,
                key="layers_kind",
                default=kind,
                required=True,
            )
        )
    _layer(views.filters if kind == "filters" else views.activations, arrays, kind)


def _layer(views: tuple[LayerView, ...], arrays: Arrays, kind: str) -> None:
    """Draws one of several layers."""
    place = st.select_slider(
        _("Layer"),
        range(len(views)),
        format_func=lambda number: views[number].name,
        key=f"layers_place.{kind}",
    )
    view = views[int(place)]
    values = arrays[view.key]
    st.plotly_chart(layer_figure(values, translate=_), key=f"layer.{kind}", config={"displayModeBar": False})
    shape = " × ".join(map(str, view.shape))
    told = _("{kind}, {shape}").format(kind=view.kind, shape=shape)
    if values.ndim > 1 and len(values) < view.count:
        told += " · " + _("the first {count} of {total} channels").format(count=len(values), total=view.count)
    if kind == "filters":
        told += " · " + _("each the mean over its input channels, from its lowest value to its highest")
    elif values.ndim == 3:
        told += " · " + _("each map from its lowest value to its highest")
    st.caption(told)


def network_map(run: Run, part: str = "test") -> None:
    """Draws where the network puts the samples of a part; a click on a point opens that sample."""
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


def column_importance(run: Run) -> None:
    """Draws how much worse the model is where one column is shuffled; nothing where the data has no columns."""
    here = context()
    try:
        if not has_columns(explainable(here.store, run)):
            return
        st.subheader(_("Which columns it needs"), anchor=False)
        job = find_importance(here.store, run, owner=here.actor.id)
        if job is None and st.button(
            _("Shuffle the columns"), icon=":material/shuffle:", key="importance_ask"
        ):
            job = request_importance(here.store, run, owner=here.actor.id)
        if job is not None:
            _importance(run, job)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")


def _importance(run: Run, job: Job) -> None:
    here = context()

    def again() -> None:
        request_importance(here.store, run, owner=here.actor.id, again=True)

    title = _("Shuffling one column after another")
    if not show_until_done(wait_briefly(job), title, again, key="importance_again", border=False):
        return
    found = importance_of(here.store, job)
    info = bars_info(
        [row.column for row in found.rows],
        np.array([row.mean for row in found.rows]),
        spreads=[row.deviation for row in found.rows],
    )
    falls = _("Fall of the accuracy") if found.metric == "accuracy" else _("Rise of the error (RMSE)")
    st.plotly_chart(
        bars_figure(info, title=falls, translate=_),
        key="importance_plot",
        config={"displayModeBar": False},
    )
    st.caption(
        _(
            "Without any shuffling: {value} on {samples} test samples; each column was shuffled {repeats} times."
        ).format(value=metric(found.metric, found.value), samples=f"{found.samples:,}", repeats=found.repeats)
    )
