"""Whether the model is as often right as it is sure."""

from __future__ import annotations

import streamlit as st

from dlcore.analysis.calibration import Calibration, calibrate, fit_temperature
from dlcore.plots.calibration import confidence_figure, confidence_info, reliability_figure, reliability_info
from dlcore.ui.lab.source import LabSource, open_part, parts_of
from dlcore.ui.shared import format as show
from dlcore.ui.shared.hues import hue
from dlcore.ui.shared.i18n import _

VALIDATION = "validation"
CLOSE = 0.02
"""An error up to this is not worth mending."""


def confidence_view(source: LabSource) -> None:
    """Shows confidence against accuracy, how sure right and wrong answers are, and what a temperature would mend."""
    found = calibrate(source.answers)
    _numbers(found)
    st.markdown(_verdict(found))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{_('Confidence against accuracy')}**")
        st.caption(
            _(
                "Below the dotted line the model is surer than it is right. The bars hold the true share in 95 of 100 cases."
            )
        )
        _reliability(found, key="lab_reliability")
    with right:
        st.markdown(f"**{_('How sure right and wrong answers are')}**")
        st.caption(_("A model knows what it does not know if wrong answers are on the left."))
        samples = source.samples
        assert samples.correct is not None, "classes are right or wrong"
        info = confidence_info(samples.confidence, samples.correct)
        st.plotly_chart(confidence_figure(info, (hue(0), hue(1)), translate=_), key="lab_confidence")
    _temperature(source, found)


def _numbers(found: Calibration) -> None:
    with st.grid(3, min_column_width=show.CARD, gap="small"):
        st.metric(_("Mean confidence"), f"{found.confidence:.1%}", border=True)
        st.metric(_("Accuracy"), f"{found.accuracy:.1%}", border=True)
        st.metric(
            _("Calibration error (ECE)"),
            f"{found.error:.1%}",
            border=True,
            help=_("How far confidence and accuracy are apart on average, in 15 ranges of the confidence."),
        )


def _verdict(found: Calibration) -> str:
    gap = found.confidence - found.accuracy
    if found.error <= CLOSE:
        return _("Its confidence can be taken at its word.")
    if abs(gap) < found.error / 2:
        return _("It is too sure of some answers and not sure enough of others.")
    return _("It is too sure of itself.") if gap > 0 else _("It is less sure than it could be.")


def _reliability(found: Calibration, *, key: str) -> None:
    info = reliability_info(
        [one.confidence for one in found.bins],
        [one.accuracy for one in found.bins],
        [(one.interval.low, one.interval.high) for one in found.bins],
        [one.samples for one in found.bins],
    )
    st.plotly_chart(reliability_figure(info, translate=_), key=key)


def _temperature(source: LabSource, before: Calibration) -> None:
    """Shows what dividing the logits by one number would do: fitted on validation samples, shown on the others."""
    parts = parts_of(source.run)
    fitted_on = VALIDATION if VALIDATION in parts else source.part
    other = source if fitted_on == source.part else open_part(source.run, fitted_on)
    if other is None:
        return
    temperature = fit_temperature(other.answers)
    after = calibrate(source.answers, temperature=temperature)
    st.subheader(_("Temperature"), anchor=False)
    words = _(
        "Dividing the logits by T = {temperature} makes the right classes likeliest; no answer changes, the calibration "
        "error goes from {before} to {after}."
    )
    st.markdown(
        words.format(
            temperature=f"**{temperature:.2f}**",
            before=f"**{before.error:.1%}**",
            after=f"**{after.error:.1%}**",
        )
    )
    if fitted_on == source.part:
        st.caption(_("T was fitted to these samples themselves, so the second number is a little too good."))
    else:
        st.caption(_("T was fitted to the validation part."))
    with st.columns(2, gap="large")[0]:
        st.markdown(f"**{_('Confidence against accuracy, with this T')}**")
        _reliability(after, key="lab_reliability_after")
