"""Which methods explain which runs: one table, without Keras."""

from dataclasses import replace

import pytest

from dlcore.datasets import facts
from dlcore.errors import SpecError
from dlcore.records.explanation_methods import Explainable, Form, applicable, checked_method
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task
from dlcore.spec.experiment import ExperimentSpec

ALL = ["grad_cam", "integrated_gradients", "occlusion"]


def seen(known, layers, *steps, **model):
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": known.name},
            "preprocessing": list(steps),
            "model": {"layers": layers, **model},
        }
    )
    return Explainable.of(spec, known)


def names(found):
    return [method.name for method in applicable(found)]


@pytest.fixture
def digits(tmp_path):
    return facts("digits", Settings(home=tmp_path))


def of_kind(digits, kind, task=Task.BINARY, **changed):
    classes = ("no", "yes") if task.classifies else ()
    return replace(
        digits, kind=kind, task=task, classes=classes, input_shape=None, class_counts=(), **changed
    )


def test_pictures_have_all_methods_where_there_are_maps(digits):
    convolutional = seen(digits, ["Conv2D", "Flatten", "Dense"])
    assert (convolutional.form, names(convolutional)) == (Form.PICTURE, ALL)
    assert names(seen(digits, ["Flatten", "Dense"])) == ALL[1:]


def test_a_backbone_has_maps_within(digits):
    coloured = replace(digits, input_shape=(64, 64, 3))
    layers = [{"kind": "MobileNetV2", "weights": None}, "GlobalAveragePooling2D", "Dense"]
    assert names(seen(coloured, layers)) == ALL


def test_texts_have_gradients_through_an_embedding_or_as_counts(digits):
    known = of_kind(digits, DataKind.TEXT, columns=(Column("text", ColumnType.TEXT),))
    ids, counts = "TextVectorization", {"kind": "TextVectorization", "output_mode": "count"}
    assert names(seen(known, ["Embedding", "Flatten", "Dense"], ids)) == ALL[1:]
    assert names(seen(known, ["Dense"], counts)) == ALL[1:]
    assert names(seen(known, ["Dense"], ids)) == ["occlusion"]


def test_tables_and_series_have_columns_and_steps(digits):
    columns = (
        Column("age", ColumnType.NUMBER, unique=9),
        Column("price", ColumnType.NUMBER, ColumnRole.TARGET, unique=9),
    )
    table = seen(of_kind(digits, DataKind.TABLE, Task.REGRESSION, columns=columns), ["Dense"])
    assert (table.form, names(table)) == (Form.COLUMNS, ALL[1:])
    series = of_kind(digits, DataKind.SERIES, Task.FORECASTING, columns=columns, train_size=900)
    found = seen(series, ["Flatten", "Dense"], {"kind": "Windows", "sequence_length": 5})
    assert (found.form, names(found)) == (Form.STEPS, ALL[1:])


def test_what_has_nothing_to_explain_says_why(digits):
    columns = (
        Column("user", ColumnType.CATEGORY, ColumnRole.USER, unique=5),
        Column("item", ColumnType.CATEGORY, ColumnRole.ITEM, unique=5),
        Column("stars", ColumnType.NUMBER, ColumnRole.TARGET, unique=5),
    )
    rated = seen(
        of_kind(digits, DataKind.RATINGS, Task.RATING, columns=columns),
        [
            {"kind": "Concatenate", "inputs": ["user", "item"]},
            "Dense",
        ],
        inputs=["user", "item"],
    )
    back = seen(replace(digits, task=Task.RECONSTRUCTION), ["Flatten", "Dense"])
    film = seen(replace(digits, kind=DataKind.ARRAY, input_shape=(2, 8, 8, 1)), ["Flatten", "Dense"])
    for found, words in (
        (rated, "by their numbers alone"),
        (back, "explains itself"),
        (film, "samples with 4 axes"),
    ):
        assert names(found) == [] and words in found.refusal().text()
        with pytest.raises(SpecError, match=words):
            checked_method("occlusion", found)


def test_an_unknown_method_and_one_that_does_not_suit_are_refused(digits):
    found = seen(digits, ["Flatten", "Dense"])
    assert checked_method("occlusion", found).name == "occlusion"
    with pytest.raises(SpecError, match=r"there is no method 'ocllusion'\. Nearest: occlusion"):
        checked_method("ocllusion", found)
    with pytest.raises(SpecError, match="Choose one of these: integrated_gradients, occlusion"):
        checked_method("grad_cam", found)
