"""Sending bytes that no client would send, and reading whatever comes back."""

import asyncio
from dataclasses import dataclass

LONGEST = 400_000
"""Bytes that are read of an answer; scripts of our own and of Streamlit are longer, and hold nobody's data."""
PATIENCE, SHORT_PATIENCE = 30.0, 1.0
"""Seconds for an answer: to what is a whole request, and to what may be half of one."""


@dataclass(frozen=True)
class Answer:
    """What came back: a status of 0 where the connection was closed without any, of -1 where nothing came in time."""

    status: int
    data: bytes


async def exchange(
    port: int, parts: list[bytes], *, pause: float = 0.0, hurry: bool = False, is_whole: bool = True
) -> Answer:
    """Sends some bytes, part by part, and returns what comes back.

    Args:
        port: of the server.
        parts: what is sent.
        pause: seconds between two parts.
        hurry: whether to leave without waiting for an answer.
        is_whole: whether the server can know that nothing follows.
    """
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return Answer(-1, b"")
    data = b""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if hurry:
            return Answer(0, b"")
        async with asyncio.timeout(PATIENCE if is_whole else SHORT_PATIENCE):
            while len(data) < LONGEST and (piece := await reader.read(65_536)):
                data += piece
    except TimeoutError:
        return Answer(status_of(data) or (-1 if is_whole else 0), data)
    except OSError:  # it has closed while more was under way, which is an answer, too
        pass
    finally:
        writer.transport.abort()
    return Answer(status_of(data), data)


def status_of(data: bytes) -> int:
    """The status in the first line of an answer."""
    words = data[:40].split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
