"""What runs tell of each other: exactly where they are alike, and with a wide range where they are not."""

from dataclasses import replace

import pytest

from dlcore.design.reference import CPU, Rates
from dlcore.design.speeds import Span, learn
from dlcore.design.timing import Lap, Stage, Timing
from dlcore.design.workload import Work, Workload

SMALL = Workload(
    dataset="digits@", recipe="a", samples=1280, batch_size=32, precision="float32", parts=5,
    parameters=60_000, slots=2, steps=(Work(10, 3e7, 1e5, 2e5),), head_epochs=None,
    validation=Work(10, 4e7, 1e5), test=Work(30, 1e8, 3e5),
)  # fmt: skip
LARGE = replace(SMALL, steps=(Work(60, 3e10, 3e7, 3e6),), parameters=1_000_000, parts=40)


def timing(load, slowness=1.0, *, steps=1000, epochs=5, starting=None, steps_in_all=None):
    """The times of a run on a machine that is so much slower than the reference; two can be given."""
    given = {Stage.STARTING: starting, Stage.STEPS: steps_in_all}

    def lap(stage, count):
        return Lap(count, given.get(stage) or slowness * CPU.seconds(stage, load, 0) * count)

    counts = {
        Stage.STARTING: 1, Stage.STEPS: steps, Stage.VALIDATION: epochs, Stage.EPOCHS: epochs, Stage.ENDING: 1,
    }  # fmt: skip
    return Timing({Timing.key(stage): lap(stage, count) for stage, count in counts.items()})


def step(load, *history, own=None):
    """The seconds of a batch."""
    found = learn(load, history, CPU, own=own)
    assert found is not None
    return found.steps[0]


def width(span):
    return span.high / span.low


def test_the_reference_machine_counts_each_part_of_a_stage():
    machine = Rates(
        call=1, evaluation=2, operation=10, flop=1e-7, value=1e-4, weight=1e-4, augmented=1, compilation=7,
        part=3, epoch=5, saved=0.001, ending=11,
    )  # fmt: skip

    # A call, ten operations, 3e7 operations on numbers, 1e5 values and 2e5 weights.
    assert machine.seconds(Stage.STEPS, SMALL, 0) == pytest.approx(1 + 100 + 3 + 10 + 20)
    assert machine.seconds(Stage.VALIDATION, SMALL, 0) == pytest.approx(2 + 1 + 100 + 4 + 10)
    assert machine.seconds(Stage.STARTING, SMALL, 0) == 7 + 3 * 5
    # A checkpoint holds the 60,000 weights and two slots of the optimizer for each.
    assert machine.seconds(Stage.EPOCHS, SMALL, 0) == pytest.approx(5 + 0.001 * 180_000)
    assert machine.seconds(Stage.ENDING, SMALL, 0) == pytest.approx(11 + 180 + 1 + 300 + 10 + 30)


def test_nothing_is_known_before_any_run_has_trained():
    started = Timing({Timing.key(Stage.STARTING): Lap(1, 20.0)})

    assert learn(SMALL, [], CPU) is None
    assert learn(SMALL, [(SMALL, started)], CPU) is None


def test_a_run_tells_how_long_one_like_it_takes():
    found = learn(SMALL, [(SMALL, timing(SMALL, 50.0))], CPU)

    assert found is not None
    for stage, span in (
        (Stage.STARTING, found.starting), (Stage.STEPS, found.steps[0]), (Stage.VALIDATION, found.validation),
        (Stage.EPOCHS, found.epochs), (Stage.ENDING, found.ending),
    ):  # fmt: skip
        assert span.expected == pytest.approx(50 * CPU.seconds(stage, SMALL, 0), rel=0.15)


def test_start_up_is_not_taken_for_training():
    # A minute to start and a tenth of a second to train: that says little of 100,000 batches.
    slow_start = timing(SMALL, steps=100, starting=60.0)

    assert step(SMALL, (SMALL, slow_start)).expected == pytest.approx(
        CPU.seconds(Stage.STEPS, SMALL, 0), rel=0.35
    )


def test_the_expected_time_lies_within_its_range():
    span = step(LARGE, (SMALL, timing(SMALL)))

    assert span.low < span.expected < span.high


def test_the_range_is_wide_where_no_run_was_alike_and_narrows_with_each_that_is():
    far = step(LARGE, (SMALL, timing(SMALL)))
    near = step(LARGE, (SMALL, timing(SMALL)), (LARGE, timing(LARGE)))
    nearer = step(LARGE, *[(LARGE, timing(LARGE))] * 5)

    assert width(far) > width(near) > width(nearer)
    assert width(far) > 6
    assert width(nearer) < 3


def test_runs_of_like_work_count_more_than_others():
    # The reference misjudges batches of large works by three; all else is as it says.
    large, small = (CPU.seconds(Stage.STEPS, load, 0) for load in (LARGE, SMALL))
    history = [(SMALL, timing(SMALL))] * 5 + [(LARGE, timing(LARGE, steps_in_all=3000 * large))] * 5

    assert step(LARGE, *history).expected == pytest.approx(3 * large, rel=0.15)
    assert step(SMALL, *history).expected == pytest.approx(small, rel=0.15)


def test_a_run_on_its_way_tells_most_of_itself():
    # Twice as slow as all others: the machine has something else to do.
    span = step(SMALL, *[(SMALL, timing(SMALL))] * 9, own=timing(SMALL, 2.0))

    assert span.expected > 1.5 * CPU.seconds(Stage.STEPS, SMALL, 0)


def test_another_number_format_is_unlike_work():
    history = [(SMALL, timing(SMALL))] * 5

    assert width(step(replace(SMALL, precision="mixed_float16"), *history)) > 2 * width(step(SMALL, *history))


def test_a_step_too_short_to_be_measured_tells_little():
    hardly = step(SMALL, (SMALL, timing(SMALL, steps=1)))

    assert width(hardly) > width(step(SMALL, (SMALL, timing(SMALL))))


def test_each_phase_is_learnt_from_its_own_steps():
    # Nine tenths of the work fall away while the first layers are frozen.
    tuned = replace(SMALL, steps=(Work(10, 1e9, 1e6, 1e3), Work(30, 1e10, 1e7, 1e6)), head_epochs=2)
    laps = {Timing.key(Stage.STEPS, 0): Lap(100, 1.0), Timing.key(Stage.STEPS, 1): Lap(100, 10.0)}

    found = learn(tuned, [(tuned, Timing(laps))], CPU)

    assert found is not None
    assert [span.expected for span in found.steps] == [
        pytest.approx(0.01, rel=0.4),
        pytest.approx(0.1, rel=0.4),
    ]


def test_of_many_runs_those_of_the_most_alike_first_phases_are_asked():
    first, second = Work(10, 1e9, 1e6, 1e3), Work(60, 1e12, 1e9, 1e8)
    tuned = replace(SMALL, steps=(first, second), head_epochs=2)
    # Half a hundred lately that were like the second phase, and before them as many of the same kind, thrice as slow.
    other = replace(SMALL, steps=(second,))
    history = [(other, timing(other))] * 50 + [(tuned, timing(tuned, 3.0))] * 50

    assert step(tuned, *history).expected == pytest.approx(3 * CPU.seconds(Stage.STEPS, tuned, 0), rel=0.2)


def with_data(load, seconds, *, prepared):
    return load, timing(load) + Timing({"data": Lap(int(prepared), seconds)})


def test_data_is_prepared_once_for_a_recipe():
    first, again = with_data(SMALL, 90.0, prepared=True), with_data(SMALL, 0.5, prepared=False)
    other = replace(SMALL, recipe="b")

    def data(load, *history):
        found = learn(load, history, CPU)
        assert found is not None
        return found.data

    assert data(SMALL, first) == Span(0.0, 0.0, 0.0)
    assert data(SMALL, again, first) == Span(0.5, 0.5, 0.5)
    assert data(other, again, first) == Span(90.0, 90.0, 90.0)
    assert data(replace(SMALL, dataset="mine@1", recipe="c"), first) is None


def test_what_a_machine_has_to_do_lately_counts_more_than_what_it_had_to_do():
    free, busy = (SMALL, timing(SMALL)), (SMALL, timing(SMALL, 3.0))

    # The newest come first.
    now_busy, now_free = [step(SMALL, *runs) for runs in ([busy] * 3 + [free] * 9, [free] * 3 + [busy] * 9)]

    assert now_busy.expected > now_free.expected
