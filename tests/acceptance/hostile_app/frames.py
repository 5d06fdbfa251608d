"""What is sent over the websocket of a page: messages that no page of ours would send, and bytes that are none."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from dlcore.access.permissions import Kind
from tests.acceptance.hostile_app.people import Person

VIEWS = (
    "curves",
    "evaluation",
    "try",
    "take_away",
    "network",
    "log",
    "settings",
    "script",
    "file",
    "vectors",
    "table",
)


@dataclass
class Drawn:
    """What a session was sent: the widgets with their kinds, its fragments, and whatever it was told of exceptions."""

    widgets: dict[str, str] = field(default_factory=dict)
    fragments: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    session: str = ""
    failed: list[str] = field(default_factory=list)
    finished: int = 0

    def take(self, data: bytes) -> None:
        """Reads one message of the server."""
        message = ForwardMsg()
        message.ParseFromString(data)
        match message.WhichOneof("type"):
            case "new_session":
                self.session = message.new_session.initialize.session_id or self.session
                self.pages |= {page.page_script_hash for page in message.new_session.app_pages}
            case "script_finished" if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self.finished += 1
            case "auto_rerun":
                self.fragments.add(message.auto_rerun.fragment_id)
            case "delta":
                if message.delta.fragment_id:
                    self.fragments.add(message.delta.fragment_id)
                if message.delta.WhichOneof("type") == "new_element":
                    self._element(message.delta.new_element)
                elif message.delta.WhichOneof("type") == "add_block":
                    self.widgets |= {block.id: "block" for block in _with_ids(message.delta.add_block)}

    def _element(self, element: Message) -> None:
        kind = element.WhichOneof("type") or ""
        if kind == "exception":
            self.failed.append(f"{element.exception.type}: {element.exception.message}")
        self.widgets |= {part.id: kind for part in _with_ids(element)}


def _with_ids(message: Message) -> Iterator[Message]:
    """The parts of a message that are widgets."""
    for descriptor, value in message.ListFields():
        if isinstance(value, Message):
            if getattr(value, "id", ""):
                yield value
            elif descriptor.name != "exception":
                yield from _with_ids(value)


@dataclass
class Puppeteer:
    """Makes messages out of a seed.

    Attributes:
        victim: whose ids are named.
        me: whose are named, too.
        texts: put wherever a text is taken.
        rng: decides all.
    """

    victim: Person
    me: Person
    texts: Sequence[str]
    rng: Random

    def address(self) -> str:
        """The parameters of an address that names somebody's things."""
        rng, whose = self.rng, self.rng.choice([self.victim, self.victim, self.me])
        ids = whose.ids
        known = {
            "run": rng.choice([ids[Kind.RUN], whose.things.ended]), "runs": f"{ids[Kind.RUN]},{whose.things.ended}",
            "study": ids[Kind.STUDY], "studies": ids[Kind.STUDY], "draft": ids[Kind.DRAFT], "upload": ids[Kind.UPLOAD],
            "job": ids[Kind.JOB], "view": rng.choice(VIEWS), "lang": rng.choice(["en", "zh_CN"]),
        }  # fmt: skip
        for name in rng.sample(list(known), 3):
            known[name] = self._text()
        names = rng.sample(list(known), rng.randrange(1, len(known)))
        return urlencode(
            [(name, known[name]) for name in names for _ in range(rng.choice([1, 1, 1, 3]))], errors="replace"
        )

    def visit(self, page: str, query: str) -> BackMsg:
        """The message that opens a page."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        if self.rng.random() < 0.2:
            message.rerun_script.context_info.timezone = self._text()
            message.rerun_script.context_info.locale = self._text()[:500]
            message.rerun_script.context_info.url = self._text()[:500]
        return message

    def _text(self) -> str:
        return self.rng.choice(self.texts)

    def touch(self, drawn: Drawn, page: str, query: str) -> BackMsg:
        """A message with states of widgets that no browser would send."""
        rng, message = self.rng, self.visit(page, query)
        states = message.rerun_script.widget_states.widgets
        names = list(drawn.widgets)
        for name in rng.sample(names, min(len(names), rng.choice([1, 1, 1, 2, 4]))):
            self._fill(states.add(id=name), drawn.widgets[name])
        if rng.random() < 0.2:
            self._fill(states.add(id=self._text()[:500] or "x"), "")
        if rng.random() < 0.15:
            message.rerun_script.fragment_id = rng.choice([*drawn.fragments, self._text()[:200], "0" * 32])
        if rng.random() < 0.1:
            message.rerun_script.page_script_hash = rng.choice([*drawn.pages, self._text()[:200]])
        return message

    def _fill(self, state: WidgetState, kind: str) -> None:
        rng, text = self.rng, self._text().replace("\ud800", "?")
        numbers = (0.0, -1.0, 1e308, float("nan"), float("inf"), 2.0**63, 0.5)
        match rng.choice([kind, kind, kind, "any"]):
            case "button" | "download_button" | "form_submit_button":
                state.trigger_value = True
            case "checkbox":
                state.bool_value = rng.random() < 0.5
            case "selectbox" | "text_input" | "text_area" | "radio" | "block":
                state.string_value = text
            case "number_input":
                state.double_value = rng.choice(numbers)
            case "slider":
                state.double_array_value.data.extend(rng.choices(numbers, k=rng.randrange(4)))
            case "multiselect" | "button_group":
                state.string_array_value.data.extend(rng.choices(self.texts, k=rng.randrange(4)))
            case "arrow_data_frame":
                rows = rng.choice([[0], [-1], [10**9], ["x"], [[0]], list(range(5_000)), None])
                state.string_value = json.dumps(
                    {"selection": {"rows": rows, "columns": [text[:50]], "cells": [[0, text[:50]]]}}
                )
            case "bidi_component":
                content = rng.choice(
                    [
                        text,
                        {"a": text},
                        [1] * 2_000,
                        None,
                        {"value": {"value": text}},
                        -1,
                        {"selected": [10**9]},
                    ]
                )
                if rng.random() < 0.5:
                    state.json_value = json.dumps(content)
                else:
                    state.json_trigger_value = json.dumps(content)
            case _:
                self._any(state, text)

    def _any(self, state: WidgetState, text: str) -> None:
        """A value of another kind than the widget has."""
        match self.rng.randrange(9):
            case 0:
                state.string_value = text
            case 1:
                state.int_value = self.rng.choice([0, -1, 2**63 - 1])
            case 2:
                state.double_value = float("nan")
            case 3:
                state.json_value = text
            case 4:
                state.bytes_value = self.rng.randbytes(100)
            case 5:
                state.int_array_value.data.extend([0, -1, 2**62])
            case 6:
                state.file_uploader_state_value.uploaded_file_info.add(
                    file_id=text[:100], name=text[:100], size=2**40
                )
            case 7:
                state.arrow_value.data = self.rng.randbytes(200)
            case _:
                state.string_trigger_value.data = text

    def other(self, drawn: Drawn) -> bytes:
        """A message of another kind than a page needs, or bytes that are none."""
        rng, message = self.rng, BackMsg()
        match rng.randrange(11):
            case 0:
                message.clear_cache = True
            case 1:
                message.load_git_info = True
            case 2:
                message.set_run_on_save = True
            case 3:
                message.stop_script = True
            case 4:
                message.debug_shutdown_runtime = True
            case 5:
                message.debug_disconnect_websocket = True
            case 6:
                message.file_urls_request.file_names.extend([self._text()[:100]] * rng.choice([1, 5_000]))
                message.file_urls_request.session_id = rng.choice([drawn.session, self._text()])
            case 7:
                message.backend_operation_request.session_id = rng.choice([drawn.session, self._text()])
                message.backend_operation_request.request_id = self._text()[:100]
            case 8:
                whole = self.visit("run", self.address()).SerializeToString()
                at = rng.randrange(len(whole))
                return whole[:at] + rng.randbytes(3) + whole[at:]
            case 9:
                return rng.randbytes(rng.choice([1, 50, 3_000]))
            case _:
                pass  # one of no kind
        return message.SerializeToString()
