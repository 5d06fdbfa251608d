"""The beginning of every page: who is here, and what a demo is."""

from __future__ import annotations

import streamlit as st

from dlcore.access.actors import Role
from dlcore.errors import PermissionDeniedError
from dlcore.queue.belongings import possessions, take_along
from dlcore.settings import Mode
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.web.context import context

_ASKED = "visit.asked_to_take_along"


def begin_visit() -> None:
    """Ends the page if the visit was ended."""
    try:
        _ = context().actor
    except PermissionDeniedError as error:
        st.warning(say(error), icon=":material/logout:")
        st.stop()


def member_menu() -> None:
    """Shows in the sidebar who has signed in, and how to sign out; or how to sign in, where that is possible."""
    here = context()
    if not here.settings.has_sign_in:
        return
    member = here.member
    if member is None:
        if st.button(_("Sign in"), icon=":material/login:", type="tertiary", key="sign_in"):
            st.login()
        return
    with st.popover(escape_name(member.name), icon=":material/account_circle:", type="tertiary"):
        if member.email and member.email != member.name:
            st.markdown(escape_name(member.email))
        st.caption(_("Admin") if member.actor.role is Role.ADMIN else _("Member"))
        if st.button(_("Sign out"), icon=":material/logout:", key="sign_out"):
            st.logout()
        if st.button(_("Sign out everywhere"), icon=":material/devices_off:", key="sign_out_everywhere"):
            here.sign_ins.end_all(member.actor)
            st.logout()


def offer_to_take_along() -> None:
    """Asks a member whether what was made in this browser before they signed in should be theirs; once a session."""
    here = context()
    visitor = None if st.session_state.get(_ASKED) else here.earlier_visitor
    if visitor is None:
        return
    found = possessions(here.store, visitor)
    if not found:
        st.session_state[_ASKED] = True
        return
    with st.container(border=True):
        st.markdown(
            _(
                "**You made something in this browser before you signed in**: experiments: {experiments}, data: {data}, "
                "models: {models}. It can move to your account."
            ).format(experiments=found.experiments, data=found.data, models=found.models)
        )
        with st.container(horizontal=True):
            take = st.button(
                _("Move to my account"), icon=":material/move_up:", type="primary", key="take_along"
            )
            leave = st.button(_("Not now"), key="leave_behind")
        if take:
            attempt(lambda: take_along(here.store, visitor, here.actor))
        if leave:
            st.session_state[_ASKED] = True
            st.rerun()


def demo_menu() -> None:
    """Shows visitors in the sidebar of a demo what that is; nothing elsewhere."""
    if context().settings.mode is Mode.DEMO and context().actor.role is Role.VISITOR:
        with st.popover(_("About this demo"), icon=":material/info:", type="tertiary"):
            st.markdown(about_demo())


def about_demo() -> str:
    """Returns what a demo is, and what becomes of what somebody makes in it."""
    days = context().settings.visitor_days
    return _n(
        "**This is a demo**, open to everyone without signing in. What you make here is yours: no other visitor "
        "can see it unless you share it. Only this browser finds it again, by a cookie; {n} day after your last visit all "
        "of it is removed. "
        "Whoever runs this demo can see it, too, and may delete it at any time: do not upload anything "
        "confidential, and download what you want to keep.",
        "**This is a demo**, open to everyone without signing in. What you make here is yours: no other visitor "
        "can see it unless you share it. Only this browser finds it again, by a cookie; {n} days after your last visit "
        "all of it is removed. "
        "Whoever runs this demo can see it, too, and may delete it at any time: do not upload anything "
        "confidential, and download what you want to keep.",
        days,
    ).format(n=days)
