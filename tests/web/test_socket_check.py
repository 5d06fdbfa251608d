"""Over the websocket of a page only what a page would say reaches Streamlit."""

import logging
from contextlib import suppress

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect, WebSocketState
from streamlit.proto.BackMsg_pb2 import BackMsg

from dlcore.web.socket_check import AT_ONCE, PER_SECOND, Pace, SocketCheck

PAGE = "$$ID-0123456789abcdef-name"
TOLD = f"$$STREAMLIT_INTERNAL_KEY_{PAGE}__events"


async def echo(websocket):
    """Says back what it was told."""
    await websocket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            await websocket.send_bytes(await websocket.receive_bytes())


@pytest.fixture
def socket():
    app = Starlette(routes=[WebSocketRoute("/", echo)], middleware=[Middleware(SocketCheck)])
    with TestClient(app).websocket_connect("/") as opened:
        yield opened


def rerun(*names):
    message = BackMsg()
    message.rerun_script.page_name = "run"
    for name in names:
        message.rerun_script.widget_states.widgets.add(id=name, string_value="x")
    return message


def test_what_pages_say_goes_on_as_it_is(socket):
    beat = BackMsg(app_heartbeat=True)
    for message in (beat, BackMsg(stop_script=True), rerun(), rerun(PAGE, TOLD)):
        socket.send_bytes(message.SerializeToString())
        assert socket.receive_bytes() == message.SerializeToString()


@pytest.mark.parametrize(
    "what",
    [
        "clear_cache",
        "load_git_info",
        "set_run_on_save",
        "debug_shutdown_runtime",
        "debug_disconnect_websocket",
    ],
)
def test_what_is_for_developers_goes_nowhere(socket, what):
    socket.send_bytes(BackMsg(**{what: True}).SerializeToString())
    socket.send_bytes(BackMsg().SerializeToString())
    socket.send_bytes(rerun().SerializeToString())

    assert socket.receive_bytes() == rerun().SerializeToString()


def test_a_state_of_what_is_no_widget_is_left_out(socket):
    socket.send_bytes(
        rerun("typed", PAGE, "", "$$STREAMLIT_INTERNAL_KEY_SCRIPT_RUN_WITHOUT_ERRORS").SerializeToString()
    )

    assert socket.receive_bytes() == rerun(PAGE).SerializeToString()


@pytest.mark.parametrize("text", ["{", "", "[" * 100_000, "NaN", "'x'"])
def test_what_a_component_says_is_json(socket, text):
    said = rerun(PAGE)
    said.rerun_script.widget_states.widgets.add(id=PAGE, json_value=text)
    said.rerun_script.widget_states.widgets.add(id=TOLD, json_trigger_value=text)
    socket.send_bytes(said.SerializeToString())
    assert socket.receive_bytes() == rerun(PAGE).SerializeToString()

    fine = rerun()
    fine.rerun_script.widget_states.widgets.add(id=TOLD, json_trigger_value='{"a": [1, null]}')
    socket.send_bytes(fine.SerializeToString())
    assert socket.receive_bytes() == fine.SerializeToString()


def test_who_asks_for_more_than_a_person_can_waits_for_their_turn():
    now = [1000.0]
    pace = Pace(clock=lambda: now[0])
    waits = [pace.wait() for _ in range(AT_ONCE + 3)]

    assert waits[:AT_ONCE] == pytest.approx([0.0] * AT_ONCE, abs=1e-6)
    assert waits[AT_ONCE:] == pytest.approx([1 / PER_SECOND, 2 / PER_SECOND, 3 / PER_SECOND])
    now[0] += 3600
    assert [pace.wait() for _ in range(AT_ONCE)] == pytest.approx([0.0] * AT_ONCE, abs=1e-6)


@pytest.mark.parametrize(("said", "code"), [("a text", 1003), (b"\xff\xff\xff", 1002), (b"\x0a\x05ab", 1002)])
def test_what_is_no_message_closes_the_websocket_with_one_line_in_the_log(socket, caplog, said, code):
    with caplog.at_level(logging.WARNING):
        (socket.send_text if isinstance(said, str) else socket.send_bytes)(said)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes()

    assert closed.value.code == code
    assert [line.exc_info for line in caplog.records if "refused" in line.message] == [None]


def test_a_browser_that_has_gone_ends_its_session_without_an_error():
    """As a server tells it: what is sent fails at once, and what is received says so later."""
    events = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1006}])
    ended = []

    async def receive():
        return next(events)

    async def send(event):
        if event["type"] == "websocket.send":
            raise OSError("gone")

    async def tell(websocket):
        await websocket.accept()
        await websocket.send_bytes(b"a page")
        with pytest.raises(WebSocketDisconnect):
            await websocket.receive_bytes()
        ended.append(websocket.application_state)

    app = SocketCheck(Starlette(routes=[WebSocketRoute("/", tell)]))
    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": []}
    anyio.run(app, scope, receive, send)

    assert ended == [WebSocketState.CONNECTED]
