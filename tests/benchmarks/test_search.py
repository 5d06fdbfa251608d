"""The arithmetic of the benchmark of searches, on lines and samples written by hand."""

import math

import numpy as np
import pytest

from benchmarks.search_course import NEVER, Course, Figures, Memory, Moment, medians, ratio
from benchmarks.search_events import parse_event, print_event
from benchmarks.search_space import parts
from benchmarks.search_table import align, header, ratios, row, verdict

MB = 2**20


def moment(seconds: float, event: str, **values: object) -> Moment:
    return Moment(seconds, {"event": event, **values})


def epoch(seconds: float, trial: int, number: int, value: float) -> Moment:
    return moment(seconds, "epoch", trial=trial, epoch=number, value=value)


def ended(seconds: float, number: int, state: str = "complete") -> Moment:
    return moment(seconds, "trial", number=number, value=0.9, state=state)


SEARCH = Course(
    (
        moment(8.0, "start"),
        epoch(10.0, 0, 1, 0.91),
        epoch(12.0, 0, 2, 0.974),
        ended(12.1, 0),
        epoch(14.0, 1, 1, 0.5),
        ended(14.1, 1, "pruned"),
        epoch(16.0, 2, 3, 0.975),
        epoch(18.0, 2, 4, 0.979),
        epoch(20.0, 2, 5, 0.976),
        ended(20.1, 2),
        moment(20.5, "end"),
    ),
    (Memory(1.0, 100 * MB, 90 * MB), Memory(15.0, 900 * MB, 700 * MB), Memory(19.0, 800 * MB, 750 * MB)),
)


def figures(first: float, *, total: float = 100.0, best: float = 0.98, resident: float = 1000.0) -> Figures:
    return Figures((first,), (first - 8,), total, best, resident, 900.0, 10.0, 60)


def test_a_target_is_reached_by_the_first_epoch_that_is_as_good():
    found = SEARCH.figures((0.975, 0.979, 0.98))

    assert found.from_process == (16.0, 18.0, NEVER)
    assert found.from_search == (8.0, 10.0, NEVER)


def test_a_search_gives_its_total_its_best_epoch_and_its_peaks():
    found = SEARCH.figures((0.975,))

    assert (found.total, found.best, found.epochs) == (20.5, 0.979, 6)
    assert (found.resident, found.proportional) == (900.0, 750.0)


def test_a_trial_that_starts_at_a_later_epoch_goes_on_from_another_one():
    assert SEARCH.trials() == {"trials": 3, "resumed": 1, "pruned": 1, "failed": 0}


def test_growth_is_from_the_third_to_fifth_trial_to_the_last_three():
    trials = [ended(10.0 * (number + 1), number) for number in range(10)]
    moments = (moment(0.5, "start"), epoch(1.0, 0, 1, 0.9), *trials, moment(101.0, "end"))
    sizes = {15: 5000, 25: 700, 45: 720, 65: 4000, 75: 750, 95: 790, 100.5: 6000}
    memory = tuple(Memory(seconds, size * MB, size * MB) for seconds, size in sizes.items())

    assert Course(moments, memory).figures((0.9,)).growth == 790 - 720


def test_too_few_trials_tell_nothing_of_growth():
    assert math.isnan(SEARCH.figures((0.9,)).growth)


@pytest.mark.parametrize("missing", ["start", "epoch", "end"])
def test_a_search_without_its_first_or_last_line_is_refused(missing):
    with pytest.raises(ValueError, match=missing):
        Course(tuple(one for one in SEARCH.moments if one.event["event"] != missing), SEARCH.memory)


def test_the_median_of_three_stands_a_search_that_never_arrives_but_not_two():
    assert medians([figures(30.0), figures(NEVER), figures(20.0)]).from_process == (30.0,)
    assert medians([figures(NEVER), figures(NEVER), figures(20.0)]).from_search == (NEVER,)


def test_a_ratio_says_how_many_times_as_much_the_other_needs():
    assert ratio(50.0, 20.0) == 2.5
    assert ratio(NEVER, 20.0) == math.inf
    assert math.isnan(ratio(50.0, NEVER))


def test_a_row_of_ratios_compares_the_other_with_ours():
    ours, theirs = figures(20.0), figures(50.0, total=150.0, best=0.9775, resident=1500.0)

    assert ratios("optuna", theirs, ours)[:-2] == [
        "optuna / ours", "", "2.50", "3.50", "1.50", "-0.25", "1.00", "1.50", "1.00",
    ]  # fmt: skip


def test_the_verdict_is_about_the_faster_of_the_others():
    said = verdict(figures(20.0), [figures(50.0), figures(NEVER)], 2.0)

    assert "2.50 times" in said and "3.50 times" in said


def test_the_columns_of_the_table_stand_below_each_other():
    rows = [
        header((0.975,)),
        row("optuna", "1", figures(50.0), {"trials": 30, "resumed": 0, "pruned": 12}),
        row("optuna", "median", figures(NEVER)),
        ratios("optuna", figures(50.0), figures(20.0)),
    ]

    lines = align(rows).splitlines()
    assert " ".join(lines[1].split()) == "optuna 1 50.0 42.0 100.0 98.00 60 1000 900 +10 30 trials, 12 pruned"
    totals = ("total s", "100.0", "100.0", "1.00")
    ends = [line.index(total) + len(total) for line, total in zip(lines, totals, strict=True)]
    assert ends == [ends[0]] * 4


def test_what_a_contestant_says_is_heard_and_all_else_passed_over(capsys):
    print_event("epoch", trial=3, epoch=1, value=0.5)

    assert parse_event(capsys.readouterr().out) == {"event": "epoch", "trial": 3, "epoch": 1, "value": 0.5}
    assert [parse_event(line) for line in ("Reloading Tuner\n", "1\n", '{"loss": 1}\n', "")] == [None] * 4


def test_no_image_both_trains_and_validates(tmp_path):
    labels = np.arange(60_000)
    np.savez(tmp_path / "mnist.npz", x_train=labels[:, None, None], y_train=labels)

    train, validation = parts(tmp_path / "mnist.npz")

    assert (len(train.labels), len(validation.labels)) == (12_000, 10_000)
    assert not set(train.labels) & set(validation.labels)
    assert train.images.shape == (12_000, 1, 1, 1)
    assert (train.images[:, 0, 0, 0] == train.labels).all()
