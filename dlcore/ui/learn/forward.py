"""The way forward: what each layer of one's own network makes of a sample, with its numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from dlcore.analysis.learning.layers import working_of
from dlcore.analysis.learning.losses import as_latex, chances_of, is_one_class, right_class, work_out_loss
from dlcore.analysis.learning.recurrence import RECURRENT
from dlcore.analysis.learning.trace import LayerTrace, Trace
from dlcore.datasets.prepare.saved import read_preparation
from dlcore.errors import N_, DlcoreError
from dlcore.plots.layout import figure_names
from dlcore.plots.learn.bars import bars_figure, bars_info
from dlcore.ui.learn.over_time import over_time
from dlcore.ui.learn.own_run import OwnTrace, own_trace
from dlcore.ui.learn.stages import choose_channel, choose_stage, layer_title, show_numbers
from dlcore.ui.learn.sums import convolution, dense, pooling
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

Values = npt.NDArray[np.float64]

_WEIGHTED_WINDOWS = frozenset({"Conv1D", "Conv2D"})
_POOLS = frozenset({"MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D"})

_MOST_WORDS = 200
_MOST_ANSWERS = 24
"""That are drawn."""
_IDLE = N_("It works during training alone: while a network answers, nothing is changed.")
_NOTES = {
    "Dropout": _IDLE,
    "SpatialDropout1D": _IDLE,
    "SpatialDropout2D": _IDLE,
    "GaussianNoise": _IDLE,
    "BatchNormalization": N_(
        "μ and σ are those of the training, kept since: while a network answers, they do not move."
    ),
}


def forward() -> None:
    """Draws the topic."""
    found = own_trace()
    if found is None:
        return
    place = choose_stage(found.trace)
    if place == len(found.trace.layers):
        loss(found)
        return
    _layer(found, place)


def inputs_of(found: OwnTrace, place: int) -> list[Values] | None:
    """Returns what comes into a layer; None where some of it was not kept whole."""
    layer = found.trace.layers[place]
    given = [found.numbers.output(source) for source in layer.sources]
    whole = [
        one
        for one, source in zip(given, layer.sources, strict=True)
        if one is not None and one.shape == found.trace.layers[source].output
    ]
    return whole if whole and len(whole) == len(given) else None


def _layer(found: OwnTrace, place: int) -> None:
    layer, numbers = found.trace.layers[place], found.numbers
    st.subheader(layer_title(layer), anchor=False)
    output, given = numbers.output(place), inputs_of(found, place)
    weights = numbers.weights(place, len(layer.parameters))
    working = working_of(layer)
    if working is not None and layer.kind not in RECURRENT:  # those have several
        st.latex(working.formula)
    if layer.kind in _NOTES:
        st.caption(_(_NOTES[layer.kind]))
    if working is None or given is None or weights is None or output is None:
        if not layer.sources and output is not None and numbers.has_ids(place):
            _words(found, output)
        if layer.sources:
            st.caption(
                _("The working of this layer is not written out here: what comes in and what comes out is.")
            )
        _in_and_out(layer, given, output, place)
    elif layer.kind == "Dense" and given[0].ndim == 1:
        dense(layer, given[0], weights, key=str(place))
    elif layer.kind in _WEIGHTED_WINDOWS:
        convolution(layer, given[0], weights, key=str(place))
    elif layer.kind in _POOLS:
        pooling(layer, given[0], output, key=str(place))
    elif layer.kind in RECURRENT:
        over_time(layer, given[0], weights, numbers.seen(place), key=str(place))
    else:
        _in_and_out(layer, given, output, place)


def _words(found: OwnTrace, ids: Values) -> None:
    """Shows which words the ids of a text stand for; nothing where they stand for none."""
    try:
        vocabulary = read_preparation(context().store.artifacts.folder(found.about.run.id)).state.get(
            "vocabulary"
        )
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    if not vocabulary or ids.ndim != 1:
        return
    names = [str(vocabulary[int(one)]) if 0 <= one < len(vocabulary) else "?" for one in ids[:_MOST_WORDS]]
    said = [
        f"{escape_name(name or _('padding'))} :gray[{int(one)}]"
        for name, one in zip(names, ids, strict=False)
    ]
    st.markdown(" · ".join(said))


def _in_and_out(layer: LayerTrace, given: list[Values] | None, output: Values | None, place: int) -> None:
    """Shows what comes in beside what comes out; of the input what it is."""
    if not layer.sources:
        channel = choose_channel(_("Channel"), output, key=f"learn_channel_{place}")
        show_numbers(_("The sample: x"), output, channel=channel, key=f"out_{place}")
        return
    left, right = st.columns(2, gap="large")
    with right:
        channel = choose_channel(_("Channel"), output, key=f"learn_channel_{place}")
        show_numbers(_("Comes out: y"), output, channel=channel, key=f"out_{place}")
    with left:
        for number, values in enumerate(given or ()):
            seen = channel if values.ndim > 2 and channel < values.shape[-1] else 0
            show_numbers(_("Comes in: x"), values, channel=seen, key=f"in_{place}_{number}")


def loss(found: OwnTrace) -> None:
    """Shows what the network says beside what is right, and how the loss follows from both."""
    trace = found.trace
    st.subheader(_("Loss · {name}").format(name=trace.loss_name), anchor=False)
    working = work_out_loss(trace)
    if working is None:
        st.latex(rf"L = {as_latex(trace.loss)}")
        st.caption(_("How this loss is computed is not written out here: what goes into it is."))
    else:
        for line in (*working.formulas, *working.numbers):
            st.latex(line)
    answer, target = np.array(trace.answer), np.array(trace.target)
    if is_one_class(trace):
        _classes(found, answer)
    else:
        _answers_and_targets(trace, answer, target)
    if trace.penalty:
        st.caption(
            _("Penalties on the weights add {penalty} to it; they are left out here.").format(
                penalty=f"{trace.penalty:.6g}"
            )
        )


def _classes(found: OwnTrace, answer: Values) -> None:
    """Shows the probability of each class, and what it was made of."""
    trace, shares = found.trace, chances_of(found.trace, answer)
    assert shares is not None, "one of several classes has a probability"
    names = figure_names(found.about.classes) or [str(place) for place in range(len(answer))]
    right = right_class(trace)
    # Where the model itself ends in softmax, what goes into that is among the layers.
    sides = st.columns(2, gap="large") if trace.from_logits else [st.container()]
    if trace.from_logits:
        with sides[0]:
            st.markdown(f"**{_('What the last layer gives: z')}**")
            working = [f"z = {value:.6f}" for value in answer]
            st.plotly_chart(bars_figure(bars_info(names, answer, working), y_title="z"), key="logits")
    with sides[-1]:
        st.markdown(f"**{_('Softmax: p')}**")
        working = (
            _softmax_working(answer, shares) if trace.from_logits else [f"p = {one:.6f}" for one in shares]
        )
        st.plotly_chart(bars_figure(bars_info(names, shares, working), y_title="p"), key="shares")
    st.caption(_("Right is {name}.").format(name=names[right]))


def _softmax_working(answer: Values, shares: Values) -> list[str]:
    most = answer.max()
    total = np.exp(answer - most).sum()
    return [
        f"p = e^({value:.4f} − {most:.4f}) / {total:.6f} = {share:.6f}"
        for value, share in zip(answer, shares, strict=True)
    ]


def _answers_and_targets(trace: Trace, answer: Values, target: Values) -> None:
    """Shows each answer beside what is right; of a single one the working has said both."""
    if len(answer) < 2:
        return
    chances = chances_of(trace, answer)
    said = (
        (_("What the network gives"), answer, "ŷ")
        if chances is None
        else (_("Probabilities: p"), chances, "p")
    )
    right = (_("What is right"), target, "y" if chances is None else "t")
    for side, (title, values, sign) in zip(st.columns(2, gap="large"), (said, right), strict=True):
        with side:
            st.markdown(f"**{title}**")
            shown = values[:_MOST_ANSWERS]
            working = [f"{sign} = {value:.6f}" for value in shown]
            names = [str(place) for place in range(len(shown))]
            st.plotly_chart(bars_figure(bars_info(names, shown, working), y_title=sign), key=f"loss_{sign}")
