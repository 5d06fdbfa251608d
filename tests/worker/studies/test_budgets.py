"""A search is held to the budget of its owner: each of its trials as a run, and all of them by the minutes."""

import pytest

from dlcore.access.actors import Actor, Role
from dlcore.queue import studies as requests
from dlcore.records import RunState, StudyState
from dlcore.settings import Settings
from dlcore.store import Store
from tests.search.runs import World, near_a_tenth
from tests.store.samples import moved


@pytest.fixture
def demo(tmp_path, monkeypatch, request):
    monkeypatch.setattr("dlcore.worker.studies.study_loop.SECONDS_EVERY", 0.0)
    settings = Settings(home=tmp_path, mode="demo", visitor_limits=getattr(request, "param", "minutes=10"))
    opened = Store.open(settings)
    opened.visitors.add(Actor("ada", Role.VISITOR))
    yield World(opened, near_a_tenth)
    opened.close()


def test_a_search_stops_when_the_minutes_of_its_owner_are_used_and_goes_on_the_next_day(demo, monkeypatch):
    study = demo.begin(max_trials=3)
    (run,) = demo.queued()
    run = moved(demo.store, moved(demo.store, run, RunState.STARTING), RunState.RUNNING)
    late = run.started_at.timestamp() + 600
    with monkeypatch.context() as patch:
        patch.setattr("dlcore.store.reports.now", lambda: late)
        demo.write(run, 1, 0.5)

    demo.tick()

    assert demo.study(study).state is StudyState.STOPPED
    assert "the minutes that you may train are used, 10 a day" in demo.study(study).reason.text()
    stopping = demo.store.runs.get(run.id)
    assert (stopping.stop_requested, stopping.stopped_state) == (True, RunState.STOPPED)
    moved(demo.store, stopping, RunState.STOPPED)
    demo.tick()
    assert demo.states(study) == ["running"]  # it goes on with the search

    monkeypatch.setattr("dlcore.queue.budgets.DAY_SECONDS", 1.0)
    requests.resume(demo.store, study.id, actor=Actor("ada"))
    assert demo.finish(study).state is StudyState.COMPLETED
    assert demo.states(study) == ["complete"] * 3


@pytest.mark.parametrize("demo", ["parameters=10"], indirect=True)
def test_a_trial_that_is_too_large_is_not_started(demo):
    study = demo.begin(max_trials=2)

    ended = demo.finish(study)

    assert ended.state is StudyState.COMPLETED
    assert demo.states(study) == ["pruned", "pruned"]
    assert "the number of parameters may be at most 10, got 650" in demo.trials(study)[0].reason.text()
    assert demo.store.runs.count(trials=True) == 0
