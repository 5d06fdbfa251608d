"""Signing in and out, around Streamlit's own routes for it.

Streamlit asks the provider, checks the answer, and would then keep all that the provider said in a cookie of 30 days that
nobody can take back. It never reaches the browser: what it says is read here, once, and the browser gets a secret instead,
which the store knows. So an end of a sign-in, or of a membership, is one row.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from http.cookies import CookieError, SimpleCookie
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from dlcore.access.actors import Actor, Role
from dlcore.access.claims import Identity, role_of
from dlcore.access.secret import secret_key
from dlcore.errors import N_, Message, PermissionDeniedError, SettingsError
from dlcore.settings import Mode, Settings
from dlcore.web.cookies import cookie_header, send_with, with_cookie
from dlcore.web.members import COOKIE
from dlcore.web.plain_page import Texts, plain_page

SIGN_IN = "/sign-in"
LOGIN, CALLBACK, LOGOUT = "/auth/login", "/oauth2callback", "/auth/logout"
"""Streamlit's: where a browser is sent to sign in, where it comes back to, and where it signs out."""
OPEN_PATHS = (SIGN_IN, LOGIN, CALLBACK, LOGOUT, "/healthz", "/readyz", "/metrics")
"""What is answered to whom nobody knows, also in a team."""
_RETURN = "dlstudio_return"
"""The cookie that keeps the page from which somebody went to sign in."""
_RETURN_SECONDS = 900
_PROVIDER = "default"
_FAILED = Message(N_("signing in did not work: your provider has not said who you are."), N_("Try it again."))
_NOBODY = Message(
    N_("this account may not use DL Studio here."),
    N_("Ask whoever runs it, or sign in with another account."),
)
WELCOME = Message(N_("This dashboard belongs to a team."), N_("Sign in to use it."))

Note = Callable[[str, Actor, str, bool], None]
"""Writes down what an actor did, from which address, and whether it was refused."""


def sign_in_secrets(settings: Settings) -> dict[str, Any] | None:
    """Returns what Streamlit has to know for signing in; None where nobody can.

    Raises:
        SettingsError: something of it is missing.
    """
    if settings.mode is Mode.LOCAL or not (settings.oidc_url or settings.mode is Mode.TEAM):
        return None
    needed = {
        "DLCORE_OIDC_URL": settings.oidc_url,
        "DLCORE_OIDC_CLIENT": settings.oidc_client,
        "DLCORE_OIDC_SECRET": settings.oidc_secret.get_secret_value(),
        "DLCORE_PUBLIC_URL": settings.public_url,
    }
    for name, value in needed.items():
        if not value:
            raise SettingsError(
                N_("signing in needs this setting, too."), hint=N_("Set it, see docs/members.md."), where=name
            )
    if find_spec("authlib") is None:
        raise SettingsError(
            N_("signing in needs the package Authlib."),
            hint=N_("Install it: {command}."),
            where="DLCORE_OIDC_URL",
            command="pip install -r requirements-members.txt",
        )
    # Streamlit signs with it what a browser keeps while it is at the provider: in any process the same.
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = _derived(settings, "session")
    return {
        "auth": {
            "redirect_uri": f"{settings.public_url.rstrip('/')}{CALLBACK}",
            "cookie_secret": _derived(settings, "sign-in"),
            "client_id": settings.oidc_client,
            "client_secret": settings.oidc_secret.get_secret_value(),
            "server_metadata_url": settings.oidc_url,
        }
    }


def forget_environment() -> None:
    """Takes the key out of the environment, which all child processes inherit; Streamlit has read it by now."""
    os.environ.pop("STREAMLIT_SERVER_COOKIE_SECRET", None)


def _derived(settings: Settings, use: str) -> str:
    """Returns a key for one use: who has it has no other."""
    return hmac.new(secret_key(settings).encode(), f"dl-studio {use}".encode(), hashlib.sha256).hexdigest()


async def sign_in(request: Request) -> Response:
    """Leads to the provider, from a plain link."""
    return RedirectResponse(generate_login_redirect_url(_PROVIDER), 303)


class SignIn:
    """Makes of an answer of the provider a sign-in of ours, and ends it where somebody signs out.

    Args:
        app: what answers: Streamlit.
        begin: writes a sign-in down, and returns what the browser is known by.
        end: ends one.
        note: writes down who signed in and out, or could not.
        settings: who is a member, and for how long.
        texts: the texts of the reader's language.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        begin: Callable[[Identity, Role], str],
        end: Callable[[str], Actor | None],
        note: Note,
        settings: Settings,
        texts: Texts,
    ) -> None:
        self.app, self.begin, self.end, self.note = app, begin, end, note
        self.settings, self.texts = settings, texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on but what is about signing in and out."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path == LOGIN:
            send = partial(send_with, [_return_cookie(scope)], send)
        elif path == CALLBACK:
            await self._come_back(scope, receive, send)
            return
        elif path == LOGOUT:
            if Headers(scope=scope).get("sec-fetch-site") == "cross-site":  # no other site signs anybody out
                await RedirectResponse("/", 303)(scope, receive, send)
                return
            await self._leave(scope)
            scope, send = (
                _for_provider(scope),
                partial(send_with, [cookie_header(scope, COOKIE, "", 0)], send),
            )
        await self.app(scope, receive, send)

    async def _come_back(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets Streamlit check what the provider says, and answers for it."""
        answer = _Answer()
        await self.app(scope, receive, answer)
        asked = Request(scope).query_params
        if not ("code" in asked or "error" in asked):  # somebody comes back from signing out
            await answer.pass_on(send)
            return
        claims = answer.claims()
        address = scope["client"][0] if scope.get("client") else ""
        identity = Identity.of(claims)
        role = role_of(claims, self.settings) if identity else None
        if identity is None or role is None:
            await run_in_threadpool(
                self.note, "sign-in", Actor(identity.member_id if identity else ""), address, True
            )
            refusal = plain_page(
                _FAILED if identity is None else _NOBODY, 403, scope, self.texts, sign_in=SIGN_IN
            )
            await refusal(scope, receive, partial(send_with, answer.other_cookies(), send))
            return
        actor = Actor(identity.member_id, role)
        try:
            secret = await run_in_threadpool(self.begin, identity, role)
        except PermissionDeniedError as error:
            await run_in_threadpool(self.note, "sign-in", actor, address, True)
            await plain_page(error.message, 403, scope, self.texts)(scope, receive, send)
            return
        await run_in_threadpool(self.note, "sign-in", actor, address, False)
        cookies = [
            *answer.other_cookies(),
            cookie_header(scope, COOKIE, secret, self.settings.sign_in_hours * 3600),
            cookie_header(scope, _RETURN, "", 0),
        ]
        back = RedirectResponse(_return_path(scope), 303)
        await back(scope, receive, partial(send_with, cookies, send))

    async def _leave(self, scope: Scope) -> None:
        cookie = HTTPConnection(scope).cookies.get(COOKIE, "")
        actor = await run_in_threadpool(self.end, cookie) if cookie else None
        if actor is not None:
            address = scope["client"][0] if scope.get("client") else ""
            await run_in_threadpool(self.note, "sign-out", actor, address, False)


class _Answer:
    """An answer of Streamlit, held back."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def __call__(self, event: Event) -> None:
        self.events.append(event)

    async def pass_on(self, send: Send) -> None:
        """Sends it as it is."""
        for event in self.events:
            await send(event)

    @property
    def _set_cookies(self) -> list[str]:
        return Headers(raw=list(self.events[0]["headers"])).getlist("set-cookie") if self.events else []

    def claims(self) -> Mapping[str, Any]:
        """Returns what the provider says of who has signed in; nothing if it does not know them."""
        cookies: dict[str, str] = {}
        for header in self._set_cookies:
            try:
                cookies |= {name: one.value for name, one in SimpleCookie(header).items() if one.value}
            except CookieError:
                continue
        signed = _get_signed_cookie_with_chunks(cookies, USER_COOKIE_NAME)
        claims = json.loads(signed) if signed else {}
        return claims if isinstance(claims, dict) else {}

    def other_cookies(self) -> list[str]:
        """Returns what it gives the browser besides what it says of who has signed in."""
        return [
            one for one in self._set_cookies if not one.startswith((USER_COOKIE_NAME, TOKENS_COOKIE_NAME))
        ]


def _for_provider(scope: Scope) -> Scope:
    """Returns a request to sign out by which Streamlit knows at which provider to do so, too."""
    told = create_signed_value(get_cookie_secret(), USER_COOKIE_NAME, json.dumps({"provider": _PROVIDER}))
    return with_cookie(scope, USER_COOKIE_NAME, told.decode())


def _return_cookie(scope: Scope) -> str:
    """Returns the header that keeps from which of our pages somebody goes to sign in."""
    headers = Headers(scope=scope)
    try:
        parts = urlsplit(headers.get("referer", ""))
    except ValueError:
        parts = urlsplit("")
    ours = parts.netloc == headers.get("host") and parts.path not in OPEN_PATHS
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return (
        cookie_header(scope, _RETURN, quote(page, safe=""), _RETURN_SECONDS)
        if ours
        else cookie_header(scope, _RETURN, "", 0)
    )


def _return_path(scope: Scope) -> str:
    """Returns where somebody wanted to go; only ever within this site."""
    path = unquote(HTTPConnection(scope).cookies.get(_RETURN, ""))
    inside = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if inside else "/"
