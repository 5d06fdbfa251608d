"""The one route that open pages poll: everything new for a page in one answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dlcore.errors import NotFoundError, StoreError
from dlcore.store import Store
from dlcore.web.context import context
from dlcore.web.parameters import ParameterError, whole_number

_ASK = re.compile(r"(\w{1,16}):([\w:-]{0,200}):(\w{0,32})", re.ASCII)
MOST_ASKS = 32
"""In one request: more than any page has parts."""


@dataclass(frozen=True)
class Ask:
    """What one part of a page asks, as it appears in the URL: `topic:subject:since`.

    Attributes:
        topic: which of the feed's topics.
        subject: of what, in the words of the topic; may hold colons.
        since: what the page has already: a cursor, or the tag of a view.

    Example:
        >>> Ask.parse("curves:8fd3a2c1b0:batch:17")
        Ask(topic='curves', subject='8fd3a2c1b0:batch', since='17')
    """

    topic: str
    subject: str
    since: str

    @classmethod
    def parse(cls, text: str) -> Ask:
        """Reads an ask.

        Raises:
            ParameterError: it has no such parts.
        """
        found = _ASK.fullmatch(text)
        if found is None:
            raise ParameterError("ask", "topic:subject:since", text)
        return cls(*found.groups())

    @property
    def cursor(self) -> int:
        """`since` as a number.

        Raises:
            ParameterError: it is not one that a store could have given.
        """
        return whole_number({"since": self.since}, "since", default=0)


News = Callable[[Store, Ask], Any]
"""Returns what came after the cursor of an ask, None if nothing did.

Raises ParameterError for one that makes no sense, NotFoundError for a subject that is gone.
"""
View = Callable[[Store, str, str], Any]
"""Returns how a subject is now, in the words of a language; the feed sends it only where it changed."""


@dataclass(frozen=True)
class TaggedView:
    """A view as it is sent.

    Attributes:
        tag: another one for another view.
        body: the view and its tag as JSON.
    """

    tag: str
    body: bytes

    @classmethod
    def of(cls, view: Any) -> TaggedView:
        """Returns a view with the tag that follows from its content."""
        content = orjson.dumps(view)
        tag = hashlib.blake2b(content, digest_size=6).hexdigest()
        return cls(tag, orjson.dumps({"tag": tag, "view": orjson.Fragment(content)}))


GONE = orjson.Fragment(orjson.dumps({"gone": True}))


class Feed:
    """Answers what the parts of a page ask, each in its place: null where nothing is new.

    Args:
        news: the topics that are read by a cursor.
        views: the topics that are shown as they are.
    """

    def __init__(self, news: Mapping[str, News], views: Mapping[str, View]) -> None:
        self._news = news
        self._views = views

    async def answer(self, request: Request) -> Response:
        """Returns the route itself; `ask` is in the query once for each part."""
        given = request.query_params.getlist("ask")
        language = request.query_params.get("lang", "en")[:8]
        try:
            if len(given) > MOST_ASKS:
                raise ParameterError("ask", f"at most {MOST_ASKS} of them", str(len(given)))
            found = [await self._answer(Ask.parse(text), language) for text in given]
        except ParameterError as error:
            return json({"error": str(error)}, 400)
        except StoreError as error:
            return json({"error": str(error)}, 503)
        if all(one is None for one in found):
            return Response(status_code=204, headers={"cache-control": "no-store"})
        return json(found)

    async def _answer(self, ask: Ask, language: str) -> orjson.Fragment | None:
        here = context()
        if view := self._views.get(ask.topic):
            shown = (ask.topic, ask.subject, language, here.actor)
            tagged = await here.moments.get(shown, lambda: _tagged(view, here.store, ask.subject, language))
            if tagged is None:
                return GONE
            return None if tagged.tag == ask.since else orjson.Fragment(tagged.body)
        if news := self._news.get(ask.topic):
            subject = ask.subject.partition(":")[0]
            key = (ask.topic, subject, ask.subject, ask.since)
            return await here.moments.get(key, lambda: _news(news, here.store, ask))
        raise ParameterError("topic", f"one of {', '.join([*self._news, *self._views])}", ask.topic)


def _tagged(view: View, store: Store, subject: str, language: str) -> TaggedView | None:
    try:
        return TaggedView.of(view(store, subject, language))
    except NotFoundError:
        return None


def _news(news: News, store: Store, ask: Ask) -> orjson.Fragment | None:
    try:
        found = news(store, ask)
    except NotFoundError:
        return GONE
    if found is None:
        return None
    return orjson.Fragment(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY))


def json(data: Any, status: int = 200) -> Response:
    """Returns an answer that no cache keeps."""
    body = orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, status, {"cache-control": "no-store"}, "application/json")
