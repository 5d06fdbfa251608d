"""A request that breaks while it is answered is no error of ours; a broken answer is."""

import pytest
from anyio import run
from h11 import SERVER, Connection, Data, EndOfMessage, LocalProtocolError, RemoteProtocolError, Response
from starlette.requests import ClientDisconnect, Request

from dlcore.web.broken_requests import BrokenRequests


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


def server(connection, headers=()):
    """A server that answers over a connection, as uvicorn does."""

    async def send(message):
        is_start = message["type"] == "http.response.start"
        connection.send(Response(status_code=200, headers=list(headers)) if is_start else Data(b"x"))

    return lambda: BrokenRequests(answer)({"type": "http"}, None, send)


def test_an_answer_to_a_broken_request_is_left_out():
    connection = Connection(SERVER)
    with pytest.raises(RemoteProtocolError):
        connection.receive_data(b"\x00\r\n\r\n")
        connection.next_event()
    connection.send(Response(status_code=400, headers=[("content-length", "0")]))
    connection.send(EndOfMessage())

    run(server(connection))
    with pytest.raises(LocalProtocolError, match="state is ERROR"):
        connection.send(Data(b"x"))


def test_an_answer_that_is_broken_itself_is_an_error():
    with pytest.raises(LocalProtocolError, match="Illegal header"):
        run(server(Connection(SERVER), headers=[("a", "b\n")]))


def test_a_request_whose_sender_leaves_is_no_error():
    async def read(scope, receive, send):
        async for _piece in Request(scope, receive).stream():
            pass

    async def receive():
        return {"type": "http.disconnect"}

    run(lambda: BrokenRequests(read)({"type": "http"}, receive, None))
    with pytest.raises(ClientDisconnect):
        run(lambda: read({"type": "http"}, receive, None))
