"""The label check of a run: suspicious samples as cards, with what speaks for it and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue.corrections import change_set_of, correct, corrected_versions, dataset_of_run
from dlcore.queue.label_checks import (
    find_label_check,
    label_check_of,
    quick_label_check,
    request_label_check,
)
from dlcore.records import Job, Run
from dlcore.records.corrections import ChangeSet, CorrectionKind, answer_text
from dlcore.records.label_check import FOLDS, Answer, Evidence, LabelCheck
from dlcore.spec.data import DataKind, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store import Store
from dlcore.ui.lab.change_set import change_set
from dlcore.ui.lab.corrections import (
    PARTS,
    PROBLEM,
    action_button,
    choose_label,
    said_text,
    show_problem,
    tell_limits,
    undo_button,
)
from dlcore.ui.lab.sample import places_of, show_sample
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import show_until_done
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.ui.shared.samples import samples_of
from dlcore.web.context import context

SOURCE, SECTION = "check", "suspects"
"""Parameters of the address: whose answers count, and what is listed."""
WHOLE, QUICK = "whole", "quick"
PAGE_SIZE = 12


@dataclass(frozen=True)
class _Suspect:
    """A sample on a card.

    Attributes:
        sample, part: which.
        text: what speaks for it, as Markdown.
        suggested: the label that is suggested, if one is.
    """

    sample: int
    part: str
    text: str
    suggested: Answer | None = None


def label_check(run: Run) -> None:
    """Shows which labels are likely to be wrong, what can be said of them, and what was said so far."""
    found = _whole(run) if _choose_source(run) == WHOLE else _quick(run)
    if found is not None:
        _summary(found)
        _sections(run, found)
    st.subheader(_("Corrections"), anchor=False)
    change_set(run)


def _choose_source(run: Run) -> str:
    try:
        facts = context().library.facts_in(dataset_of_run(run))
        if facts.kind is DataKind.SERIES or facts.task is Task.RECONSTRUCTION:
            return QUICK
    except DlcoreError:
        return QUICK
    titles = {QUICK: _("Validation and test, at once"), WHOLE: _("The whole dataset")}
    begin(SOURCE, titles)
    st.session_state.setdefault(SOURCE, QUICK)
    chosen = st.segmented_control(
        _("What is checked"),
        list(titles),
        format_func=titles.__getitem__,
        key=SOURCE,
        required=True,
        help=_(
            "At once by the run's own answers, which it has for validation and test; the whole dataset by models that are "
            "trained for it, each without the samples that it answers for."
        ),
    )
    tell(SOURCE, str(chosen), first=QUICK)
    return str(chosen)


def _quick(run: Run) -> LabelCheck | None:
    try:
        return _answers_of_run(run.id, run.attempt, run.epoch, context().store, run)
    except DlcoreError as error:
        st.info(say(error), icon=":material/info:")
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers_of_run(run_id: str, attempt: int, epoch: int, _store: Store, _run: Run) -> LabelCheck:
    return quick_label_check(_store, _run)


def _whole(run: Run) -> LabelCheck | None:
    here = context()
    job = find_label_check(here.store, run, owner=here.actor.id)
    if job is None:
        st.markdown(
            _(
                "The experiment is trained {folds} times for a few epochs, each time without a part of the samples, and answers for "
                "those. You can leave the page meanwhile."
            ).format(folds=FOLDS)
        )
        if st.button(
            _("Check the whole dataset"), icon=":material/fact_check:", type="primary", key="check_whole"
        ):
            attempt(partial(request_label_check, here.store, run, owner=here.actor.id))
        return None

    def again() -> None:
        request_label_check(here.store, run, owner=here.actor.id, again=True)

    if not show_until_done(job, _("Checking the labels"), again, key="check_again"):
        return None
    try:
        return _found_by(job.id, job.attempt, here.store, job)
    except DlcoreError:  # swept away
        st.button(_("Check again"), icon=":material/refresh:", key="check_again", on_click=again)
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _found_by(job_id: str, attempt: int, _store: Store, _job: Job) -> LabelCheck:
    return label_check_of(_store, _job)


def _summary(found: LabelCheck) -> None:
    by = (
        _("{folds} trainings, each without the samples that it answers for").format(folds=found.folds)
        if found.folds
        else _("the run's own answers for validation and test")
    )
    if found.evidence is Evidence.RESIDUALS:
        text = _(
            "Numbers have no labels that could be wrong: the largest residuals are listed, {likely} of {samples} beyond three "
            "deviations. By {by}."
        )
    else:
        text = _n(
            "{likely} of {samples} labels is likely to be wrong, by {by}.",
            "{likely} of {samples} labels are likely to be wrong, by {by}.",
            found.likely,
        )
    st.markdown(text.format(likely=f"**{found.likely:,}**", samples=f"{found.samples:,}", by=by))
    if found.evidence is Evidence.CHANCES:
        st.caption(
            _(
                "The answers agree with {share} of the labels; the fewer they are, the less a suspicion says."
            ).format(share=f"{found.agreement:.1%}")
        )


def _sections(run: Run, found: LabelCheck) -> None:
    suspects = {
        "labels": (
            _("Suspicious labels"),
            [_suspect(found, place) for place in range(len(found.suspicions))],
        ),
        "duplicates": (_("Near duplicates"), _duplicates(found)),
        "outliers": (_("Outliers"), _outliers(found)),
    }
    if not found.folds:
        # The run's own answers say nothing of likeness.
        suspects = {"labels": suspects["labels"]}
    titles = {name: f"{title} · {len(rows):,}" for name, (title, rows) in suspects.items()}
    begin(SECTION, titles)
    if st.session_state.get(SECTION) not in titles:
        st.session_state[SECTION] = "labels"
    chosen = "labels"
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(titles) > 1:
            chosen = str(
                st.segmented_control(
                    _("What is listed"),
                    list(titles),
                    format_func=titles.__getitem__,
                    key=SECTION,
                    required=True,
                    label_visibility="collapsed",
                )
            )
            tell(SECTION, chosen, first="labels")
        decided = st.toggle(_("Also those that are decided"), key="suspects_decided")
    _cards(run, chosen, suspects[chosen][1], decided=decided)


def _suspect(found: LabelCheck, place: int) -> _Suspect:
    one = found.suspicions[place]
    given, suggested = (escape_name(answer_text(answer)) for answer in (one.given, one.suggested))
    badge = f":orange-badge[{_('likely')}] " if one.likely else ""
    if found.evidence is Evidence.RESIDUALS:
        words = _("is {given}, answered {suggested}: {score} deviations apart")
        text = words.format(given=f"**{given}**", suggested=f"**{suggested}**", score=f"{one.score:.1f}")
        return _Suspect(one.sample, one.part, badge + text)
    chances = " · ".join(f"{escape_name(name)}: {chance:.1%}" for name, chance in one.chances.items())
    return _Suspect(one.sample, one.part, f"{badge}**{given}** → **{suggested}**  \n{chances}", one.suggested)


def _duplicates(found: LabelCheck) -> list[_Suspect]:
    rows = []
    for one in found.duplicates:
        same = _("same label") if one.agree else f":orange-badge[{_('another label')}]"
        words = _("{likeness} like sample {number} ({part})")
        for (sample, part), (other, other_part) in (
            ((one.sample, one.part), (one.other, one.other_part)),
            ((one.other, one.other_part), (one.sample, one.part)),
        ):
            text = words.format(
                likeness=f"{one.likeness:.1%}",
                number=f"{other:,}",
                part=_(PARTS.get(other_part, other_part)),
            )
            rows.append(_Suspect(sample, part, f"{text} · {same}"))
    return rows


def _outliers(found: LabelCheck) -> list[_Suspect]:
    words = _("its neighbours are {distance} times as far as usual")
    return [
        _Suspect(one.sample, one.part, words.format(distance=f"{one.distance:.1f}")) for one in found.outliers
    ]


def _cards(run: Run, section: str, suspects: Sequence[_Suspect], *, decided: bool) -> None:
    here = context()
    said = change_set_of(here.store, run, owner=here.actor.id)
    made = corrected_versions(here.store, run, actor=here.actor)
    done = {one.sample for one in said.corrections}
    done |= {one.sample for version in made for one in version.lineage.corrections}
    left = [one for one in suspects if decided or one.sample not in done]
    if not left:
        st.info(
            _("There is nothing to decide here.") if suspects else _("Nothing suspicious was found."),
            icon=":material/check_circle:",
        )
        show_problem()
        return
    pages = -(-len(left) // PAGE_SIZE)
    key = f"suspects_page.{section}"
    page = min(pages, int(st.session_state.get(key) or 1))
    shown = left[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    chosen = [one for one in shown if st.session_state.get(_box(one))]
    _actions(run, chosen or shown[:1], said, are_chosen=bool(chosen))
    with st.grid(4, min_column_width=210, gap="small"):
        for one in shown:
            _card(run, one, said, is_next=not chosen and one is shown[0])
    if pages > 1:
        st.pagination(pages, key=key)


def _box(one: _Suspect) -> str:
    return f"suspect.{one.sample}"


def _actions(run: Run, chosen: Sequence[_Suspect], said: ChangeSet, *, are_chosen: bool) -> None:
    """Draws what can be said of the chosen samples, or of the first one."""
    samples, part = [one.sample for one in chosen], chosen[0].part
    forget = partial(_unchoose, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="suspect_actions"):
        suggested = [one for one in chosen if one.suggested is not None]
        if suggested:
            st.button(
                _("Relabel as suggested"),
                icon=":material/auto_fix_high:",
                key="suspects_suggested",
                type="primary",
                shortcut="S",
                on_click=_take_suggestions,
                args=(run, suggested),
            )
        label = choose_label(run, samples[0], key="suspects_label", beginning=chosen[0].suggested)
        if label is not None:
            action_button(
                CorrectionKind.RELABEL, run, part, samples, key="suspects_relabel", label=label, then=forget
            )
        action_button(
            CorrectionKind.EXCLUDE, run, part, samples, key="suspects_exclude", shortcut="X", then=forget
        )
        action_button(
            CorrectionKind.ACCEPT, run, part, samples, key="suspects_accept", shortcut="A", then=forget
        )
        if any(said.of(sample) for sample in samples):
            undo_button(run, samples, key="suspects_undo")
    tell_limits(run)
    show_problem()
    if are_chosen:
        words = _n("For the {n} sample that is chosen.", "For the {n} samples that are chosen.", len(chosen))
        st.caption(words.format(n=len(chosen)))
    else:
        st.caption(
            _("For sample {number}, the first one; or choose several by their boxes.").format(
                number=f"{samples[0]:,}"
            )
        )


def _take_suggestions(run: Run, chosen: Sequence[_Suspect]) -> None:
    here = context()
    st.session_state.pop(PROBLEM, None)
    for one in chosen:
        try:
            correct(
                here.store,
                run,
                [one.sample],
                CorrectionKind.RELABEL,
                actor=here.actor,
                label=one.suggested,
                part=one.part,
            )
        except DlcoreError as error:
            st.session_state[PROBLEM] = error.message
            return
    _unchoose(chosen)


def _unchoose(chosen: Sequence[_Suspect]) -> None:
    for one in chosen:
        st.session_state[_box(one)] = False


def _card(run: Run, one: _Suspect, said: ChangeSet, *, is_next: bool) -> None:
    with st.container(border=True, height="stretch"):
        name = _("Sample {number}").format(number=f"{one.sample:,}")
        st.checkbox(f"{name} · {_(PARTS.get(one.part, one.part))}", key=_box(one))
        _picture(run, one.sample)
        st.markdown(one.text)
        if (correction := said.of(one.sample)) is not None:
            st.caption(said_text(correction))
        elif is_next:
            st.caption(f":material/arrow_upward: {_('The buttons and their keys are for this one.')}")


def _picture(run: Run, sample: int) -> None:
    spec = ExperimentSpec.from_dict(run.spec)
    try:
        samples = samples_of(spec.dataset.name, spec.dataset.version)
        show_sample(
            samples,
            int(places_of(samples, np.array([sample]))[0]),
            key=f"suspect.show.{sample}",
            steps=spec.preprocessing,
        )
    except DlcoreError as error:  # it is gone, or cannot be decoded
        st.caption(say(error))
