"""What a browser is to the server, without one: the messages of a session, and what its page asks the feed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dlcore.records import Axis, Scope

PROTOCOLS = ["streamlit", "PLACEHOLDER_AUTH_TOKEN"]
SOCKET = "/_stcore/stream"


def open_page(name: str, **query: str) -> bytes:
    """Returns the message by which a browser opens a page."""
    message = BackMsg()
    message.rerun_script.page_name = name
    message.rerun_script.query_string = urlencode(query)
    return message.SerializeToString()


def click(button: str, page: str) -> bytes:
    """Returns the message by which a browser says that a button of a page was clicked, of which it has the ids."""
    message = BackMsg()
    message.rerun_script.page_script_hash = page
    state = message.rerun_script.widget_states.widgets.add()
    state.id, state.trigger_value = button, True
    return message.SerializeToString()


@dataclass
class Session:
    """What came to a browser so far.

    Attributes:
        finished: how often a script or a fragment has come to its end.
        timers: fragments that the browser would run again by itself, and each how often, in seconds.
        drawn: the data of our own components as they were last drawn, by name and then by the key in their id.
        page: the id of the page that was drawn last.
        buttons: the ids of the buttons that were drawn.
        failed: what the page said of an exception.
    """

    finished: int = 0
    timers: dict[str, float] = field(default_factory=dict)
    drawn: dict[str, dict[str, Any]] = field(default_factory=dict)
    page: str = ""
    buttons: set[str] = field(default_factory=set)
    failed: str = ""

    def take(self, data: bytes) -> None:
        """Reads one message of the server."""
        message = ForwardMsg()
        message.ParseFromString(data)
        match message.WhichOneof("type"):
            case "script_finished" if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self.finished += 1
            case "navigation":
                self.page = message.navigation.page_script_hash
            case "auto_rerun":
                self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                match element.WhichOneof("type"):
                    case "bidi_component":
                        self._component(element.bidi_component)
                    case "button":
                        self.buttons.add(element.button.id)
                    case "exception":
                        self.failed = element.exception.message

    def _component(self, component: Any) -> None:
        data = component.mixed.json if component.WhichOneof("data") == "mixed" else component.json
        self.drawn.setdefault(component.component_name, {})[component.id] = json.loads(data or "null")

    def asks(self) -> list[Ask]:
        """Returns what the parts of the page would ask the feed."""
        found = []
        for data in self.drawn.get("live_view", {}).values():
            page = None if data["look"] == "brief" else data["view"]["page"]
            found.append(Ask(f"{data['topic']}:{data['subject']}", data["tag"], page))
        for data in self.drawn.get("live_chart", {}).values():
            found += [Ask(f"curves:{data['run']}:{axis}", "0") for axis in (data["axis"], "time")]
        for data in self.drawn.get("live_log", {}).values():
            found.append(Ask(f"log:{data['run']}", "0"))
        for data in self.drawn.get("study_chart", {}).values():
            found.append(Ask(f"trials:{data['live']['study']}", str(data["live"]["since"])))
        return found


@dataclass
class Ask:
    """What one part of a page asks the feed.

    Attributes:
        what: topic and subject.
        since: tag or cursor of what it has.
        page: what the page was drawn by; None where the part does not watch that.
        stale: whether the script would have to run, as the page was drawn by something else.
        epoch: the last one of the loss on the training part that came as news.
        missed: epochs between two pieces of news that came with neither.
    """

    what: str
    since: str
    page: str | None = None
    stale: bool = False
    epoch: float | None = None
    missed: float = 0.0

    def take(self, answer: dict[str, Any] | None) -> None:
        """Goes on from what came."""
        if answer is None:
            return
        if "tag" in answer:
            self.since = answer["tag"]
            self.stale = self.page is not None and answer["view"]["page"] != self.page
        else:
            self.since = str(answer.get("cursor", answer.get("revision", self.since)))
            if self.what.endswith(f":{Axis.EPOCH}") and not answer["whole"]:
                self._count(answer["series"])

    def _count(self, series: list[dict[str, Any]]) -> None:
        """Counts the epochs that are missing in what came."""
        losses = (one["x"] for one in series if (one["name"], one["scope"]) == ("loss", Scope.TRAIN))
        for at in next(losses, ()):
            if self.epoch is not None:
                self.missed += at - self.epoch - 1
            self.epoch = at


def feed_path(asks: list[Ask], language: str = "en") -> str:
    """Returns the one request of a tick."""
    query = [*(("ask", f"{ask.what}:{ask.since}") for ask in asks), ("lang", language)]
    return f"/api/feed?{urlencode(query)}"


def take_all(asks: list[Ask], answers: list[dict[str, Any] | None]) -> None:
    """Hands each part what came for it."""
    for ask, answer in zip(asks, answers, strict=True):
        ask.take(answer)
