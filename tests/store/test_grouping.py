"""Runs grouped by any field, with the mean, deviation and best of their numbers."""

import pytest

from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import find_field
from dlcore.store.filters.grouping import group_runs
from tests.store.samples import SPEC
from tests.store.test_filters import put


def groups(store, *by, numbers=("accuracy",), line=""):
    fields, measured = [find_field(name) for name in by], [find_field(name) for name in numbers]
    asked = RunQuestion.read(line)
    return group_runs(store.runs.values([*fields, *measured], **asked.filters), fields, measured)


def put_tested(store, name, accuracy, **columns):
    summary = {} if accuracy is None else {"test": {"accuracy": accuracy, "loss": 1 - accuracy}}
    return put(store, name, summary=summary, **columns)


def spec(rate, **training):
    return {**SPEC, "training": {"optimizer": {"learning_rate": rate}, **training}}


def test_seeds_of_one_setting_are_a_group_with_mean_deviation_and_best(store):
    runs = [
        put_tested(store, "a", 0.8, spec=spec(0.1)),
        put_tested(store, "b", 0.9, spec=spec(0.1)),
        put_tested(store, "c", 0.7, spec=spec(0.01)),
        put_tested(store, "d", None, spec=spec(0.01)),
    ]
    first, second = groups(store, "training.optimizer.learning_rate", numbers=("accuracy", "loss"))
    assert (first.values, first.ids) == ((0.1,), (runs[1].id, runs[0].id))
    found = first.numbers["accuracy"]
    assert (found.count, found.best, found.best_id) == (2, 0.9, runs[1].id)
    assert (found.mean, found.deviation) == (pytest.approx(0.85), pytest.approx(0.0707107))
    assert first.numbers["loss"].best == pytest.approx(0.1)
    assert (second.values, len(second.ids)) == ((0.01,), 2)
    assert (second.numbers["accuracy"].count, second.numbers["accuracy"].deviation) == (1, None)


def test_several_fields_of_any_kind_make_groups(store):
    put_tested(store, "a", 0.8, template="cnn", tags=["x"], favorite=True, spec=spec(0.1, shuffle=True))
    put_tested(store, "b", 0.9, template="cnn", tags=["x"], favorite=True, spec=spec(0.1, shuffle=True))
    put_tested(store, "c", 0.7, template="mlp", tags=[], spec=spec(0.1, shuffle=[3, 3]))
    found = groups(store, "template", "tag", "favorite")
    assert [one.values for one in found] == [("cnn", ["x"], True), ("mlp", [], False)]


def test_flags_and_lists_of_a_spec_stay_what_they_are(store):
    for name, accuracy, layer in (
        ("a", 0.8, {"use_bias": True, "kernel_size": [3, 3]}),
        ("b", 0.7, {"use_bias": False, "kernel_size": [3, 3]}),
        ("c", 0.6, {}),
    ):
        layers = [{"kind": "Conv2D", "name": "conv", **layer}]
        put_tested(store, name, accuracy, spec={**SPEC, "model": {"layers": layers}})
    found = groups(store, "model.layers[conv].use_bias", "model.layers[conv].kernel_size")
    assert [one.values for one in found] == [(True, [3, 3]), (False, [3, 3]), (None, None)]
    assert found[0].values[0] is True


def test_groups_are_of_the_runs_that_the_filter_lets_through(store):
    put_tested(store, "a", 0.8, template="cnn")
    put_tested(store, "b", 0.9, template="mlp")
    put_tested(store, "c", 0.9, template="mlp", archived=True)
    (only,) = groups(store, "template", line="accuracy > 0.85")
    assert (only.values, len(only.ids)) == (("mlp",), 1)


def test_without_numbers_there_are_only_counts(store):
    put_tested(store, "a", 0.8, template="cnn")
    (only,) = groups(store, "template", numbers=())
    assert (only.numbers, len(only.ids)) == ({}, 1)
    assert only.to_dict([find_field("template")]) == {
        "group": {"template": "cnn"},
        "runs": list(only.ids),
        "numbers": {},
    }


def test_what_there_are_runs_of_is_what_can_be_asked_for(store):
    put_tested(store, "a", 0.8, template="cnn", state="completed")
    put_tested(store, "b", 0.8, template="mlp", dataset="mnist", state="failed")
    found = store.runs.kinds(owner="ann")
    assert (found.datasets, found.templates) == (["digits", "mnist"], ["cnn", "mlp"])
    assert {state.value for state in found.states} == {"completed", "failed"}
    assert store.runs.kinds(owner="bob").datasets == []
