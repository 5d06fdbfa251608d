"""Opening what a link shows: the page that its address leads to, and the route that gives the browser its token to keep.

The token stands behind the `#` of the address, which no browser sends to a server, and it is sent once, as the body of a
request: so it is in no log, ours or a proxy's, and in no Referer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dlcore.access.links import COOKIE, with_token
from dlcore.errors import N_, Message, NotFoundError
from dlcore.queue.sharing import open_link
from dlcore.records.shares import Link, Thing
from dlcore.web.context import context
from dlcore.web.feed import json
from dlcore.web.identity import LIFE_SECONDS
from dlcore.web.modules import module_url
from dlcore.web.plain_page import Texts, plain_page
from dlcore.web.uploads import GUARD

LONGEST_BODY = 100
_OPENING = Message(N_("Opening what is shared with you…"))
_DEAD = Message(N_("this link leads nowhere any more."), N_("Ask whoever has sent it for another one."))

Address = Callable[[Sequence[Thing]], str]
"""Returns the address of the page that shows some things; made by the pages' side, which knows them."""


def link_routes(address: Address, texts: Texts) -> list[Route]:
    """Returns the page and the route of links.

    Args:
        address: of what is shown.
        texts: the texts of a reader's language.
    """

    async def page(request: Request) -> Response:
        return plain_page(
            _OPENING, 200, request.scope, texts, otherwise=_DEAD, script=module_url("shared_link.js")
        )

    async def opened(request: Request) -> Response:
        """Answers where the page is that a token shows, and lets the browser keep the token."""
        if GUARD not in request.headers:
            return json({"error": "not from a page"}, 403)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                return json({"error": "no such link"}, 404)
        token = body.decode(errors="replace")
        link = await run_in_threadpool(_find, token)
        if link is None:
            return json({"error": "no such link"}, 404)
        answer = json({"address": address(link.things)})
        kept = with_token(request.cookies.get(COOKIE, ""), token)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, kept, max_age=LIFE_SECONDS, httponly=True, samesite="lax", secure=secure)
        return answer

    return [Route("/shared", page), Route("/api/links", opened, methods=["POST"])]


def _find(token: str) -> Link | None:
    try:
        return open_link(context().store, token)
    except NotFoundError:
        return None
