"""When runs end and begin is told by runs on the same hardware, and by no others."""

from dataclasses import replace

import pytest

from dlcore.design.reference import CPU
from dlcore.design.speeds import Span
from dlcore.design.timing import Stage
from dlcore.queue import submit
from dlcore.queue.forecasts import Forecasts, study_left
from dlcore.queue.slots import Slots
from dlcore.records import RunState, TrialState
from tests.plots.studies.making import study, trial
from tests.queue.timed import SLOTS, SPEC, STEPS, at_work, done, load_of, whole
from tests.store.samples import moved


@pytest.fixture
def forecasts(store):
    return Forecasts(store, SLOTS)


def expected(forecast):
    assert forecast is not None
    return forecast.span.expected


def new(store, forecasts, device="auto"):
    """The forecast of a run that would be queued now."""
    run = submit(store, SPEC, owner="ann")
    store.runs.delete(moved(store, run, RunState.STOPPED))
    return forecasts.new(load_of(run), device, 5)


def test_nothing_is_said_before_a_run_has_trained(store, forecasts):
    assert new(store, forecasts) is None
    at_work(store)
    assert new(store, forecasts) is None
    assert forecasts.wait(place=1) is None


def test_a_run_like_an_earlier_one_takes_as_long(store, forecasts):
    seconds = done(store, 20.0)

    found = new(store, forecasts)

    assert expected(found) == pytest.approx(seconds, rel=0.1)
    assert found.span.low < seconds < found.span.high


@pytest.mark.parametrize("other", [Slots(2, 0, cores=4), Slots(1, 0, cores=8)])
def test_runs_on_other_shares_of_the_cores_tell_nothing(store, forecasts, other):
    done(store, 500.0, slots=other)
    assert new(store, forecasts) is None

    seconds = done(store)
    assert expected(new(store, forecasts)) == pytest.approx(seconds, rel=0.1)


def test_runs_on_a_gpu_tell_nothing_of_the_cpu(store):
    forecasts = Forecasts(store, Slots(1, 1, cores=4))
    done(store, 0.01, slots=Slots(1, 1, cores=4), device="gpu:0")

    assert new(store, forecasts, "cpu") is None
    assert new(store, forecasts, "auto") is not None
    assert new(store, forecasts, "gpu:1") is None


def test_what_another_version_has_kept_is_passed_over(store, forecasts):
    run = at_work(store, timing=lambda load: whole(load, 1.0))
    store.runs.move(run, RunState.COMPLETED, workload={"version": 0, "flops": 3})

    assert new(store, forecasts) is None


def test_the_time_left_of_a_run_counts_what_is_left(store, forecasts):
    # Ten times as slow as the machine was before; it knows of itself.
    done(store)
    run = at_work(store, timing=lambda load: whole(load, 10.0, epochs=4), epoch=4, step=4 * STEPS, steps=5 * STEPS,
                  first_batch_at=1.0)  # fmt: skip
    load = load_of(run)
    stages = (STEPS, Stage.STEPS), (1, Stage.VALIDATION), (1, Stage.EPOCHS), (1, Stage.ENDING)
    left = 10 * sum(count * CPU.seconds(stage, load, 0) for count, stage in stages)

    # The end it has not come to yet: that is known only from the other.
    assert left / 2 < expected(forecasts.run(run)) < left * 1.2


def test_a_run_that_is_resumed_has_its_start_before_it_again(store, forecasts):
    seconds = done(store)
    run = submit(store, SPEC, owner="ann")
    whole_run = expected(forecasts.run(run))
    run = moved(store, run, RunState.STOPPED)
    run = moved(store, run, RunState.QUEUED, epochs=20, epoch=15)

    assert whole_run == pytest.approx(seconds, rel=0.1)
    assert expected(forecasts.run(run)) == pytest.approx(seconds, rel=0.1)


def test_an_ended_run_has_no_time_left(store, forecasts):
    done(store)
    run = moved(store, at_work(store), RunState.COMPLETED)

    assert forecasts.run(run) is None


def test_without_anything_before_it_a_run_begins_at_once(store, forecasts):
    found = forecasts.wait(place=1)

    assert (found.expected, found.high) == (0.0, 0.0)


def test_a_run_waits_for_all_before_it(store, forecasts):
    seconds = done(store)
    at_work(store)
    for _ in range(3):
        submit(store, SPEC, owner="ann")

    # Those at work and before it in the queue.
    assert forecasts.wait(place=1).expected == pytest.approx(seconds, rel=0.1)
    assert forecasts.wait(place=3).expected == pytest.approx(3 * seconds, rel=0.1)
    assert forecasts.wait(place=4).expected == pytest.approx(4 * seconds, rel=0.1)


def test_with_two_slots_it_waits_for_half_of_them(store):
    slots = Slots(2, 0, cores=4)
    forecasts, seconds = Forecasts(store, slots), done(store, slots=slots)
    at_work(store, slots=slots)
    for _ in range(3):
        submit(store, SPEC, owner="ann")

    assert forecasts.wait(place=4).expected == pytest.approx(2 * seconds, rel=0.1)


def test_behind_a_run_of_which_nothing_is_known_nothing_is_said(store, forecasts):
    done(store)
    run = submit(store, SPEC, owner="ann")
    store.runs.move(moved(store, run, RunState.STOPPED), RunState.QUEUED, workload={})

    assert forecasts.wait(place=2) is None


@pytest.mark.parametrize("slots", [SLOTS, Slots(2, 0, cores=4)])
def test_the_waits_of_all_are_those_of_each(store, slots):
    forecasts = Forecasts(store, slots)
    done(store, slots=slots)
    at_work(store, slots=slots)
    for _ in range(4):
        submit(store, SPEC, owner="ann")
    waiting = store.queue.waiting()

    assert forecasts.waits(store.runs.active(), waiting) == [forecasts.wait(place) for place in (1, 2, 3, 4)]
    store.runs.move(moved(store, waiting[1], RunState.STOPPED), RunState.QUEUED, workload={}, queued_at=0.0)
    found = forecasts.waits(store.runs.active(), store.queue.waiting())
    assert [wait is None for wait in found] == [False, True, True, True]


def test_nothing_is_said_of_any_wait_behind_a_run_at_work_of_which_nothing_is_known(store, forecasts):
    at_work(store)
    submit(store, SPEC, owner="ann")

    assert forecasts.waits(store.runs.active(), store.queue.waiting()) == [None]
    assert forecasts.waits([], []) == []


def test_watching_learns_once_in_a_while(store):
    seconds = 0.0
    forecasts = Forecasts(store, SLOTS, clock=lambda: seconds)
    first = done(store)
    run = submit(store, SPEC, owner="ann")
    assert expected(forecasts.run(run)) == pytest.approx(first, rel=0.1)
    for _ in range(9):
        done(store, 3.0)

    assert expected(forecasts.run(run)) == pytest.approx(first, rel=0.1)
    seconds = 30.0
    assert expected(forecasts.run(run)) > 2 * first


def trial_of(number, seconds, state=TrialState.COMPLETE):
    return trial(number, 0.5, state=state, start=0, end=seconds)


def searching(**values):
    return replace(study(), counts={TrialState.COMPLETE: 4}, max_trials=13, **values)


def test_a_study_goes_on_for_the_trials_it_has_left():
    # Nine trials are left, of ten seconds each; failed ones tell nothing.
    ended = [trial_of(number, 10) for number in range(4)] + [trial_of(4, 1, TrialState.FAIL)]

    assert study_left(searching(parallel=1), ended, slots=8) == Span(90.0, 90.0, 90.0)
    assert study_left(searching(parallel=0), ended, slots=3) == Span(30.0, 30.0, 30.0)


def test_the_more_trials_differ_the_wider_is_the_range():
    # Mean 10, deviation 2; nine more: 1.2816 · 2 · √(9 + 81 / 3) on both sides.
    found = study_left(searching(parallel=1), [trial_of(0, 8), trial_of(1, 10), trial_of(2, 12)], slots=1)

    assert (found.expected, found.low, found.high) == pytest.approx((90, 90 - 15.379, 90 + 15.379), abs=0.01)


def test_a_limit_of_time_bounds_a_study():
    ended = [trial_of(0, 8), trial_of(1, 12)]

    limited = study_left(searching(parallel=1, max_seconds=100.0, seconds=40.0), ended, slots=1)
    assert (limited.expected, limited.high) == (60.0, 60.0)
    assert study_left(searching(max_seconds=100.0, seconds=140.0), [], slots=1) == Span(0.0, 0.0, 0.0)
    assert study_left(searching(), [], slots=1) is None
