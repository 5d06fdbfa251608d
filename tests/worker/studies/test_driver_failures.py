"""The study driver when something fails: what it survives, what it reports, and what goes on."""

import optuna
import pytest

from dlcore.access.actors import Actor
from dlcore.errors import (
    LeaseLostError,
    Message,
    NotFoundError,
    SpecError,
    StateError,
    StoreError,
)
from dlcore.queue import studies as requests
from dlcore.records import RunState, StudyState
from dlcore.store import Identity
from dlcore.worker.supervisor import LOST_TOO_OFTEN
from tests.search.runs import World, in_optuna, near_a_tenth
from tests.waiting import wait_for


@pytest.mark.parametrize("sampler", ["RandomSampler", "TPESampler", "QMCSampler"])
def test_a_driver_that_dies_after_every_step_changes_nothing(store, sampler):
    world = World(store, near_a_tenth)
    study = world.begin(epochs=1, max_trials=12, sampler=sampler)
    for _ in range(300):
        world.restart()
        world.tick()
        for run in world.queued():
            world.train(run)
        if world.study(study).state is StudyState.COMPLETED:
            break
    assert world.states(study) == ["complete"] * 12
    again = world.begin(epochs=1, max_trials=12, sampler=sampler)
    world.finish(again)
    assert [t.params for t in world.trials(again)] == [t.params for t in world.trials(study)]


def test_whichever_write_the_driver_dies_before_nothing_is_lost_or_doubled(store, monkeypatch):
    world, writes, died = World(store, near_a_tenth), {"left": 0}, set()
    driving = store.studies.driving

    def mortal(study_id, worker_id):
        writes["left"] -= 1
        if writes["left"] == 0:
            raise LeaseLostError("died.")
        return driving(study_id, worker_id)

    study = world.begin(max_trials=12, parallel=2)
    monkeypatch.setattr(type(store.studies), "driving", lambda self, s, w: mortal(s, w))
    for number in range(600):
        writes["left"] = 1 + number % 7
        try:
            for _ in range(2):
                world.tick()
                for run in world.unfinished(study):
                    world.train(run)
        except LeaseLostError:
            died.add(1 + number % 7)
            world.restart()
        if world.study(study).state is StudyState.COMPLETED:
            break
    assert died == {1, 2, 3, 4, 5, 6, 7}
    assert world.states(study) == ["complete"] * 12
    assert [trial.number for trial in world.trials(study)] == list(range(12))
    assert len(store.runs.list(study=study.id, limit=100)) == 12
    assert [t.state.name for t in in_optuna(world, study)] == ["COMPLETE"] * 12


def test_a_study_that_cannot_be_driven_pauses_and_leaves_the_others_alone(world):
    broken, fine = world.begin(max_trials=1), world.begin(max_trials=1)
    world.restart()
    with world.store.studies.driving(broken.id, world.me.id) as write:
        write.set_study(spec={**broken.spec, "dataset": {"name": "gone"}})
    ended = world.finish(fine)
    assert ended.state is StudyState.COMPLETED
    paused = world.study(broken)
    assert paused.state is StudyState.PAUSED
    assert "there is no dataset 'gone'" in paused.reason.text()


def test_a_storage_that_cannot_be_written_is_tried_again_and_pauses_nothing(world, monkeypatch):
    study = world.begin(max_trials=2)
    full = optuna.exceptions.StorageInternalError("the disk is full")

    def fails(*arguments, **named):
        raise full

    with monkeypatch.context() as broken:
        broken.setattr("optuna.study.Study.tell", fails)
        with pytest.raises(StoreError, match="Optuna's storage cannot be read or written: the disk is full"):
            world.finish(study)
    assert world.study(study).state is StudyState.RUNNING
    assert world.finish(study).finished == 2


def test_a_driver_that_has_ended_leaves_optunas_storage_in_one_file(world):
    study = world.begin(max_trials=1)
    world.finish(study)
    log = world.store.settings.home / "optuna.sqlite-wal"
    assert log.stat().st_size > 0
    world.driver.close()
    assert log.stat().st_size == 0
    assert len(in_optuna(world, study)) == 1


def killed_too_often(world, run):
    reason = Message(LOST_TOO_OFTEN, params={"count": 3, "why": ""})
    assert world.store.runs.move(run, RunState.FAILED, reason=reason)


@pytest.mark.parametrize("lost", [StateError("somebody was quicker."), NotFoundError("it was deleted.")])
def test_a_race_for_a_run_that_the_driver_loses_ends_nothing(world, monkeypatch, lost):
    study, other = world.begin(max_trials=1), world.begin(max_trials=1)
    (run, _) = world.queued()
    killed_too_often(world, run)

    def resumed_by_somebody_else(store, run_id, *, actor):
        store.runs.move(store.runs.get(run_id), RunState.QUEUED, reason=None)
        raise lost

    monkeypatch.setattr("dlcore.worker.studies.study_loop.resume", resumed_by_somebody_else)
    world.tick()
    for one in (study, other):
        ended = world.finish(one)
        assert (ended.state, world.states(one)) == (StudyState.COMPLETED, ["complete"])


def test_what_cannot_be_done_is_said_in_its_study_and_not_tried_again(world, monkeypatch):
    study, other = world.begin(max_trials=2), world.begin(max_trials=1)

    def never(self, params, origin, key):
        raise StateError("it is too late.")

    with monkeypatch.context() as broken:
        broken.setattr("dlcore.worker.studies.study_loop.StudyAtWork.enqueue", never)
        requests.add_trial(
            world.store, study.id, {"training.optimizer.learning_rate": 0.5}, actor=Actor("ada")
        )
        world.tick()
    assert world.store.studies.requests(study.id) == []
    assert world.study(study).state is StudyState.RUNNING
    assert world.study(study).reason.text() == "it could not add a trial: it is too late."
    assert world.study(other).reason is None
    assert [world.finish(one).state for one in (study, other)] == [StudyState.COMPLETED] * 2


def test_a_bug_in_what_was_asked_pauses_nothing_either(world, monkeypatch):
    study = world.begin(max_trials=2)
    with monkeypatch.context() as broken:
        broken.setattr("dlcore.worker.studies.study_loop.StudyAtWork.set_bad", lambda *arguments: 1 / 0)
        requests.mark(world.store, study.id, 0, bad=True, actor=Actor("ada"))
        world.tick()
    assert world.study(study).reason.text() == (
        "it could not mark a trial: an unexpected error: ZeroDivisionError: division by zero. "
        "The worker's log has the details."
    )
    assert "ZeroDivisionError" in "".join(world.lines)
    assert world.finish(study).state is StudyState.COMPLETED


def test_a_store_that_refuses_one_study_keeps_no_other_from_its_own(world, monkeypatch):
    first, second = world.begin(max_trials=1), world.begin(max_trials=1)
    driving = type(world.store.studies).driving

    def refused(self, study_id, worker_id):
        if study_id == first.id:
            raise StoreError("it refuses.")
        return driving(self, study_id, worker_id)

    with monkeypatch.context() as broken:
        broken.setattr(type(world.store.studies), "driving", refused)
        for run in world.queued():
            world.train(run, epochs=3)
        with pytest.raises(StoreError, match="it refuses"):
            world.tick()
        assert world.study(second).state is StudyState.COMPLETED
        assert world.study(first).state is StudyState.RUNNING
    assert world.finish(first).state is StudyState.COMPLETED


def test_a_study_that_could_not_be_paused_is_driven_again(world, monkeypatch):
    study = world.begin(max_trials=1)
    world.restart()

    def fail(*arguments, **named):
        raise SpecError("it is odd.")

    def full(*arguments):
        raise StoreError("the disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr("dlcore.worker.studies.driver.StudyAtWork", fail)
        broken.setattr(type(world.store.studies), "driving", full)
        with pytest.raises(StoreError, match="the disk is full"):
            world.tick()
    assert world.finish(study).state is StudyState.COMPLETED


def test_a_study_that_still_cannot_be_driven_when_it_is_to_go_on_pauses_once_more(world, monkeypatch):
    study = world.begin(max_trials=1)
    world.restart()

    def fail(*arguments, **named):
        raise SpecError("it is odd.")

    with monkeypatch.context() as broken:
        broken.setattr("dlcore.worker.studies.driver.StudyAtWork", fail)
        for _ in range(2):
            world.tick()
            assert world.study(study).reason.text() == "it is odd."
            requests.resume(world.store, study.id, actor=Actor("ada"))
            world.tick()
            assert world.store.studies.requests(study.id) == []
        world.lines.clear()
        world.tick()
        assert world.lines == []
    requests.resume(world.store, study.id, actor=Actor("ada"))
    assert world.finish(study).state is StudyState.COMPLETED


@pytest.fixture
def driving(world):
    """Ends the thread of the driver with the test."""
    yield
    world.driver.close()


def test_a_driver_that_broke_says_so_and_goes_on_when_it_is_started_again(world, monkeypatch, driving):
    study = world.begin(max_trials=1)
    (run,) = world.queued()
    world.train(run, epochs=1)
    with monkeypatch.context() as broken:
        broken.setattr(type(world.store.studies), "alive", lambda self: 1 / 0)
        world.driver.start(world.me.id)
        wait_for(lambda: not world.driver.alive)
    assert world.driver.trouble.text() == (
        "an unexpected error: ZeroDivisionError: division by zero. The worker's log has the details."
    )
    world.driver.start(world.me.id)
    wait_for(lambda: world.driver.trouble is None)
    world.train(world.store.runs.get(run.id), epochs=2)
    wait_for(lambda: world.study(study).state is StudyState.COMPLETED)
    assert world.driver.alive


def test_a_driver_whose_supervisor_was_replaced_leaves(world, driving):
    world.begin(max_trials=1)
    (run,) = world.queued()
    world.driver.start(world.me.id)
    new = Identity("new", "here", 1, "boot:1")
    assert world.store.workers.acquire(new, slots=1, lost_seconds=15.0, is_gone=lambda who: True)
    world.train(run, epochs=1)
    wait_for(lambda: not world.driver.alive)
    assert world.driver.trouble is None
    assert "another supervisor has taken over." in world.lines[-1]
