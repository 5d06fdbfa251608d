"""A number for every request and every session, by which the lines of all logs are told together."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dlcore.web.request_headers import with_header

HEADER = "x-request-id"
_ALLOWED = re.compile(r"[A-Za-z0-9._-]{8,128}")
"""What is taken over from a proxy: nothing that could be more than a name in a line."""

_REQUEST: ContextVar[str] = ContextVar("request", default="")


class RequestIds:
    """Gives each request an id, or takes over that of a trusted proxy, and sends it back with the answer.

    A session has that of the websocket that carries it. Plain ASGI: Starlette's BaseHTTPMiddleware would not see the
    websocket.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, with its id known to all who answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request = _of_proxy(scope) or secrets.token_hex(16)
        # Scripts run in threads that inherit nothing: they read it from the headers of their websocket.
        scope = with_header(scope, HEADER, request.encode())

        async def with_id(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers[HEADER] = request
                message = {**message, "headers": headers.raw}
            await send(message)

        before = _REQUEST.set(request)
        try:
            await self.app(scope, receive, with_id)
        finally:
            _REQUEST.reset(before)


def _of_proxy(scope: Scope) -> str:
    """Returns the id that a trusted proxy gives; empty if there is none, or nobody who is trusted gives it.

    Which proxies are trusted, uvicorn knows: of those it replaces the client by the one they name, whose port is 0. That
    of a connection never is.
    """
    client = scope.get("client")
    given = Headers(scope=scope).getlist(HEADER)
    is_trusted = client is not None and client[1] == 0
    return given[0] if is_trusted and len(given) == 1 and _ALLOWED.fullmatch(given[0]) else ""


def request_id() -> str:
    """Returns the id of the request that is answered here, or of the session of the script that runs; empty if none."""
    request = _REQUEST.get()
    if request or get_script_run_ctx(suppress_warning=True) is None:
        return request
    return st.context.headers.get(HEADER) or ""
