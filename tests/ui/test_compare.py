"""The page that shows runs side by side."""

import numpy as np
import pytest

from dlcore.datasets import open_samples
from dlcore.spec.experiment import DatasetSpec
from tests.comparison.runs import SAMPLES, classified, completed

from .conftest import texts


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
    page.selectbox[0].select(better.id).run()
    assert page.query_params["baseline"] == better.id
    assert "cnn · 1: **worse by 15.0 ± 5.0 points**" in texts(page)
    assert "worse by 15.0" in texts(opened(open_page, base, better, baseline=better.id))


def test_a_run_that_was_deleted_is_named_and_the_others_are_compared(open_page, here, two):
    page = open_page("compare", runs=f"{two[0].id},gone")
    assert page.warning[0].value == "There is no run 'gone'. It may have been deleted."
    assert "Add another run to compare it with." in [one.value for one in page.info]
    assert page.title[0].value == "Compare"


def test_without_a_run_the_page_says_what_to_do(open_page):
    page = open_page("compare", runs="gone")
    assert page.warning[0].value.startswith("There is no run 'gone'.")
    assert page.info[0].value.startswith("Choose the runs to compare")


def test_a_filter_names_the_runs_too(open_page, here, two):
    completed(here.store, "another")
    page = open_page("compare", q="name ~ cnn")
    assert "2 runs on digits · 200 test samples" in texts(page)
    page = open_page("compare", q="accurcy > 0.5")
    assert "there is no field 'accurcy'" in page.error[0].value


def test_more_runs_than_can_be_told_apart_are_cut(open_page, here):
    runs = [completed(here.store, f"run {number}") for number in range(11)]
    page = opened(open_page, *runs)
    assert "Only the first 10 are compared." in [one.value for one in page.info]
    assert "None of these runs has been tested yet." in [one.value for one in page.info]


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
    new = [run for run in here.store.runs.list() if run.id not in [one.id for one in two]]
    assert sorted(run.spec["seed"] for run in new) == [1, 2]
    assert set(page.query_params["runs"].split(",")) == {run.id for run in (*two, *new)}
    assert "4 runs on digits" in texts(page)


def test_seeds_can_be_drawn_together_where_there_are_some(open_page, here):
    one, other = completed(here.store, "one"), completed(here.store, "other", **{"training.batch_size": 64})
    again = completed(here.store, "again", seed=1)
    titles = [toggle.label for toggle in opened(open_page, one, other).toggle]
    assert "Seeds together" not in titles
    assert "Seeds together" in [toggle.label for toggle in opened(open_page, one, other, again).toggle]


def test_the_spread_of_seeds_is_said(open_page, here):
    runs = [classified(here.store, f"{seed}", range(wrong), seed=seed) for seed, wrong in ((0, 10), (1, 14))]
    assert "0 and its other seeds, 2 in all: **94.0 ± 1.4 %**" in texts(opened(open_page, *runs))
