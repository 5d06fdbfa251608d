"""Runs of owners who have used what they have wait or end; on a full disk nobody's begins."""

from collections import Counter, namedtuple

import pytest

from dlcore.access.actors import Actor, Role
from dlcore.records import RunState
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.worker.holds import Holds
from tests.store.samples import at_work, moved, of_trial, queued
from tests.store.test_studies import new_study

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def demo(tmp_path):
    settings = Settings(home=tmp_path, mode="demo", visitor_limits="minutes=10,at_once=2")
    opened = Store.open(settings)
    opened.visitors.add(Actor("ann", Role.VISITOR))
    opened.visitors.add(Actor("bob", Role.VISITOR))
    yield opened
    opened.close()


def used(demo, seconds, owner="ann"):
    """Lets an owner have trained for so long just now."""
    run = at_work(demo, owner=owner)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dlcore.store.turns.now", lambda: run.started_at.timestamp() - seconds)
        moved(demo, moved(demo, run, RunState.STOPPED), RunState.QUEUED)
        run = moved(demo, demo.runs.get(run.id), RunState.STARTING)
    return moved(demo, moved(demo, run, RunState.RUNNING), RunState.STOPPED)


def test_an_owner_has_no_more_runs_at_work_than_they_may(demo):
    holds = Holds(demo)
    waiting = [queued(demo, owner="ann") for _ in range(3)]
    begun = []
    for run in waiting:
        if not holds.holds(run):
            holds.began(run)
            begun.append(run)

    assert begun == waiting[:2]
    assert not holds.holds(queued(demo, owner="bob"))


def test_a_place_is_free_once_a_run_has_ended(demo):
    run = at_work(demo, owner="ann")
    at_work(demo, owner="ann")
    late, at = queued(demo, owner="ann"), Counter(now=0.0)
    holds = Holds(demo, clock=lambda: at["now"])
    assert holds.holds(late)

    moved(demo, run, RunState.COMPLETED)
    at["now"] = 2.0

    assert not holds.holds(late)


def test_runs_end_when_the_minutes_of_their_owner_are_used(demo):
    other = at_work(demo, owner="bob")
    used(demo, 540)
    run, waiting = at_work(demo, owner="ann"), queued(demo, owner="ann")
    Holds(demo).end_used_up()
    assert not demo.runs.get(run.id).stop_requested
    assert not Holds(demo).holds(waiting)

    used(demo, 120)
    Holds(demo).end_used_up()

    stopping = demo.runs.get(run.id)
    assert stopping.stop_requested
    assert stopping.stopped_state is RunState.STOPPED
    assert "all of the minutes that you may train are used, 10 a day" in stopping.prune_reason.text()
    assert Holds(demo).holds(waiting)
    assert not demo.runs.get(other.id).stop_requested


def test_trials_are_left_to_their_search(demo):
    used(demo, 700)
    study = new_study(demo, owner="ann")
    run = moved(demo, of_trial(demo, study, 0), RunState.STARTING)

    Holds(demo).end_used_up()

    assert not demo.runs.get(run.id).stop_requested


def test_at_home_nothing_waits_but_for_a_full_disk(store, monkeypatch):
    holds = Holds(store)
    at_work(store)
    assert not holds.holds(queued(store))
    assert holds.full_disk() is None

    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(10**12, 10**12, 10**8))

    assert "the disk is nearly full: 100 MB are free" in holds.full_disk().text()
