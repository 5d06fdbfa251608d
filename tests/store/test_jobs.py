"""What is asked for once is kept under what was asked."""

import os
import time

import pytest
from sqlalchemy import update

from dlcore.durable import write_json
from dlcore.errors import Message, NotFoundError
from dlcore.records import JobState, JobUnit
from dlcore.records.artifacts import RESULT_FILE
from dlcore.store.tables import jobs


def asked(store, number=1, owner="ann"):
    return store.jobs.request("preview", {"number": number, "other": [1, 2]}, owner=owner)


def done(store, number=1):
    job = asked(store, number)
    assert store.jobs.start(job)
    store.jobs.folder(job.id).mkdir(parents=True)
    write_json(store.jobs.folder(job.id) / RESULT_FILE, {"name": "it"})
    assert store.jobs.finish(job.id, 1)
    return store.jobs.get(job.id)


def test_the_same_question_is_the_same_job_whoever_asks(store):
    first = asked(store)
    again = store.jobs.request("preview", {"other": [1, 2], "number": 1}, owner="bob")
    assert again == first
    assert (first.state, first.owner, first.attempt) == (JobState.QUEUED, "ann", 0)
    assert asked(store, 2).id != first.id
    assert store.jobs.request("other", {"number": 1, "other": [1, 2]}, owner="ann").id != first.id


def test_of_two_that_ask_at_the_same_moment_both_get_the_job(store, monkeypatch):
    first = asked(store)
    with monkeypatch.context() as moment:
        moment.setattr(type(store.jobs), "find", lambda self, job_id: None)
        moment.setattr(type(store.jobs), "get", lambda self, job_id: job_id)
        assert asked(store, owner="bob") == first.id
    assert asked(store) == first


def test_an_answer_is_kept(store):
    job = done(store)
    assert job.state is JobState.DONE
    assert asked(store) == job


def test_of_two_that_start_a_job_one_wins(store):
    job = asked(store)
    assert [store.jobs.start(job), store.jobs.start(job)] == [True, False]


def test_only_the_latest_attempt_may_finish_a_job(store):
    job = asked(store)
    store.jobs.start(job)
    store.jobs.put_back(store.jobs.get(job.id), lost_count=1)
    store.jobs.start(store.jobs.get(job.id))
    assert not store.jobs.finish(job.id, 1, Message("late."))
    assert store.jobs.finish(job.id, 2)
    assert store.jobs.get(job.id).reason is None


def test_only_the_latest_attempt_tells_how_far_a_job_is_and_another_begins_anew(store):
    job = asked(store)
    store.jobs.start(job)
    assert store.jobs.report(job.id, 1, 3, 12, JobUnit.FILES)
    seen = store.jobs.get(job.id)
    assert (seen.done, seen.total, seen.unit, seen.share) == (3, 12, JobUnit.FILES, 0.25)
    store.jobs.put_back(seen, lost_count=1)
    assert not store.jobs.report(job.id, 1, 4, 12, JobUnit.FILES)
    seen = store.jobs.get(job.id)
    assert (seen.done, seen.total, seen.share, seen.lost_count) == (0, 0, None, 1)


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_runs_is_asked_to_end(store):
    waits, runs, ended = asked(store, 1), asked(store, 2), done(store, 3)
    store.jobs.start(runs)
    assert [store.jobs.request_cancel(job.id) for job in (waits, runs, ended)] == [True, True, False]
    assert store.jobs.get(waits.id).state is JobState.CANCELLED
    assert store.jobs.get(runs.id).state is JobState.RUNNING
    assert store.jobs.get(runs.id).cancel_requested
    assert not store.jobs.get(ended.id).cancel_requested


def test_what_has_ended_is_done_again_only_when_asked(store):
    job = asked(store)
    store.jobs.start(job)
    store.jobs.report(job.id, 1, 3, 12, JobUnit.FILES)
    store.jobs.finish(job.id, 1, Message("no."))
    assert asked(store).state is JobState.FAILED
    again = store.jobs.request("preview", job.arguments, owner="ann", again=True)
    assert (again.state, again.attempt, again.reason, again.done) == (JobState.QUEUED, 1, None, 0)
    assert store.jobs.request("preview", job.arguments, owner="ann", again=True) == again


@pytest.mark.parametrize("content", [None, b"{"], ids=["gone", "damaged"])
def test_what_has_lost_its_result_is_done_again(store, content):
    job = done(store)
    file = store.jobs.folder(job.id) / RESULT_FILE
    file.unlink() if content is None else file.write_bytes(content)
    again = asked(store)
    assert (again.id, again.state, again.attempt) == (job.id, JobState.QUEUED, 1)


def test_the_result_of_a_job_is_there_until_it_is_swept(store):
    job = done(store)
    assert store.jobs.result(job) == {"name": "it"}
    store.jobs.sweep(before=time.time() + 1)
    with pytest.raises(NotFoundError):
        store.jobs.result(job)


def test_what_killed_processes_have_left_is_swept(store):
    old, new = (store.jobs.part(asked(store, number)) for number in (1, 2))
    for part in (old, new):
        part.mkdir(parents=True)
    os.utime(old, (0, 0))
    store.jobs.sweep(before=time.time() - 3600)
    assert (old.exists(), new.exists()) == (False, True)


def test_unfinished_jobs_come_newest_first(store):
    old, new, ended = asked(store, 1), asked(store, 2), done(store, 3)
    with store.database.write() as connection:
        connection.execute(update(jobs).where(jobs.c.id == old.id).values(created_at=5.0))
    assert [job.id for job in store.jobs.unfinished()] == [new.id, old.id]
    assert ended.state.final


def test_only_what_waits_can_be_taken_back(store):
    waits, runs = asked(store, 1), asked(store, 2)
    store.jobs.start(runs)
    for job in (waits, runs):
        store.jobs.withdraw(job.id)
    assert store.jobs.find(waits.id) is None
    assert store.jobs.find(runs.id).state is JobState.RUNNING


def test_old_results_are_swept_with_their_files(store):
    old, new = done(store, 1), done(store, 2)
    waits = asked(store, 3)
    with store.database.write() as connection:
        connection.execute(update(jobs).where(jobs.c.id == old.id).values(finished_at=5.0))
    assert store.jobs.sweep(before=time.time() - 3600) == 1
    assert not store.jobs.folder(old.id).exists()
    assert (store.jobs.folder(new.id) / RESULT_FILE).exists()
    assert store.jobs.find(old.id) is None
    assert store.jobs.get(waits.id).state is JobState.QUEUED


@pytest.mark.parametrize("job_id", ["feed", "../../../../etc/passwd", ""])
def test_a_job_that_is_not_there_is_said_plainly(store, job_id):
    with pytest.raises(NotFoundError, match="there is no job"):
        store.jobs.get(job_id)
    with pytest.raises(NotFoundError, match="there is no job"):
        store.jobs.folder(job_id)
