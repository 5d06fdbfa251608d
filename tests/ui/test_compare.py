"""The page that shows runs side by side."""

import shutil

import numpy as np
import pytest

from dlcore.comparison import MOST_RUNS, select_runs
from dlcore.datasets import open_samples
from dlcore.queue import delete
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.spec.experiment import DatasetSpec
from dlcore.store.filters.fields import find_field
from dlcore.ui.runs.comparison.relations import number_names, runs_as_lines
from tests.comparison.runs import SAMPLES, classified, completed

from .conftest import components, texts

RATE = "training.optimizer.learning_rate"


def named(widgets, label):
    """The only widget of that label."""
    (one,) = [widget for widget in widgets if widget.label == label]
    return one


def chart(page):
    """What the chart of the curves was drawn with."""
    drawn = components(page)
    return next(data for data in drawn if "lines" in data and "metrics" in data)


def epochs(best=0.9):
    """A loss and an accuracy over three epochs."""
    return [
        Metric(SeriesKey(name, Scope.VALIDATION, Axis.EPOCH), float(epoch), value)
        for epoch in range(1, 4)
        for name, value in (("loss", 1 / epoch), ("accuracy", best - 0.1 / epoch))
    ]


@pytest.fixture
def two(here):
    """A baseline with 40 mistakes, and a run with the first 10 of them."""
    samples = open_samples(DatasetSpec(name="digits"), here.settings, use_network=False)
    targets = samples.targets[:SAMPLES]
    base = classified(here.store, "digits · cnn · 1", range(40), targets=targets)
    return base, classified(
        here.store, "digits · cnn · 2", range(10), targets=targets, **{"training.batch_size": 64}
    )


def opened(open_page, *runs, **query):
    return open_page("compare", runs=",".join(run.id for run in runs), **query)


def test_the_verdict_the_settings_and_the_samples_of_two_runs(open_page, two):
    page = opened(open_page, *two)
    said = texts(page)
    assert "2 runs on digits · 200 test samples" in said
    assert "cnn · 2: **better by 15.0 ± 5.0 points**" in said
    assert "**Settings that differ** :gray[1 of" in said
    table = page.table[0].value
    assert list(table.loc["batch_size"]) == ["32", "**64**"]
    assert "The networks are the same." in said
    assert "**Where they disagree** :gray[30 samples of 200]" in said
    assert "Only **cnn · 2** is right: 30" in said


def test_the_baseline_is_chosen_and_stays_in_the_address(open_page, two):
    base, better = two
    page = opened(open_page, base, better)
    named(page.selectbox, "Baseline").select(better.id).run()
    assert page.query_params["baseline"] == better.id
    assert "cnn · 1: **worse by 15.0 ± 5.0 points**" in texts(page)
    assert "worse by 15.0" in texts(opened(open_page, base, better, baseline=better.id))


def test_a_run_that_was_deleted_is_named_and_the_others_are_compared(open_page, here, two):
    page = open_page("compare", runs=f"{two[0].id},gone")
    assert page.warning[0].value == "There is no run 'gone'. It may have been deleted."
    assert "Add another run to compare it with." in [one.value for one in page.info]
    assert page.title[0].value == "Compare"


def test_runs_of_one_name_are_told_apart_by_the_beginnings_of_their_ids(open_page, here):
    runs = [completed(here.store, "same", points=epochs()) for _ in range(2)]

    lines = chart(opened(open_page, *runs))["lines"]

    assert [line["name"] for line in lines] == [f"same ({run.id[:10]})" for run in runs]


def test_without_a_run_the_page_says_what_to_do(open_page):
    page = open_page("compare", runs="gone")
    assert page.warning[0].value.startswith("There is no run 'gone'.")
    assert page.info[0].value.startswith("Choose the runs to compare")


def test_a_filter_names_the_runs_too(open_page, here, two):
    completed(here.store, "another")
    page = open_page("compare", where="name ~ cnn")
    assert "2 runs on digits · 200 test samples" in texts(page)


def test_a_wrong_filter_points_at_the_word_and_can_be_written_anew(open_page, two):
    page = open_page("compare", where="name ~ cnn and accurcy > 0.5")
    assert "there is no field 'accurcy'" in page.error[0].value
    assert page.code[0].value.splitlines()[1].strip() == "^" * len("accurcy")
    named(page.text_input, "or all that a filter lets through").set_value("name ~ cnn").run()
    assert page.query_params["where"] == "name ~ cnn"
    assert not page.error
    assert "2 runs on digits" in texts(page)


def test_more_runs_than_a_comparison_takes_are_left_out_and_counted(open_page, here):
    runs = [completed(here.store, f"run {number}") for number in range(MOST_RUNS + 1)]
    page = opened(open_page, *runs)
    said = [one.value for one in page.info]
    drawn = chart(page)
    # The curves of all: nine lines, and the others as one.
    assert [run["id"] for run in drawn["runs"]] == [run.id for run in runs]
    assert [len(line["ids"]) for line in drawn["lines"]] == [1] * 9 + [16]
    assert "The first 24 of 25 runs are compared; more cannot be told apart." in said
    assert "None of these runs has been tested yet." in said
    said = [one.value for one in open_page("compare", where="name ~ run").info]
    assert "The newest 24 of 25 runs are compared. Narrow the filter to see others." in said


def test_a_study_that_is_gone_is_named(open_page):
    page = open_page("compare", study="gone")
    assert "There is no study 'gone'." in page.error[0].value
    assert page.info[0].value.startswith("Choose the runs to compare")


def test_a_run_that_is_deleted_while_it_is_compared_is_named_then(open_page, here, two):
    page = opened(open_page, *two)
    delete(here.store, two[1].id, actor=here.actor)
    page.run()
    assert not page.exception
    assert page.warning[0].value == f"There is no run '{two[1].id}'. It may have been deleted."
    assert "1 run on digits" in texts(page)


def test_a_run_that_is_deleted_between_two_looks_leaves_the_page_standing(open_page, here, two, monkeypatch):
    def select_and_delete(*args, **kwargs):
        found = select_runs(*args, **kwargs)
        here.store.runs.delete(here.store.runs.get(two[0].id))
        shutil.rmtree(here.store.artifacts.folder(two[0].id))
        return found

    monkeypatch.setattr("dlcore.ui.runs.comparison.source.select_runs", select_and_delete)
    page = opened(open_page, *two)
    assert not page.exception
    assert "It has not been tested" in texts(page) or "not measured" in texts(page)


def test_runs_on_other_samples_have_no_verdict(open_page, here):
    base = classified(here.store, "base", range(40))
    other = classified(here.store, "other", range(10), rows=np.arange(300, 500))
    said = texts(opened(open_page, base, other))
    assert "other: **higher by 15.0 points**" in said
    assert "They were tested on different samples" in said
    assert "Where they disagree" not in said


def test_a_run_is_started_again_with_other_seeds_and_they_are_compared(open_page, here, two):
    page = opened(open_page, *two)
    page.number_input(key="repeat_seeds").set_value(2)
    page.button(key="repeat_start").click().run()
    assert page.query_params["group"] == "setting"
    new = [run for run in here.store.runs.list() if run.id not in [one.id for one in two]]
    assert sorted(run.spec["seed"] for run in new) == [1, 2]
    assert set(page.query_params["runs"].split(",")) == {run.id for run in (*two, *new)}
    assert "4 runs on digits" in texts(page)


def test_seeds_can_be_taken_together_where_there_are_some(open_page, here):
    one, other = completed(here.store, "one"), completed(here.store, "other", **{"training.batch_size": 64})
    again = completed(here.store, "again", seed=1)
    assert "Group by" not in [box.label for box in opened(open_page, one, other).selectbox]
    offered = named(opened(open_page, one, other, again).selectbox, "Group by").options
    assert offered == ["Each run", "Seeds together", "By training.batch_size"]


@pytest.fixture
def groups(here):
    """Three seeds of a baseline, three of a better setting."""
    store = here.store
    return [
        *(classified(store, f"base {seed}", range(40 + 2 * seed), seed=seed) for seed in range(3)),
        *(
            classified(store, f"small {seed}", range(8 + 2 * seed), seed=seed, **{"training.batch_size": 64})
            for seed in range(3)
        ),
    ]


def test_groups_of_seeds_are_judged_by_their_means(open_page, groups):
    page = opened(open_page, *groups, group="setting")
    said = texts(page)
    assert "Against base 0 · 3 seeds:" in said
    assert "small 0 · 3 seeds: **better by 16.0 ± 2.3 points**" in said
    assert "From seed to seed:" not in said
    assert named(page.selectbox, "Baseline").options == [
        "Baseline: base 0 · 3 seeds",
        "Baseline: small 0 · 3 seeds",
    ]
    table = page.table[0].value
    assert list(table.columns) == ["base 0 · 3 seeds", "small 0 · 3 seeds"]
    assert list(table.loc["seed"]) == ["0, 1, 2", "0, 1, 2"]


def test_groups_of_a_field_are_chosen_and_stay_in_the_address(open_page, groups):
    page = opened(open_page, *groups)
    named(page.selectbox, "Group by").select("training.batch_size").run()
    assert page.query_params["group"] == "training.batch_size"
    said = texts(page).replace("\\", "")
    assert "batch_size 64 · 3 runs: **better by 16.0 ± 2.3 points**" in said


def test_the_baseline_of_groups_is_a_group(open_page, groups):
    page = opened(open_page, *groups, group="setting")
    named(page.selectbox, "Baseline").select(groups[3].id).run()
    assert "base 0 · 3 seeds: **worse by 16.0 ± 2.3 points**" in texts(page)


def test_epochs_are_said_once(open_page, here):
    base = completed(here.store, "base", points=epochs(), **{"training.epochs": 3})
    longer = completed(here.store, "longer", points=epochs(), **{"training.epochs": 9})
    table = opened(open_page, base, longer).table[0].value
    assert [name for name in table.index if name.lower() == "epochs"] == ["Epochs"]
    assert list(table.loc["Epochs"]) == ["3", "**3 of 9**"]


def test_lines_beyond_those_that_can_be_told_apart_are_one(open_page, here):
    runs = [completed(here.store, f"run {number}", points=epochs()) for number in range(12)]
    lines = chart(opened(open_page, *runs))["lines"]
    assert [line["name"] for line in lines[:2]] == ["run 0", "run 1"]
    assert (len(lines), lines[-1]["name"], lines[-1]["ids"]) == (10, "3 others", [run.id for run in runs[9:]])


def test_any_two_numbers_stand_in_the_address(open_page, here):
    runs = [
        completed(here.store, f"{rate}", points=epochs(), **{"training.optimizer.learning_rate": rate})
        for rate in (0.1, 0.001, 0.01)
    ]
    page = opened(open_page, *runs)
    x = named(page.selectbox, "To the right")
    assert x.value == "training.optimizer.learning_rate"
    x.select("seconds").run()
    assert page.query_params["x"] == "seconds"
    assert named(opened(open_page, *runs, x="epoch").selectbox, "To the right").value == "epoch"


def test_the_spread_of_seeds_is_said(open_page, here):
    runs = [classified(here.store, f"{seed}", range(wrong), seed=seed) for seed, wrong in ((0, 10), (1, 14))]
    assert "0 and its other seeds, 2 in all: **94.0 ± 1.4 %**" in texts(opened(open_page, *runs))


def judged(here, accuracy, **values):
    """A run whose accuracy on the test part its row says."""
    return completed(here.store, f"{accuracy}", test={"accuracy": accuracy}, **values)


def test_runs_are_lines_across_what_differs_and_their_metric(here):
    runs = [
        judged(here, 0.8, **{RATE: 0.1}),
        judged(here, 0.9, **{RATE: 0.001, "training.optimizer": {"kind": "SGD", "learning_rate": 0.001}}),
        completed(here.store, "not measured"),
        judged(here, 0.7, **{RATE: 0.01}),
    ]
    info = runs_as_lines(runs, find_field("accuracy"))
    assert info.numbers == (0, 1, 3)
    rate = next(axis for axis in info.axes if axis.path == RATE)
    # Values from 0.001 to 0.1: by the exponent of 10.
    assert rate.positions == pytest.approx((-1.0, -3.0, -2.0))
    assert next(axis for axis in info.axes if axis.path == "training.optimizer.kind").positions == (
        0.0,
        1.0,
        0.0,
    )
    assert info.axes[-1].positions == pytest.approx((0.8, 0.9, 0.7))
    assert info.shades[1] == 1.0


def test_a_metric_is_not_drawn_over_itself(open_page, here):
    runs = [judged(here, 0.8), judged(here, 0.9)]
    page = opened(open_page, *runs)
    assert named(page.selectbox, "Upwards").value == "test_accuracy"
    assert named(page.selectbox, "To the right").value not in ("accuracy", "test_accuracy")


def test_what_two_runs_have_as_a_number_can_be_an_axis(here):
    runs = [judged(here, 0.8, **{RATE: 0.1}), judged(here, 0.9), completed(here.store, "not measured")]
    names = number_names(runs)
    assert {RATE, "test_accuracy", "accuracy", "seconds", "parameters", "epoch"} <= set(names)
    # No numbers, or none that say something of a run.
    assert not {"training.optimizer.kind", "name", "created", "number", "favorite", "val_accuracy"} & set(
        names
    )
