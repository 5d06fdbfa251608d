"""Names, tags, notes, stars and the archive on the pages of runs, studies and drafts, and above their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue import annotate
from dlcore.records import AnnotationEdit, Draft, Run, Study
from dlcore.records.annotations import LONGEST_NAME, LONGEST_NOTES, MOST_TAGS, Annotation
from dlcore.ui.components.live_view import Badge
from dlcore.ui.shared.buttons import icon_button, icon_key, icon_popover
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context

EDITED = icon_key("annotation_edited")
"""Whether the popover with the fields is open."""
TAGGED = "tags_edited"
SAVED = "annotation_saved"
"""The popover whose form was saved, so that it closes."""


def annotation_badges(said: Annotation) -> tuple[Badge, ...]:
    """Returns the tags as badges, and whether it is archived."""
    tags = tuple(Badge(tag, "gray") for tag in said.tags)
    return (*tags, Badge(_("archived"), "orange", icon="archive")) if said.archived else tags


def annotation_tools(item: Run | Study | Draft) -> None:
    """Shows the star and the form of name, tags and notes to the owner of an experiment."""
    if item.owner == context().actor.id:
        _star(item)
        _editor(item)


def annotation_notes(item: Run | Study | Draft) -> None:
    """Shows the notes of an experiment, if any."""
    if item.annotation.notes:
        # As Markdown, which cannot hold HTML here; pictures of other servers are blocked by our headers.
        with st.container(border=True):
            st.markdown(item.annotation.notes)


def _star(item: Run | Study | Draft) -> None:
    starred = item.annotation.favorite
    name = _("Take the star away") if starred else _("Give it a star")
    # Both are outlines in Streamlit's font: a star that was given has a colour, too.
    with st.container(key="starred" if starred else "unstarred", width="content"):
        pressed = icon_button(name, "star" if starred else "star_border", "favorite")
    if pressed:
        _change([item], favorite=not starred)


def _editor(item: Run | Study | Draft) -> None:
    _close_if_saved(EDITED)
    box = icon_popover(_("Name, tags, notes"), "edit", EDITED, on_change="rerun")
    if not box.open:
        return
    said, key = item.annotation, f"annotation.{item.id}"
    with box, st.form(key, border=False):
        name = st.text_input(
            _("Name"),
            value=item.name,
            max_chars=LONGEST_NAME,
            key=f"{key}.name",
            help=_("Empty: its dataset, its template and a number."),
        )
        tags = _tags_field(f"{key}.tags", said.tags)
        notes = st.text_area(
            _("Notes"),
            value=said.notes,
            max_chars=LONGEST_NOTES,
            key=f"{key}.notes",
            help=_("As Markdown: **bold**, lists, links, tables."),
        )
        archived = st.toggle(
            _("Archived"),
            value=said.archived,
            key=f"{key}.archived",
            help=_("Lists leave it out unless they are asked for what is archived."),
        )
        saved = st.form_submit_button(_("Save"), type="primary", key=f"{key}.save")
    if saved:
        st.session_state[SAVED] = EDITED
        _change(
            [item],
            name=None if name == item.name else name,
            notes=notes,
            add_tags=tuple(tags),
            remove_tags=tuple(tag for tag in said.tags if tag not in tags),
            archived=bool(archived),
        )


def _tags_field(key: str, tags: Sequence[str]) -> list[str]:
    here = context()
    known = here.store.annotations.tags(owner=here.actor.id)
    return list(
        st.multiselect(
            _("Tags"),
            list(dict.fromkeys([*tags, *known])),
            default=list(tags),
            key=key,
            accept_new_options=True,
            max_selections=MOST_TAGS,
            placeholder=_("choose or type"),
        )
    )


def starred_name(item: Run | Study | Draft) -> str:
    """Returns a name as tables show it: a favourite's begins with a star."""
    return f"★ {item.name}" if item.annotation.favorite else item.name


def annotation_actions(chosen: Sequence[Run | Study | Draft], *, key: str, at_rest: bool = False) -> None:
    """Shows what can be done with the tags and the place of the chosen rows of a table that are your own.

    Args:
        chosen: the experiments.
        key: prefix of the widgets' keys.
        at_rest: whether the buttons are there without any, too.
    """
    mine = [one for one in chosen if one.owner == context().actor.id]
    if not mine:
        if at_rest:
            st.button(_("Tags"), icon=":material/sell:", key=f"{key}.no_tags", disabled=True)
            st.button(_("Archive"), icon=":material/archive:", key=f"{key}.no_archive", disabled=True)
        return
    _close_if_saved(f"{key}.{TAGGED}")
    box = st.popover(_("Tags"), icon=":material/sell:", key=f"{key}.{TAGGED}", on_change="rerun")
    if box.open:
        with box, st.form(f"{key}.tags", border=False):
            common = [
                tag for tag in mine[0].annotation.tags if all(tag in one.annotation.tags for one in mine)
            ]
            tags = _tags_field(f"{key}.tags.{'.'.join(one.id for one in mine)}", common)
            if st.form_submit_button(_("Save"), type="primary", key=f"{key}.tags.save"):
                removed = tuple(tag for tag in common if tag not in tags)
                st.session_state[SAVED] = f"{key}.{TAGGED}"
                _change(mine, add_tags=tuple(tags), remove_tags=removed)
    away = not all(one.annotation.archived for one in mine)
    text = _("Archive {n}") if away else _("Unarchive {n}")
    icon = ":material/archive:" if away else ":material/unarchive:"
    if st.button(text.format(n=len(mine)), icon=icon, key=f"{key}.archive"):
        _change(mine, archived=away)


def _change(items: Sequence[Run | Study | Draft], **values: Any) -> None:
    """Changes experiments and runs the page again; shows a problem where the button is."""
    here = context()
    try:
        edit = AnnotationEdit(**values)
        for item in items:
            annotate(here.store, item.id, edit, actor=here.actor)
    except DlcoreError as error:
        st.session_state.pop(SAVED, None)
        st.error(say(error), icon=":material/error:")
        return
    st.rerun()


def _close_if_saved(popover: str) -> None:
    """Closes a popover whose form was saved; a widget's state can be set only before it is drawn."""
    if st.session_state.get(SAVED) == popover:
        del st.session_state[SAVED]
        st.session_state[popover] = False
