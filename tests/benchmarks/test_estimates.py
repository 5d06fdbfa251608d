"""The arithmetic of the benchmark of estimates, and its ten experiments."""

import pytest

from benchmarks.estimates import KNOWN, Outcome, experiments, summary
from dlcore.design.speeds import Span


def outcome(seconds, expected=10.0):
    return Outcome("a run", Span(expected, expected / 1.5, expected * 1.5), seconds)


@pytest.mark.parametrize(
    ("seconds", "near", "within"),
    [(4.9, False, False), (5.0, True, False), (10.0, True, True), (15.1, True, False), (20.1, False, False)],
)
def test_an_estimate_is_near_within_a_factor_of_two(seconds, near, within):
    assert (outcome(seconds).near, outcome(seconds).within) == (near, within)


def test_only_runs_with_three_before_them_are_judged():
    unknown = [Outcome("first", None, 1.0), outcome(99.0), outcome(99.0)]

    assert summary([*unknown, outcome(10.0), outcome(18.0), outcome(99.0)]) == (
        "after 3 runs: 2 of 3 within a factor of 2 (target: all), 1 of 3 within their range "
        "(it is meant for eight of ten)"
    )


def test_there_are_ten_experiments_of_their_own_names():
    names = [name for name, _ in experiments()]

    assert len(set(names)) == len(names) == 10 > KNOWN
