"""How much is in a store."""

from datetime import UTC, datetime

from dlcore.records import JobState, RunState
from dlcore.store.census import take_census
from tests.store.samples import in_state, moved, queued_at


def test_an_empty_store_has_nothing_in_any_state(store):
    census = take_census(store.database)
    assert census.runs == dict.fromkeys(RunState, 0)
    assert census.jobs == dict.fromkeys(JobState, 0)
    assert census.oldest_queued_at is None


def test_runs_and_jobs_of_all_owners_are_counted_by_state(store):
    for owner in ("ann", "bob"):
        in_state(store, RunState.RUNNING, owner=owner)
        job = store.jobs.request("preview", {"of": owner}, owner=owner)
    in_state(store, RunState.FAILED)
    store.jobs.start(job)

    census = take_census(store.database)

    assert {state: count for state, count in census.runs.items() if count} == {
        RunState.RUNNING: 2, RunState.FAILED: 1,
    }  # fmt: skip
    assert {state: count for state, count in census.jobs.items() if count} == {
        JobState.QUEUED: 1, JobState.RUNNING: 1,
    }  # fmt: skip


def test_the_run_that_waits_longest_says_since_when(store):
    queued_at(store, 2_000.0, 1_000.0, 3_000.0, 10.0)
    (first, *_others) = store.queue.waiting()
    moved(store, first, RunState.STARTING)

    assert take_census(store.database).oldest_queued_at == datetime.fromtimestamp(1_000.0, UTC)
