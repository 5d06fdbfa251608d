from dataclasses import replace

import pytest

from dlcore.design.estimate import FRAMEWORK_BYTES, Forecast, Position, forecast, training_memory
from dlcore.design.speeds import Span, Units
from dlcore.design.workload import Work, Workload
from dlcore.spec import ModelSpec, TrainingSpec, infer
from dlcore.spec.optimizers import SGD

REPORT = infer(ModelSpec(layers=("Flatten", "Dense")), (8, 8, 1), 10)
"""650 parameters, 64 + 64 + 10 values kept for each sample."""


def test_the_report_is_what_the_estimates_below_take_it_for():
    assert (REPORT.parameters.total, REPORT.activations) == (650, 138)


def test_memory_is_weights_gradients_slots_and_activations_of_a_batch():
    # Adam keeps two numbers a weight; activations are held twice, for the gradients.
    expected = FRAMEWORK_BYTES + 4 * (650 * 4 + 2 * 138 * 16)
    assert training_memory(REPORT, TrainingSpec(batch_size=16), samples=1000) == expected


def test_a_simpler_optimizer_needs_less():
    found = training_memory(REPORT, TrainingSpec(batch_size=16, optimizer=SGD()), samples=1000)

    assert found == FRAMEWORK_BYTES + 4 * (650 * 2 + 2 * 138 * 16)


def test_a_batch_larger_than_the_data_counts_as_the_data():
    expected = FRAMEWORK_BYTES + 4 * (650 * 4 + 2 * 138 * 50)
    assert training_memory(REPORT, TrainingSpec(batch_size=4096), samples=50) == expected


WORK = Work(1, 1, 1)
LOAD = Workload(
    dataset="d", recipe="r", samples=100, batch_size=10, precision="float32", parts=1, parameters=1, slots=0,
    steps=(WORK,), head_epochs=None, validation=WORK, test=WORK,
)  # fmt: skip
"""Ten batches an epoch."""
TWO_PHASES = replace(LOAD, steps=(WORK, WORK), head_epochs=3)


def span(seconds):
    return Span(seconds, seconds / 2, seconds * 3)


UNITS = Units(
    data=span(1000.0), starting=span(100.0), steps=(span(1.0), span(2.0)), validation=span(4.0),
    epochs=span(2.0), ending=span(30.0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("load", "position", "expected"),
    [
        # Data, start, and for each of five epochs ten batches, a validation and the rest; the end.
        (LOAD, Position(5), 1000 + 100 + 5 * (10 + 4 + 2) + 30),
        # A queued run that is resumed: it starts anew, but only two epochs are left.
        (LOAD, Position(5, 3.0), 1000 + 100 + 2 * (10 + 4 + 2) + 30),
        # In the middle of the fourth epoch.
        (LOAD, Position(5, 3.5, training=True), 15 + 2 * (4 + 2) + 30),
        (LOAD, Position(5, 5.0, training=True), 30),
        # Three epochs of the first phase, seven of the second, each compiled.
        (TWO_PHASES, Position(10), 1000 + 2 * 100 + 3 * 10 + 7 * 20 + 10 * (4 + 2) + 30),
        (TWO_PHASES, Position(10, 1.0, training=True), 100 + 2 * 10 + 7 * 20 + 9 * (4 + 2) + 30),
        (TWO_PHASES, Position(10, 6.5, training=True), 3.5 * 20 + 4 * (4 + 2) + 30),
        # All its epochs are in the first phase.
        (TWO_PHASES, Position(2), 1000 + 100 + 2 * 10 + 2 * (4 + 2) + 30),
    ],
)
def test_what_is_left_is_counted_from_where_a_run_stands(load, position, expected):
    found = forecast(load, UNITS, position)

    assert found.span.expected == pytest.approx(expected)
    assert (found.span.low, found.span.high) == pytest.approx((expected / 2, expected * 3))
    assert not found.unprepared


def test_without_a_validation_part_nothing_is_added_for_it():
    units = replace(UNITS, data=span(0.0), validation=None)

    assert forecast(replace(LOAD, validation=None), units, Position(5)).span.expected == 100 + 5 * 12 + 30


def test_the_preparation_of_data_that_was_never_prepared_comes_on_top():
    units = replace(UNITS, data=None)

    assert forecast(LOAD, units, Position(5)) == Forecast(span(100 + 5 * 16 + 30), unprepared=True)
    assert not forecast(LOAD, units, Position(5, 1.0, training=True)).unprepared
