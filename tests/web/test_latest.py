"""What is costly is found out seldom, and once for all who ask."""

import asyncio
import threading

import pytest

from dlcore.web.latest import Latest


def test_it_is_found_out_again_only_when_it_is_old():
    now, made = [100.0], iter("abc")
    latest = Latest(lambda: next(made), 5.0, clock=lambda: now[0])

    async def ask():
        told = []
        for moment in (100.0, 104.9, 105.0, 109.9, 110.0):
            now[0] = moment
            told.append(await latest.get())
        return told

    assert asyncio.run(ask()) == ["a", "a", "b", "b", "c"]


def test_many_who_ask_at_once_wait_for_one_answer_however_long_it_takes():
    release, calls, now = threading.Event(), [], [0.0]

    def make():
        calls.append(1)
        assert release.wait(30)
        return "it"

    latest = Latest(make, 2.0, clock=lambda: now[0])

    async def ask():
        first = asyncio.create_task(latest.get())
        await asyncio.sleep(0)
        now[0] = 60.0  # old long ago, had it been there
        others = [asyncio.create_task(latest.get()) for _ in range(20)]
        await asyncio.sleep(0)
        first.cancel()
        release.set()
        return await asyncio.gather(*others)

    assert asyncio.run(ask()) == ["it"] * 20
    assert calls == [1]


def test_an_error_reaches_who_asks_and_the_next_one_tries_again():
    now, troubles = [0.0], iter([ZeroDivisionError("no"), None])

    def make():
        if trouble := next(troubles):
            raise trouble
        return "it"

    latest = Latest(make, 2.0, clock=lambda: now[0])

    async def ask():
        with pytest.raises(ZeroDivisionError):
            await latest.get()
        now[0] = 2.0
        return await latest.get()

    assert asyncio.run(ask()) == "it"
