"""The watch over runs: each sign is noted once and passed on once, and a resumed run's end is news again."""

import pytest

from dlcore.access.actors import Actor
from dlcore.errors import Message
from dlcore.queue import resume
from dlcore.queue.processes import own_identity
from dlcore.records import Axis, Metric, RunState, Scope, SeriesKey, StudyState
from dlcore.records.alerts import NOT_FINITE, AlertKind, Sign
from dlcore.records.studies import PAUSED_BY_HAND
from dlcore.worker.alerts import AlertWatch
from tests.store.samples import at_work, moved, of_trial, report
from tests.store.test_annotations import STUDY
from tests.waiting import wait_for

TRAIN, VALIDATION = (SeriesKey("loss", scope, Axis.EPOCH) for scope in (Scope.TRAIN, Scope.VALIDATION))
OVERFITS = [1.0, 0.9, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9]


@pytest.fixture
def sent():
    return []


@pytest.fixture
def watch(store, sent):
    return AlertWatch(store, send=lambda about, sign: sent.append((about.name, sign)), log=print)


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
    again = resume(store, run.id, actor=Actor("ann"))
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
    assert [alert.item_id for alert in store.alerts.latest(owner=run.owner)] == [run.id]


def trial(store, study, number, *states, reason=None):
    run = moved(store, of_trial(store, study, number), RunState.STARTING, RunState.RUNNING)
    return moved(store, run, *states, reason=reason) if states else run


def test_many_trials_that_go_wrong_are_one_alert_of_their_study(store, watch, sent):
    study = store.studies.create(**STUDY, name="widths")
    reason = Message(NOT_FINITE, params={"step": 3, "epoch": 2})
    for number in range(5):
        trial(store, study, number, RunState.FAILED, reason=reason if number else None)
        watch.tick()
    watch.tick()
    assert sent == [
        ("widths", Sign(AlertKind.FAILED, trials=1)), ("widths", Sign(AlertKind.NAN, trials=1))
    ]  # fmt: skip
    assert [alert.sign for alert in store.alerts.of_study(study.id)] == [
        Sign(AlertKind.FAILED, trials=1), Sign(AlertKind.NAN, trials=4)
    ]  # fmt: skip


def test_a_trial_that_diverges_is_told_by_its_study_and_how_well_it_learns_is_not(store, watch, sent):
    study = store.studies.create(**STUDY, name="widths")
    diverges, overfits = trial(store, study, 0), trial(store, study, 1)
    for epoch in range(1, 9):
        report(store, diverges, Metric(TRAIN, epoch, float(epoch)))
        store.reports.write(diverges.id, diverges.attempt, {"epoch": epoch})
        learn(store, overfits, epoch)
        watch.tick()
    assert sent == [("widths", Sign(AlertKind.DIVERGENCE, trials=1))]
    assert [alert.sign for alert in store.alerts.of_run(diverges.id)] == [Sign(AlertKind.DIVERGENCE, 2)]


@pytest.mark.parametrize(
    ("state", "reason", "kinds"),
    [
        (StudyState.COMPLETED, None, [AlertKind.FINISHED]),
        (StudyState.PAUSED, "3 trials in a row failed.", [AlertKind.PAUSED]),
        (StudyState.PAUSED, PAUSED_BY_HAND, []),
        (StudyState.STOPPED, None, []),
    ],
)
def test_a_study_that_rests_by_itself_is_told_once(store, watch, sent, state, reason, kinds):
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    study = store.studies.create(**STUDY, name="widths")
    with store.studies.driving(study.id, me.id) as write:
        write.set_study(state=state, reason=reason and Message(reason))
    watch.tick()
    watch.tick()
    assert sent == [("widths", Sign(kind)) for kind in kinds]
