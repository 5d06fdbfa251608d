"""How a model bears disturbed samples: curves over the strength, and one sample beside what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.plots.robustness import (
    ChangedPictureInfo,
    changed_columns_figure,
    changed_picture_info,
    changed_spectrogram_info,
    changed_steps_figure,
    curves_figure,
    curves_info,
)
from dlcore.queue.explanations import Arrays, explainable
from dlcore.queue.robustness import (
    RobustnessRequest,
    disturbed_of,
    find_disturbed,
    find_robustness,
    request_disturbed,
    request_robustness,
    robustness_of,
)
from dlcore.records import Job
from dlcore.records.explanation_methods import Form
from dlcore.records.robustness import (
    CHANGED,
    DISTURBANCES,
    ORIGINAL,
    SCALE,
    DisturbedAnswer,
    DisturbedSample,
    Robustness,
    Unit,
    disturbances,
    undisturbed,
)
from dlcore.ui.lab.list import asked_sample
from dlcore.ui.lab.neighbours import neighbour_buttons
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.images import enlarge
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

FIGURE = 320
"""Pixels that a figure of curves needs at least."""
NARROW, WIDE = 96, 260
"""Pixels that a picture is wide at least, and at most."""
_FRAGILE = 0.5
"""Where less than this share of the right answers is left, a model is said to be misled."""


def robustness_view(source: LabSource) -> None:
    """Draws how good the model is on disturbed samples, once it is asked for, and a sample before and after."""
    try:
        seen = explainable(context().store, source.run)
    except DlcoreError as error:
        st.info(say(error), icon=":material/info:")
        return
    refusal = undisturbed(seen)
    if refusal is not None:
        st.info(say(refusal), icon=":material/info:")
        return
    st.caption(
        _(
            "A sample that people would still call the same should get the same answer. Here samples are disturbed more "
            "and more: by chance, as on a bad camera, or on purpose, by an attack that knows the model."
        )
    )
    offered = [one.name for one in disturbances(seen)]
    chosen = st.pills(
        _("Disturbances"),
        offered,
        format_func=lambda name: _(DISTURBANCES[name].title),
        selection_mode="multi",
        default=[name for name in ("fgsm", "noise") if name in offered],
        # What was chosen for another kind of data may not be offered here.
        key=f"robustness_kinds.{len(offered)}",
        persist_state="session",
        wrap=True,
    )
    kinds = [name for name in offered if name in (chosen or ())]
    if not kinds:
        st.info(_("Choose at least one disturbance."), icon=":material/info:")
        return
    for name in kinds:
        title, summary = f"**{_(DISTURBANCES[name].title)}**", _(DISTURBANCES[name].summary)
        st.caption(_("{kind}: {summary}").format(kind=title, summary=summary))
    _curves(source, kinds)
    _sample(source, kinds)


def _curves(source: LabSource, kinds: Sequence[str]) -> None:
    """Draws the curves that are there, and how far the others are."""
    wanted = {kind: RobustnessRequest(kind, source.part) for kind in kinds}
    found, follows = [], False
    for kind, job in _jobs(source, wanted).items():
        # They are done one after another: the first that is at work is waited for, and followed.
        if follows and not job.state.final:
            continue
        newest = wait_briefly(job)
        follows |= not newest.state.final
        try:
            if _is_done(source, wanted[kind], newest):
                found.append(robustness_of(context().store, newest))
        except DlcoreError as error:
            st.warning(say(error), icon=":material/warning:")
    if not found:
        return
    infos = curves_info(found)
    with st.grid(len(infos), min_column_width=FIGURE, gap="medium"):
        for info in infos:
            st.plotly_chart(
                curves_figure(info, translate=_),
                key=f"robustness.{info.unit}",
                config={"displayModeBar": False},
                alt=_("How good the model is against the strength of each disturbance"),
            )
    for one in found:
        st.markdown(f"- {_verdict(one)}")
    st.caption(
        _("On {count} of {total} samples; the bars hold the true value in 95 of 100 cases.").format(
            count=f"{found[0].samples:,}", total=f"{found[0].total:,}"
        )
    )


def _jobs(source: LabSource, wanted: dict[str, RobustnessRequest]) -> dict[str, Job]:
    """Returns the jobs that were asked for; draws a button that asks for those that were not."""
    here, run = context(), source.run
    jobs = {
        kind: job
        for kind, one in wanted.items()
        if (job := find_robustness(here.store, run, one, owner=here.actor.id)) is not None
    }
    missing = [kind for kind in wanted if kind not in jobs]
    asked = st.empty()
    if missing and asked.button(_("Measure"), icon=":material/shield:", key="robustness_ask", type="primary"):
        asked.empty()
        try:
            for kind in missing:
                jobs[kind] = request_robustness(here.store, run, wanted[kind], owner=here.actor.id)
        except DlcoreError as error:
            st.warning(say(error), icon=":material/warning:")
    return {kind: jobs[kind] for kind in wanted if kind in jobs}


def _is_done(source: LabSource, wanted: RobustnessRequest, job: Job) -> bool:
    """Returns whether a curve is there; draws how far it is otherwise."""
    here = context()

    def again() -> None:
        request_robustness(here.store, source.run, wanted, owner=here.actor.id, again=True)

    title = _("Disturbing samples: {kind}").format(kind=_(DISTURBANCES[wanted.kind].title))
    return show_until_done(job, title, again, key=f"robustness_again.{wanted.kind}", border=False)


def _verdict(found: Robustness) -> str:
    """Returns in words what a curve says."""
    title, first, last = f"**{_(DISTURBANCES[found.kind].title)}**", found.points[0], found.points[-1]
    if not found.is_share:
        return _("{kind}: the error (RMSE) goes from {before} to {after} at {strength}.").format(
            kind=title,
            before=f"{first.value:.4g}",
            after=f"{last.value:.4g}",
            strength=_strength(last.strength, found.unit),
        )
    misled = next((one for one in found.points[1:] if one.value < _FRAGILE * first.value), None)
    if misled is not None:
        return _(
            "{kind}: from {before} without it only {after} are left at {strength}: the model is easily misled."
        ).format(
            kind=title,
            before=f"{first.value:.1%}",
            after=f"{misled.value:.1%}",
            strength=_strength(misled.strength, found.unit),
        )
    kept = next((one for one in reversed(found.points) if one.high >= first.value), first)
    if kept is last:
        return _("{kind}: at {strength} it is as good as without.").format(
            kind=title, strength=_strength(last.strength, found.unit)
        )
    return _("{kind}: {before} are right without it, {after} at {strength}.").format(
        kind=title,
        before=f"{first.value:.1%}",
        after=f"{last.value:.1%}",
        strength=_strength(last.strength, found.unit),
    )


def _strength(value: float, unit: Unit) -> str:
    texts = {
        Unit.LEVELS: _("{value} of 255 levels"),
        Unit.DEVIATIONS: _("{value} σ"),
        Unit.PIXELS: _("{value} px"),
        Unit.DEGREES: _("{value}°"),
    }
    return texts[unit].format(value=f"{value:g}")


def _sample(source: LabSource, kinds: Sequence[str]) -> None:
    """Draws one sample before and after, once it is asked for."""
    st.subheader(_("One sample before and after"), anchor=False)
    here = context()
    place = asked_sample(source)
    place = _first(source) if place is None else place
    row = int(source.samples.rows[place])
    kind = _choose_sample(source, place, kinds)
    wanted = RobustnessRequest(kind, source.part)
    job = find_disturbed(here.store, source.run, wanted, row, owner=here.actor.id)
    try:
        if job is None:
            asked = st.empty()
            if not asked.button(
                _("Disturb this sample"), icon=":material/blur_on:", key="disturb_ask", type="primary"
            ):
                return
            asked.empty()
            job = request_disturbed(here.store, source.run, wanted, row, owner=here.actor.id)

        def again() -> None:
            request_disturbed(here.store, source.run, wanted, row, owner=here.actor.id, again=True)

        if not show_until_done(
            wait_briefly(job), _("Disturbing the sample"), again, key="disturb_again", border=False
        ):
            return
        found, arrays = disturbed_of(here.store, job)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    _before_and_after(found, arrays)


def _first(source: LabSource) -> int:
    """Returns the first sample that is answered rightly: only such a one can be misled."""
    correct = source.samples.correct
    return 0 if correct is None else int(correct.argmax())


def _choose_sample(source: LabSource, place: int, kinds: Sequence[str]) -> str:
    """Draws which sample it is, with the way to its neighbours, and the choice of one disturbance."""
    rows = source.samples.rows
    st.markdown(f"**{_('Sample {number}').format(number=f'{int(rows[place]) + 1:,}')}**")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        neighbour_buttons(source, place, np.arange(len(rows)), key="robustness_step")
        chosen = st.selectbox(
            _("Disturbance"),
            kinds,
            format_func=lambda name: _(DISTURBANCES[name].title),
            key=f"robustness_kind.{'.'.join(kinds)}",
            width=200,
        )
    return str(chosen or kinds[0])


def _before_and_after(found: DisturbedSample, arrays: Arrays) -> None:
    answers = found.answers[1:]
    number = 0
    if len(answers) > 1:
        misled = next((at for at, one in enumerate(answers) if one.is_right is False), len(answers) - 1)
        number = int(
            st.select_slider(
                _(found.unit.axis),
                range(len(answers)),
                value=misled,
                format_func=lambda at: f"{answers[at].strength:g}",
                key=f"robustness_strength.{found.kind}.{found.sample}",
            )
        )
    st.markdown(_("It is {truth}.").format(truth=f"**{escape_name(found.truth)}**"))
    before, after = st.columns(2)
    before.markdown(_("As it is: {answer}").format(answer=_answer(found.answers[0])))
    strength = _strength(answers[number].strength, found.unit)
    after.markdown(_("At {strength}: {answer}").format(strength=strength, answer=_answer(answers[number])))
    original, changed = arrays[ORIGINAL], arrays[CHANGED][number]
    if found.form is Form.PICTURE:
        _pictures(changed_picture_info(original, changed))
    elif found.form is Form.SPECTROGRAM:
        _pictures(changed_spectrogram_info(original, changed))
    else:
        draw = changed_columns_figure if found.form is Form.COLUMNS else changed_steps_figure
        st.plotly_chart(
            draw(original, changed, arrays[SCALE], found.labels, translate=_),
            key=f"disturbed.{found.kind}",
            config={"displayModeBar": False},
            alt=_("The sample, the disturbed sample, and the difference"),
        )
        st.caption(
            _(
                "Changes are in standard deviations of the training part: orange was raised, blue lowered. Of many "
                "columns those are shown that moved furthest."
            )
        )


def _answer(answer: DisturbedAnswer) -> str:
    text = f"**{escape_name(answer.said) or '–'}**"
    if answer.chance is not None:
        text += f" ({answer.chance:.1%})"
    if answer.is_right is None:
        return text
    icon, color = ("check_circle", "green") if answer.is_right else ("cancel", "red")
    return f":{color}[:material/{icon}:] {text}"


def _pictures(info: ChangedPictureInfo) -> None:
    """Draws a picture, what became of it, and the difference, beside each other on a phone, too."""
    pictures = (
        (_("Sample"), info.original),
        (_("Disturbed"), info.changed),
        (_("Difference"), info.difference),
    )
    with st.grid(len(pictures), min_column_width=NARROW, gap="small", width=len(pictures) * WIDE):
        for title, picture in pictures:
            st.image(enlarge(picture, WIDE), caption=title, width="stretch", alt=title)
    st.caption(
        _(
            "The difference is made visible: grey is none, brighter was raised, darker lowered; the largest is "
            "{most} of 255 levels."
        ).format(most=info.most)
    )
