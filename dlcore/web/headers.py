"""The headers that keep pages from loading or leaking anything elsewhere, and other sites from using them.

The `secure` package would send the same; the policy has to be put together here anyway, and the rest are constants.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TLS_SECONDS = 365 * 24 * 3600
"""How long a browser that has come by TLS comes by nothing else."""

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # Pictures and recordings of one's own are tried on a model.
    "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=(), serial=(), hid=(), "
    "bluetooth=(), midi=(), display-capture=(), browsing-topics=()",
}


def _inline_script_hashes() -> str:
    """Returns the hashes of the scripts inside Streamlit's own page,
    so that an upgrade cannot break the policy.
    """
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _policy() -> str:
    # 'wasm-unsafe-eval' lets WebAssembly be compiled, by which a model runs in the browser; it lets no text be run.
    # Streamlit's microphone fetches what it took from an address of `blob:`, and so do we pictures from one of `data:`.
    return (
        f"default-src 'self'; script-src 'self' {_inline_script_hashes()} blob: 'wasm-unsafe-eval'; worker-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'self'; object-src 'none'; base-uri 'self'; "
        "form-action 'self'"
    )


class SecurityHeaders:
    """Adds the headers to each HTTP answer; by TLS also the one that a browser may come by nothing else.

    Plain ASGI: Starlette's BaseHTTPMiddleware would not see the websocket.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        headers = {"content-security-policy": _policy(), **_ALWAYS}
        self.headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.over_tls = [*self.headers, (b"strict-transport-security", f"max-age={TLS_SECONDS}".encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on, with the headers on each HTTP answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = self.over_tls if scope.get("scheme", "http") == "https" else self.headers
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
