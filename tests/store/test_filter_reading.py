"""The values of runs in a table are those that the filter compares."""

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.design.templates import proposal
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import find_field
from dlcore.store.filters.reading import differing_fields, field_value, spec_values
from dlcore.store.tables import runs
from tests.store.samples import SPEC, queued

CONV = {"kind": "Conv2D", "name": "conv", "filters": 32}


def put(store, **columns):
    run = queued(store, name="one")
    with store.database.write() as connection:
        connection.execute(runs.update().where(runs.c.id == run.id).values(**columns))
    return store.runs.get(run.id)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accuracy", 0.5), ("val_accuracy", 0.75), ("train_accuracy", None), ("state", "queued"),
        ("dataset", "digits"), ("template", "cnn"), ("favorite", True), ("notes", "words"), ("seconds", 2.5),
        ("parameters", 12), ("training.batch_size", 32), ("model.layers[conv].filters", 32),
        ("model.layers[0].filters", 32), ("model.layers[7].filters", None), ("model.layers[no].filters", None),
        ("training.optimizer.learning_rate", None),
    ],
)  # fmt: skip
def test_a_value_is_the_one_that_a_filter_for_it_finds(store, name, value):
    summary = {"test": {"accuracy": 0.5}, "validation": {"accuracy": 0.75}}
    run = put(store, summary=summary, template="cnn", favorite=True, notes="words", seconds=2.5,
              workload={"parameters": 12}, spec={**SPEC, "model": {"layers": [CONV]}})  # fmt: skip
    assert field_value(run, find_field(name)) == value
    said = "none" if value is None else f'"{value}"' if isinstance(value, str) else str(value).lower()
    asked = RunQuestion.read(f"{name} = {said}")
    assert [one.id for one in store.runs.list(**asked.filters)] == [run.id]


def test_the_fields_that_differ_come_in_the_order_of_how_many_have_them(store):
    def made(seed, **model):
        return put(store, spec={"seed": seed, "training": {"epochs": 3}, "name": f"n{seed}", **model})

    first = made(1, model={"layers": [CONV]})
    second = made(2, model={"layers": [{**CONV, "filters": 8}]})
    third = made(3)
    assert differing_fields([first, second]) == ["seed", "model.layers[conv].filters"]
    assert differing_fields([first, third]) == [
        "seed",
        "model.layers[conv].filters",
        "model.layers[conv].kind",
    ]
    assert differing_fields([first]) == []


def test_every_path_of_a_spec_is_a_field():
    spec = proposal(CATALOGUE.get("digits").facts, "resnet").to_dict()
    values = spec_values(spec)
    assert values["training.optimizer.learning_rate"] == spec["training"]["optimizer"]["learning_rate"]
    assert [path for path in values if find_field(path) is None] == []
