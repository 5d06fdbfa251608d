"""Closes what Streamlit serves to others than a browser: its metrics, and the interface for agents."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dlcore.web.hosts import POLICY_VIOLATION

CORE = "_stcore"
"""The part of a path below which all routes of Streamlit's own server are."""
OPEN = frozenset({"health", "host-config", "stream", "upload_file", "bidi-components"})
"""What a browser asks for below it. Everything else is closed, also what a later Streamlit brings."""


class Closed:
    """Says of routes that are for no browser that they are not there.

    Streamlit's metrics tell everybody who asks how many sessions there are, and walk all of them to say so; its interface
    for agents would drive pages past the websocket.

    Args:
        app: what answers the other requests.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        if scope["type"] not in ("http", "websocket") or not is_closed(scope["path"]):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(POLICY_VIOLATION)(scope, receive, send)
        else:
            await PlainTextResponse("not found", 404)(scope, receive, send)


def is_closed(path: str) -> bool:
    """Returns whether nobody gets an answer under a path, wherever in it Streamlit's own part begins.

    Example:
        >>> is_closed("/_stcore/metrics"), is_closed("/base/_stcore//metrics"), is_closed("/_stcore/health")
        (True, True, False)
    """
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    return CORE in parts and parts[parts.index(CORE) + 1 :][:1] not in ([name] for name in OPEN)
