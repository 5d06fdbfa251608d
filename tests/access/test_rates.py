"""Nobody does something too often, alone or with others from one network, and a refusal says when it is possible again."""

import time

import pytest
from pydantic import ValidationError

from dlcore.access.acts import Act
from dlcore.access.rates import Rates, network_of
from dlcore.errors import TooManyError
from dlcore.settings import Settings

HOME = "192.0.2.7"


@pytest.fixture
def clock(monkeypatch):
    """The time by which is counted, which the test sets."""

    class Clock:
        now = 1_000_000 * 3600.0  # the beginning of an hour

    monkeypatch.setattr(time, "time", lambda: Clock.now)
    return Clock


def allowed(rates, act, *, actor="ann", address=HOME, tries=100):
    """How often somebody may do something in a row."""
    for count in range(tries):
        try:
            rates.take(act, actor=actor, address=address)
        except TooManyError:
            return count
    return tries


def test_each_act_has_its_own_limit_and_each_actor_theirs(clock):
    rates = Rates(Settings(rate_launches="3/minute", rate_jobs="5/minute", rate_drafts=""))

    assert allowed(rates, Act.LAUNCH) == 3
    assert allowed(rates, Act.LAUNCH, actor="bob") == 3
    assert allowed(rates, Act.JOB) == 5
    assert allowed(rates, Act.DRAFT) == 100
    clock.now += 120
    assert allowed(rates, Act.LAUNCH) == 3


def test_the_narrowest_of_several_limits_counts(clock):
    rates = Rates(Settings(rate_launches="3/minute; 5/hour"))

    assert allowed(rates, Act.LAUNCH) == 3
    clock.now += 120
    assert allowed(rates, Act.LAUNCH) == 2


def test_who_drops_their_cookie_still_counts_with_their_network(clock):
    rates = Rates(Settings(rate_launches="3/minute", rate_network_factor=2))
    counts = [allowed(rates, Act.LAUNCH, actor=f"new {n}") for n in range(5)]

    assert counts == [3, 3, 0, 0, 0]
    assert allowed(rates, Act.LAUNCH, actor="elsewhere", address="192.0.2.8") == 3


def test_a_refusal_says_how_much_and_when(clock):
    rates = Rates(Settings(rate_launches="3/minute", rate_network_factor=1))
    allowed(rates, Act.LAUNCH)
    clock.now += 18.5
    with pytest.raises(TooManyError) as own:
        rates.take(Act.LAUNCH, actor="ann", address=HOME)
    with pytest.raises(TooManyError) as others:
        rates.take(Act.LAUNCH, actor="bob", address=HOME)

    said = "too many runs and searches were started: at most 3 in 1 min. Try again in 42 s."
    assert (str(own.value), own.value.seconds) == (said, 42)
    assert "Everybody in your network counts together." in str(others.value)
    clock.now += own.value.seconds
    rates.take(Act.LAUNCH, actor="ann", address=HOME)


def test_what_is_refused_does_not_count(clock):
    rates = Rates(Settings(rate_launches="3/minute", rate_network_factor=2))
    for _try in range(10):
        allowed(rates, Act.LAUNCH)

    assert allowed(rates, Act.LAUNCH, actor="bob") == 3


def test_a_network_of_ipv6_counts_as_one_address(clock):
    rates = Rates(Settings(visitors_per_hour=2))
    hosts = [f"2001:db8:1:2::{host:x}" for host in range(4)]

    assert [allowed(rates, Act.ARRIVE, actor=host, address=host, tries=1) for host in hosts] == [1, 1, 0, 0]
    assert allowed(rates, Act.ARRIVE, address="2001:db8:1:3::1") == 2
    assert network_of("::ffff:192.0.2.7") == "192.0.2.7"


def test_a_flood_of_addresses_is_counted_in_bounded_memory(clock, monkeypatch):
    monkeypatch.setattr("dlcore.access.rates.MOST_KEYS", 50)
    rates = Rates(Settings())
    for host in range(1000):
        rates.take(Act.SESSION, actor=str(host), address=f"192.0.2.{host}")

    assert len(rates._storage.storage) < 60


def test_so_many_pages_are_open_at_once_from_one_address():
    rates = Rates(Settings(sessions_per_address=2))
    with rates.open_from(HOME), rates.open_from(HOME):
        rates.check_open("192.0.2.8")
        with pytest.raises(TooManyError, match="too many pages are open in your network: at most 2 at once"):
            rates.check_open(HOME)
    rates.check_open(HOME)
    assert not rates._open


@pytest.mark.parametrize(
    "value", ["many", "3", "3/fortnight", "-1/minute", "3/minute;", "3/minute; ", "3/minute, 4/hour"]
)
def test_a_limit_that_makes_no_sense_is_refused_at_the_start(value):
    with pytest.raises(ValidationError):
        Settings(rate_launches=value)


def test_no_limit_is_one_too():
    assert Settings(rate_launches="").rate_launches == ""
