"""The watch over runs: each sign is noted once and passed on once, and a resumed run's end is news again."""

import pytest

from dlcore.queue import resume
from dlcore.records import Axis, Metric, RunState, Scope, SeriesKey
from dlcore.records.alerts import AlertKind, Sign
from dlcore.worker.alerts import AlertWatch
from tests.store.samples import at_work, moved, report
from tests.waiting import wait_for

TRAIN, VALIDATION = (SeriesKey("loss", scope, Axis.EPOCH) for scope in (Scope.TRAIN, Scope.VALIDATION))
OVERFITS = [1.0, 0.9, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9]


@pytest.fixture
def sent():
    return []


@pytest.fixture
def watch(store, sent):
    return AlertWatch(store, send=lambda run, sign: sent.append((run.name, sign)), log=print)


def learn(store, run, epoch):
    """The run after another epoch, in which only its training part gets better."""
    report(store, run, Metric(TRAIN, epoch, 1 / epoch), Metric(VALIDATION, epoch, OVERFITS[epoch - 1]))
    assert store.reports.write(run.id, run.attempt, {"epoch": epoch}) is False


def test_a_sign_is_noted_and_passed_on_once_in_the_epoch_in_which_it_shows(store, watch, sent):
    run = at_work(store, name="steep", epochs=9)
    for epoch in range(1, 9):
        assert sent == []
        learn(store, run, epoch)
        watch.tick()
        watch.tick()
    assert sent == [("steep", Sign(AlertKind.OVERFITTING, 3))]
    moved(store, store.runs.get(run.id), RunState.COMPLETED)
    watch.tick()
    watch.tick()
    assert sent[1:] == [("steep", Sign(AlertKind.FINISHED))]
    assert [alert.sign for alert in store.alerts.of_run(run.id)] == [sign for _name, sign in sent]


def test_the_end_of_a_run_that_was_resumed_is_news_again(store, watch, sent):
    run = moved(store, at_work(store, owner="ann"), RunState.FAILED)
    watch.tick()
    again = resume(store, run.id, actor="ann")
    assert store.alerts.of_run(run.id) == []
    moved(store, again, RunState.STARTING, RunState.RUNNING, RunState.COMPLETED)
    watch.tick()
    assert [sign.kind for _name, sign in sent] == [AlertKind.FAILED, AlertKind.FINISHED]


def test_what_is_stopped_by_somebody_is_no_news(store, watch, sent):
    moved(store, at_work(store), RunState.STOPPED)
    watch.tick()
    assert sent == []


def test_alerts_are_noted_where_nobody_is_told(store):
    run = moved(store, at_work(store), RunState.COMPLETED)
    AlertWatch(store, send=None, log=print).tick()
    assert [alert.sign.kind for alert in store.alerts.of_run(run.id)] == [AlertKind.FINISHED]


def test_a_bug_in_the_watch_is_told_and_does_not_end_it(store):
    lines, run = [], moved(store, at_work(store), RunState.COMPLETED)

    def fail(run, sign):
        raise RuntimeError("a bug")

    watch = AlertWatch(store, send=fail, log=lines.append)
    watch.start("me")
    wait_for(lambda: lines)
    assert watch.alive
    watch.close()
    assert not watch.alive
    assert "RuntimeError: a bug" in lines[0]
    assert [alert.run_id for alert in store.alerts.latest(owner=run.owner)] == [run.id]
