"""Watches that the app answers: `python -m tests.acceptance.hostile_app.probe PORT COOKIE FILE`, until it is ended.

Ten times a second it asks for `/healthz` and sends a heartbeat over the websocket of a page that stays open; the same
questions go to a server in a process of its own that does nothing else, for a machine that is busy keeps that one waiting,
too. Each line of the file is a JSON list: which of them, when, and how long it took.
"""

import asyncio
import json
import os
import sys
import time
from multiprocessing import Process
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.session import PROTOCOLS, SOCKET, open_page
from tests.ports import reserved_port

TICK = 0.1
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


async def _control(port: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(OK)
        writer.close()

    parent = os.getppid()
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        while os.getppid() == parent:  # whoever has started it may be killed
            await asyncio.sleep(TICK)


def serve_control(port: int) -> None:
    """Answers everything at once."""
    asyncio.run(_control(port))


class Watch:
    """Asks, and writes down how long the answers took."""

    def __init__(self, port: int, cookie: str, path: Path) -> None:
        self.port, self.cookie = port, cookie
        self.file = path.open("a", buffering=1)  # for as long as the process lives

    def note(self, what: str, began: float) -> None:
        """Writes down one answer."""
        self.file.write(json.dumps([what, began, time.monotonic() - began]) + "\n")

    async def ask(self, what: str, port: int) -> None:
        """Asks a server for its health, forever."""
        while True:
            began = time.monotonic()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(
                    f"GET /healthz HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n".encode()
                )
                line = await asyncio.wait_for(reader.readline(), 60)
                writer.transport.abort()
            except (OSError, TimeoutError):
                line = b""
            self.note(what if b" 200 " in line else f"{what} failed", began)
            await asyncio.sleep(max(0.0, began + TICK - time.monotonic()))

    async def page(self) -> None:
        """Opens a page, and asks over its websocket, forever."""
        url = f"ws://127.0.0.1:{self.port}{SOCKET}"
        heartbeat = BackMsg(app_heartbeat=True).SerializeToString()
        async with websockets.connect(
            url,
            subprotocols=PROTOCOLS,
            max_size=None,
            additional_headers={"cookie": self.cookie},
            ping_interval=None,
        ) as socket:
            await socket.send(open_page("new"))
            await self._until(socket, "script_finished")
            while True:
                began = time.monotonic()
                await socket.send(heartbeat)
                await self._until(socket, "heartbeat_ack")
                self.note("page", began)
                await asyncio.sleep(max(0.0, began + TICK - time.monotonic()))

    async def _until(self, socket: websockets.ClientConnection, kind: str) -> None:
        message = ForwardMsg()
        while message.WhichOneof("type") != kind:
            message.ParseFromString(await socket.recv())

    async def all(self, control: int) -> None:
        """All of it at once."""
        await asyncio.gather(self.ask("healthz", self.port), self.ask("control", control), self.page())


if __name__ == "__main__":
    with reserved_port() as free:
        twin = Process(target=serve_control, args=(free,), daemon=True)
        twin.start()
        time.sleep(1)
        asyncio.run(Watch(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])).all(free))
