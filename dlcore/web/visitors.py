"""Gives every browser that visits a demo a cookie, and says of each request who asks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dlcore.access.actors import Actor, Role
from dlcore.access.acts import Act
from dlcore.access.links import COOKIE as LINKS
from dlcore.access.links import opened_links
from dlcore.errors import TooManyError
from dlcore.web.asking import asking
from dlcore.web.identity import COOKIE, LIFE_SECONDS, Identities
from dlcore.web.plain_page import Texts, plain_page
from dlcore.web.shell import asks_for_page

TRY_LATER = 1013
"""The code that closes a websocket for which there is no room."""
SIGN_IN_PATHS = ("/auth/login", "/oauth2callback")
"""Of Streamlit's: where a browser is sent to sign in, and where it comes back to."""


class Identify:
    """Says who asks, to routes and to pages, for requests and websockets alike.

    A browser without a cookie that counts (none, forged, expired, ended) is a new visitor once it asks for a page or
    opens a websocket. Whatever else comes without one, such as a script or a crawler, is a visitor whom nobody
    remembers, and who has nothing. Plain ASGI: Starlette's BaseHTTPMiddleware would not see the websocket.

    Args:
        app: what answers.
        identities: tells visitors by their cookies; asked for at the first request, when the store is open.
        texts: the texts of the reader's language.
    """

    def __init__(self, app: ASGIApp, *, identities: Callable[[], Identities], texts: Texts) -> None:
        self.app, self.identities, self.texts = app, identities, texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, with the actor known to all who answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        identities, address = self.identities(), client_address(scope)
        cookies = HTTPConnection(scope).cookies
        cookie = cookies.get(COOKIE, "")
        actor = identities.recent(cookie) or (
            await run_in_threadpool(identities.find, cookie) if cookie else None
        )
        if scope["type"] == "http" and not asks_for_page(scope) and not _signs_in(scope):
            with asking(_with_links(actor or Actor(secrets.token_hex(16), Role.VISITOR), cookies), address):
                await self.app(scope, receive, send)
            return
        fresh, actor = (identities.renewed(cookie, actor), actor) if actor else identities.welcome()
        try:
            await run_in_threadpool(_admit, scope, identities, actor, address)
        except TooManyError as error:
            await self._refusal(scope, error)(scope, receive, send)
            return
        if fresh is not None:
            scope, send = _with_cookie(scope, fresh), partial(_send_with, _header(fresh, scope), send)
        opened: AbstractContextManager[None] = (
            identities.rates.open_from(address) if scope["type"] == "websocket" else nullcontext()
        )
        with asking(_with_links(actor, cookies), address), opened:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, error: TooManyError) -> ASGIApp:
        """Returns the answer to a page or a session for which there is no room."""
        if scope["type"] == "websocket":
            return WebSocketClose(TRY_LATER)
        page = plain_page(error.message, 429, scope, self.texts)
        page.headers["retry-after"] = str(error.seconds)
        return page


def client_address(scope: Scope) -> str:
    """Returns the address that a request comes from.

    Of a proxy that is trusted, uvicorn has put the address here that the browser has.
    """
    client = scope.get("client")
    return client[0] if client else ""


def _signs_in(scope: Scope) -> bool:
    return str(scope["path"]).endswith(SIGN_IN_PATHS)


def _admit(scope: Scope, identities: Identities, actor: Actor, address: str) -> None:
    """Counts a session that is opened, or an attempt to sign in; a page only has to have room for one.

    Raises:
        TooManyError: there is no room now.
    """
    if scope["type"] == "websocket":
        identities.admit(actor, address)
    elif _signs_in(scope):
        identities.rates.take(Act.LOGIN, actor=actor.id, address=address)
    else:
        identities.check_room(actor, address)


def _with_links(actor: Actor, cookies: Mapping[str, str]) -> Actor:
    """Returns the actor with the links that their browser has opened."""
    links = opened_links(cookies.get(LINKS, ""))
    return replace(actor, links=links) if links else actor


def _header(cookie: str, scope: Scope) -> str:
    """Returns the header that gives a browser its cookie: for this site's own pages alone, out of reach of scripts."""
    answer = Response()
    # Of a proxy that is trusted, uvicorn has put the scheme here that the browser used.
    secure = scope["scheme"] in ("https", "wss")
    answer.set_cookie(COOKIE, cookie, max_age=LIFE_SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer.headers["set-cookie"]


def _with_cookie(scope: Scope, cookie: str) -> Scope:
    """Returns a request as if the browser had sent that cookie: pages read it from the websocket's."""
    given = [value for name, value in scope["headers"] if name == b"cookie"]
    others = [
        part.strip()
        for part in b";".join(given).split(b";")
        if part.strip() and part.partition(b"=")[0].strip() != COOKIE.encode()
    ]
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    together = b"; ".join([*others, f"{COOKIE}={cookie}".encode()])
    return {**scope, "headers": [*headers, (b"cookie", together)]}


async def _send_with(header: str, send: Send, message: Message) -> None:
    """Sends on, with the cookie on what answers first; no cache keeps a page for others that has somebody's cookie."""
    if message["type"] in ("http.response.start", "websocket.accept"):
        headers = MutableHeaders(raw=list(message.get("headers", ())))
        headers.append("set-cookie", header)
        if message["type"] == "http.response.start":
            headers["cache-control"] = "no-store"
        message = {**message, "headers": headers.raw}
    await send(message)
