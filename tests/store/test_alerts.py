"""Alerts: each kind once for a run, seen by their owner, gone with the run."""

import pytest

from dlcore.records import RunState
from dlcore.records.alerts import AlertKind, Sign
from tests.store.samples import in_state, moved, queued

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
    assert [(one.run_name, one.sign) for one in store.alerts.latest(owner="ann")] == [
        ("own", FINISHED), ("own", OVERFITS)
    ]  # fmt: skip
    store.alerts.mark_seen(owner="ann", run_id=foreign.id)
    assert (store.alerts.count_unseen(owner="ann"), store.alerts.count_unseen(owner="eve")) == (2, 2)
    store.alerts.mark_seen(owner="ann", run_id=own.id)
    assert (store.alerts.count_unseen(owner="ann"), store.alerts.count_unseen(owner="eve")) == (0, 2)
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


def test_a_store_without_runs_at_work_has_no_news(store):
    moved(store, queued(store), RunState.STOPPED)
    assert (store.alerts.latest(owner="ann"), store.alerts.count_unseen(owner="ann")) == ([], 0)
