"""Alerts: each kind once for a run, seen by their owner, gone with the run."""

import pytest

from dlcore.queue.processes import own_identity
from dlcore.records import RunState, StudyState
from dlcore.records.alerts import AlertKind, Sign
from tests.store.samples import in_state, moved, of_trial, queued
from tests.store.test_annotations import STUDY

OVERFITS = Sign(AlertKind.OVERFITTING, 7)
FINISHED = Sign(AlertKind.FINISHED)


def test_a_kind_is_kept_once_for_a_run(store):
    run, other = queued(store), queued(store)
    assert store.alerts.add(run.id, OVERFITS)
    assert not store.alerts.add(run.id, Sign(AlertKind.OVERFITTING, 8))
    assert store.alerts.add(run.id, FINISHED)
    assert store.alerts.add(other.id, OVERFITS)
    assert [alert.sign for alert in store.alerts.of_run(run.id)] == [OVERFITS, FINISHED]


def test_a_run_that_is_gone_has_none(store):
    run = in_state(store, RunState.COMPLETED)
    assert store.alerts.add(run.id, FINISHED)
    store.runs.delete(run)
    assert store.alerts.of_run(run.id) == []
    assert not store.alerts.add(run.id, FINISHED)


def test_the_owner_alone_sees_alerts_and_marks_them(store):
    own, foreign = queued(store, name="own"), queued(store, owner="eve")
    for run in (own, foreign):
        store.alerts.add(run.id, OVERFITS)
        store.alerts.add(run.id, FINISHED)
    assert [(one.name, one.sign) for one in store.alerts.latest(owner="ann")] == [
        ("own", FINISHED), ("own", OVERFITS)
    ]  # fmt: skip
    store.alerts.mark_seen(owner="ann", item_id=foreign.id)
    assert (store.alerts.count_unseen(owner="ann"), store.alerts.count_unseen(owner="eve")) == (2, 2)
    assert store.alerts.unseen() == {"ann": 2, "eve": 2}
    store.alerts.mark_seen(owner="ann", item_id=own.id)
    assert (store.alerts.count_unseen(owner="ann"), store.alerts.count_unseen(owner="eve")) == (0, 2)
    assert store.alerts.unseen() == {"eve": 2}
    assert all(alert.seen for alert in store.alerts.latest(owner="ann"))
    store.alerts.mark_seen(owner="eve")
    assert store.alerts.count_unseen(owner="eve") == 0


def test_what_does_not_hold_any_more_is_forgotten(store):
    run = queued(store)
    for sign in (OVERFITS, FINISHED):
        store.alerts.add(run.id, sign)
    store.alerts.forget(run.id, [AlertKind.FINISHED, AlertKind.FAILED])
    assert [alert.sign for alert in store.alerts.of_run(run.id)] == [OVERFITS]
    assert store.alerts.add(run.id, FINISHED)


@pytest.mark.parametrize("state", [RunState.COMPLETED, RunState.FAILED, RunState.STOPPED, RunState.RUNNING])
def test_runs_that_have_ended_are_found_until_that_is_said(store, state):
    run = in_state(store, state)
    since = run.created_at.timestamp()
    found = [one.id for one in store.alerts.ended_without(since=since)]
    assert found == ([run.id] if state in (RunState.COMPLETED, RunState.FAILED) else [])
    assert store.alerts.ended_without(since=since + 3600) == []
    store.alerts.add(run.id, Sign(AlertKind.FINISHED if state is RunState.COMPLETED else AlertKind.FAILED))
    assert store.alerts.ended_without(since=since) == []


def searched(store, trials, state=RunState.FAILED):
    """A search of ann's, and the runs of its trials."""
    study = store.studies.create(**STUDY, name="search")
    made = [of_trial(store, study, number) for number in range(trials)]
    return study, [moved(store, run, RunState.STARTING, state) for run in made]


def test_what_trials_show_is_one_alert_of_their_study_with_the_count(store):
    study, runs = searched(store, 3)
    told = [store.alerts.add(run.id, Sign(AlertKind.NAN, epoch)) for epoch, run in enumerate(runs, start=1)]
    assert [one and (one.about, one.item_id, one.sign) for one in told] == [
        ("search", study.id, Sign(AlertKind.NAN, trials=1)), None, None
    ]  # fmt: skip
    (listed,) = store.alerts.latest(owner="ann")
    assert (listed.name, listed.sign) == ("search", Sign(AlertKind.NAN, trials=3))
    assert listed.sign.sentence.text() == "Trials whose loss was no longer a finite number: 3."
    assert store.alerts.count_unseen(owner="ann") == 1
    assert [alert.sign for alert in store.alerts.of_run(runs[1].id)] == [Sign(AlertKind.NAN, 2)]
    store.alerts.mark_seen(owner="ann", item_id=study.id)
    assert store.alerts.count_unseen(owner="ann") == 0


def test_further_trials_are_counted_without_being_new_again(store):
    study, runs = searched(store, 2)
    store.alerts.add(runs[0].id, Sign(AlertKind.DIVERGENCE, 2))
    store.alerts.mark_seen(owner="ann")
    assert store.alerts.add(runs[1].id, Sign(AlertKind.DIVERGENCE, 4)) is None
    assert [(one.sign.trials, one.seen) for one in store.alerts.of_study(study.id)] == [(2, True)]


def test_of_trials_those_that_failed_are_found_until_it_is_said_why(store):
    _study, runs = searched(store, 2)
    _other, completed = searched(store, 1, RunState.STOPPED)
    since = runs[0].created_at.timestamp()
    assert {run.id for run in store.alerts.ended_without(since=since)} == {run.id for run in runs}
    store.alerts.add(runs[0].id, Sign(AlertKind.NAN, 2))
    store.alerts.add(runs[1].id, Sign(AlertKind.FAILED))
    assert store.alerts.ended_without(since=since) == []
    assert completed[0].state is RunState.STOPPED


def test_a_study_that_rests_is_found_until_that_is_said_and_again_after_it_went_on(store):
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    study, _runs = searched(store, 1)
    since = study.created_at.timestamp()
    for state, kind in ((StudyState.COMPLETED, AlertKind.FINISHED), (StudyState.PAUSED, AlertKind.PAUSED)):
        with store.studies.driving(study.id, me.id) as write:
            write.set_study(state=state)
        assert [one.id for one in store.alerts.resting_without(since=since)] == [study.id]
        told = store.alerts.add_to_study(study.id, Sign(kind))
        assert (told.name, told.sign, told.seen) == ("search", Sign(kind), False)
        assert store.alerts.add_to_study(study.id, Sign(kind)) is None
        assert store.alerts.resting_without(since=since) == []
        with store.studies.driving(study.id, me.id) as write:
            write.set_study(state=StudyState.RUNNING)
        assert store.alerts.of_study(study.id) == []


def test_the_alerts_of_a_study_go_with_it(store):
    study, runs = searched(store, 2)
    store.alerts.add(runs[0].id, Sign(AlertKind.NAN, 2))
    store.studies.delete(study.id)
    assert store.alerts.latest(owner="ann") == []
    assert store.alerts.add_to_study(study.id, FINISHED) is None


def test_a_number_is_not_used_again_once_its_alert_is_forgotten(store):
    run = queued(store)
    first = store.alerts.add(run.id, Sign(AlertKind.FAILED))
    store.alerts.forget(run.id, [AlertKind.FAILED])
    assert store.alerts.add(run.id, FINISHED).number > first.number


def test_a_store_without_runs_at_work_has_no_news(store):
    moved(store, queued(store), RunState.STOPPED)
    assert (store.alerts.latest(owner="ann"), store.alerts.count_unseen(owner="ann")) == ([], 0)
