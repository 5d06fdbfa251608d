"""The inspection of a file by a job: with what is known, and with the user's choices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from dlcore.datasets.ingest import NOTHING, Choices, Proposal
from dlcore.errors import Message
from dlcore.queue.jobs import SourceFile, proposal_of, request_inspection
from dlcore.records import Job, JobState
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
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
    """Returns what the file seems to be; None while that is not known, which is shown."""
    job = wait_briefly(_request(source, source.known))
    return _found(source, source.known, job, _("Analyzing the data …"))


def inspect_again(source: InspectedFile, choices: Choices, before: Proposal) -> Inspection | None:
    """Returns what the file is under these choices; None while that is not known, which is shown."""
    if _agrees(choices, before):
        return Inspection(before, before.problem)
    job = wait_briefly(_request(source, choices))
    if job.state is JobState.FAILED and job.reason is not None:
        return Inspection(before, job.reason)
    proposal = _found(source, choices, job, _("Analyzing the data again …"))
    return None if proposal is None else Inspection(proposal, proposal.problem)


def _agrees(choices: Choices, proposal: Proposal) -> bool:
    """Returns whether the choices equal what was guessed, so that another inspection would not differ."""
    guessed = vars(proposal.choices())
    return all(
        value == guessed[name]
        for name, value in vars(choices).items()
        if value is not None and (value or name == "group")
    )


def _request(source: InspectedFile, choices: Choices, *, again: bool = False) -> Job:
    here = context()
    return request_inspection(here.store, source.file, choices, owner=here.actor.id, again=again)


def _found(source: InspectedFile, choices: Choices, job: Job, title: str) -> Proposal | None:
    """Returns what an inspection has found, once it is done; shows until then how far it is."""
    again = partial(_request, source, choices, again=True)
    return _proposal(job.id, job.attempt) if show_until_done(job, title, again, key="look_again") else None


@st.cache_data(max_entries=64, show_spinner=False)
def _proposal(job_id: str, attempt: int) -> Proposal:
    store = context().store
    return proposal_of(store, store.jobs.get(job_id))
