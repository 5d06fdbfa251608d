"""Who had a slot when is noted, whatever becomes of the run, and the queue follows it."""

import pytest

from dlcore.access.actors import Actor, Role
from dlcore.records import RunState
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.turns import Stretch
from tests.store.samples import moved, of_trial, queued
from tests.store.test_studies import new_study


@pytest.fixture
def clock(monkeypatch):
    """The time of the store, in seconds since 1970: it passes only when a test says so."""

    class Clock:
        at = 1_000_000.0

        def now(self):
            return self.at

    told = Clock()
    for module in ("runs", "turns", "reports"):
        monkeypatch.setattr(f"dlcore.store.{module}.now", told.now)
    return told


def order(store):
    return [run.id for run in store.queue.waiting()]


def trained(store, clock, run, seconds, end=RunState.COMPLETED):
    run = moved(store, moved(store, run, RunState.STARTING), RunState.RUNNING)
    clock.at += seconds
    return moved(store, run, end)


def test_a_run_of_somebody_who_has_had_none_is_next(store, clock):
    many = []
    for _ in range(4):
        clock.at += 1
        many.append(queued(store, owner="ann"))
    trained(store, clock, many[0], 60)
    late = queued(store, owner="bob")

    assert order(store) == [late.id, *(run.id for run in many[1:])]
    assert store.queue.position(late.id) == 1
    assert [store.queue.position(run.id) for run in many] == [0, 2, 3, 4]
    assert store.queue.place_for(owner="bob") == 3
    assert store.queue.place_for(owner="cat") == 2
    assert store.queue.place_for(owner="ann") == 5


def test_two_take_turns_though_one_has_deleted_their_runs(store, clock):
    first = trained(store, clock, queued(store, owner="ann"), 5)
    assert store.runs.delete(first)
    clock.at += 1
    again = queued(store, owner="ann")
    clock.at += 1
    late = queued(store, owner="bob")

    assert order(store) == [late.id, again.id]


def test_a_run_at_work_counts_whoever_came_first(tmp_path, clock):
    store = Store.open(Settings(home=tmp_path, member_share=4.0))
    store.visitors.add(Actor("ann", Role.VISITOR))
    store.visitors.add(Actor("mia", Role.MEMBER))
    moved(store, queued(store, owner="mia"), RunState.STARTING)
    second = queued(store, owner="mia")
    clock.at += 1
    first = queued(store, owner="ann")

    assert order(store) == [first.id, second.id]
    store.close()


@pytest.mark.parametrize(("share", "expected"), [(1.0, ["ann", "mia"]), (4.0, ["mia", "ann"])])
def test_a_member_is_before_a_visitor_as_far_as_the_setting_says(tmp_path, clock, share, expected):
    """Both have had a turn, the visitor first."""
    store = Store.open(Settings(home=tmp_path, member_share=share))
    store.visitors.add(Actor("ann", Role.VISITOR))
    store.visitors.add(Actor("mia", Role.MEMBER))
    for who in ("ann", "mia"):
        trained(store, clock, queued(store, owner=who), 5)
    # The turn of each began where the front was, and is as long as their share says.
    for who in ("ann", "mia"):
        clock.at += 1
        queued(store, owner=who)

    assert [run.owner for run in store.queue.waiting()] == expected
    store.close()


def test_minutes_are_those_that_a_slot_was_taken_over_all_attempts(store, clock):
    began = clock.at
    run = trained(store, clock, queued(store, owner="ann"), 60, RunState.STOPPED)
    clock.at += 100
    trained(store, clock, moved(store, run, RunState.QUEUED), 30)

    found = store.turns.stretches(owner="ann", since=0.0)

    assert found == [Stretch(began, began + 60), Stretch(began + 160, began + 190)]
    assert store.turns.stretches(owner="ann", since=began + 170) == [Stretch(began + 170, began + 190)]
    assert store.turns.stretches(owner="bob", since=0.0) == []


def test_of_a_run_that_was_killed_the_time_until_its_last_word_is_counted(store, clock):
    began = clock.at
    run = moved(store, moved(store, queued(store, owner="ann"), RunState.STARTING), RunState.RUNNING)
    clock.at += 40
    store.reports.write(run.id, run.attempt, {"seconds": 40.0})
    assert store.turns.stretches(owner="ann", since=0.0) == [Stretch(began, began + 40)]

    clock.at += 3600  # the machine was off
    moved(store, run, RunState.LOST)

    assert store.turns.stretches(owner="ann", since=0.0) == [Stretch(began, began + 40)]


def test_a_deleted_run_has_used_the_machine_all_the_same(store, clock):
    began = clock.at
    run = trained(store, clock, queued(store, owner="ann"), 60)
    assert store.runs.delete(run)

    assert store.turns.stretches(owner="ann", since=0.0) == [Stretch(began, began + 60)]


def test_old_turns_are_swept_but_none_that_lasts(store, clock):
    began = clock.at
    trained(store, clock, queued(store, owner="ann"), 60)
    moved(store, queued(store, owner="ann"), RunState.STARTING)
    clock.at += 1000

    assert store.turns.sweep(before=clock.at) == 1
    assert store.turns.stretches(owner="ann", since=0.0) == [Stretch(began + 60, began + 60)]


def test_a_trial_waits_like_any_other_run_of_its_owner(store, clock):
    study = new_study(store, owner="ann")
    trials = []
    for number in range(3):
        clock.at += 1
        trials.append(of_trial(store, study, number))
    trained(store, clock, trials[0], 5)
    single = queued(store, owner="bob")

    assert order(store) == [single.id, trials[1].id, trials[2].id]
