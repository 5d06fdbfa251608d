"""The lesson that somebody takes, and the way to the page where its step is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dlcore.lessons.checks import Page
from dlcore.lessons.evidence import Visit
from dlcore.queue.lessons import TakenLesson, taken_lesson
from dlcore.ui.shared.i18n import language
from dlcore.ui.shared.links import page_path
from dlcore.web.context import context

LESSON = "lesson"
"""The parameter of the address of Learn that names a lesson."""
VIEW = "view"
"""The parameter of an address that names the open tab."""

_OF_DRAFT = frozenset({Page.DATA, Page.NETWORK, Page.TRAINING, Page.SEARCH})


@dataclass(frozen=True)
class Target:
    """A page with its parameters."""

    page: str
    query: Mapping[str, str]

    def go(self) -> None:
        """Leads there."""
        # An open tab would stay open on the page that is open already.
        st.session_state.pop(VIEW, None)
        st.switch_page(self.page, query_params=dict(self.query))


def current_lesson(visit: Visit | None = None) -> TakenLesson | None:
    """Returns the lesson whose guide is shown, and how far it is; None where none is.

    Args:
        visit: the page that is open.
    """
    here = context()
    return taken_lesson(here.store, owner=here.actor.id, language=language(), visit=visit)


def target_of(taken: TakenLesson) -> Target | None:
    """Returns where the step that is shown is done; None where that does not matter, or is not there yet."""
    page, found = taken.step.page, taken.evidence
    if page is None:
        return None
    query: dict[str, str] | None = {}
    if page in _OF_DRAFT:
        query = {"draft": taken.draft_id} if taken.draft_id else None
    elif page in (Page.RUN, Page.LAB):
        query = {"run": found.runs[0].id} if found.runs else None
    elif page is Page.STUDY:
        query = {"study": found.studies[0].id} if found.studies else None
    elif page is Page.COMPARE:
        query = (
            {"runs": ",".join(run.id for run in reversed(found.runs[:2]))} if len(found.runs) > 1 else None
        )
    if query is None:
        return None
    view = {VIEW: taken.step.view} if taken.step.view else {}
    return Target(page_path(page), {**query, **view})
