"""Says of each request who asks: a member who has signed in, or in a demo a visitor, who gets a cookie."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dlcore.access.actors import Actor, Role
from dlcore.access.acts import Act
from dlcore.access.links import COOKIE as LINKS
from dlcore.access.links import opened_links
from dlcore.errors import TooManyError
from dlcore.web.asking import SESSION_ACTOR, asking
from dlcore.web.cookies import cookie_header, send_with, with_cookie
from dlcore.web.hosts import POLICY_VIOLATION
from dlcore.web.identity import COOKIE, LIFE_SECONDS, Identities
from dlcore.web.members import COOKIE as MEMBER_COOKIE
from dlcore.web.members import SignIns
from dlcore.web.plain_page import Texts, plain_page
from dlcore.web.request_headers import with_header
from dlcore.web.shell import asks_for_page
from dlcore.web.sign_in import CALLBACK, LOGIN, OPEN_PATHS, SIGN_IN, WELCOME

TRY_LATER = 1013
"""The code that closes a websocket for which there is no room."""


class Identify:
    """Says who asks, to routes and to pages, for requests and websockets alike.

    Members are known by the cookie of their sign-in. In a team nobody else gets anything but a page on which to sign in:
    no script runs for them, and no route answers. In a demo others are visitors: a browser without a cookie that counts (none, forged, expired, ended) is a new visitor once it asks for a page or
    opens a websocket. Whatever else comes without one, such as a script or a crawler, is a visitor whom nobody
    remembers, and who has nothing. Plain ASGI: Starlette's BaseHTTPMiddleware would not see the websocket.

    Args:
        app: what answers.
        identities: tells visitors by their cookies; asked for at the first request, when the store is open.
        sign_ins: tells members by theirs, likewise; None where nobody can sign in.
        members_only: whether visitors are sent to sign in.
        texts: the texts of the reader's language.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        identities: Callable[[], Identities],
        sign_ins: Callable[[], SignIns] | None = None,
        members_only: bool = False,
        texts: Texts,
    ) -> None:
        self.app, self.identities, self.texts = app, identities, texts
        self.sign_ins, self.members_only = sign_ins, members_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, with the actor known to all who answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        member = await self._member(scope)
        if member is not None:
            await self._answer(scope, receive, send, member, fresh=None)
        elif self.members_only and scope["path"] not in OPEN_PATHS:
            await self._turn_away(scope)(scope, receive, send)
        else:
            await self._visit(scope, receive, send)

    async def _member(self, scope: Scope) -> Actor | None:
        """Returns the member who asks, if one does."""
        cookie = HTTPConnection(scope).cookies.get(MEMBER_COOKIE, "")
        if not cookie or self.sign_ins is None:
            return None
        sign_ins = self.sign_ins()
        member = sign_ins.recent(cookie) or await run_in_threadpool(sign_ins.find, cookie)
        return member.actor if member else None

    def _turn_away(self, scope: Scope) -> ASGIApp:
        """Returns the answer to somebody who has to sign in first."""
        if scope["type"] == "websocket":
            return WebSocketClose(POLICY_VIOLATION)
        if asks_for_page(scope):
            return plain_page(WELCOME, 401, scope, self.texts, sign_in=SIGN_IN)
        return JSONResponse({"error": "sign in"}, 401, {"cache-control": "no-store"})

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a visitor."""
        identities = self.identities()
        cookies = HTTPConnection(scope).cookies
        cookie = cookies.get(COOKIE, "")
        actor = identities.recent(cookie) or (
            await run_in_threadpool(identities.find, cookie) if cookie else None
        )
        if scope["type"] == "http" and not asks_for_page(scope) and not _signs_in(scope):
            nobody = Actor(secrets.token_hex(16), Role.VISITOR)
            with asking(_with_links(actor or nobody, cookies), client_address(scope)):
                await self.app(scope, receive, send)
            return
        if self.members_only:  # who signs in is no visitor
            fresh, actor = None, Actor(secrets.token_hex(16), Role.VISITOR)
        else:
            fresh, actor = (identities.renewed(cookie, actor), actor) if actor else identities.welcome()
        await self._answer(scope, receive, send, actor, fresh=fresh)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, actor: Actor, *, fresh: str | None
    ) -> None:
        """Answers somebody who is known now.

        Args:
            scope: of the request.
            receive: its rest.
            send: takes the answer.
            actor: who asks.
            fresh: the cookie of a visitor who has none yet, or an old one.
        """
        identities, address = self.identities(), client_address(scope)
        try:
            if scope["type"] == "websocket" or asks_for_page(scope) or _signs_in(scope):
                await run_in_threadpool(_admit, scope, identities, actor, address)
        except TooManyError as error:
            await self._refusal(scope, error)(scope, receive, send)
            return
        if fresh is not None:
            given = cookie_header(scope, COOKIE, fresh, LIFE_SECONDS)
            scope, send = with_cookie(scope, COOKIE, fresh), partial(send_with, [given], send)
        if scope["type"] == "websocket":
            scope = with_header(scope, SESSION_ACTOR, actor.id.encode())
        opened: AbstractContextManager[None] = (
            identities.rates.open_from(address) if scope["type"] == "websocket" else nullcontext()
        )
        with asking(_with_links(actor, HTTPConnection(scope).cookies), address), opened:
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
    return str(scope["path"]).endswith((LOGIN, CALLBACK))


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
