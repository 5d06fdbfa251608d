"""Answers only requests for this server's own names: the guard against DNS rebinding.

A page of another site can let its own name point to 127.0.0.1. The browser then takes the dashboard for a part of
that site and lets its scripts read and drive it. What gives it away is the Host header, which holds the name.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dlcore.errors import N_, Message
from dlcore.web.plain_page import Texts, plain_page

log = logging.getLogger(__name__)

POLICY_VIOLATION = 1008
"""The code that closes a refused websocket."""


def hostname(authority: str) -> str | None:
    """Returns the name or address in a Host header, lower-case and without port; None if it is malformed.

    Example:
        >>> hostname("Example.com.:8501"), hostname("[::1]:8501"), hostname("a/b")
        ('example.com', '::1', None)
    """
    try:
        parts = urlsplit(f"//{authority}")
        name, _port = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        return None
    if name is None or parts.netloc != authority or "@" in authority:
        return None
    return name.rstrip(".") or None


def own_names() -> frozenset[str]:
    """Returns the names that no one outside this machine and its network can claim."""
    name = socket.gethostname().lower().rstrip(".")
    return frozenset({"localhost", name, f"{name}.local"})


class HostCheck:
    """Refuses requests, websockets included, for other hosts and from pages of other origins.

    Addresses are always answered: a name can be rebound, an address cannot, so the dashboard stays
    reachable on the local network. Plain ASGI: Starlette's BaseHTTPMiddleware would not see the websocket.

    Args:
        app: what answers the other requests.
        allowed: names besides this machine's own; `*.example.com` means all names under it, `*` any name.
        texts: the texts of the reader's language.
    """

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str], texts: Texts) -> None:
        self.app, self.texts = app, texts
        names = {name.lower().rstrip(".") for name in allowed}
        self.any_name = "*" in names
        self.endings = tuple(name[1:] for name in names if name.startswith("*."))
        self.names = names | own_names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self.app(scope, receive, send)
            return
        log.warning("refused: %s", refusal.text())
        if scope["type"] == "websocket":
            await WebSocketClose(POLICY_VIOLATION)(scope, receive, send)
        else:
            await plain_page(refusal, 403, scope, self.texts)(scope, receive, send)

    def _refusal(self, headers: Headers) -> Message | None:
        """Returns why this request gets no answer, or None if it gets one."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        host = hosts[0] if len(hosts) == 1 else ""
        name = hostname(host)
        if name is None or not self._is_allowed(name):
            return Message(
                N_("DL Studio does not accept requests for the name '{host}'."),
                N_(
                    "If the name is yours, add it to DLCORE_ALLOWED_HOSTS on the server and restart "
                    "DL Studio. The machine's IP address and 'localhost' always work."
                ),
                params={"host": (name or host)[:255]},
            )
        if any(_authority(origin) != host.lower() for origin in origins):
            return Message(
                N_(
                    "A page from '{origin}' sent a request to DL Studio at '{host}'. Only its own "
                    "pages may do that."
                ),
                N_("If DL Studio runs behind a proxy, let the proxy forward the Host header unchanged."),
                params={"origin": origins[0][:255], "host": host[:255]},
            )
        return None

    def _is_allowed(self, name: str) -> bool:
        return self.any_name or name in self.names or name.endswith(self.endings) or _is_address(name)


def _authority(origin: str) -> str:
    """Returns host and port of an Origin header, lower-case; empty if it has none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    """Returns whether `name` is an IP address and no name that someone's DNS server answers for."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
