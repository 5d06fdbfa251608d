"""Watching costs no script run: a page of a live run draws once, and the feed does the rest."""

import json
import time
import urllib.request

import pytest
from websockets.sync.client import connect

from benchmarks.session import PROTOCOLS, SOCKET, Session, feed_path, open_page, take_all
from benchmarks.viewers import dashboard, live_run
from dlcore.queue import submit
from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.queue.studies import start
from dlcore.records import Axis, Metric, Origin, RunState, Scope, SeriesKey, StudyState, TrialState
from dlcore.search.spec import SearchSpec
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.web.moments import SECONDS
from tests.ports import reserved_port

LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
SPACE = {"training.optimizer.learning_rate": {"low": 1e-4, "high": 1e-1, "log": True}}


pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def port(home):
    """The dashboard as it is hosted; it trains nothing by itself."""
    with reserved_port() as found, dashboard(home, found):
        yield found


@pytest.fixture
def store(home, port):
    """The dashboard's store, empty again."""
    opened = Store.open(Settings(home=home))
    yield opened
    for study_id, _state in opened.studies.states():
        opened.studies.delete(study_id)
    for run in opened.runs.list(trials=True):
        opened.runs.delete(run)
    opened.close()


class Watcher:
    """A session on a page, and the requests that its browser would send."""

    def __init__(self, port, page, **query):
        self.session, self.url = Session(), f"http://127.0.0.1:{port}"
        with connect(f"ws://127.0.0.1:{port}{SOCKET}", subprotocols=PROTOCOLS, max_size=None) as socket:
            socket.send(open_page(page, **query))
            while not self.session.finished:
                self.session.take(socket.recv())
        assert not self.session.failed
        self.asks = self.session.asks()

    def tick(self):
        """One request; gives how many parts would make the page's script run."""
        time.sleep(1.2 * SECONDS)  # what was answered before is good for so long
        with urllib.request.urlopen(self.url + feed_path(self.asks), timeout=30) as answer:
            if answer.status == 200:
                take_all(self.asks, json.loads(answer.read()))
        return sum(ask.stale for ask in self.asks)

    def topics(self):
        return sorted(ask.what.partition(":")[0] for ask in self.asks)


@pytest.fixture
def study(store):
    """A running search with one trial at work."""
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    made = start(
        store, SearchSpec.from_dict({**example().to_dict(), "space": SPACE}), owner="local", name="s"
    )
    with store.studies.driving(made.id, me.id) as write:
        for number in range(2):
            params = {"training.optimizer.learning_rate": 0.01}
            write.add_trial(number, origin=Origin.SAMPLED, params=params, state=TrialState.RUNNING)
        write.set_trial(0, state=TrialState.COMPLETE, values=(0.5,))
        write.set_study(best=0, best_value=0.5)
    yield made.id, me.id
    store.workers.release(me.id)


def train(store, run, step):
    report_values = {"epoch": step, "step": step, "steps": 100, "seconds": 2.0 * step}
    metrics = [Metric(LOSS, step, 1 / step)]
    assert store.reports.write(run.id, run.attempt, report_values, metrics=metrics) is False


def test_a_live_run_costs_no_script_run_until_its_state_changes(port, store):
    run = live_run(store)
    train(store, run, 1)
    watcher = Watcher(port, "run", run=run.id)
    assert watcher.topics() == ["curves", "curves", "run", "status"]
    assert watcher.session.timers == {}

    for step in range(2, 8):
        train(store, run, step)
        before = [ask.since for ask in watcher.asks]
        assert watcher.tick() == 0
        after = [ask.since for ask in watcher.asks]
        changed = [ask.what for ask, was, now in zip(watcher.asks, before, after, strict=True) if was != now]
        curves = [f"curves:{run.id}:{axis}" for axis in ("batch", "time")]
        assert sorted(changed) == sorted([f"run:{run.id}", *curves])

    store.runs.move(store.runs.get(run.id), RunState.COMPLETED)
    assert watcher.tick() == 1
    assert Watcher(port, "run", run=run.id).tick() == 0


def test_the_list_of_runs_costs_no_script_run_until_one_comes_goes_or_changes_its_state(port, store):
    run = live_run(store)
    watcher = Watcher(port, "runs")
    assert watcher.topics() == ["experiments", "run", "status"]
    assert watcher.session.timers == {}
    for step in range(2, 5):
        train(store, run, step)
        assert watcher.tick() == 0

    submit(store, example(), owner="local")
    assert watcher.tick() == 1
    watcher = Watcher(port, "runs")
    assert watcher.tick() == 0
    store.runs.move(store.runs.get(run.id), RunState.STOPPED)
    assert watcher.tick() == 1  # the list; its cards do not add to that


def test_a_search_costs_no_script_run_until_a_trial_or_the_study_comes_to_another_state(port, store, study):
    study_id, driver = study
    watcher = Watcher(port, "study", study=study_id)
    assert watcher.topics() == ["status", "study", "trials", "trials_table"]
    assert watcher.session.timers == {}
    for epoch in range(1, 5):
        with store.studies.driving(study_id, driver) as write:
            write.set_trial(1, epoch=epoch)
        assert watcher.tick() == 0

    with store.studies.driving(study_id, driver) as write:
        write.set_trial(1, state=TrialState.COMPLETE, values=(0.7,))
    assert watcher.tick() == 1  # the table of trials
    watcher = Watcher(port, "study", study=study_id)
    with store.studies.driving(study_id, driver) as write:
        write.set_study(state=StudyState.PAUSED)
    assert watcher.tick() == 1  # the page with its buttons


def test_the_list_of_searches_costs_no_script_run_until_one_changes_its_state(port, store, study):
    study_id, driver = study
    watcher = Watcher(port, "runs")
    assert watcher.topics() == ["experiments", "status", "study"]
    assert watcher.session.timers == {}
    with store.studies.driving(study_id, driver) as write:
        write.set_trial(1, epoch=3)
    assert watcher.tick() == 0
    with store.studies.driving(study_id, driver) as write:
        write.set_study(state=StudyState.PAUSED)
    assert watcher.tick() == 1


@pytest.mark.parametrize("page", ["", "data", "build", "train", "search"])
def test_no_page_has_a_timer_only_because_it_is_open(port, page):
    watcher = Watcher(port, page)
    assert watcher.session.timers == {}
    assert watcher.topics() == ["status"]
