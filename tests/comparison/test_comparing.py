"""Runs side by side: their differences, and why there are none."""

import json

import numpy as np
import pytest

from dlcore.comparison import Verdict, compare_runs, find_runs
from dlcore.errors import SpecError
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.spec.data import Task
from tests.comparison.runs import classified, completed, left


def difference(comparison, run, metric="accuracy"):
    return comparison.of(run.id).scores[metric].difference


def test_a_run_that_errs_less_is_better_by_some_points(store):
    base, better = classified(store, "base", range(40)), classified(store, "better", range(10))
    found = difference(compare_runs(store, [base, better]), better)
    # 30 of 200 samples are right only in one of them.
    assert (found.value, found.verdict) == (pytest.approx(0.15), Verdict.BETTER)
    assert found.sentence("accuracy").text() == "better by 15.0 ± 5.0 points"
    back = difference(compare_runs(store, [base, better], baseline=better.id), base)
    assert back.sentence("accuracy").text() == "worse by 15.0 ± 5.0 points"


def test_runs_with_as_many_other_mistakes_cannot_be_told_apart(store):
    base, other = classified(store, "base", range(20)), classified(store, "other", range(18, 36))
    found = difference(compare_runs(store, [base, other]), other)
    assert found.sentence("accuracy").text() == "cannot be told apart"


def test_five_samples_are_too_few_to_tell(store):
    """Drawing again would say so of any difference that has no sample against it."""
    base, other = classified(store, "base", range(5)), classified(store, "other", ())
    found = difference(compare_runs(store, [base, other]), other)
    assert found.interval.excludes_zero
    assert found.verdict is Verdict.EQUAL


def test_other_samples_give_a_difference_without_an_interval(store):
    base, other = classified(store, "base", range(9)), classified(store, "b", (), rows=range(500, 700))
    found = difference(compare_runs(store, [base, other]), other)
    assert (found.interval, found.verdict) == (None, Verdict.UNSURE)
    assert found.sentence("accuracy").text() == "higher by 4.5 points"
    assert found.reason.text().startswith("They were tested on different samples")


def test_answers_that_do_not_give_what_was_measured_have_no_interval(store):
    base, other = classified(store, "base", range(9)), completed(store, "odd")
    targets = np.arange(200) % 10
    left(store, other, Task.MULTICLASS, np.eye(10)[targets], targets, metrics={"accuracy": 0.9})
    comparison = compare_runs(store, [base, other])
    assert comparison.of(other.id).scores["accuracy"].interval is None
    assert difference(comparison, other).verdict is Verdict.UNSURE


def test_errors_are_better_the_lower_they_are(store):
    true = np.zeros((400, 1))
    errors = np.random.default_rng(0).uniform(1, 3, size=(400, 1))
    runs = []
    for name, scale in (("base", 1.0), ("close", 0.5)):
        run = completed(store, name)
        left(store, run, Task.REGRESSION, scale * errors, true, metrics={"mae": float(scale * errors.mean())})
        runs.append(run)
    found = difference(compare_runs(store, runs), runs[1], "mae")
    assert (found.value, found.verdict) == (pytest.approx(-errors.mean() / 2), Verdict.BETTER)
    # Half of errors between 1 and 3 varies by 1 / (2 · √3) from sample to sample.
    assert found.interval.margin == pytest.approx(1.96 / (2 * 3**0.5) / 20, rel=0.1)


def test_a_run_that_was_not_tested_and_one_whose_answers_are_damaged_say_so(store):
    base, damaged = classified(store, "base", ()), classified(store, "damaged", ())
    (store.artifacts.folder(damaged.id) / PREDICTIONS_FILE).write_bytes(b"no archive")
    waiting = completed(store, "waiting")
    comparison = compare_runs(store, [base, damaged, waiting])
    assert "damaged" in comparison.of(damaged.id).problem.text()
    assert "has not been tested" in comparison.of(waiting.id).problem.text()
    assert comparison.metrics == ("accuracy", "loss")


def test_only_what_differs_is_listed(store):
    values = {"training.batch_size": 64, "model.layers[dense].units": 32}
    base, other = completed(store, "base"), completed(store, "other", **values)
    comparison = compare_runs(store, [base, other])
    assert [(row.path, row.values) for row in comparison.settings] == [("training.batch_size", (32, 64))]
    assert comparison.settings_total > 20
    assert [row.name for row in comparison.layers] == ["dense"]
    assert comparison.layers[0].texts == ("Dense units=128", "Dense units=32")
    assert comparison.layers_total == 5


def test_a_layer_that_only_one_network_has_stands_at_its_place(store):
    layers = [
        "Flatten",
        {"kind": "Dense", "name": "extra", "units": 9},
        {"kind": "Dense", "name": "last", "units": 10},
    ]
    base = completed(store, "base", **{"model.layers": [layers[0], layers[2]]})
    other = completed(store, "other", **{"model.layers": layers})
    comparison = compare_runs(store, [base, other])
    assert [(row.name, row.layers[0]) for row in comparison.layers] == [("extra", None)]


def test_runs_that_are_gone_are_named_and_each_is_taken_once(store):
    base = completed(store, "base")
    runs, missing = find_runs(store, [base.id, "gone", base.id])
    assert ([run.id for run in runs], missing) == ([base.id], ["gone"])


def test_a_baseline_has_to_be_one_of_the_runs(store):
    base = completed(store, "base")
    with pytest.raises(SpecError, match="expected one of the compared runs, got 'gone'"):
        compare_runs(store, [base], baseline="gone")
    with pytest.raises(SpecError, match="expected one of the compared runs"):
        compare_runs(store, [])


def test_all_of_it_is_json(store):
    base, better = classified(store, "base", range(40)), classified(store, "better", range(10))
    data = json.loads(json.dumps(compare_runs(store, [base, better]).to_dict()))
    score = data["runs"][1]["scores"]["accuracy"]
    assert score["difference"]["sentence"] == "better by 15.0 ± 5.0 points"
    assert score["interval"]["low"] < score["value"] < score["interval"]["high"]


def test_runs_that_differ_only_in_their_seed_say_what_is_chance(store):
    runs = [classified(store, f"{seed}", range(wrong), seed=seed) for seed, wrong in ((0, 10), (1, 14))]
    other = classified(store, "other", range(30), **{"training.batch_size": 64})
    (spread,) = compare_runs(store, [*runs, other, completed(store, "waiting", seed=2)]).seeds
    assert spread.ids == tuple(run.id for run in runs)
    # 0.95 and 0.93: each is 0.01 from their mean, so that the deviation of two is 0.01 · √2.
    assert spread.means["accuracy"] == pytest.approx(0.94)
    assert spread.deviations["accuracy"] == pytest.approx(0.01 * 2**0.5)
