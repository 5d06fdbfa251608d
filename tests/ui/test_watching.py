"""Watching costs no script run: a page of a live run draws once, and the feed does the rest."""

import pytest
from starlette.testclient import TestClient

from benchmarks.session import PROTOCOLS, SOCKET, Session, feed_path, open_page, take_all
from dlcore.queue import submit
from dlcore.queue.processes import myself
from dlcore.queue.ready import example
from dlcore.queue.studies import start
from dlcore.records import Axis, Metric, Origin, RunState, Scope, SeriesKey, StudyState, TrialState
from dlcore.search.spec import SearchSpec
from dlcore.web.context import context
from tests.ui.conftest import report, running

LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
SPACE = {"training.optimizer.learning_rate": {"low": 1e-4, "high": 1e-1, "log": True}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The dashboard with its runtime, so that sessions can be opened over its websocket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("DLCORE_START_WORKER", "false")
        context.cache_clear()
        from app import app

        with TestClient(app, base_url="http://localhost") as client:
            yield client
    context.cache_clear()


class Watcher:
    """A session on a page, and the requests that its browser would send."""

    def __init__(self, client, page, **query):
        self.client, self.session = client, Session()
        with client.websocket_connect(f"ws://localhost{SOCKET}", subprotocols=PROTOCOLS) as socket:
            socket.send_bytes(open_page(page, **query))
            while not self.session.finished:
                self.session.take(socket.receive_bytes())
        assert not self.session.failed
        self.asks = self.session.asks()

    def tick(self):
        """One request; gives how many parts would make the page's script run."""
        answer = self.client.get(feed_path(self.asks))
        assert answer.status_code in (200, 204), answer.text
        if answer.status_code == 200:
            take_all(self.asks, answer.json())
        return sum(ask.stale for ask in self.asks)

    def topics(self):
        return sorted(ask.what.partition(":")[0] for ask in self.asks)


@pytest.fixture
def moving(server, here, monkeypatch):
    """A clock that goes on by a second with each answer, so that none is kept for the next tick."""
    clock = iter(range(1_000_000))
    monkeypatch.setattr(here.moments, "_clock", lambda: float(next(clock)))
    return server


@pytest.fixture
def study(here):
    """A running search with one trial at work."""
    me = myself()
    assert here.store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    made = start(
        here.store, SearchSpec.from_dict({**example().to_dict(), "space": SPACE}), owner="local", name="s"
    )
    with here.store.studies.driving(made.id, me.id) as write:
        for number in range(2):
            params = {"training.optimizer.learning_rate": 0.01}
            write.add_trial(number, origin=Origin.SAMPLED, params=params, state=TrialState.RUNNING)
        write.set_trial(0, state=TrialState.COMPLETE, values=(0.5,))
        write.set_study(best=0, best_value=0.5)
    yield made.id, me.id
    here.store.workers.release(me.id)


def train(here, run, step):
    report_values = {"epoch": step, "step": step, "steps": 100, "seconds": 2.0 * step}
    metrics = [Metric(LOSS, step, 1 / step)]
    assert here.store.reports.write(run.id, run.attempt, report_values, metrics=metrics) is False


def test_a_live_run_costs_no_script_run_until_its_state_changes(moving, here):
    run = running(here)
    report(here, run, [Metric(LOSS, 1, 2.0)])
    watcher = Watcher(moving, "run", run=run.id)
    assert watcher.topics() == ["curves", "run", "status"]
    assert watcher.session.timers == {}

    for step in range(2, 8):
        train(here, run, step)
        before = [ask.since for ask in watcher.asks]
        assert watcher.tick() == 0
        after = [ask.since for ask in watcher.asks]
        changed = [ask.what for ask, was, now in zip(watcher.asks, before, after, strict=True) if was != now]
        assert sorted(changed) == sorted([f"run:{run.id}", f"curves:{run.id}:batch"])

    here.store.runs.move(here.store.runs.get(run.id), RunState.COMPLETED)
    assert watcher.tick() == 1
    assert Watcher(moving, "run", run=run.id).tick() == 0


def test_the_list_of_runs_costs_no_script_run_until_one_comes_goes_or_changes_its_state(moving, here):
    run = running(here)
    watcher = Watcher(moving, "runs")
    assert watcher.topics() == ["run", "runs", "status"]
    assert watcher.session.timers == {}
    for step in range(2, 5):
        train(here, run, step)
        assert watcher.tick() == 0

    submit(here.store, example(), owner="local")
    assert watcher.tick() == 1
    watcher = Watcher(moving, "runs")
    assert watcher.tick() == 0
    here.store.runs.move(here.store.runs.get(run.id), RunState.STOPPED)
    assert watcher.tick() == 1  # the list; its cards do not add to that


def test_a_search_costs_no_script_run_until_a_trial_or_the_study_comes_to_another_state(moving, here, study):
    study_id, driver = study
    watcher = Watcher(moving, "study", study=study_id)
    assert watcher.topics() == ["status", "study", "trials", "trials_table"]
    assert watcher.session.timers == {}
    for epoch in range(1, 5):
        with here.store.studies.driving(study_id, driver) as write:
            write.set_trial(1, epoch=epoch)
        assert watcher.tick() == 0

    with here.store.studies.driving(study_id, driver) as write:
        write.set_trial(1, state=TrialState.COMPLETE, values=(0.7,))
    assert watcher.tick() == 1  # the table of trials
    watcher = Watcher(moving, "study", study=study_id)
    with here.store.studies.driving(study_id, driver) as write:
        write.set_study(state=StudyState.PAUSED)
    assert watcher.tick() == 1  # the page with its buttons


def test_the_list_of_searches_costs_no_script_run_until_one_changes_its_state(moving, here, study):
    study_id, driver = study
    watcher = Watcher(moving, "studies")
    assert watcher.topics() == ["status", "studies", "study"]
    assert watcher.session.timers == {}
    with here.store.studies.driving(study_id, driver) as write:
        write.set_trial(1, epoch=3)
    assert watcher.tick() == 0
    with here.store.studies.driving(study_id, driver) as write:
        write.set_study(state=StudyState.PAUSED)
    assert watcher.tick() == 1


@pytest.mark.parametrize("page", ["", "data", "build", "train", "search"])
def test_no_page_has_a_timer_only_because_it_is_open(moving, page):
    watcher = Watcher(moving, page)
    assert watcher.session.timers == {}
    assert watcher.topics() == ["status"]


def test_whoever_asks_after_a_page_was_drawn_sees_at_least_what_the_page_showed(server, here, monkeypatch):
    monkeypatch.setattr(here.moments, "_clock", lambda: 5.0)
    run = submit(here.store, example(), owner="local")
    early = Watcher(server, "run", run=run.id)
    assert early.tick() == 0
    here.store.runs.request_stop(run.id)
    late = Watcher(server, "run", run=run.id)
    # Without the clock going on: what was kept for others must not make the new page's script run again.
    assert late.tick() == 0
    assert early.tick() == 1
