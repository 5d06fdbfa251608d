"""A user's drafts: the one that a page edits, the way back in it, and all the others."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets import CATALOGUE
from dlcore.errors import DlcoreError
from dlcore.queue.ready import example
from dlcore.records import Draft
from dlcore.ui.shared import format as show
from dlcore.ui.shared.buttons import icon_item, menu, menu_item, pressed_item
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.drafts import KEY, WorkingDraft, copy_draft, leave_draft, start_draft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.web.context import context

MOST_IN_BAR = 8

LIST = "drafts"
"""The key of the menu with the drafts."""


def draft_title(draft: WorkingDraft) -> None:
    """Draws what a draft is called."""
    st.title(escape_markdown(draft.name), anchor=False, width="content")


def draft_facts(draft: WorkingDraft) -> None:
    """Draws that it is a draft, on which dataset, and its tags."""
    said = f":gray-badge[{_('draft')}] :gray[{escape_name(_(draft.facts.title))}]"
    if tags := draft.row.annotation.tags:
        # No badges: within one, what is escaped for Markdown shows.
        said += f" :gray[:material/sell: {', '.join(map(escape_name, tags))}]"
    st.markdown(said, width="stretch")


def draft_actions(draft: WorkingDraft) -> None:
    """Draws Undo, and the menu with the other drafts."""
    with st.container(horizontal=True, gap="small", width="content", wrap=False):
        undone = st.button(
            _("Undo"),
            key="undo",
            icon=":material/undo:",
            disabled=not draft.can_undo,
            help=_("Undoes your last change to this draft."),
        )
        drafts = menu(LIST, _("Drafts"), "edit_note")
        if drafts.open:
            with drafts:
                _list(draft.id)
    if undone:
        draft.undo()
    action, _colon, draft_id = pressed_item().partition(":")
    match action:
        case "open":
            _open(draft_id)
        case "delete":
            _ask_to_delete(draft_id)
        case "new":
            _open(start_draft(example()))
        case "copy":
            _copy(draft_id)


def _list(current: str) -> None:
    here = context()
    found = here.store.drafts.list(owner=here.actor.id, archived=False, limit=MOST_IN_BAR + 1)
    for one in found[:MOST_IN_BAR]:
        name, about = _texts(one)
        with st.container(gap=None):
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", wrap=False
            ):
                icon = "check" if one.id == current else "edit"
                menu_item(f"**{escape_name(name)}**", icon, f"open:{one.id}")
                icon_item(_("Delete the draft {name}").format(name=name), "delete", f"delete:{one.id}")
            st.caption(escape_name(about))
    if len(found) > MOST_IN_BAR:
        st.page_link(RUNS_PAGE, label=_("All experiments"), icon=":material/table_chart:")
    with st.container(horizontal=True, gap="small"):
        menu_item(_("New draft"), "add", "new", help=_("Begins with the example; this one is kept."))
        menu_item(
            _("Duplicate this one"),
            "content_copy",
            f"copy:{current}",
            help=_("A new draft with the same settings; this one is kept."),
        )


def _open(draft_id: str) -> None:
    st.query_params[KEY] = draft_id
    st.rerun()


def _copy(draft_id: str) -> None:
    try:
        copy = copy_draft(draft_id)
    except DlcoreError as error:  # it was deleted in another tab
        st.toast(say(error), icon=":material/error:")
        return
    _open(copy)


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
            names=[show.with_id(f"{name} · {about}", draft_id)],
            key="delete_draft",
        )
    )
