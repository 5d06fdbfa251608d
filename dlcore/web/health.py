"""What a proxy, a container or a person on call asks: is the server up, and can it do its work?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from dlcore.queue.readiness import is_ready, readiness
from dlcore.web.context import context
from dlcore.web.feed import json
from dlcore.web.latest import Latest

KEPT_SECONDS = 2.0
"""How long an answer is told again: anybody may ask."""
PATIENCE_SECONDS = 5.0
"""How long the store may take to answer."""


async def healthz(_request: Request) -> Response:
    """Says that the server is up."""
    return json({"status": "ok"})


class Readiness:
    """The route that says whether new visitors can be sent here: 200, or 503 with what is amiss."""

    def __init__(self) -> None:
        self._latest = Latest(_look, KEPT_SECONDS)

    async def answer(self, _request: Request) -> Response:
        """Returns the route itself."""
        try:
            parts = await asyncio.wait_for(self._latest.get(), PATIENCE_SECONDS)
        except TimeoutError:
            parts = {"store": f"no answer within {PATIENCE_SECONDS:g} s"}
        ready = is_ready(parts)
        return json({"ready": ready, **parts}, 200 if ready else 503)


def _look() -> Mapping[str, str]:
    here = context()
    return readiness(here.settings, here.whole)
