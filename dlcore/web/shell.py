"""The HTML around all pages: Streamlit's own, with a script of ours that runs before Streamlit's."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dlcore.web import plotly_js
from dlcore.web.modules import module_url

_STREAMLIT = b'<script type="module"'
"""Where Streamlit's first script begins. Modules run in the order in which they stand in the page."""


def with_first_script(page: bytes, name: str) -> bytes:
    """Returns Streamlit's page with our script before its own; any other page as it is.

    Args:
        page: the HTML.
        name: of the page in its address.
    """
    ours = f'<script type="module" src="{module_url("first.js")}"></script>\n    '
    if name in plotly_js.PAGES and plotly_js.STREAMLITS:
        # Fetched and compiled while the page itself still starts.
        ours = f'<link rel="modulepreload" crossorigin href="{plotly_js.STREAMLITS}">\n    {ours}'
    return page.replace(_STREAMLIT, ours.encode() + _STREAMLIT, 1)


class Shell:
    """Puts our first script into the HTML of every page.

    A component would be too late: Streamlit writes into the browser's history before any is there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; the answer is changed if it is a page."""
        if asks_for_page(scope):
            # What arrives compressed could not be changed.
            headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope, send = {**scope, "headers": headers}, _PageSender(send, scope["path"].strip("/"))
        await self.app(scope, receive, send)


def asks_for_page(scope: Scope) -> bool:
    """Returns whether a browser asks for a page, not for a part of one."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and "text/html" in Headers(scope=scope).get("accept", "")
    )


class _PageSender:
    """Sends an answer on; the body of a page only once it is there as a whole."""

    def __init__(self, send: Send, name: str) -> None:
        self.send, self.name = send, name
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self.start = message
        elif self.start is None or message["type"] != "http.response.body":
            await self.send(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self.start)

    async def _send_page(self, start: Message) -> None:
        body = with_first_script(self.body, self.name)
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(body))
        for name in ("etag", "last-modified"):  # of the file, which is older than what is sent
            del headers[name]
        await self.send({**start, "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    kind: str = Headers(raw=list(start["headers"])).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
