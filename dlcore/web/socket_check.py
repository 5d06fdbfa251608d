"""What a browser says over the websocket of its page: only what a page of ours would say goes on to Streamlit."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakValueDictionary

import orjson
from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from dlcore.web.asking import request_actor

log = logging.getLogger(__name__)

UNSUPPORTED, PROTOCOL_ERROR = 1003, 1002
"""The codes that close a websocket over which texts came, and over which came what is no message."""
SAID_BY_PAGES = frozenset(
    {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"}
)
"""The rest is for who develops a page: it would empty what is kept for everybody, look into the repository that the
program lies in, or watch its files."""
AT_ONCE, PER_SECOND = 10, 5
"""How many runs of scripts one actor may ask for at once, over all their pages, and then in each second: more than a person
can click. Who asks for more waits: of ten sessions that only ask, nobody else would get a turn."""
_WIDGETS = ("$$ID-", "$$STREAMLIT_INTERNAL_KEY_$$ID-")
"""How the ids of all widgets begin, and those of what components tell."""


class SocketCheck:
    """Closes a websocket over which comes what is no message, and leaves out what no page says.

    Streamlit answers both, with a traceback in the log for each. A state of what is no widget would make all of the session's
    unreadable. Whoever asks for scripts without end is made to wait.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._paces: WeakValueDictionary[str, Pace] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the connection on, and what is said over it."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        open_ = _Open(receive, send, self._pace())
        await self.app(scope, open_.receive, open_.send)

    def _pace(self) -> Pace:
        """Returns the pace of whoever asks, which is one for all of their pages."""
        actor = request_actor()
        return self._paces.setdefault(actor.id, Pace()) if actor else Pace()


class Pace:
    """Lets some through at once, and then so many a second.

    Args:
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._next = clock, 0.0

    def wait(self) -> float:
        """Counts one; returns the seconds until it is its turn."""
        now = self._clock()
        self._next = max(self._next, now - AT_ONCE / PER_SECOND) + 1 / PER_SECOND
        return max(0.0, self._next - now)


class _Open:
    """A websocket that is open, until something comes over it that is no message."""

    def __init__(self, receive: Receive, send: Send, pace: Pace) -> None:
        self._receive, self._send, self._pace, self._closed = receive, send, pace, False

    async def receive(self) -> Message:
        """Returns the next message that a page may say."""
        while True:
            event = await self._receive()
            if event["type"] != "websocket.receive":
                return event
            data = event.get("bytes")
            if data is None:
                return await self._close(UNSUPPORTED, "a text")
            try:
                message = BackMsg.FromString(data)
            except DecodeError:
                return await self._close(PROTOCOL_ERROR, "no message")
            if message.WhichOneof("type") not in SAID_BY_PAGES:
                continue
            if message.HasField("rerun_script"):
                data = without_strangers(message, data)
                await self._take_turn()
            return {**event, "bytes": data}

    async def _take_turn(self) -> None:
        await asyncio.sleep(self._pace.wait())  # none, too, lets the others have their turn

    async def send(self, event: Message) -> None:
        """Sends on what is answered, as long as somebody is there; that nobody is any more, `receive` tells.

        Told of it here, Streamlit would ask for the next message all the same, and write a traceback.
        """
        if not self._closed:
            with suppress(OSError):  # as servers tell that the browser has gone
                await self._send(event)

    async def _close(self, code: int, what: str) -> Message:
        log.warning("refused: a websocket over which came %s", what)
        self._closed = True
        await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}


def without_strangers(message: BackMsg, data: bytes) -> bytes:
    """Returns what a page says, without states of what is no widget, and of components those that are no JSON.

    Args:
        message: it.
        data: as it came.
    """
    states = message.rerun_script.widget_states.widgets
    widgets = [state for state in states if state.id.startswith(_WIDGETS) and _is_readable(state)]
    if len(widgets) == len(states):
        return data
    del states[:]
    states.extend(widgets)
    said: bytes = message.SerializeToString()
    return said


def _is_readable(state: WidgetState) -> bool:
    kind = state.WhichOneof("value")
    if kind not in ("json_value", "json_trigger_value"):
        return True
    try:
        orjson.loads(getattr(state, kind))
    except orjson.JSONDecodeError:
        return False
    return True
