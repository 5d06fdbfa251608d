"""A user's drafts: the one that a page edits, the way back in it, and all the others."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets import CATALOGUE
from dlcore.errors import DlcoreError
from dlcore.queue.annotations import draft_name
from dlcore.queue.ready import example
from dlcore.records import Draft
from dlcore.ui.shared import format as show
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.drafts import KEY, WorkingDraft, leave_draft, start_draft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import BUILD_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.web.context import context

MOST_IN_BAR, MOST_ON_HOME = 8, 4
ALL = "all_drafts"
"""Whether the first page shows all drafts."""

LIST, TO_DELETE = "drafts", "draft_to_delete"
"""Where the session keeps whether the list below the title is open, and which draft of it is to be deleted."""


def draft_bar(draft: WorkingDraft) -> None:
    """Draws the line below a page's title: the draft, Undo, and the other drafts."""
    name, dataset = escape_name(draft.name), escape_name(_(draft.facts.title))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_("Draft **{name}** on **{dataset}**").format(name=name, dataset=dataset), width="stretch")
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
        st.caption(_("Older drafts are on the first page."))
    st.button(
        _("New draft"),
        key="new_draft",
        icon=":material/add:",
        help=_("Begins with the example; this one is kept."),
        on_click=_begin,
    )


def _open(draft_id: str) -> None:
    st.query_params[KEY] = draft_id
    st.session_state[LIST] = False


def _begin() -> None:
    _open(start_draft(example()))


def draft_cards() -> None:
    """Draws cards of a user's drafts, the one changed last first; nothing if there are none."""
    here = context()
    found = here.store.drafts.list(owner=here.actor)
    if not found:
        return
    st.subheader(_("Your drafts"), help=_("Experiments that you have begun; each change is saved."))
    shown = found if st.session_state.get(ALL) else found[:MOST_ON_HOME]
    with st.grid(4, gap="small"):
        for one in shown:
            with st.container(border=True, height="stretch", gap=None):
                _card(one)
    if len(shown) < len(found):
        label = _("Show all {n}").format(n=len(found))
        st.button(label, key="show_drafts", type="tertiary", on_click=_show_all)


def _show_all() -> None:
    st.session_state[ALL] = True


def _card(draft: Draft) -> None:
    name, about = _texts(draft)
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.page_link(
            BUILD_PAGE,
            label=f"**{escape_name(name)}**",
            icon=":material/edit:",
            query_params={KEY: draft.id},
            width="stretch",
        )
        if icon_button(_("Delete the draft {name}").format(name=name), "delete", f"draft.{draft.id}"):
            _ask_to_delete(draft.id)
    st.caption(escape_name(about))


def _texts(draft: Draft) -> tuple[str, str]:
    """Returns what a draft is called, and the line below that: its dataset and its age."""
    dataset = str(draft.spec.get("dataset", {}).get("name", ""))
    title = _(CATALOGUE.get(dataset).facts.title) if dataset in CATALOGUE else dataset
    return draft_name(draft, context().settings), f"{title} · {show.time_ago(draft.updated_at)}"


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
