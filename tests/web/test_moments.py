"""Answers that many ask for are made once."""

import asyncio
import threading

import pytest

from dlcore.web.moments import MOST, Moments


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class Made:
    """Counts how often it is made."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return self.times


def test_however_many_ask_at_once_it_is_made_once(clock):
    moments, started, go_on, made = Moments(1.0, clock), threading.Event(), threading.Event(), []

    def slow():
        made.append(1)
        started.set()
        assert go_on.wait(10)
        return "made"

    async def everybody():
        asking = [asyncio.create_task(moments.get(("run", "a"), slow)) for _ in range(50)]
        await asyncio.to_thread(started.wait, 10)
        go_on.set()
        return await asyncio.gather(*asking)

    assert asyncio.run(everybody()) == ["made"] * 50
    assert len(made) == 1


def test_after_a_moment_it_is_made_anew(clock):
    moments, made = Moments(1.0, clock), Made()

    async def ask():
        first = await moments.get(("run", "a"), made)
        clock.now += 0.9
        same = await moments.get(("run", "a"), made)
        clock.now += 0.2
        return first, same, await moments.get(("run", "a"), made)

    assert asyncio.run(ask()) == (1, 1, 2)


def test_of_many_only_those_that_no_one_asked_for_lately_are_made_and_all_at_once(clock):
    moments, made = Moments(1.0, clock), []

    def make(missing):
        made.append(missing)
        return [f"{subject}!" for _kind, subject in missing]

    async def ask():
        await moments.get_all([("run", "a")], make)
        clock.now += 0.5
        both = await moments.get_all([("run", "b"), ("run", "a"), ("run", "c"), ("run", "b")], make)
        clock.now += 0.7
        return both, await moments.get_all([("run", "a"), ("run", "b")], make)

    assert asyncio.run(ask()) == (["b!", "a!", "c!", "b!"], ["a!", "b!"])
    assert made == [[("run", "a")], [("run", "b"), ("run", "c")], [("run", "a")]]


def test_what_is_forgotten_is_made_anew_and_nothing_else(clock):
    moments, one, other = Moments(1.0, clock), Made(), Made()

    async def ask():
        await moments.get(("run", "a", "en"), one)
        await moments.get(("run", "b", "en"), other)
        moments.forget("a")
        return await moments.get(("run", "a", "en"), one), await moments.get(("run", "b", "en"), other)

    assert asyncio.run(ask()) == (2, 1)


def test_a_viewer_who_goes_away_does_not_take_the_answer_from_the_others(clock):
    moments, started, go_on = Moments(1.0, clock), threading.Event(), threading.Event()

    def slow():
        started.set()
        assert go_on.wait(10)
        return "made"

    async def ask():
        first = asyncio.create_task(moments.get(("run", "a"), slow))
        await asyncio.to_thread(started.wait, 10)
        second = asyncio.create_task(moments.get(("run", "a"), slow))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        go_on.set()
        return await second

    assert asyncio.run(ask()) == "made"


def test_answers_that_are_no_longer_good_do_not_pile_up(clock):
    moments = Moments(1.0, clock)

    async def ask():
        for number in range(3 * MOST):
            clock.now += 0.01
            await moments.get(("run", str(number)), lambda: None)
        return len(moments)

    assert asyncio.run(ask()) <= MOST + 1
