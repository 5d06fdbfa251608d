"""What a learning rate does to a real training: five small networks learn the digits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.analysis.learning.descent import METHODS
from dlcore.errors import DlcoreError
from dlcore.plots.learn.trials import trials_figure
from dlcore.queue.rate_trials import RateTrial, rate_trials_of, request_rate_trials
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.web.context import context

_LOWEST = {"SGD": 0.001, "Momentum": 0.0001, "Nesterov": 0.0001}
_OTHERS = 0.00001
"""Of what divides by the size of the gradients."""
_RATES = 5


def rates() -> None:
    """Draws the topic."""
    st.markdown(
        _(
            "Five networks that are alike learn the same digits, 1,438 of them, each with a rate ten times that of the one "
            "before. Too low: hardly anything happens. Too high: the loss jumps, or explodes."
        )
    )
    left, right = st.columns(2)
    with left:
        method = st.selectbox(_("Optimizer"), list(METHODS), key="learn_rates_method")
    lowest = _LOWEST.get(method, _OTHERS)
    with right:
        first = float(
            st.select_slider(
                _("Lowest rate"), [lowest, 3 * lowest, 10 * lowest], key=f"learn_rates_lowest_{method}"
            )
        )
    wanted = [float(f"{first * 10**place:.1g}") for place in range(_RATES)]
    here = context()

    def request_again() -> None:
        request_rate_trials(here.store, method, wanted, momentum=0.9, owner=here.actor.id, again=True)

    try:
        job = wait_briefly(request_rate_trials(here.store, method, wanted, momentum=0.9, owner=here.actor.id))
        if show_until_done(job, _("Five networks are learning …"), request_again, key="learn_rates_again"):
            _show(rate_trials_of(here.store, job))
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        st.button(_("Try again"), icon=":material/refresh:", key="learn_rates_retry", on_click=request_again)


def _show(trials: tuple[RateTrial, ...]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("Loss of the training part"), anchor=False)
        curves = {f"η = {one.rate:g}": one.losses for one in trials}
        st.plotly_chart(trials_figure(curves, y_title=_("Loss"), is_log=True, translate=_), key="rate_losses")
    with right:
        st.subheader(_("Accuracy on the test part"), anchor=False)
        curves = {f"η = {one.rate:g}": one.accuracies for one in trials}
        st.plotly_chart(
            trials_figure(curves, y_title=_("Accuracy"), is_log=False, translate=_), key="rate_accuracies"
        )
    st.dataframe(
        pd.DataFrame(
            {
                "rate": [f"{one.rate:g}" for one in trials],
                "loss": [one.losses[-1] if one.losses else np.nan for one in trials],
                "accuracy": [one.accuracies[-1] if one.accuracies else np.nan for one in trials],
                "verdict": [_verdict(one, trials) for one in trials],
            }
        ),
        hide_index=True,
        key="rate_table",
        column_config={
            "rate": st.column_config.TextColumn("η", pinned=True),
            "loss": st.column_config.NumberColumn(_("Loss"), format="%.4g"),
            "accuracy": st.column_config.NumberColumn(_("Accuracy"), format="percent"),
            "verdict": st.column_config.TextColumn(_("What happened")),
        },
    )


def _verdict(trial: RateTrial, trials: tuple[RateTrial, ...]) -> str:
    """Says what became of a rate, by its losses."""
    if trial.diverged or not trial.losses:
        return _("Far too high: the loss exploded.")
    best = min((one for one in trials if one.losses and not one.diverged), key=lambda one: one.losses[-1])
    if trial == best:
        return _("The lowest loss of the five.")
    if trial.losses[-1] > 0.5 * trial.losses[0] and trial.rate < best.rate:
        return _("Too low: it has hardly learned.")
    if trial.rate < best.rate:
        return _("Low: it learns, but slowly.")
    return _("Too high: it jumps past the minimum.")
