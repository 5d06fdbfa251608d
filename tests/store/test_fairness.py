"""The queue is fair over owners: nobody's first run waits for another one's second, however many are queued."""

from collections import Counter
from dataclasses import replace
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from dlcore.store.fairness import Standing, Waiting, after_turn, fair_order

SHARES = {"ann": 1.0, "bob": 1.0, "cat": 1.0, "mia": 4.0, "max": 4.0}
"""Three visitors and two members."""


def runs_of(owner, count, since=0.0):
    return [Waiting(f"{owner}{number}", owner, since + number) for number in range(count)]


def test_runs_of_one_owner_begin_in_the_order_in_which_they_came():
    waiting = runs_of("ann", 5)

    order = fair_order(reversed(waiting), {"ann": Standing(active=3, end=9.0)}, front=9.0)

    assert order == ["ann0", "ann1", "ann2", "ann3", "ann4"]


def test_who_comes_after_a_hundred_runs_is_next():
    waiting = [*runs_of("ann", 100), *runs_of("bob", 3, since=500.0)]

    order = fair_order(waiting, {"ann": Standing(active=1, end=7.0)}, front=6.0)

    assert order[:6] == ["bob0", "ann0", "bob1", "ann1", "bob2", "ann2"]


def test_of_two_who_have_had_nothing_the_one_that_came_first_is_first():
    waiting = [*runs_of("bob", 2, since=1.0), *runs_of("ann", 2, since=2.0)]

    assert fair_order(waiting, {}) == ["bob0", "ann0", "bob1", "ann1"]


def test_a_member_gets_as_many_turns_as_the_share_says():
    waiting = [*runs_of("ann", 8), *runs_of("mia", 8)]
    standings, front, order = {"ann": Standing(), "mia": Standing(share=4.0)}, 0.0, []
    for _ in range(10):  # with one slot: each has ended before the next begins
        run = fair_order(waiting, standings, front)[0]
        order.append(run[:3])
        waiting = [one for one in waiting if one.id != run]
        front, after = after_turn(front, standings[run[:3]])
        standings[run[:3]] = Standing(0, after.share, after.end)

    assert Counter(order) == {"mia": 8, "ann": 2}


def test_who_was_away_has_saved_up_no_turns():
    front, after = after_turn(50.0, Standing(active=0, share=1.0, end=2.0))

    assert (front, after) == (50.0, Standing(active=1, share=1.0, end=51.0))


def test_what_an_admin_has_put_before_or_behind_the_others_comes_there_and_is_a_turn():
    ann, bob = runs_of("ann", 3), runs_of("bob", 3, since=50.0)
    waiting = [
        replace(ann[2], priority=1),
        replace(ann[0], priority=-1),
        ann[1],
        replace(bob[1], priority=2),
        bob[0],
        bob[2],
    ]

    # After one turn of each, ann's next run has waited longer than any of bob's.
    assert fair_order(waiting, {}) == ["bob1", "ann2", "ann1", "bob0", "bob2", "ann0"]


@st.composite
def arrivals(draw):
    """Runs as they come and how long they take, in steps of time."""
    count = draw(st.integers(1, 40))
    return [
        (draw(st.integers(0, 30)), draw(st.sampled_from(sorted(SHARES))), draw(st.integers(1, 6)))
        for _ in range(count)
    ]


def play(found, slots):
    """Plays a queue to its end; returns who began when, with who was waiting then, and who was at work."""
    coming = sorted((at, number, owner, takes) for number, (at, owner, takes) in enumerate(found))
    waiting, at_work, ends, front, begun = [], [], Counter(), 0.0, []
    time = 0
    while coming or waiting or at_work:
        at_work = [(end, owner) for end, owner in at_work if end > time]
        waiting += [(Waiting(f"{n:03}", who, at), takes) for at, n, who, takes in coming if at <= time]
        coming = [one for one in coming if one[0] > time]
        active = Counter(owner for _end, owner in at_work)
        standings = {who: Standing(active[who], share, ends[who]) for who, share in SHARES.items()}
        takes = {one.id: (one, length) for one, length in waiting}
        for run in fair_order([one for one, _length in waiting], standings, front)[: slots - len(at_work)]:
            one, length = takes.pop(run)
            begun.append((time, one))
            front, after = after_turn(front, Standing(0, SHARES[one.owner], ends[one.owner]))
            ends[one.owner] = after.end
            at_work.append((time + length, one.owner))
        waiting = list(takes.values())
        time += 1
    return begun


@given(arrivals(), st.integers(1, 3))
def test_all_begin_each_once_and_those_of_one_owner_in_turn(found, slots):
    begun = play(found, slots)

    assert len({one.id for _at, one in begun}) == len(begun) == len(found)
    for owner in SHARES:
        own = [(one.since, one.id) for _at, one in begun if one.owner == owner]
        assert own == sorted(own)


@given(arrivals())
def test_nobody_waits_for_more_than_a_turn_of_each_other_one(found):
    """With one slot: from the moment someone's run is the first of theirs that waits until it begins."""
    begun = play(found, slots=1)

    last: dict[str, int] = {}
    for place, (at, one) in enumerate(begun):
        since = max(last.get(one.owner, -1) + 1, 0)
        between = [other.owner for when, other in begun[since:place] if when >= one.since and when <= at]
        for other, turns in Counter(between).items():
            assert turns <= ceil(SHARES[other] / SHARES[one.owner]) + 1, (one, other, turns)
        last[one.owner] = place


@given(st.integers(1, 100), st.sampled_from(["ann", "mia"]), st.integers(1, 4))
def test_a_first_run_waits_for_nobodys_second(count, first, slots):
    """Someone has queued many, of whatever share; a visitor who has had nothing comes while they run."""
    many = [(0, first, 3)] * count
    late = [(5, "bob", 1)]

    begun = play([*many, *late], slots)

    before = [one.owner for at, one in begun if at > 5]
    assert "bob" not in before[1:]
    assert next(at for at, one in begun if one.owner == "bob") <= 5 + 3
