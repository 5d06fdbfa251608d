"""The experiment a user is working on: it lives in the store, the page holds only its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import streamlit as st

from dlcore.datasets import CATALOGUE, DatasetFacts
from dlcore.design.moving import move_to_dataset
from dlcore.errors import BudgetError, DatasetError, NotFoundError, PermissionDeniedError, SpecError
from dlcore.queue.annotations import annotate, template_name
from dlcore.queue.drafts import create_draft
from dlcore.queue.ready import EXAMPLE_DATASET, example
from dlcore.records import AnnotationEdit, Draft
from dlcore.search.drafted import SearchDraft
from dlcore.spec import ExperimentSpec, GraphReport
from dlcore.spec.checks import report
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import NEW_PAGE, RUNS_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

KEY = "draft"
SEEN = "draft_seen"
UNDO = "draft_undo"
UNDO_STEPS = 50
ENTRIES = "entries"


@dataclass(frozen=True)
class WorkingDraft:
    """The draft of this session, checked, with the facts of its dataset.

    Attributes:
        row: the draft as it is stored.
        lost: the experiment as it is stored, where its dataset is gone; `spec` is what of it fits another one.
    """

    row: Draft
    spec: ExperimentSpec
    facts: DatasetFacts
    search: SearchDraft = field(default_factory=SearchDraft)
    lost: ExperimentSpec | None = None

    @property
    def id(self) -> str:
        """Its id, which is in the URL."""
        return self.row.id

    @property
    def name(self) -> str:
        """What someone called it, else its dataset, its template and its number."""
        return self.row.name

    @cached_property
    def report(self) -> GraphReport:
        """Shapes and parameters of its model on its data; a problem's path starts at the spec's root."""
        return report(self.spec, self.facts, context().library.vectors_for(self.spec))

    def save(self, spec: ExperimentSpec | None = None, *, search: SearchDraft | None = None) -> None:
        """Stores the changed spec, the changed search, or both, and runs the page again.

        A search that is not given follows the steps of the spec to their new places.
        """
        if spec is not None and search is None:
            search = self.search.following(self.spec, spec)
        steps = [*_steps(self.id), _content(self.lost or self.spec, self.search)]
        st.session_state[UNDO] = (self.id, steps[-UNDO_STEPS:])
        self._store(spec or self.spec, search or self.search)

    @property
    def can_undo(self) -> bool:
        """Whether this session has changed the draft."""
        return bool(_steps(self.id))

    def undo(self) -> None:
        """Brings back spec and search as they were before this session's last change; the name stays."""
        *earlier, last = _steps(self.id)
        st.session_state[UNDO] = (self.id, earlier)
        spec = ExperimentSpec.from_dict(last["spec"]).updated(name=self.spec.name)
        self._store(spec, SearchDraft.from_dict(last["search"]))

    def _store(self, spec: ExperimentSpec, search: SearchDraft) -> None:
        here = context()
        content = _content(spec, search)
        here.store.drafts.save(
            self.id,
            content["spec"],
            actor=here.actor,
            search=content["search"],
            template=template_name(spec, here.store),
        )
        st.session_state[SEEN] = (self.id, _unnamed(content))
        st.rerun()

    @property
    def entry_key(self) -> str:
        """Prefix for the keys of fields that are used up: what is typed or uploaded to be added."""
        return f"{self.id}.{st.session_state.get(ENTRIES, 0)}"


def start_draft(spec: ExperimentSpec, search: SearchDraft | None = None) -> str:
    """Makes a new draft, with or without a search, the one this session works on; returns its id."""
    draft = _begin(spec, search)
    st.session_state[KEY] = draft.id
    return draft.id


def _begin(spec: ExperimentSpec, search: SearchDraft | None = None) -> Draft:
    here = context()
    content = search.to_dict() if search else None
    try:
        return create_draft(here.store, spec, owner=here.actor.id, search=content)
    except BudgetError as error:
        st.error(say(error), icon=":material/error:")
        st.stop()


def copy_draft(draft_id: str) -> str:
    """Makes a draft with the settings and tags of another, the one this session works on; returns its id.

    Raises:
        NotFoundError: the other one is gone.
        SpecError: another version wrote what this one refuses.
    """
    here = context()
    draft = here.store.drafts.get(draft_id, actor=here.actor)
    spec = ExperimentSpec.from_dict(draft.spec)
    name = _("{name} copy").format(name=spec.name) if spec.name else ""
    copy = start_draft(spec.updated(name=name), SearchDraft.from_dict(draft.search))
    annotate(here.store, copy, AnnotationEdit(add_tags=draft.annotation.tags), actor=here.actor)
    return copy


def leave_draft(draft_id: str) -> None:
    """Lets this session work on another draft than this one, which is gone."""
    for place in (st.session_state, st.query_params):
        if place.get(KEY) == draft_id:
            del place[KEY]


def _content(spec: ExperimentSpec, search: SearchDraft) -> dict[str, Any]:
    """Returns what a store keeps of a draft."""
    return {"spec": spec.to_dict(), "search": search.to_dict()}


def _unnamed(content: dict[str, Any]) -> dict[str, Any]:
    """Returns a draft's content without its name, which no form shows."""
    return {**content, "spec": {**content["spec"], "name": ""}}


def _steps(draft_id: str) -> list[dict[str, Any]]:
    """Returns the contents that this session can go back to, the latest last."""
    owner, steps = st.session_state.get(UNDO, ("", []))
    return steps if owner == draft_id else []


def clear_entries() -> None:
    """Empties the fields whose content was used."""
    st.session_state[ENTRIES] = st.session_state.get(ENTRIES, 0) + 1


def working_draft() -> WorkingDraft:
    """Returns the draft in the URL, else of this session, else the user's latest, else a new one.

    Its id is put into the URL, so that a reload or another device finds it again. Where the one in the URL is gone, the
    page says so and ends: what someone does there would else change another experiment.
    """
    asked = st.query_params.get(KEY, "")
    draft = _find(asked)
    if asked and draft is None:
        _say_gone(asked)
    draft = draft or _find(st.session_state.get(KEY)) or _latest()
    spec = _read(draft) if draft else None
    if draft is None or spec is None:
        # A draft that cannot be read is left as it is.
        spec = example()
        draft = _begin(spec)
    search = SearchDraft.from_dict(draft.search)
    st.session_state[KEY] = draft.id
    _say_changes(draft.id, _content(spec, search))
    st.query_params[KEY] = draft.id
    try:
        return WorkingDraft(draft, spec, context().library.facts_in(spec.dataset), search)
    except (DatasetError, SpecError) as error:
        st.warning(say(error), icon=":material/database_off:")
        there = CATALOGUE.get(EXAMPLE_DATASET).facts
        return WorkingDraft(draft, move_to_dataset(spec, there), there, search, lost=spec)


def _say_gone(draft_id: str) -> None:
    """Says that a draft is gone, and ends the page."""
    st.title(_("Draft"), anchor=False)
    st.warning(
        _("There is no draft '{id}'. It may have been deleted.").format(id=escape_name(draft_id)),
        icon=":material/search_off:",
    )
    with st.container(horizontal=True):
        st.page_link(RUNS_PAGE, label=_("All experiments"), icon=":material/table_chart:", width="content")
        st.page_link(NEW_PAGE, label=_("New experiment"), icon=":material/add_circle:", width="content")
    st.stop()


def _say_changes(draft_id: str, content: dict[str, Any]) -> None:
    """Tells a user that the draft was changed elsewhere, so that the forms show something else now."""
    seen, now = st.session_state.get(SEEN), (draft_id, _unnamed(content))
    st.session_state[SEEN] = now
    if seen is not None and seen[0] == draft_id and seen != now:
        st.toast(
            _("This draft was changed in another tab; this is the current version."), icon=":material/sync:"
        )


def _find(draft_id: str | None) -> Draft | None:
    if not draft_id:
        return None
    here = context()
    try:
        return here.store.drafts.get(draft_id, actor=here.actor)
    except (NotFoundError, PermissionDeniedError):
        return None


def _latest() -> Draft | None:
    here = context()
    return here.store.drafts.latest(owner=here.actor.id)


def _read(draft: Draft) -> ExperimentSpec | None:
    """Returns the draft's spec; None, and the reason on the page,
    where another version wrote what this one refuses.
    """
    try:
        return ExperimentSpec.from_dict(draft.spec)
    except SpecError as error:
        st.warning(say(error), icon=":material/warning:")
        return None
