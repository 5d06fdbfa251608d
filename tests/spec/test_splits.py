"""Which rule may divide which data."""

from dataclasses import replace

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task
from dlcore.spec.splits import Chronological, Grouped, Random, Stratified, resolved_split


def column(name, type, role=ColumnRole.FEATURE):
    return Column(name, type, role)


TABLE = replace(
    CATALOGUE.get("digits").facts,
    kind=DataKind.TABLE,
    columns=(
        column("age", ColumnType.NUMBER),
        column("city", ColumnType.CATEGORY),
        column("day", ColumnType.TIME, ColumnRole.TIME),
    ),
)
SERIES = replace(TABLE, kind=DataKind.SERIES, task=Task.FORECASTING)
AMOUNTS = replace(TABLE, task=Task.REGRESSION)


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        (Stratified(), TABLE),
        (Random(), AMOUNTS),
        (Grouped(column="city"), TABLE),
        (Grouped(), replace(TABLE, has_groups=True)),
        (Chronological(), SERIES),
        (Chronological(column="day"), TABLE),
        (Chronological(column="age"), TABLE),
        (Chronological(column="day"), SERIES),
    ],
)
def test_a_rule_fits_data_that_has_what_it_goes_by(rule, facts):
    rule.check(facts)


@pytest.mark.parametrize(
    ("rule", "facts", "says"),
    [
        (Stratified(), AMOUNTS, "there are no classes to stratify by"),
        (Random(), SERIES, "a series is divided by time"),
        (Grouped(column="city"), SERIES, "a series is divided by time"),
        (Grouped(column="town"), TABLE, "there is no column 'town'"),
        (Grouped(), TABLE, "the dataset has no groups"),
        (Chronological(column="town"), TABLE, "there is no column 'town'"),
        (Chronological(column="city"), TABLE, "column city holds neither times nor numbers"),
        (Chronological(column="age"), SERIES, "age does not hold them"),
    ],
)
def test_a_rule_that_lacks_what_it_goes_by_says_so(rule, facts, says):
    with pytest.raises(SpecError, match=says):
        rule.check(facts)


@pytest.mark.parametrize(
    ("facts", "rule"), [(TABLE, Stratified()), (AMOUNTS, Random()), (SERIES, Chronological())]
)
def test_data_is_divided_as_it_is_unless_a_rule_is_given(facts, rule):
    assert resolved_split(None, facts) == rule
    assert resolved_split(Grouped(column="city"), facts) == Grouped(column="city")
