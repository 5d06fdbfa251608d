"""The inspection of a file by a job: with what is known, and with the user's choices."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dlcore.datasets.ingest import NOTHING, Choices, Proposal
from dlcore.errors import Message, NotFoundError
from dlcore.queue.jobs import SourceFile, proposal_of, request_inspection
from dlcore.records import Job, JobState
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.jobs import follow_job, show_failed_job, wait_briefly
from dlcore.web.context import context


@dataclass(frozen=True)
class InspectedFile:
    """A file to inspect.

    Attributes:
        file: the file or folder.
        key: prefix of the keys of the widgets that are about it.
        known: what need not be guessed.
    """

    file: SourceFile
    key: str
    known: Choices = NOTHING


@dataclass(frozen=True)
class Inspection:
    """What a file is under some choices.

    Attributes:
        proposal: as it is, or as it was under the choices before.
        problem: why it cannot be stored so.
    """

    proposal: Proposal
    problem: Message | None


def inspect_first(source: InspectedFile) -> Proposal | None:
    """Returns what the file seems to be; None while the inspection runs, which is shown."""
    job = _inspected(source, source.known)
    if not job.state.final:
        follow_job(job, _("Analyzing the data …"))
    elif job.state is JobState.DONE:
        return _proposal(job.id, job.attempt)
    else:
        _ended(job, source, source.known)
    return None


def inspect_again(source: InspectedFile, choices: Choices, before: Proposal) -> Inspection | None:
    """Returns what the file is under these choices; None while the inspection runs, which is shown."""
    if _agrees(choices, before):
        return Inspection(before, before.problem)
    job = _inspected(source, choices)
    if not job.state.final:
        follow_job(job, _("Analyzing the data again …"))
        return None
    if job.state is JobState.DONE:
        proposal = _proposal(job.id, job.attempt)
        return Inspection(proposal, proposal.problem)
    if job.reason is None:
        _ended(job, source, choices)
        return None
    return Inspection(before, job.reason)


def _agrees(choices: Choices, proposal: Proposal) -> bool:
    """Returns whether the choices equal what was guessed, so that another inspection would not differ."""
    guessed = vars(proposal.choices())
    return all(
        value == guessed[name]
        for name, value in vars(choices).items()
        if value is not None and (value or name == "group")
    )


def _inspected(source: InspectedFile, choices: Choices) -> Job:
    """Returns the inspection of the file under these choices; one whose result was deleted is repeated."""
    here = context()
    job = request_inspection(here.store, source.file, choices, owner=here.actor)
    if job.state is JobState.DONE:
        try:
            _proposal(job.id, job.attempt)
        except NotFoundError:
            job = request_inspection(here.store, source.file, choices, owner=here.actor, again=True)
    return wait_briefly(job)


@st.cache_data(max_entries=64, show_spinner=False)
def _proposal(job_id: str, attempt: int) -> Proposal:
    store = context().store
    return proposal_of(store, store.jobs.get(job_id))


def _ended(job: Job, source: InspectedFile, choices: Choices) -> None:
    """Shows why an inspection failed, and a button to retry."""

    def again() -> None:
        here = context()
        request_inspection(here.store, source.file, choices, owner=here.actor, again=True)

    show_failed_job(job, again, key="look_again")
