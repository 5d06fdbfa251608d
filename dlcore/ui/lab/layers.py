"""Inside the network: what its layers give for a sample, and what its convolutions look for."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.plots.network_maps import layer_figure
from dlcore.queue.explanations import Arrays, explainable
from dlcore.queue.network_maps import find_layers, layers_of, request_layers
from dlcore.records import Run
from dlcore.records.explanation_methods import Form
from dlcore.records.network_maps import LayerView
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.web.context import context


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
    kinds = {"activations": _("What the layers give"), "filters": _("The filters")}
    kind = "activations"
    if views.filters:
        kind = str(
            st.segmented_control(
                _("What is shown"),
                list(kinds),
                format_func=kinds.__getitem__,
                key="layers_kind",
                default=kind,
                required=True,
            )
        )
    _layer(
        views.filters if kind == "filters" else views.activations, arrays, kind, of_sound=_is_of_sound(run)
    )


def _is_of_sound(run: Run) -> bool:
    """Returns whether a run's network looks at spectrograms."""
    try:
        return explainable(context().store, run).form is Form.SPECTROGRAM
    except DlcoreError:  # its dataset is gone
        return False


def _layer(views: tuple[LayerView, ...], arrays: Arrays, kind: str, *, of_sound: bool) -> None:
    """Draws one of several layers."""
    place = st.select_slider(
        _("Layer"),
        range(len(views)),
        format_func=lambda number: views[number].name,
        key=f"layers_place.{kind}",
    )
    view = views[int(place)]
    values = arrays[view.key]
    drawn = layer_figure(values, of_sound=of_sound, translate=_)
    st.plotly_chart(drawn, key=f"layer.{kind}", config={"displayModeBar": False})
    shape = " × ".join(map(str, view.shape))
    told = _("{kind}, {shape}").format(kind=view.kind, shape=shape)
    if values.ndim > 1 and len(values) < view.count:
        told += " · " + _("the first {count} of {total} channels").format(count=len(values), total=view.count)
    if kind == "filters":
        told += " · " + _("each the mean over its input channels, from its lowest value to its highest")
    elif values.ndim == 3:
        told += " · " + _("each map from its lowest value to its highest")
    if of_sound and values.ndim == 3:
        told += " · " + _("time from left to right, pitch upwards")
    st.caption(told)
