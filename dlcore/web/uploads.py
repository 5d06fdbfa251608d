"""The route that takes a file in pieces: where it stands (GET), the next piece (PUT), another file (DELETE).

A piece says where it begins; whatever of it arrives is kept, so a broken connection costs nothing but
the bytes that were under way.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from typing import TypeVar
from urllib.parse import unquote

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from dlcore.access.acts import Act
from dlcore.datasets.uploads import RefusedError, Upload, append
from dlcore.errors import BudgetError, NoRoomError, TooManyError
from dlcore.locks import unlock
from dlcore.queue.budgets import Account
from dlcore.web.context import context

GUARD = "x-dl-studio"
"""A header that no form and no foreign script can send without being asked for its origin first."""
BUFFER = 2**20
"""Bytes that gather in memory before they are written."""
DRAINED = 8 * 2**20
"""Bytes of a refused request that are read before the connection is closed."""
SILENCE_SECONDS = 30.0
"""Silence after which a connection counts as broken; until then it keeps others from sending."""

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
"""The last because Windows would otherwise write two bytes for each line feed."""

Answer = TypeVar("Answer")
Body = AsyncGenerator[bytes, None]


async def upload(request: Request) -> Response:
    """Answers `{"name", "size", "modified", "offset"}`, and `"error"` where something was refused."""
    here = await run_in_threadpool(context().library.upload, request.path_params["token"])
    if here is None:
        return _answer(None, RefusedError(404, "unknown"))
    body = request.stream()
    try:
        if request.method == "PUT":
            _check_guard(request)
            here = await _put(request, body, here)
        elif request.method == "DELETE":
            _check_guard(request)
            here = await run_in_threadpool(_alone, here, _reset)
    except (RefusedError, TooManyError) as error:
        await _drain(body)
        here = await run_in_threadpool(context().library.upload, here.token)
        if isinstance(error, RefusedError):
            return _answer(here, error)
        answer = _answer(here, RefusedError(429, "too_many"))
        answer.headers["retry-after"] = str(error.seconds)
        return answer
    return _answer(here)


def _answer(here: Upload | None, refused: RefusedError | None = None) -> Response:
    data: dict[str, str | int] = {}
    if here:
        data = {"name": here.name, "size": here.size, "modified": here.modified, "offset": here.received}
    if refused:
        data["error"] = refused.code
    status = refused.status if refused else 200
    return Response(orjson.dumps(data), status, {"cache-control": "no-store"}, "application/json")


async def _drain(body: Body) -> None:
    """Takes the rest of a refused piece: a browser that is still sending would miss the answer."""
    room = DRAINED
    try:
        while room > 0 and (piece := await asyncio.wait_for(anext(body, b""), SILENCE_SECONDS)):
            room -= len(piece)
    except (ClientDisconnect, TimeoutError):
        pass


def _check_guard(request: Request) -> None:
    """Lets only our own scripts through, no form; that no other site asks is checked for every route."""
    if GUARD not in request.headers:
        raise RefusedError(403, "origin")


def _alone(here: Upload, change: Callable[[Upload], Answer]) -> Answer:
    lock = _locked(here)
    try:
        return change(_again(here))
    finally:
        unlock(lock)


def _locked(here: Upload) -> int:
    lock = here.lock()
    if lock is None:
        raise RefusedError(423, "busy")
    return lock


def _again(here: Upload) -> Upload:
    """Returns the upload as it is now that no one else can change it."""
    found = context().library.upload(here.token)
    if found is None:
        raise RefusedError(404, "unknown")
    return found


def _reset(here: Upload) -> Upload:
    if here.done:
        raise RefusedError(409, "done")
    return here.reset()


async def _put(request: Request, body: Body, here: Upload) -> Upload:
    lock = await run_in_threadpool(_locked, here)
    try:
        here = await run_in_threadpool(_begin, request, here)
        await _receive(body, here)
        here = await run_in_threadpool(here.sealed)
    finally:
        unlock(lock)
    return here


def _begin(request: Request, here: Upload) -> Upload:
    """Returns the upload, bound to the file that the request is about, after every check."""
    headers = request.headers
    try:
        name = unquote(headers["upload-name"], errors="strict")
        offset, size = _number(headers["upload-offset"]), _number(headers["upload-size"])
        modified = _number(headers["upload-modified"])
        length = _number(headers.get("content-length", "0"))
    except (KeyError, ValueError):  # UnicodeDecodeError is a ValueError
        raise RefusedError(400, "request") from None
    found = _again(here)
    if not found.size:
        _begin_to_send(size)
    here = found.begin(name, size, modified, context().settings)
    if offset != here.received:
        raise RefusedError(409, "offset")
    if offset + length > size:
        raise RefusedError(413, "too_long")
    here.check_room(context().settings)
    if offset == 0:
        context().take(Act.UPLOAD)
        context().actor.tell(Act.UPLOAD, here.name, allowed=True)
    return here


def _begin_to_send(size: int) -> None:
    """Counts another file, or refuses it: it is more than the actor may send, which the page has said."""
    try:
        Account.of(context().store).begin_upload(size)
    except NoRoomError:
        raise RefusedError(507, "disk") from None
    except BudgetError:
        raise RefusedError(403, "budget") from None


def _number(text: str) -> int:
    """Returns a whole number as the browser writes it: digits alone."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ValueError(text)
    return int(text)


async def _receive(body: Body, here: Upload) -> None:
    """Writes the body to the end of the file, a buffer at a time; also what came before it broke off."""
    room, held = here.size - here.received, bytearray()
    descriptor = await run_in_threadpool(os.open, here.content, _FLAGS, 0o600)
    try:
        while piece := await asyncio.wait_for(anext(body, b""), SILENCE_SECONDS):
            room -= len(piece)
            if room < 0:
                raise RefusedError(413, "too_long")
            held += piece
            if len(held) >= BUFFER:
                await run_in_threadpool(append, descriptor, bytes(held))
                held.clear()
    except (ClientDisconnect, TimeoutError):
        raise RefusedError(408, "broken") from None
    finally:
        try:
            await run_in_threadpool(append, descriptor, bytes(held))
        finally:
            os.close(descriptor)
