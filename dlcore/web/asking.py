"""Who asks, for as long as a request is answered: threads and tasks that answer it inherit it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dlcore.access.actors import Actor
from dlcore.access.links import COOKIE as LINKS
from dlcore.access.links import opened_links
from dlcore.web.identity import COOKIE
from dlcore.web.members import COOKIE as MEMBER_COOKIE

_ACTOR: ContextVar[Actor | None] = ContextVar("actor", default=None)
_ADDRESS: ContextVar[str | None] = ContextVar("address", default=None)
SESSION_ACTOR = "x-dl-studio-actor"
"""The header by which Streamlit is told whose websocket it is; it gives nobody the session of somebody else."""
HERE = "127.0.0.1"
"""The address of this machine, which Streamlit keeps to itself."""


@contextmanager
def asking(actor: Actor, address: str) -> Iterator[None]:
    """Answers a request, or holds a websocket open, for that actor, who is at that address."""
    before, place = _ACTOR.set(actor), _ADDRESS.set(address)
    try:
        yield
    finally:
        _ACTOR.reset(before)
        _ADDRESS.reset(place)


def request_actor() -> Actor | None:
    """Returns who asked for what is being answered here; None in a script, which runs in a thread of its own."""
    return _ACTOR.get()


def asking_address() -> str:
    """Returns from where is asked: by a request, or by the session of the script that runs.

    Behind a proxy that uvicorn trusts it is the browser's own.
    """
    address = _ADDRESS.get() or st.context.ip_address
    return address if isinstance(address, str) else HERE


def session_cookie() -> str:
    """Returns the cookie with which the browser has opened the websocket of this script's session; empty if none."""
    return st.context.cookies.get(COOKIE, "")


def session_links() -> frozenset[str]:
    """Returns the links that this browser had opened when it opened that websocket, by the hashes of their tokens."""
    return opened_links(st.context.cookies.get(LINKS, ""))


def member_cookie() -> str:
    """Returns the cookie of a member's sign-in, see `session_cookie`."""
    return st.context.cookies.get(MEMBER_COOKIE, "")


def session_owner() -> str:
    """Returns for whom this script's session was begun, by their id; empty where no websocket carries it."""
    return st.context.headers.get(SESSION_ACTOR) or ""


def is_left() -> bool:
    """Returns whether the browser has gone for which the script runs; with it went its cookies."""
    script = get_script_run_ctx(suppress_warning=True)
    return (
        script is not None
        and runtime.exists()
        and runtime.get_instance().get_client(script.session_id) is None
    )
