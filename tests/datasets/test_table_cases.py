"""Small tables that were once misread, where they are at hand."""

import numpy as np
import pytest

from dlcore.datasets.ingest.intake import inspect
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task
from tests.conftest import ROOT

from .makers import stored

CASES = ROOT.parent / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"needs the cases, and {CASES} is absent")


@pytest.mark.parametrize(
    ("name", "kind", "task", "classes"),
    [
        ("c01_decimal_comma.csv", DataKind.SERIES, Task.FORECASTING, ()),
        ("c02_thousands_currency.csv", DataKind.TABLE, Task.REGRESSION, ()),
        ("c02b_thousands.csv", DataKind.TABLE, Task.REGRESSION, ()),
        ("c03_none_class.csv", DataKind.TABLE, Task.MULTICLASS, ("Insomnia", "None", "Sleep Apnea")),
        ("c20_leading_zero_classes.csv", DataKind.TABLE, Task.MULTICLASS, ("007", "7", "010")),
        ("c25b_trailing_commas.csv", DataKind.TEXT, Task.BINARY, ("ham", "spam")),
        ("c26_records.jsonl", DataKind.TEXT, Task.BINARY, ("a", "b")),
        ("c36_pandas_index.csv", DataKind.TABLE, Task.MULTICLASS, ("setosa", "versi", "virg")),
        ("c40_cn_titles.csv", DataKind.TEXT, Task.MULTICLASS, ("体育", "科技", "财经")),
        ("c50b_last_bytes.csv", DataKind.TEXT, Task.BINARY, ("a", "b")),
    ],
)
def test_a_table_is_read_as_its_owner_means_it(name, kind, task, classes, settings):
    found = stored(CASES / name, settings)
    assert (found.facts.kind, found.facts.task, found.facts.classes) == (kind, task, classes)
    numbers = [column for column in found.facts.columns if column.type is ColumnType.NUMBER]
    assert all(column.missing == 0 for column in numbers)
    assert not any("replaced" in note.text() for note in found.assumed)


@pytest.mark.parametrize("name", ["c39_dmy_trend.csv", "c65_cn_dates.csv"])
def test_a_series_that_rises_by_one_does_so_in_the_order_of_its_times(name, settings):
    found = stored(CASES / name, settings)
    target = next(column for column in found.facts.columns if column.role is ColumnRole.TARGET)
    values = found.column(target.name).to_numpy()[np.argsort(found.times)]
    assert set(np.diff(values)) == {1.0}


def test_users_and_items_keep_their_names(settings):
    frame = stored(CASES / "c52_steam_ids.csv", settings).frame
    assert frame["user"].nunique() == 60
    assert all(name.startswith("0") for name in frame["item"])


def test_parts_are_those_of_the_column(settings):
    facts = stored(CASES / "c51_split_valid.csv", settings).facts
    assert min(facts.train_size, facts.validation_size, facts.test_size) > 0


def test_labels_are_found_by_their_separator(settings):
    facts = stored(CASES / "c21_multilabel_comma.csv", settings).facts
    assert facts.task is Task.MULTILABEL
    assert {"cuda", "gpu", "keras", "python"} <= set(facts.classes)


def test_cells_parted_by_blanks_are_nine_columns(settings):
    found = stored(CASES / "c15_space_aligned.data", settings)
    assert len(found.facts.columns) == 9
    assert found.facts.columns[3].missing == 5
    assert "car name 1" in found.facts.columns[8].categories


def test_the_only_table_in_a_zip_is_read(settings):
    assert stored(CASES / "c34_zip_one_csv.zip", settings).facts.size == 120


def test_a_target_that_never_changes_is_refused(settings):
    assert (
        "the same value in every row" in inspect(CASES / "c17_constant_target.csv", settings).problem.text()
    )
