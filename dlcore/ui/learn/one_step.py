"""One step of gradient descent on one's own network: the weights, and the loss before and after."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.analysis.learning.losses import chances_of, is_one_class
from dlcore.analysis.learning.trace import Trace
from dlcore.plots.layout import figure_names
from dlcore.plots.learn.bars import bars_figure, bars_info
from dlcore.plots.learn.steps import steps_figure
from dlcore.ui.learn.own_run import OwnTrace, own_trace
from dlcore.ui.learn.stages import show_numbers, weight_axes
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _

_USUAL = 0.01
_MOST_ANSWERS = 24
"""That are drawn."""


def one_step() -> None:
    """Draws the topic."""
    found = own_trace()
    if found is None:
        return
    trace = found.trace
    st.latex(r"W \leftarrow W - \eta \, \frac{\partial L}{\partial W}")
    rates = [step.rate for step in trace.steps]
    if not rates:
        st.info(_("This model has no weights that learn."), icon=":material/info:")
        return
    rate = st.select_slider(
        _("Learning rate η"), rates, value=_USUAL if _USUAL in rates else rates[0], key="learn_step_rate"
    )
    step = trace.steps[rates.index(rate)]
    with st.grid(3, min_column_width=show.CARD, gap="small"):
        st.metric(_("Loss before the step"), f"{trace.loss:.6g}", border=True)
        st.metric(
            _("Loss after the step"), f"{step.loss:.6g}", f"{step.loss - trace.loss:+.3g}", delta_color="inverse",
            border=True,
        )  # fmt: skip
        st.metric(_("Optimizer of this run"), trace.optimizer, border=True)
    if step.loss > trace.loss:
        st.warning(
            _("The step goes too far: the loss is higher than before. The gradient is true only nearby."),
            icon=":material/trending_up:",
        )
    st.caption(_about_optimizer(trace))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{_('The loss after one step, by its rate')}**")
        losses = [one.loss for one in trace.steps]
        st.plotly_chart(steps_figure(rates, losses, before=trace.loss, at=rate, translate=_), key="steps")
    with right:
        _answers(found, np.array(step.answer))
    _weights(found, rate)


def _about_optimizer(trace: Trace) -> str:
    """Says what the run's own optimizer does with this gradient."""
    rate = "" if trace.rate is None else f"{trace.rate:g}"
    if trace.optimizer == "SGD":
        return _("The run itself takes the mean of the gradients of a batch, with a rate of {rate}.").format(
            rate=rate
        )
    if trace.optimizer in ("Adam", "AdamW", "Nadam"):
        return _(
            "The run's own {name} divides each gradient by its size: whatever that is, its first step moves every weight by "
            "about {rate}. And it takes the mean over a batch."
        ).format(name=trace.optimizer, rate=rate)
    return _("The run's own {name} takes other steps, over a batch; see Gradient descent.").format(
        name=trace.optimizer
    )


def _answers(found: OwnTrace, after: np.ndarray) -> None:
    """Shows what the network says after the step."""
    trace = found.trace
    before = np.array(trace.answer)
    chances = [one for one in (chances_of(trace, before), chances_of(trace, after)) if one is not None]
    before, after = (one[:_MOST_ANSWERS] for one in chances or (before, after))
    names = figure_names(found.about.classes) if is_one_class(trace) and found.about.classes else []
    names = list(names) or [str(place) for place in range(len(after))]
    working = [f"{old:.6f} → {new:.6f}" for old, new in zip(before, after, strict=True)]
    st.markdown(f"**{_('What the network says after the step')}**")
    st.plotly_chart(
        bars_figure(bars_info(names[: len(after)], after, working), y_title="p" if chances else "ŷ"),
        key="after",
    )


def _weights(found: OwnTrace, rate: float) -> None:
    """Shows the weights of a layer before the step, what is taken away, and what they are then."""
    trained = {
        place: layer
        for place, layer in enumerate(found.trace.layers)
        if found.numbers.weights(place, len(layer.parameters))
        and found.numbers.weight_slopes(place, 1)[0] is not None
    }
    if not trained:
        return
    places = list(trained)
    place = st.selectbox(
        _("Weights of"),
        places,
        index=len(places) - 1,
        format_func=lambda at: trained[at].name,
        key="learn_weights_of",
    )
    (weight, *_more) = found.numbers.weights(place, len(trained[place].parameters)) or [np.zeros(1)]
    slope = found.numbers.weight_slopes(place, 1)[0]
    assert slope is not None, "only such layers are offered"
    flat_weight, flat_slope = weight.reshape(-1, weight.shape[-1]), slope.reshape(-1, slope.shape[-1])
    left, middle, right = st.columns(3, gap="large")
    with left:
        show_numbers(_("W before"), flat_weight, key="w_before", axes=weight_axes(), height=260)
    with middle:
        show_numbers(_("−η ΔW"), -rate * flat_slope, key="w_change", axes=weight_axes(), height=260)
    with right:
        show_numbers(
            _("W after"), flat_weight - rate * flat_slope, key="w_after", axes=weight_axes(), height=260
        )
