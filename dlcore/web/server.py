"""What surrounds the Streamlit script: start-up, security headers, and the routes for live charts."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import plotly
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dlcore.access.confining import check_confinable
from dlcore.access.content import content_filter
from dlcore.datasets.uploads import sweep
from dlcore.errors import DlcoreError, SettingsError, StoreError
from dlcore.queue import ensure_worker, sweep_drafts
from dlcore.queue.start import end_worker
from dlcore.settings import Mode, Settings
from dlcore.web import plotly_js
from dlcore.web.broken_requests import BrokenRequests
from dlcore.web.charts import NEWS, window
from dlcore.web.closed import Closed
from dlcore.web.context import context
from dlcore.web.exports import exported, exported_model
from dlcore.web.feed import Feed, View
from dlcore.web.headers import SecurityHeaders
from dlcore.web.health import Readiness, healthz
from dlcore.web.hosts import HostCheck
from dlcore.web.identity import KEPT_SECONDS
from dlcore.web.links import Address, link_routes
from dlcore.web.logs import set_up_logs, tells_requests
from dlcore.web.metrics import Metrics
from dlcore.web.modules import module
from dlcore.web.plain_page import Texts
from dlcore.web.request_ids import RequestIds
from dlcore.web.runtime import RUNTIME_PATH, runtime_file
from dlcore.web.shell import Shell
from dlcore.web.sign_in import SIGN_IN, SignIn, forget_environment, sign_in, sign_in_secrets
from dlcore.web.socket_check import SocketCheck
from dlcore.web.tally import errors
from dlcore.web.unwatched import leave_unwatched
from dlcore.web.upload_room import UploadRoom
from dlcore.web.uploads import upload
from dlcore.web.visitors import Identify
from dlcore.web.widget_values import leave_out_unreadable

log = logging.getLogger(__name__)
KEEP_SECONDS = 5.0
"""How often the dashboard looks whether a supervisor is alive."""
SWEEP_SECONDS = 3600.0
"""How often it removes uploads and drafts that were abandoned."""

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


class PlainStart:
    """Says in one line, without a traceback, why the server cannot start: a damaged store, an unusable home."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on; a failed start gets the text of its error."""

        async def in_one_line(message: Message) -> None:
            error = sys.exception()
            if message["type"] == "lifespan.startup.failed" and isinstance(error, DlcoreError):
                message["message"] = str(error)
            await send(message)

        await self.app(scope, receive, in_one_line if scope["type"] == "lifespan" else send)


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Returns whether a request belongs into the log of accesses:
    not what each open page asks once a second.
    """
    match record.args:
        case (_client, _method, str(path), _version, int(status)):
            return status >= 400 or not path.startswith("/api/feed?")
    return True


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, bool]]:
    """Opens the store, starts a supervisor if none is alive, and freezes the imported modules.

    Streamlit collects garbage after every script run; frozen objects are not walked again, which took
    a live tick from 58 ms to 8 ms.
    """
    import pandas  # noqa: F401
    import streamlit.elements.plotly_chart  # noqa: F401

    import dlcore.queue.studies  # noqa: F401

    _open_context()
    set_up_logs(context().settings)
    errors().listen()
    logging.getLogger("uvicorn.access").addFilter(_is_worth_a_line)
    leave_unwatched()
    tasks = [asyncio.create_task(repeat(action, seconds)) for action, seconds in _chores()]
    gc.collect()
    gc.freeze()
    yield {"ready": True}
    for task in tasks:
        task.cancel()
    if context().settings.stop_worker:
        await run_in_threadpool(end_worker, context().whole)
    context().predictor.close()
    context().reader.close()
    context().whole.close()


def _open_context() -> None:
    """Opens what can fail, so that the server says why instead of starting."""
    here = context()
    if here.settings.mode is Mode.DEMO:
        check_confinable(here.settings)
    content_filter(here.settings)
    if here.settings.mode is not Mode.LOCAL:
        _ = here.identities
        leave_out_unreadable()
    forget_environment()


def _chores() -> list[tuple[Callable[[], object], float]]:
    """Returns what is done again and again beside the requests,
    each with the seconds from one time to the next.
    """
    here = context()
    chores: list[tuple[Callable[[], object], float]] = [
        (partial(sweep, here.settings), SWEEP_SECONDS),
        (partial(sweep_drafts, here.whole), SWEEP_SECONDS),
        (here.predictor.end_if_idle, KEEP_SECONDS),
        (here.reader.end_if_idle, KEEP_SECONDS),
    ]
    if here.settings.has_sign_in:
        chores.append((here.whole.members.sweep, SWEEP_SECONDS))
    if here.settings.mode is Mode.DEMO:
        chores.append((lambda: here.whole.visitors.sweep(before=time.time() - KEPT_SECONDS), SWEEP_SECONDS))
    if here.settings.start_worker:
        chores.append((partial(ensure_worker, here.settings, here.whole), KEEP_SECONDS))
    return chores


async def repeat(action: Callable[[], object], seconds: float) -> None:
    """Calls `action` in a thread forever, `seconds` apart, whatever happens in it."""
    while True:
        try:
            await run_in_threadpool(action)
        except DlcoreError as error:
            # A full disk or a locked store passes; the dashboard stays up to say so.
            log.warning("%s", error)
        except Exception:  # the edge of a background loop: a bug is told, and the loop continues
            log.exception("a background task failed; it is tried again in %g s", seconds)
        await asyncio.sleep(seconds)


def middleware(texts: Texts) -> list[Middleware]:
    """Returns what every request passes through, from the outside in.

    Args:
        texts: the texts of a reader's language, from an Accept-Language header.

    Raises:
        SystemExit: a setting cannot be used; nothing is served then.
    """
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        sys.exit(f"error: {error}")
    set_up_logs(settings)
    return [
        Middleware(PlainStart),
        *([] if settings.mode is Mode.LOCAL else [Middleware(BrokenRequests)]),
        *([Middleware(RequestIds)] if tells_requests(settings) else []),
        Middleware(SecurityHeaders),
        Middleware(HostCheck, allowed=settings.allowed_hosts, texts=texts),
        Middleware(Closed),
        *_who_asks(settings, texts),
        Middleware(Shell),
    ]


def _who_asks(settings: Settings, texts: Texts) -> list[Middleware]:
    """Returns what tells who asks, and checks what they say; nothing where that is always the owner of the machine."""
    if settings.mode is Mode.LOCAL:
        return []
    identify = Middleware(
        Identify,
        identities=lambda: context().identities,
        sign_ins=(lambda: context().sign_ins) if settings.has_sign_in else None,
        members_only=settings.mode is Mode.TEAM,
        texts=texts,
    )
    checks = [Middleware(SocketCheck), Middleware(UploadRoom)]
    if not settings.has_sign_in:
        return [identify, *checks]
    around = Middleware(
        SignIn,
        begin=lambda identity, role: context().begin_sign_in(identity, role),
        end=lambda cookie: context().end_sign_in(cookie),
        note=lambda what, actor, address, refused: context().note(what, actor, address, refused),
        settings=settings,
        texts=texts,
    )
    return [identify, *checks, around]


def secrets() -> dict[str, Any] | None:
    """Returns what Streamlit has to know for signing in; None where nobody can.

    Raises:
        SystemExit: a setting cannot be used; nothing is served then.
    """
    try:
        return sign_in_secrets(Settings.from_environment())
    except (SettingsError, StoreError) as error:
        sys.exit(f"error: {error}")


def routes(views: Mapping[str, View], address: Address, texts: Texts) -> list[Route]:
    """Returns the routes beside Streamlit's own.

    Args:
        views: what pages show as it is now, by topic; made by the pages' side, which knows the words.
        address: of the page that shows what is shared.
        texts: the texts of a reader's language.
    """

    async def own_plotly(request: Any) -> FileResponse:
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return FileResponse(PLOTLY_JS, media_type="text/javascript", headers=headers)

    feed = Feed(NEWS, views)
    return [
        Route("/healthz", healthz),
        Route("/readyz", Readiness().answer),
        Route("/metrics", Metrics(feed.ticks, errors()).answer),
        Route("/api/feed", feed.answer),
        *([Route(SIGN_IN, sign_in)] if Settings.from_environment().has_sign_in else []),
        Route("/api/window", window),
        *link_routes(address, texts),
        Route("/api/exports/{job}", exported),
        Route("/api/exports/{job}/model.onnx", exported_model),
        Route("/api/uploads/{token}", upload, methods=["GET", "PUT", "DELETE"]),
        Route("/modules/{version}/{name}", module),
        Route(plotly_js.OWN, own_plotly),
        Route(f"{RUNTIME_PATH}/{{name}}", runtime_file),
    ]
