"""A user's drafts: the one that a page edits, the way back in it, and all the others."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets import CATALOGUE
from dlcore.errors import DlcoreError
from dlcore.queue.ready import example
from dlcore.records import Draft
from dlcore.ui.shared import format as show
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.drafts import KEY, WorkingDraft, copy_draft, leave_draft, start_draft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.web.context import context

MOST_IN_BAR = 8

LIST, TO_DELETE = "drafts", "draft_to_delete"
"""Where the session keeps whether the list of drafts is open, and which draft of it is to be deleted."""


def draft_title(draft: WorkingDraft) -> None:
    """Draws what a draft is called."""
    st.title(escape_markdown(draft.name), anchor=False, width="content")


def draft_facts(draft: WorkingDraft) -> None:
    """Draws that it is a draft, and on which dataset."""
    dataset = escape_name(_(draft.facts.title))
    st.markdown(f":gray-badge[{_('draft')}] :gray[{dataset}]", width="stretch")


def draft_actions(draft: WorkingDraft) -> None:
    """Draws Undo, and the other drafts."""
    with st.container(horizontal=True, gap="small", width="content", wrap=False):
        pressed = st.button(
            _("Undo"),
            key="undo",
            icon=":material/undo:",
            disabled=not draft.can_undo,
            help=_("Undoes your last change to this draft."),
        )
        if TO_DELETE in st.session_state:
            st.session_state[LIST] = False
        drafts = st.popover(_("Drafts"), icon=":material/edit_note:", key=LIST, on_change="rerun")
        if drafts.open:
            with drafts:
                _list(draft.id)
    if pressed:
        draft.undo()
    if chosen := st.session_state.pop(TO_DELETE, None):
        _ask_to_delete(chosen)


def _list(current: str) -> None:
    here = context()
    found = here.store.drafts.list(owner=here.actor, limit=MOST_IN_BAR + 1)
    for one in found[:MOST_IN_BAR]:
        name, about = _texts(one)
        with st.container(gap=None):
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", wrap=False
            ):
                st.button(
                    f"**{escape_name(name)}**",
                    key=f"open_draft_{one.id}",
                    icon=":material/check:" if one.id == current else ":material/edit:",
                    type="tertiary",
                    on_click=_open,
                    args=(one.id,),
                )
                text = _("Delete the draft {name}").format(name=name)
                if icon_button(text, "delete", f"draft.{one.id}"):
                    # The list would cover the dialog: it is closed before that opens.
                    st.session_state[TO_DELETE] = one.id
                    st.rerun()
            st.caption(escape_name(about))
    if len(found) > MOST_IN_BAR:
        st.page_link(RUNS_PAGE, label=_("All experiments"), icon=":material/table_chart:")
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("New draft"),
            key="new_draft",
            icon=":material/add:",
            help=_("Begins with the example; this one is kept."),
            on_click=_begin,
        )
        st.button(
            _("Duplicate this one"),
            key="copy_draft",
            icon=":material/content_copy:",
            help=_("A new draft with the same settings; this one is kept."),
            on_click=_copy,
            args=(current,),
        )


def _open(draft_id: str) -> None:
    st.query_params[KEY] = draft_id
    st.session_state[LIST] = False


def _begin() -> None:
    _open(start_draft(example()))


def _copy(draft_id: str) -> None:
    try:
        _open(copy_draft(draft_id))
    except DlcoreError as error:  # it was deleted in another tab
        st.toast(say(error), icon=":material/error:")


def _texts(draft: Draft) -> tuple[str, str]:
    """Returns what a draft is called, and the line below that: its dataset and its age."""
    title = _(CATALOGUE.get(draft.dataset).facts.title) if draft.dataset in CATALOGUE else draft.dataset
    return draft.name, f"{title} · {show.time_ago(draft.updated_at)}"


def _ask_to_delete(draft_id: str) -> None:
    here = context()

    def act() -> None:
        here.store.drafts.delete(draft_id, actor=here.actor)
        leave_draft(draft_id)
        st.rerun()

    try:
        name, about = _texts(here.store.drafts.get(draft_id, actor=here.actor))
    except DlcoreError as error:  # it was deleted in another tab
        st.error(say(error), icon=":material/error:")
        return
    ask(
        Question(
            _("Delete this draft?"),
            _("Runs that were started from it stay. This cannot be undone."),
            _("Delete"),
            act,
            names=[f"{name} · {about} ({draft_id})"],
            key="delete_draft",
        )
    )
