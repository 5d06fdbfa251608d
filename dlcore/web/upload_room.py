"""How many small files Streamlit keeps in memory for one open page: specs and recordings, as its own route takes them.

Larger files have a route of ours, which keeps them on the disk and counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime

from dlcore.web.closed import CORE

MOST_FILES = 8
"""Of one page, of at most 1 MB each (`server.maxUploadSize`): a browser removes those that it replaces."""
MOST_OF_ALL = 256
"""Of all pages together."""
_ROUTE = "upload_file"

Files = Mapping[str, Collection[object]]


def kept_files() -> Files:
    """Returns the files that Streamlit keeps now, by the session."""
    storage: Files = Runtime.instance().uploaded_file_mgr.file_storage  # type: ignore[attr-defined]
    return storage


class UploadRoom:
    """Refuses a file for which there is no room.

    Streamlit keeps as many as somebody sends, as long as the session is there to which they belong.

    Args:
        app: what answers the other requests.
        kept: tells the files that are kept.
    """

    def __init__(self, app: ASGIApp, kept: Callable[[], Files] = kept_files) -> None:
        self.app, self._kept = app, kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        session = _session(scope)
        if session and not self._has_room(session):
            await PlainTextResponse("too many files", 413)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _has_room(self, session: str) -> bool:
        kept = self._kept()
        return len(kept.get(session, ())) < MOST_FILES and sum(map(len, [*kept.values()])) < MOST_OF_ALL


def _session(scope: Scope) -> str:
    """Returns the session to which a file is sent; empty for any other request."""
    if scope["type"] != "http" or scope["method"] != "PUT":
        return ""
    parts = [part for part in scope["path"].split("/") if part]
    return parts[-2] if parts[-4:-2] == [CORE, _ROUTE] else ""
