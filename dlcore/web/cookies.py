"""Cookies by which browsers are known: out of reach of scripts and of other sites, and of plain HTTP where there is TLS."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from dlcore.web.request_headers import with_header


def cookie_header(scope: Scope, name: str, value: str, seconds: int) -> str:
    """Returns the header that gives a browser a cookie; for no seconds, that takes it away.

    Args:
        scope: of the request that is answered.
        name: of the cookie.
        value: what it holds.
        seconds: how long the browser keeps it.
    """
    # Of a proxy that is trusted, uvicorn has put the scheme here that the browser used.
    secure = scope["scheme"] in ("https", "wss")
    answer = Response()
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)
    return answer.headers["set-cookie"]


def with_cookie(scope: Scope, name: str, value: str) -> Scope:
    """Returns a request as if the browser had sent that cookie: pages read it from the websocket's."""
    given = [part for header, part in scope["headers"] if header == b"cookie"]
    others = [
        part.strip()
        for part in b";".join(given).split(b";")
        if part.strip() and part.partition(b"=")[0].strip() != name.encode()
    ]
    return with_header(scope, "cookie", b"; ".join([*others, f"{name}={value}".encode()]))


async def send_with(cookies: Sequence[str], send: Send, message: Message) -> None:
    """Sends on, with the cookies on what answers first; no cache keeps a page for others that has somebody's cookie."""
    if message["type"] in ("http.response.start", "websocket.accept"):
        headers = MutableHeaders(raw=list(message.get("headers", ())))
        for cookie in cookies:
            headers.append("set-cookie", cookie)
        if message["type"] == "http.response.start":
            headers["cache-control"] = "no-store"
        message = {**message, "headers": headers.raw}
    await send(message)
