"""What is known of a dataset, after its classes were renamed and its categories became numbers."""

import dataclasses

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task
from dlcore.spec.preprocessing import STEPS, signature

DIGITS = CATALOGUE.get("digits").facts
ABC = dataclasses.replace(DIGITS, task=Task.MULTICLASS, classes=("a", "b", "c"), class_counts=(5, 3, 2))


def test_classes_of_one_new_name_are_put_together_and_those_without_are_gone():
    merged = ABC.with_classes(("x", "y", "x"))
    assert (merged.classes, merged.class_counts, merged.task) == (("x", "y"), (7, 3), Task.MULTICLASS)
    fewer = ABC.with_classes((None, "b", "c"))
    assert (fewer.classes, fewer.class_counts) == (("b", "c"), (3, 2))
    assert ABC.with_classes(("a", "b", "c")) == ABC
    uncounted = dataclasses.replace(ABC, class_counts=()).with_classes(("x", "y", "x"))
    assert (uncounted.classes, uncounted.class_counts) == (("x", "y"), ())


def test_two_classes_stay_a_binary_task_and_one_does_not():
    two = dataclasses.replace(ABC, task=Task.BINARY, classes=("no", "yes"), class_counts=(4, 6))
    assert two.with_classes(("off", "on")).task is Task.BINARY
    assert two.with_classes(("on", "on")).task is Task.MULTICLASS
    assert two.with_classes((None, "yes")).class_counts == (6,)


def test_classes_that_a_sample_has_several_of_keep_their_names():
    several = dataclasses.replace(ABC, task=Task.MULTILABEL)
    assert several.with_classes(("x", "y", "x")) == several


def table(unique):
    columns = (
        Column("city", ColumnType.CATEGORY, ColumnRole.FEATURE, (), unique, 0),
        Column("age", ColumnType.NUMBER, ColumnRole.FEATURE, (), 50, 0),
        Column("y", ColumnType.CATEGORY, ColumnRole.TARGET, ("a", "b", "c"), 3, 0),
    )
    return dataclasses.replace(ABC, kind=DataKind.TABLE, input_shape=None, columns=columns)


def inputs(unique, **arguments):
    found = signature(table(unique), [STEPS.parse({"kind": "StringLookup", **arguments})])
    return {name: (one.shape, one.vocabulary) for name, one in found.inputs.items()}


def test_a_category_becomes_a_number_for_each_value_and_one_for_the_unknown():
    assert inputs(4) == {"input": ((1 + 4 + 1,), None)}
    assert inputs(4, output_mode="int") == {"input": ((1,), None), "city": ((1,), 5)}


def pieces(*rows):
    return signature(table(4), [*map(STEPS.parse, rows), STEPS.parse("StringLookup")]).inputs["input"].shape


def test_a_number_becomes_as_many_as_it_has_pieces():
    cut = {"kind": "PiecewiseLinearEncoding"}
    assert pieces(cut) == (16 + 5,)
    # Fifty values have 49 spans between them.
    assert pieces({**cut, "num_bins": 100}) == (49 + 5,)
    assert pieces("StringLookup", {**cut, "columns": ["age"]}) == (16 + 5,)


@pytest.mark.parametrize("name", ["height", "city", "y"])
def test_only_a_column_of_numbers_is_cut_in_pieces_and_only_once(name):
    cut = {"kind": "PiecewiseLinearEncoding", "columns": [name]}
    with pytest.raises(SpecError, match=rf"preprocessing\[0\].columns: there is no column '{name}'"):
        pieces(cut)
    cut["columns"] = ["age"]
    with pytest.raises(SpecError, match=r"preprocessing\[1\].columns: there is no column 'age'"):
        pieces(cut, cut)


def test_more_than_a_thousand_values_are_too_many_for_a_number_each():
    assert inputs(999) == {"input": ((1001,), None)}
    with pytest.raises(SpecError, match="column city has 1001 values, too many for one number each"):
        inputs(1000)
    assert inputs(1000, output_mode="int")["city"] == ((1,), 1001)
