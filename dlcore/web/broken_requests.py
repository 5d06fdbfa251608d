"""Requests that turn out to be broken while they are answered, or whose sender leaves in the middle of one."""

from __future__ import annotations

from contextlib import suppress

from h11 import LocalProtocolError
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TOO_LATE = ("can't handle event type", "Can't send data when our state is ERROR")
"""How h11 says that the connection is in no state for an answer; what is wrong with the answer itself, it says otherwise."""


class BrokenRequests:
    """Lets a request end quietly whose rest was none, or never came.

    Uvicorn has answered it with 400 and closes the connection, and then takes the answer of the application for an error of
    its own; and that nobody waits for an answer any more ends a route with an exception. Each would be a traceback in the
    log for a request that somebody breaks on purpose.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and its answer as long as it can be sent."""

        async def send_in_time(message: Message) -> None:
            try:
                await send(message)
            except LocalProtocolError as error:
                if not str(error).startswith(_TOO_LATE):
                    raise

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with suppress(ClientDisconnect):
            await self.app(scope, receive, send_in_time)
