"""Sends all of it, several at a time, and collects what came back."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

import websockets

from benchmarks.session import PROTOCOLS, SOCKET
from dlcore.datasets.uploads import new_upload
from dlcore.store import Store
from tests.acceptance.hostile_app.frames import Drawn, Puppeteer
from tests.acceptance.hostile_app.people import SAID, Person
from tests.acceptance.hostile_app.requests import PAGES, Attacker
from tests.acceptance.hostile_app.wire import exchange

REQUESTS_AT_ONCE, PAGES_AT_ONCE = 4, 3
TOUCHES = 12
"""Messages to one page before another one is opened."""
FLOOD = 60
"""Messages that are sent at once."""
QUIET_SECONDS, RUN_SECONDS = 0.5, 20.0
"""How long to listen after a message that may start no script, and after one that does."""
LOOK_SECONDS = 15.0
SCANNED = tuple(text.encode() for text in SAID)


@dataclass
class Report:
    """What came of it.

    Attributes:
        sent: how much, by its kind.
        answers: how many, by their status.
        faults: what should not have come back, with what it came for.
    """

    sent: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How much was sent."""
        return sum(self.sent.values())

    def scan(self, data: bytes, what: str) -> None:
        """Looks for the victim's secrets."""
        for text in SCANNED:
            if text in data:
                at = data.index(text)
                self.faults.append(f"told {text!r} to {what}: {data[max(0, at - 80) : at + 80]!r}")


async def send_requests(port: int, attackers: Iterator[Attacker], count: int, report: Report) -> None:
    """Sends so many requests."""
    left = iter(range(count))

    async def work() -> None:
        attacker = next(attackers)
        for _ in left:
            attack = attacker.one()
            answer = await exchange(
                port, attack.parts, pause=attack.pause, hurry=attack.hurry, is_whole=attack.is_whole
            )
            report.sent[attack.what.partition(" ")[0][:12]] += 1
            report.answers[answer.status] += 1
            report.scan(answer.data, attack.what)
            if answer.status >= 500 or answer.status == -1:
                report.faults.append(f"{answer.status} for {attack.what}: {attack.parts[0][:300]!r}")

    await asyncio.gather(*(work() for _ in range(REQUESTS_AT_ONCE)))


async def _listen(
    socket: websockets.ClientConnection,
    drawn: Drawn,
    report: Report,
    what: str,
    is_over: Callable[[], bool],
    seconds: float,
) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not is_over():
                data = await socket.recv()
                assert isinstance(data, bytes)
                report.scan(data, what)
                drawn.take(data)


async def _run(
    socket: websockets.ClientConnection,
    drawn: Drawn,
    report: Report,
    what: str,
    message: bytes,
    seconds: float,
) -> None:
    until = drawn.finished + 1
    await socket.send(message)
    report.sent["frame"] += 1
    await _listen(socket, drawn, report, what, lambda: drawn.finished >= until, seconds)
    for one in drawn.failed:
        report.failed[f"{what.partition('?')[0]}: {one}"] += 1
    drawn.failed.clear()


async def _session(
    url: str, puppeteer: Puppeteer, attacker: Attacker, others: set[str], report: Report, left: Iterator[int]
) -> None:
    rng = puppeteer.rng
    cookie = attacker.forged_cookie() if rng.random() < 0.2 else attacker.me.cookie
    protocols = [*PROTOCOLS, rng.choice([*others, "0" * 32])] if rng.random() < 0.3 else PROTOCOLS
    page, query, drawn = rng.choice(PAGES[:16]), puppeteer.address(), Drawn()
    with contextlib.suppress(websockets.WebSocketException, OSError):
        async with websockets.connect(
            url,
            subprotocols=protocols,
            max_size=None,
            additional_headers={"cookie": cookie},
            ping_interval=None,
            close_timeout=1,
        ) as socket:
            visit = puppeteer.visit(page, query).SerializeToString()
            await _run(socket, drawn, report, f"{page}?{query}", visit, RUN_SECONDS)
            others.add(drawn.session)
            for _touch, _one in zip(range(TOUCHES), left, strict=False):
                if rng.random() < 0.01:
                    await _flood(socket, drawn, report, page, visit, left)
                    continue
                if rng.random() < 0.25:
                    await socket.send(
                        rng.choice(puppeteer.texts) if rng.random() < 0.1 else puppeteer.other(drawn)
                    )
                    report.sent["frame"] += 1
                    await _listen(socket, drawn, report, page, lambda: False, 0.05)
                    continue
                message = puppeteer.touch(drawn, page, query if rng.random() < 0.5 else puppeteer.address())
                seconds = QUIET_SECONDS if message.rerun_script.fragment_id else RUN_SECONDS
                what = f"{page}?{query} {[(drawn.widgets.get(one.id), one.id[-40:]) for one in message.rerun_script.widget_states.widgets]}"
                await _run(socket, drawn, report, what, message.SerializeToString(), seconds)


async def _flood(
    socket: websockets.ClientConnection,
    drawn: Drawn,
    report: Report,
    page: str,
    message: bytes,
    left: Iterator[int],
) -> None:
    """Asks for a script again and again, without waiting for it."""
    for _message, _one in zip(range(FLOOD), left, strict=False):
        await socket.send(message)
        report.sent["frame"] += 1
    await _listen(socket, drawn, report, page, lambda: False, 2.0)


async def send_frames(
    port: int, people: list[tuple[Puppeteer, Attacker]], count: int, report: Report
) -> None:
    """Sends so many messages to pages."""
    left, others = iter(range(count)), set[str]()
    url = f"ws://127.0.0.1:{port}{SOCKET}"

    async def work(puppeteer: Puppeteer, attacker: Attacker) -> None:
        for _ in left:
            await _session(url, puppeteer, attacker, others, report, left)

    await asyncio.gather(*(work(*one) for one in people))


async def show_files(
    port: int, store: Store, me: Person, puppeteer: Puppeteer, files: list[tuple[str, bytes]], report: Report
) -> None:
    """Uploads files and lets a page look at each, which is a job of a process of its own."""
    url = f"ws://127.0.0.1:{port}{SOCKET}"
    for name, content in files:
        token = new_upload(store.settings, owner=me.actor.id).token
        headers = f"cookie: {me.cookie}\r\nx-dl-studio: 1\r\nupload-name: {quote(name)}\r\nupload-offset: 0\r\nupload-modified: 1"
        start = f"PUT /api/uploads/{token} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n"
        sizes = f"upload-size: {len(content)}\r\ncontent-length: {len(content)}\r\n\r\n"
        answer = await exchange(port, [(start + sizes).encode() + content])
        report.sent["file"] += 1
        report.answers[answer.status] += 1
        drawn = Drawn()
        async with websockets.connect(
            url,
            subprotocols=PROTOCOLS,
            max_size=None,
            additional_headers={"cookie": me.cookie},
            ping_interval=None,
        ) as socket:
            message = puppeteer.visit("upload", f"upload={token}").SerializeToString()
            for _look in range(2):  # the second one shows what came of the first
                await _run(socket, drawn, report, f"file {name[:30]}", message, RUN_SECONDS)
                await _settle(store)


async def _settle(store: Store) -> None:
    """Waits until no job is under way, or for so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            while await asyncio.to_thread(store.jobs.unfinished):
                await asyncio.sleep(0.2)


def seeded(seed: int, number: int) -> Random:
    """Chance that is the same each time."""
    return Random(f"{seed} {number}")
