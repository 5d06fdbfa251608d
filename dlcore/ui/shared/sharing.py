"""Showing one's own runs, searches and data to others, and telling others that they may only look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urljoin

import streamlit as st

from dlcore.access.permissions import Kind, Verb, may
from dlcore.errors import DlcoreError
from dlcore.queue.sharing import Shared, Visibility, replace_link, share, shared, token_of
from dlcore.records import Run, Study
from dlcore.records.shares import Link, Thing
from dlcore.settings import Mode
from dlcore.ui.shared.buttons import menu_item
from dlcore.ui.shared.complaining import report_button
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import COMPARE_PAGE, DATASETS_PAGE, RUN_PAGE, STUDY_PAGE, address_of
from dlcore.web.context import context

SHARE = "share"
"""The key of the item of a menu that opens the dialog."""
CHOICE = "share_with"
PROBLEM = "share_problem"
LINK_PATH = "shared"
"""Of the page that opens what a link shows; the token follows behind a `#`, which no browser sends to a server."""


def may_share() -> bool:
    """Returns whether there is anybody to share with: at home there is not."""
    return context().settings.mode is not Mode.LOCAL


def sees_all(item: Run | Study) -> bool:
    """Returns whether the actor sees all of a run or a study, and not only what it is shared for."""
    kind = Kind.RUN if isinstance(item, Run) else Kind.STUDY
    return may(context().actor, Verb.READ, kind, item.owner)


def shown_notice(things: Sequence[Thing]) -> None:
    """Says on the page of another's things that one may look at them, and no more; there they can be reported."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="shown_notice"):
        words = _("Shared with you to look at: you cannot change anything here.")
        st.info(words, icon=":material/visibility:", width="stretch")
        report_button(things)


def share_item() -> None:
    """Draws the item of a menu that opens the dialog; nothing at home."""
    if may_share():
        menu_item(_("Share"), "share", SHARE, help=_("With a link, or with everybody."))


def share_dialog(things: Sequence[Thing]) -> None:
    """Opens the dialog in which one thing of the actor's is shared, or several runs together."""
    st.dialog(_("Share"), icon=":material/share:", on_dismiss="rerun")(_dialog)(tuple(things))


def _dialog(things: tuple[Thing, ...]) -> None:
    here = context()
    try:
        found = shared(here.store, things, actor=here.actor)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    titles = _titles(several=len(things) > 1)
    # What is, not what was clicked: that may have been refused.
    st.session_state[CHOICE] = found.visibility.value
    st.radio(
        _("Who may see it?"),
        [one.value for one in titles],
        format_func=lambda name: titles[Visibility(name)][0],
        captions=[caption for _title, caption in titles.values()],
        key=CHOICE,
        on_change=_choose,
        args=(things,),
    )
    if (problem := st.session_state.pop(PROBLEM, None)) is not None:
        st.error(say(problem), icon=":material/error:")
    _address(things, found)
    if found.visibility is Visibility.PRIVATE:
        if found.with_others:
            words = _("It is still seen together with others: in a comparison or a search that you share.")
            st.caption(words)
        return
    st.caption(_what_is_seen(things[0].kind))


def _titles(*, several: bool) -> Mapping[Visibility, tuple[str, str]]:
    titles = {
        Visibility.PRIVATE: (_("Only you"), _("No link opens it.")),
        Visibility.LINK: (_("Whoever has the link"), _("To look at, until you take the link back.")),
        Visibility.PUBLIC: (_("Everybody"), _("It is in the gallery of this site.")),
    }
    if several:
        del titles[Visibility.PUBLIC]
    return titles


def _what_is_seen(kind: Kind) -> str:
    match kind:
        case Kind.RUN:
            return _(
                "Others see its name, curves, results, network and settings, and of its data the names of the classes and "
                "the samples among its results. They see neither its log, notes and tags, nor its model."
            )
        case Kind.STUDY:
            return _(
                "Others see its name, figures, settings and trials, and what is seen of a run of each trial. They see "
                "neither notes and tags, nor logs, nor models."
            )
    return _("Others see all of its samples, and can train on it.")


def _address(things: tuple[Thing, ...], found: Shared) -> None:
    """Shows the address to be copied."""
    base = st.context.url or ""
    if found.visibility is Visibility.PUBLIC:
        st.code(urljoin(base, page_address(things)), language=None, wrap_lines=True)
    elif found.link is not None:
        token = token_of(context().store, found.link)
        if token is None:
            st.warning(_("This link can no longer be shown. Make a new one."), icon=":material/key_off:")
        else:
            st.code(urljoin(base, f"{LINK_PATH}#{token}"), language=None, wrap_lines=True)
        st.button(
            _("Make a new link"),
            icon=":material/autorenew:",
            key="share_renew",
            help=_("The old one opens nothing from then on."),
            on_click=_renew,
            args=(found.link,),
        )


def page_address(things: Sequence[Thing]) -> str:
    """Returns the address of the page that shows some things."""
    first, *others = things
    match first.kind:
        case Kind.RUN if others:
            return address_of(COMPARE_PAGE, {"runs": ",".join(one.name for one in things)})
        case Kind.RUN:
            return address_of(RUN_PAGE, {"run": first.name})
        case Kind.STUDY:
            return address_of(STUDY_PAGE, {"study": first.name})
    return Path(DATASETS_PAGE).stem


def _choose(things: tuple[Thing, ...]) -> None:
    here, chosen = context(), st.session_state[CHOICE]
    if chosen not in list(Visibility):  # no browser of ours says so
        return
    try:
        share(here.store, things, Visibility(chosen), actor=here.actor)
    except DlcoreError as error:
        st.session_state[PROBLEM] = error
    _forget(things)


def _renew(link: Link) -> None:
    here = context()
    try:
        replace_link(here.store, link, actor=here.actor)
    except DlcoreError as error:
        st.session_state[PROBLEM] = error
    _forget(link.things)


def _forget(things: Sequence[Thing]) -> None:
    """Makes open pages of others ask again at once."""
    for thing in things:
        context().moments.forget(thing.name)
