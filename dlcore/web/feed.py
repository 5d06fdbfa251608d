"""The one route that open pages poll: everything new for a page in one answer."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dlcore.access.permissions import Kind
from dlcore.errors import NotFoundError, PermissionDeniedError, StoreError
from dlcore.store import Store
from dlcore.store.gate import sight
from dlcore.web.context import Context, context
from dlcore.web.moments import Key
from dlcore.web.parameters import ParameterError, whole_number
from dlcore.web.tally import Durations

_ASK = re.compile(r"(\w{1,16}):([\w:-]{0,200}):(\w{0,32})", re.ASCII)
MOST_ASKS = 128
"""In one request: more than any page has parts, and than there are runs in one comparison."""


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
    def thing(self) -> str:
        """The id that the subject begins with."""
        return self.subject.partition(":")[0]

    @property
    def cursor(self) -> int:
        """`since` as a number.

        Raises:
            ParameterError: it is not one that a store could have given.
        """
        return whole_number({"since": self.since}, "since", default=0)


News = Callable[[Store, Sequence[Ask]], Sequence[Any]]
"""Returns for each of some asks what came after its cursor: None if nothing did, `GONE` if its subject is gone.

Raises ParameterError for one that makes no sense.
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


GONE = {"gone": True}
"""The answer to who asks of what is no longer there, or is not shown to them."""
_NOT_SHOWN = (NotFoundError, PermissionDeniedError)


def one_by_one(news: Callable[[Store, Ask], Any]) -> News:
    """Returns news that answer each ask by itself; an error that says that there is none, or that it is not shown, makes its
    subject gone.
    """

    def answer(store: Store, ask: Ask) -> Any:
        try:
            return news(store, ask)
        except _NOT_SHOWN:
            return GONE

    return lambda store, asks: [answer(store, ask) for ask in asks]


SUBJECTS: Mapping[str, Kind] = {
    **dict.fromkeys(("run", "curves", "log"), Kind.RUN),
    **dict.fromkeys(("study", "trials", "trials_table"), Kind.STUDY),
}
"""Topics whose subject begins with the id of one thing: they say the same to all who see as much of it."""

STATUS = "status"
"""The topic that says the same to all but how many alerts they have not seen."""


class Feed:
    """Answers what the parts of a page ask, each in its place: null where nothing is new.

    Args:
        news: the topics that are read by a cursor.
        views: the topics that are shown as they are.

    Attributes:
        ticks: how long the answers took.
    """

    def __init__(self, news: Mapping[str, News], views: Mapping[str, View]) -> None:
        self._news = news
        self._views = views
        self.ticks = Durations()

    async def answer(self, request: Request) -> Response:
        """Returns the route itself; `ask` is in the query once for each part."""
        began = time.perf_counter()
        try:
            return await self._answer(request)
        finally:
            self.ticks.add(time.perf_counter() - began)

    async def _answer(self, request: Request) -> Response:
        given = request.query_params.getlist("ask")
        language = request.query_params.get("lang", "en")[:8]
        try:
            if len(given) > MOST_ASKS:
                raise ParameterError("ask", f"at most {MOST_ASKS} of them", str(len(given)))
            found = await self._answers([Ask.parse(text) for text in given], language)
        except ParameterError as error:
            return json({"error": str(error)}, 400)
        except StoreError as error:
            return json({"error": str(error)}, 503)
        if all(one is None for one in found):
            return Response(status_code=204, headers={"cache-control": "no-store"})
        return json(found)

    async def _answers(self, asks: Sequence[Ask], language: str) -> list[orjson.Fragment | None]:
        """Returns the answers in the order of the asks; news of one topic are read together."""
        found: dict[Ask, orjson.Fragment | None] = {}
        of_topic: dict[str, list[Ask]] = {}
        for ask in asks:
            if ask.topic in self._views:
                found[ask] = await self._view(ask, language)
            elif ask.topic in self._news:
                of_topic.setdefault(ask.topic, []).append(ask)
            else:
                raise ParameterError("topic", f"one of {', '.join([*self._news, *self._views])}", ask.topic)
        for topic, together in of_topic.items():
            found |= await self._new(topic, together)
        return [found[ask] for ask in asks]

    async def _view(self, ask: Ask, language: str) -> orjson.Fragment | None:
        here, view = context(), self._views[ask.topic]
        store = here.store
        shown = (ask.topic, ask.subject, language, await _reader(here, store, ask))
        tagged = await here.moments.get(shown, lambda: _tagged(view, store, ask.subject, language))
        if tagged is None:
            return _fragment(GONE)
        return None if tagged.tag == ask.since else orjson.Fragment(tagged.body)

    async def _new(self, topic: str, asks: Sequence[Ask]) -> dict[Ask, orjson.Fragment | None]:
        here, news = context(), self._news[topic]
        store = here.store
        of: dict[Key, Ask] = {
            (topic, ask.thing, ask.subject, ask.since, await _reader(here, store, ask)): ask for ask in asks
        }

        def make(missing: Sequence[Key]) -> list[orjson.Fragment | None]:
            return [_fragment(one) for one in news(store, [of[key] for key in missing])]

        return dict(zip(of.values(), await here.moments.get_all([*of], make), strict=True))


async def _reader(here: Context, store: Store, ask: Ask) -> str:
    """Returns the same for all who are told the same: 150 visitors who watch a run cost little more than one."""
    kind = SUBJECTS.get(ask.topic)
    if kind is not None:
        return sight(store, kind, ask.thing)
    if ask.topic == STATUS:
        return str(await here.unseen_alerts())
    return here.actor.id


def _tagged(view: View, store: Store, subject: str, language: str) -> TaggedView | None:
    try:
        return TaggedView.of(view(store, subject, language))
    except _NOT_SHOWN:
        return None


def _fragment(answer: Any) -> orjson.Fragment | None:
    """Returns an answer as it is sent; None stays what it is."""
    return (
        None if answer is None else orjson.Fragment(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY))
    )


def json(data: Any, status: int = 200) -> Response:
    """Returns an answer that no cache keeps."""
    body = orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, status, {"cache-control": "no-store"}, "application/json")
