"""Runs side by side: their differences, and why there are none."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from dlcore.comparison import MOST_RUNS, Verdict, compare_runs, select_runs
from dlcore.datasets import facts
from dlcore.errors import NotFoundError, SpecError
from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.queue.requests import run_columns
from dlcore.queue.studies import start
from dlcore.records import Origin, TrialState
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.search.spec import SearchSpec
from dlcore.spec.checks import check
from dlcore.spec.data import Task
from dlcore.store.filters import FilterError
from dlcore.store.filters.fields import named_field
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
    found = select_runs(store, [base.id, "gone", base.id])
    assert ([run.id for run in found.runs], found.missing, found.total) == ([base.id], ("gone",), 1)


def test_a_filter_selects_the_newest_runs_and_says_how_many_there_are(store):
    runs = [completed(store, f"run {number}") for number in range(MOST_RUNS + 2)]
    found = select_runs(store, where="name ~ run")
    assert [run.id for run in found.runs] == [run.id for run in reversed(runs[2:])]
    assert found.total == MOST_RUNS + 2
    assert [run.id for run in found.others] == [run.id for run in reversed(runs[:2])]
    with pytest.raises(FilterError, match="there is no field 'accurcy'"):
        select_runs(store, where="accurcy > 1")


def test_the_best_trials_of_a_study_come_first(store):
    spec = SearchSpec.from_dict({**example().to_dict(), "space": {"training.batch_size": [16, 32]}})
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    study = start(store, spec, owner="ann", name="mine")
    known = facts(spec.experiment.dataset.name, store.settings)
    columns = run_columns(spec.experiment, known, check(spec.experiment, known), owner="ann")
    with store.studies.driving(study.id, me.id) as write:
        for number, value in enumerate((0.5, None, 0.9, 0.7)):
            write.add_trial(number, origin=Origin.SAMPLED, params={}, state=TrialState.RUNNING)
            run = write.add_run(number, 0, **columns)
            write.set_trial(number, run_id=run)
            if value is not None:
                write.set_trial(number, state=TrialState.COMPLETE, values=(value,))
    found = select_runs(store, study="mine")
    assert [run.trial for run in found.runs] == [2, 3, 0, 1]
    assert found.total == 4


def test_nothing_selects_nothing(store):
    with pytest.raises(SpecError, match="expected runs to compare, got none"):
        select_runs(store, where=" ")
    with pytest.raises(NotFoundError):
        select_runs(store, study="gone")


def test_a_run_whose_files_are_deleted_while_they_are_read_counts_as_not_tested(store, monkeypatch):
    base, gone = classified(store, "base", ()), classified(store, "gone", ())
    folder, opened = store.artifacts.folder(gone.id), Path.open

    def open_after_deletion(path, *mode):
        if path.parent == folder:
            shutil.rmtree(folder)
        return opened(path, *mode)

    monkeypatch.setattr(Path, "open", open_after_deletion)
    problem = compare_runs(store, [base, gone]).of(gone.id).problem
    assert problem.text().startswith("It has not been tested")


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


def seeded(store, name, *mistakes, **values):
    """Runs of one setting, each with so many mistakes."""
    return [
        classified(store, f"{name} {seed}", range(wrong), seed=seed, **values)
        for seed, wrong in enumerate(mistakes)
    ]


def test_runs_that_differ_only_in_their_seed_are_a_group_with_its_spread(store):
    runs = seeded(store, "one", 10, 14)
    other = classified(store, "other", range(30), **{"training.batch_size": 64})
    waiting = completed(store, "waiting", seed=2)
    group, alone = compare_runs(store, [*runs, other, waiting]).groups
    assert (group.ids, alone.ids) == ((*(run.id for run in runs), waiting.id), (other.id,))
    score = group.scores["accuracy"]
    # 0.95 and 0.93: each is 0.01 from their mean, so that the deviation of two is 0.01 · √2.
    assert (score.mean, score.deviation) == (pytest.approx(0.94), pytest.approx(0.01 * 2**0.5))
    assert (alone.scores["accuracy"].deviation, alone.scores["accuracy"].interval) == (None, None)


def test_a_group_is_better_by_more_than_its_seeds_scatter(store):
    base = seeded(store, "base", 40, 42, 44)
    better = seeded(store, "better", 8, 10, 12, **{"training.batch_size": 64})
    group = compare_runs(store, [*base, *better]).groups[1]
    found = group.scores["accuracy"].difference
    # Each group has a deviation of 0.01, so that the error of the difference is 0.01 · √(2/3), with 4 degrees of freedom.
    assert found.interval.margin == pytest.approx(2.776445 * 0.01 * (2 / 3) ** 0.5)
    assert (found.verdict, found.value) == (Verdict.BETTER, pytest.approx(0.16))
    assert found.sentence("accuracy").text() == "better by 16.0 ± 2.3 points"


def test_two_seeds_are_too_few_to_tell_groups_apart_that_scatter(store):
    base, other = seeded(store, "base", 30, 40), seeded(store, "other", 20, 28, **{"training.batch_size": 64})
    found = compare_runs(store, [*base, *other]).groups[1].scores["accuracy"].difference
    assert found.sentence("accuracy").text() == "cannot be told apart"


def test_a_group_of_one_run_has_a_difference_without_an_interval(store):
    base, other = seeded(store, "base", 30, 40), seeded(store, "other", 20, **{"training.batch_size": 64})
    found = compare_runs(store, [*base, *other]).groups[1].scores["accuracy"].difference
    assert (found.interval, found.verdict) == (None, Verdict.UNSURE)
    assert found.sentence("accuracy").text() == "higher by 7.5 points"
    assert (
        found.reason.text() == "One run of a group says nothing of chance. Train it again with other seeds."
    )


def test_runs_that_score_the_same_say_nothing_of_chance(store):
    base, other = seeded(store, "base", 30, 30), seeded(store, "other", 20, 20, **{"training.batch_size": 64})
    found = compare_runs(store, [*base, *other]).groups[1].scores["accuracy"].difference
    assert found.verdict is Verdict.UNSURE
    assert "nothing tells how much is chance" in found.reason.text()


def test_groups_on_other_samples_have_no_verdict(store):
    base = seeded(store, "base", 30, 40)
    other = [
        classified(
            store, f"{seed}", range(20 + seed), rows=range(500, 700), seed=seed, **{"training.batch_size": 64}
        )
        for seed in range(2)
    ]
    found = compare_runs(store, [*base, *other]).groups[1].scores["accuracy"].difference
    assert found.reason.text().startswith("They were tested on different samples")


def test_runs_are_grouped_by_any_field(store):
    runs = [
        classified(store, "a", range(10)),
        classified(store, "b", range(20), **{"training.batch_size": 64}),
        classified(store, "c", range(30), **{"model.layers[dense].units": 32}),
    ]
    by = [named_field("training.batch_size", where="by")]
    groups = compare_runs(store, runs, baseline=runs[1].id, by=by).groups
    assert [(group.values, group.ids) for group in groups] == [
        ((32,), (runs[0].id, runs[2].id)),
        ((64,), (runs[1].id,)),
    ]
    assert groups[1].scores["accuracy"].difference is None
    assert groups[0].scores["accuracy"].difference.value == pytest.approx(0.0)
    with pytest.raises(SpecError, match="there is no field 'batch'"):
        named_field("batch", where="by")


def test_groups_are_json_too(store):
    base, other = seeded(store, "base", 40, 42), seeded(store, "other", 8, 10, **{"training.batch_size": 64})
    by = [named_field("training.batch_size", where="by")]
    data = json.loads(json.dumps(compare_runs(store, [*base, *other], by=by).to_dict()))["groups"]
    assert [one["group"] for one in data] == [{"training.batch_size": 32}, {"training.batch_size": 64}]
    assert data[0]["runs"] == [run.id for run in base]
    score = data[1]["scores"]["accuracy"]
    assert (score["mean"], score["runs"]) == (pytest.approx(0.955), 2)
    assert score["difference"]["sentence"] == "better by 16.0 ± 3.0 points"
    assert data[0]["scores"]["accuracy"]["difference"] is None
