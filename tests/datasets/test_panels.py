"""Several series in one table: told apart when it is read, and never mixed by a window."""

import random

import numpy as np
import pytest

from dlcore.datasets.clean.divisions import Division, divide
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.calendars import irregular_times
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.series import encode_series
from dlcore.design.templates import proposal, templates_for
from dlcore.errors import DatasetError, SpecError
from dlcore.spec.data import ColumnRole, ColumnType, DataKind
from dlcore.spec.graph import infer
from dlcore.spec.preprocessing import STEPS, signature

from .makers import panel, samples, stored

NONE = np.array([], np.int64)


def quiet(what, done, total):
    pass


def roles(found):
    return {column.name: column.role for column in found.columns}


def windows(**values):
    return [STEPS.parse({"kind": "Windows", **values})]


def write(path, header, rows):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_column_that_tells_repeated_times_apart_is_the_group(tmp_path, settings):
    rows = [
        f"2024-01-{day:02},{store},{town},{day * 3}"
        for store, town in (("a", "Oslo"), ("b", "Rome"), ("c", "Rome"))
        for day in range(1, 21)
    ]
    random.Random(0).shuffle(rows)
    found = inspect(write(tmp_path / "x.csv", "date,store,town,sales", rows), settings)
    assert found.kind is DataKind.SERIES
    assert roles(found) == {
        "date": ColumnRole.TIME, "store": ColumnRole.GROUP, "town": ColumnRole.IGNORED, "sales": ColumnRole.TARGET,
    }  # fmt: skip
    said = [note.text() for note in found.notes]
    assert "several series, told apart by store: 3; no window reaches from one into another." in said
    assert "column town is not used: a series is made of numbers." in said
    # Within a series no time comes again.
    assert found.warnings == ()


def test_two_columns_of_numbers_may_tell_series_apart_together(tmp_path, settings):
    rows = [
        f"{store},{item:02},{year},{store * item + year}"
        for store in (1, 2)
        for item in (1, 2, 3)
        for year in range(2000, 2015)
    ]
    kept = stored(write(tmp_path / "x.csv", "store,item,year,sales", rows), settings)
    assert kept.facts.kind is DataKind.SERIES
    assert [column.role for column in kept.facts.columns[:2]] == [ColumnRole.GROUP] * 2
    assert [column.categories for column in kept.facts.columns[:2]] == [("1", "2"), ("01", "02", "03")]
    assert kept.facts.input_shape == (15,)
    assert sorted(set(samples(settings).groups())) == [
        "1 · 01", "1 · 02", "1 · 03", "2 · 01", "2 · 02", "2 · 03"
    ]  # fmt: skip


def test_rows_of_single_events_are_no_series(tmp_path, settings):
    rng = np.random.default_rng(0)
    rows = [
        f"2024-01-{rng.integers(1, 29):02},{'abc'[rng.integers(3)]},{rng.integers(100)}" for _ in range(200)
    ]
    found = inspect(write(tmp_path / "x.csv", "date,customer,amount", rows), settings)
    assert found.kind is DataKind.TABLE


def test_a_category_that_changes_within_a_series_leaves_a_table(tmp_path, settings):
    rows = [
        f"2024-01-{day:02},{town},{day},{'rain' if day % 3 else 'sun'}"
        for town in ("Oslo", "Rome")
        for day in range(1, 29)
    ]
    found = inspect(write(tmp_path / "x.csv", "date,town,warmth,weather", rows), settings)
    assert found.kind is DataKind.TABLE
    chosen = Choices(kind=DataKind.SERIES)
    assert roles(inspect(tmp_path / "x.csv", settings, chosen))["town"] is ColumnRole.GROUP


def test_what_the_user_says_of_groups_comes_first(tmp_path, settings):
    path = panel(tmp_path / "x.csv")
    # Without the shop, its level tells the series apart.
    alone = inspect(path, settings, Choices(roles={"shop": ColumnRole.IGNORED}))
    assert (roles(alone)["shop"], roles(alone)["level"]) == (ColumnRole.IGNORED, ColumnRole.GROUP)
    unused = {"shop": ColumnRole.IGNORED, "level": ColumnRole.FEATURE}
    chosen = Choices(kind=DataKind.SERIES, roles=unused)
    warned = [warning.text() for warning in inspect(path, settings, chosen).warnings]
    assert any("times in column day that come again: 20" in text for text in warned)
    named = Choices(kind=DataKind.SERIES, roles={"level": ColumnRole.GROUP, "shop": ColumnRole.IGNORED})
    column = inspect(path, settings, named).columns[2]
    assert (column.role, column.type) == (ColumnRole.GROUP, ColumnType.CATEGORY)


def test_a_long_table_in_the_order_of_time_shows_only_the_first_rows_of_each_series(tmp_path, settings):
    # Of 7,000 shops, the 20,000 rows that are looked at hold three days.
    rows = [f"2024-01-{day:02},shop {shop},{shop % 97 + day}" for day in range(1, 5) for shop in range(7_000)]
    found = inspect(write(tmp_path / "x.csv", "day,shop,value", rows), settings)
    assert (found.kind, roles(found)["shop"], found.exact) == (DataKind.SERIES, ColumnRole.GROUP, False)


def test_series_that_are_mixed_are_asked_about(tmp_path, settings):
    path = panel(tmp_path / "x.csv")
    unused = {"shop": ColumnRole.IGNORED, "level": ColumnRole.FEATURE}
    chosen = Choices(kind=DataKind.SERIES, roles=unused)
    assert [doubt.code for doubt in inspect(path, settings, chosen).doubts] == ["mixed-series"]
    with pytest.raises(DatasetError, match=r"many times in column day come again.*--accept mixed-series"):
        stored(path, settings, kind=DataKind.SERIES, roles=unused)
    stored(path, settings, kind=DataKind.SERIES, roles=unused, accept=("mixed-series",))
    assert inspect(path, settings).doubts == ()


def test_what_only_later_rows_show_of_mixed_series_is_asked_before_storing(tmp_path, settings):
    # 20,001 hours of one sensor, then those of another: the rows that are looked at are of the first alone.
    rows = [f"{hour},{sensor},{hour % 24}" for sensor in (1, 2) for hour in range(20_001)]
    path = write(tmp_path / "x.csv", "step,sensor,value", rows)
    assert (inspect(path, settings).kind, inspect(path, settings).doubts) == (DataKind.SERIES, ())
    with pytest.raises(DatasetError, match="many times in column step come again"):
        stored(path, settings)


def test_times_are_irregular_within_a_series_only():
    # Two series, each a row a day; one starts 100 days later, the other has a day twice and one missing.
    times = np.array([0, 1, 2, 3, 100, 101, 101, 103, 104], float) * 86_400
    series = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    said = [message.params["count"] for message in irregular_times("t", times, series)]
    assert said == [1, 1]
    assert list(irregular_times("t", times[:4])) == []


def test_windows_stay_within_a_series(tmp_path, settings):
    group = {"shop": ColumnRole.GROUP}
    stored(panel(tmp_path / "x.csv", rows=6), settings, kind=DataKind.SERIES, roles=group)
    found = samples(settings)
    division = Division(np.arange(12), NONE, NONE)
    encoded = encode_series(found, division, windows(sequence_length=2, gap=1, horizon=2))
    # The rows of the file alternate: a at even places, counting from 0, b at odd ones, counting from 100.
    assert encoded.inputs["input"][..., 1].tolist() == [[0, 1], [1, 2], [100, 101], [101, 102]]
    assert encoded.y.tolist() == [[3, 4], [4, 5], [103, 104], [104, 105]]
    assert encoded.rows.tolist() == [6, 8, 7, 9]


def test_all_series_are_divided_at_the_same_times(tmp_path, settings):
    kept = stored(panel(tmp_path / "x.csv", rows=20), settings)
    found = samples(settings)
    # 40 rows: the last 20 % are 8, and 10 % of the rest 3.2, which would tear a day apart.
    parts = divide(found, proposal(kept.facts).dataset, seed=0)
    days = [sorted({int(row) // 2 for row in part}) for part in vars(parts).values()]
    assert days == [list(range(14)), [14, 15], list(range(16, 20))]
    assert [len(part) for part in vars(parts).values()] == [28, 4, 8]


def test_a_series_too_short_for_a_window_gives_none(tmp_path, settings):
    rows = [
        f"2024-01-{day:02},{shop},{day}" for day in range(1, 13) for shop in "ab" if shop == "a" or day > 9
    ]
    path = write(tmp_path / "x.csv", "day,shop,value", rows)
    stored(path, settings, kind=DataKind.SERIES, roles={"shop": ColumnRole.GROUP})
    found = samples(settings)
    division = Division(np.arange(len(rows)), NONE, NONE)
    encoded = encode_series(found, division, windows(sequence_length=4))
    assert encoded.y.ravel().tolist() == [5, 6, 7, 8, 9, 10, 11, 12]
    told = []
    spec = proposal(found.facts).with_values(
        {"preprocessing": [{"kind": "Windows", "sequence_length": 4}], "dataset.validation_fraction": 0}
    )
    prepare(spec, settings, lambda *what: told.append(what))
    assert ("series too short for a window", 1, 2) in told
    with pytest.raises(SpecError, match="a window needs 13 rows, the series has 12"):
        signature(found.facts, windows(sequence_length=12))
    one_by_one = Division(np.arange(0, len(rows), 2), NONE, np.arange(1, len(rows), 2))
    with pytest.raises(DatasetError, match="no window fits into the train part"):
        encode_series(found, one_by_one, windows(sequence_length=4))


def test_the_model_sees_the_group_as_an_id_if_it_should(tmp_path, settings):
    rows = [
        f"2024-01-{day:02},{shop},{day}" for day in range(1, 13) for shop in "abn" if shop != "n" or day > 6
    ]
    path = write(tmp_path / "x.csv", "day,shop,value", rows)
    kept = stored(path, settings, kind=DataKind.SERIES, roles={"shop": ColumnRole.GROUP})
    seeing = windows(sequence_length=2, group_ids=True)
    seen = signature(kept.facts, seeing).inputs
    assert (seen["shop"].shape, seen["shop"].dtype, seen["shop"].vocabulary) == ((1,), "int32", 4)
    found = samples(settings)
    early = np.flatnonzero(found.column("value") <= 6)
    late = np.flatnonzero(found.column("value") > 6)
    encoded = encode_series(found, Division(early, NONE, late), seeing)
    # A shop that opens later is not known to the training part: id 0.
    assert encoded.inputs["shop"].dtype == np.int32
    assert encoded.inputs["shop"].ravel().tolist() == [1] * 10 + [2] * 10 + [0] * 4
    assert encoded.state["lookups"] == {"shop": ["", "a", "b"]}


def test_ids_of_groups_need_groups(tmp_path, settings):
    kept = stored(write(tmp_path / "x.csv", "day,v", [f"2024-01-{d:02},{d}" for d in range(1, 29)]), settings)
    with pytest.raises(SpecError, match=r"group_ids: the dataset has no groups"):
        signature(kept.facts, windows(sequence_length=2, group_ids=True))


def test_every_template_of_series_takes_ids_of_groups(tmp_path, settings):
    # A column may be called like one of the templates' layers.
    path = tmp_path / "x.csv"
    path.write_text(panel(path).read_text().replace("shop", "curve", 1))
    kept = stored(path, settings)
    seen = signature(kept.facts, windows(sequence_length=2, horizon=3, group_ids=True))
    assert set(seen.inputs) == {"input", "curve"}
    for one in templates_for(DataKind.SERIES):
        if one.name != "empty":
            model = one.build(seen)
            assert infer(model, seen).problem is None
            assert any(layer.kind == "Embedding" for layer in model.layers)


def test_what_is_proposed_for_a_panel_can_be_prepared(tmp_path, settings):
    kept = stored(panel(tmp_path / "x.csv", rows=30), settings)
    spec = proposal(kept.facts)
    # A tenth of a series' 30 rows, not of all 60.
    assert spec.preprocessing[0].sequence_length == 3
    prepared = prepare(spec, settings, quiet)
    # Of 30 days the last 6 test, and 3 before them validate; the first 3 of 21 are only seen.
    assert [len(part) for part in (prepared.train, prepared.validation, prepared.test)] == [36, 6, 12]
