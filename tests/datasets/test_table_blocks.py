"""Tables are read block by block: what is decided and stored does not depend on where a block ends."""

import contextlib
import csv
import gzip
import io
import json
import random
import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.ingest import Choices, cell_table, records, spool, text_rows
from dlcore.datasets.ingest.cell_table import CellTable
from dlcore.datasets.ingest.cells import read_cells
from dlcore.datasets.ingest.distinct import DistinctCount
from dlcore.datasets.ingest.intake import ingest, inspect
from dlcore.datasets.ingest.number_summary import NumberSummary
from dlcore.datasets.ingest.sources import table_sources
from dlcore.datasets.preview import first_samples
from dlcore.datasets.stored import StoredDataset
from dlcore.errors import DatasetError
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task

from .fixtures import settings_in
from .makers import people, shops, some_ratings, stored, wave_series


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of seven rows, all of them in a file."""

    def make():
        monkeypatch.setattr(cell_table, "BLOCK_ROWS", 7)
        monkeypatch.setattr(spool, "_IN_MEMORY", 0)
        monkeypatch.setattr(text_rows, "CHUNK", 100)
        monkeypatch.setattr(records, "_BATCH", 5)

    return make


def odd(path):
    """Columns of every sort: money, dates whose order decides, times in words, labels, ids, parts, and gaps."""
    days = [f"{1 + n % 28:02}/{1 + n // 28:02}/2023" for n in range(90)]
    pd.DataFrame(
        {
            "day": days,
            "price": [f"${1000 + 37 * n:,.2f}" if n % 9 else "-" for n in range(90)],
            "share": [f"{n / 7:.2f}".replace(".", ",") for n in range(90)],
            "code": [f"{n % 12:04}" for n in range(90)],
            "step": [f"step {n}" for n in range(90)],
            "split": [("train", "test", "dev")[n % 3] for n in range(90)],
            "tags": ["|".join("abc"[: 1 + n % 3]) for n in range(90)],
            "odd": [str(n) if n % 10 else "many" for n in range(90)],
        }
    ).to_csv(path, index=False)
    return path


def months(path):
    rows = "".join(f"{2000 + n // 12},{n % 12 + 1},{n / 2}\n" for n in range(40))
    path.write_text("year,month,gdp\n" + rows)
    return path


def panel(path):
    """Three shops, each once a day, and where each is."""
    rows = "".join(
        f"{pd.Timestamp('2024-01-01') + pd.Timedelta(n // 3, 'D')},{'abc'[n % 3]},{'xyx'[n % 3]},{n / 4}\n"
        for n in range(90)
    )
    path.write_text("day,shop,town,sales\n" + rows)
    return path


def names_as_numbers(path):
    """Users that are written 3 and 3.0 are two users, items only one way are called by their numbers."""
    rows = "".join(f"{('3', '3.0', '4')[n % 3]},{n % 5}.0,{n % 5 + 1}\n" for n in range(60))
    path.write_text("user,item,rating\n" + rows)
    return path


@pytest.mark.parametrize(
    ("make", "choices"),
    [
        (people, {}),
        (shops, {}),
        (wave_series, {}),
        (some_ratings, {}),
        (names_as_numbers, {}),
        (months, {}),
        (panel, {}),
        (odd, {}),
        (odd, {"task": Task.MULTILABEL, "roles": {"tags": ColumnRole.TARGET}}),
        (odd, {"roles": {"price": ColumnRole.TARGET, "share": ColumnRole.TARGET}, "task": Task.REGRESSION}),
        (odd, {"types": {"step": ColumnType.TEXT}, "kind": DataKind.TEXT}),
    ],
)
def test_what_is_stored_is_the_same_however_the_table_is_cut(make, choices, tmp_path, settings, small_blocks):
    path = make(tmp_path / "x.csv")
    whole = stored(path, settings, **choices)
    small_blocks()
    again = ingest(path, settings_in(tmp_path / "b"), Choices(name="it", **choices), owner="me")
    assert again.facts == whole.facts
    pd.testing.assert_frame_equal(again.frame, whole.frame)
    if whole.targets is not None:
        np.testing.assert_array_equal(again.targets, whole.targets)
    assert again.assumed == whole.assumed
    for one, two in zip(again.statistics["columns"], whole.statistics["columns"], strict=True):
        assert one == pytest.approx(two)


def test_the_times_of_a_very_long_series_are_not_sorted(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("dlcore.datasets.ingest.tables._MOST_TIMES", 50)
    found = inspect(wave_series(tmp_path / "x.csv", 60), settings, Choices(kind=DataKind.SERIES))
    assert "are too many to look for gaps" in found.warnings[0].text()


def test_names_are_kept_apart_and_numbers_are_called_short_over_many_blocks(tmp_path, settings, small_blocks):
    small_blocks()
    frame = stored(names_as_numbers(tmp_path / "x.csv"), settings).frame
    assert set(frame["user"]) == {"3", "3.0", "4"}
    assert set(frame["item"]) == {"0", "1", "2", "3", "4"}


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.parquet", "x.feather", "x.db", "x.dta"])
def test_other_formats_are_read_in_blocks_as_well(name, tmp_path, settings, small_blocks):
    path = tmp_path / name
    frame = pd.DataFrame({"size": [n / 3 for n in range(50)], "kind": ["xy"[n % 2] for n in range(50)]})
    frame["size"] = frame["size"].where(frame.index != 20)
    if name == "x.jsonl":
        path.write_text(frame.to_json(orient="records", lines=True))
    elif name == "x.json":
        path.write_text(frame.to_json(orient="records", indent=1))
    elif name == "x.parquet":
        frame.to_parquet(path, row_group_size=6)
    elif name == "x.db":
        with contextlib.closing(sqlite3.connect(path)) as database:
            frame.to_sql("t", database, index=False)
    elif name == "x.dta":
        frame.to_stata(path, write_index=False)
    else:
        frame.to_feather(path)
    whole = stored(path, settings)
    small_blocks()
    again = ingest(path, settings_in(tmp_path / "b"), Choices(name="it"), owner="me")
    assert (again.facts.train_size, again.facts.classes) == (50, ("x", "y"))
    assert again.facts == whole.facts
    np.testing.assert_allclose(again.column("size"), frame["size"])


GOOD = [{"size": n / 2, "tags": ["a"], "kind": "xy"[n % 2]} for n in range(40)]


@pytest.mark.parametrize("chunk", [1, 7, 64, 10_000])
def test_a_list_of_records_is_read_piece_by_piece_wherever_it_is_cut(chunk, tmp_path, settings, monkeypatch):
    monkeypatch.setattr("dlcore.datasets.ingest.records._CHUNK", chunk)
    (tmp_path / "x.json").write_text(
        "\ufeff " + json.dumps([1, -2.5e-7, "ä\\", *GOOD, True], indent=1), "utf-8"
    )
    found = inspect(tmp_path / "x.json", settings)
    assert (found.samples, found.classes, found.refused_count) == (40, ("x", "y"), 4)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text[:-1], "does not end"),
        (lambda text: text[:500], "cannot be read"),
        (lambda text: text + "x", "does not end"),
        (lambda text: text[:-1] + ",]", "cannot be read"),
        (lambda text: text.replace("}, {", "} {", 1), "between records"),
        (lambda text: text.replace('"y"', "y", 1), "cannot be read"),
        (lambda text: "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_list_that_is_damaged_is_refused_with_the_reason(change, reason, tmp_path, settings):
    (tmp_path / "x.json").write_text(change(json.dumps(GOOD)))
    with pytest.raises(DatasetError, match=reason):
        inspect(tmp_path / "x.json", settings)


def test_a_packed_database_is_read_and_its_copy_deleted(tmp_path, settings):
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as database:
        pd.DataFrame({"size": range(40), "kind": ["x", "y"] * 20}).to_sql("t", database, index=False)
    (tmp_path / "x.db.gz").write_bytes(gzip.compress((tmp_path / "x.db").read_bytes()))
    assert inspect(tmp_path / "x.db.gz", settings).samples == 40
    assert [path for path in settings.home_dir.iterdir() if path.name.startswith("tmp")] == []


def test_whole_numbers_are_called_alike_in_blocks_with_and_without_gaps(tmp_path, settings, small_blocks):
    # Where a number is missing, Stata's reader gives the whole numbers of a block as fractions.
    firms = [1 + n % 3 for n in range(60)]
    frame = pd.DataFrame(
        {"year": [1960 + n // 3 for n in range(60)], "firm": firms, "value": np.arange(60.0)}
    )
    frame["other"] = pd.array([None if n == 57 else n % 2 for n in range(60)], "Int32").to_numpy(
        float, na_value=np.nan
    )
    frame.to_stata(tmp_path / "x.dta", write_index=False, convert_dates={})
    small_blocks()
    found = stored(
        tmp_path / "x.dta",
        settings,
        task=Task.MULTICLASS,
        kind=DataKind.TABLE,
        roles={"other": ColumnRole.TARGET},
    )
    assert found.facts.classes == ("0", "1")


def test_a_name_that_only_a_late_record_has_is_a_column(tmp_path, settings, small_blocks):
    small_blocks()
    lines = [f'{{"a": {n}}}\n' for n in range(20)] + ['{"a": 20, "b": "late"}\n'] * 2
    (tmp_path / "x.jsonl").write_text("".join(lines))
    found = inspect(tmp_path / "x.jsonl", settings)
    assert [(column.name, column.missing) for column in found.columns] == [("a", 0), ("b", 20)]


def test_an_index_with_a_name_is_a_column_and_one_without_is_none(tmp_path, settings):
    frame = pd.DataFrame({"y": range(30)}, index=pd.Index([n / 3 for n in range(30)], name="depth"))
    frame.to_parquet(tmp_path / "x.parquet")
    assert {column.name for column in inspect(tmp_path / "x.parquet", settings).columns} == {"depth", "y"}
    frame.rename_axis(None).to_parquet(tmp_path / "x.parquet")
    assert [column.name for column in inspect(tmp_path / "x.parquet", settings).columns] == ["y"]


def test_whole_numbers_with_gaps_lose_no_digit(tmp_path, settings):
    ids = [76561197960265728 + n % 4 if n != 5 else None for n in range(40)]
    pq.write_table(
        pa.table({"user": pa.array(ids, pa.int64()), "y": list(range(40))}), tmp_path / "x.parquet"
    )
    found = stored(tmp_path / "x.parquet", settings, types={"user": ColumnType.CATEGORY})
    assert set(found.column("user").dropna()) == {str(76561197960265728 + n) for n in range(4)}


CELLS = st.text("ab1,\"' \n\r;é", max_size=4)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def table_of(path, settings, most):
    (source,) = table_sources(path, path.name, settings)
    cells = read_cells(source, settings, Choices(delimiter=",", header=False, encoding="utf-8"), most=most)
    rows = cells.table.head(10**6)
    return rows, [(one.name, one.reason.text()) for one in cells.refused], cells.replaced


@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=30),
    plain=st.integers(0, 400),
    seed=st.integers(0, 99),
    end=ENDS,
    quote=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_rows_read_many_at_once_are_those_read_one_by_one(tmp_path_factory, rows, plain, seed, end, quote):
    folder, text = tmp_path_factory.mktemp("rows"), io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=quote)
    rng = random.Random(seed)
    # Enough of the same width to be the table, so that odd ones are around and within it.
    writer.writerows([[f"r{n}", n % 7, "x"] for n in range(210)])
    for number in range(plain):
        writer.writerow([number, "", rng.choice(["a", " b ", "\t", "7", "é"])])
        if rng.random() < 0.05:
            writer.writerow(rng.choice(rows))
        if rng.random() < 0.05:
            text.write(
                rng.choice([end, "  " + end, ",," + end, "1,2,3,,," + end, "1" + end, 'a"b,c,d' + end])
            )
    writer.writerows(rows)
    path, settings = folder / "x.csv", settings_in(folder)
    path.write_bytes(text.getvalue().encode() + b"\xc3,1,2\n" * (seed % 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_rows, "CHUNK", 150)
        assert table_of(path, settings, None) == table_of(path, settings, 10**9)


def test_many_rows_are_read_at_once_where_nothing_is_quoted(tmp_path, settings, monkeypatch):
    found = []
    real = text_rows._packed

    def watched(*arguments):
        found.append(real(*arguments))
        return found[-1]

    monkeypatch.setattr(text_rows, "_packed", watched)
    monkeypatch.setattr(text_rows, "CHUNK", 1_000)
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "".join(f"{n},{n / 3}\n" for n in range(3_000)))
    assert stored(path, settings).facts.train_size == 3_000
    assert sum(len(one.columns[0]) for one in found if one is not None) > 2_500


def test_a_total_at_the_end_of_a_long_table_is_refused(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(text_rows, "CHUNK", 500)
    path = tmp_path / "x.csv"
    rows = "".join(f"r{n},{n / 3:.2f},{n % 2}\n" for n in range(1_000))
    path.write_text(f"name,size,y\n{rows}Total,166500,500\n")
    found = stored(path, settings)
    assert (found.facts.train_size, [one.name for one in found.refused]) == (1_000, ["row 1002"])


def test_a_disk_that_is_full_while_cells_are_put_aside_is_said_to_be_full(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(spool, "_IN_MEMORY", 0)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool.Spool, "_write", full)
    with pytest.raises(DatasetError, match="the disk is full"):
        stored(people(tmp_path / "x.csv"), settings)


def test_nothing_is_left_of_what_was_put_aside(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(spool, "_IN_MEMORY", 0)
    stored(people(tmp_path / "x.csv"), settings)
    assert {entry.name for entry in settings.home.iterdir() if not entry.name.endswith(".lock")} == {
        "datasets"
    }


def test_the_first_rows_are_shown_without_the_others(tmp_path, settings, monkeypatch):
    dataset = stored(people(tmp_path / "x.csv"), settings)
    monkeypatch.setattr(StoredDataset, "frame", property(lambda _: pytest.fail("all rows are read")))
    header, rows = first_samples(dataset, 2)
    assert header == ("row", "age", "city", "income", "bought", "class")
    assert rows == [("1", "20", "Rome", "1000", "no", "no"), ("2", "30", "Oslo", "2000", "yes", "yes")]


def test_few_values_are_counted_exactly_and_many_closely(monkeypatch):
    found = DistinctCount()
    for start in range(0, 300_000, 50_000):
        found.add(np.arange(start, start + 50_000) % 200_000 * 1.0, 50_000)
    assert (found.is_exact, found.count) == (True, 200_000)
    monkeypatch.setattr("dlcore.datasets.ingest.distinct._KEPT", 10_000)
    monkeypatch.setattr("dlcore.datasets.ingest.distinct._WAITING", 1_000)
    monkeypatch.setattr("dlcore.datasets.ingest.distinct._MARGIN", 1.05)
    many = DistinctCount()
    for _ in range(2):
        for start in range(0, 500_000, 50_000):
            many.add(np.array([f"n{number}" for number in range(start, start + 50_000)], object), 50_000)
    assert not many.is_exact
    assert 500_000 <= many.count < 550_000
    single = DistinctCount()
    single.add(np.arange(500_000) / 3, 500_000)
    assert single.count == 500_000


def test_many_values_are_estimated_by_how_densely_their_smallest_hashes_lie(monkeypatch):
    monkeypatch.setattr("dlcore.datasets.ingest.distinct._KEPT", 4)
    found = DistinctCount()
    found.add_hashes(np.array([5, 1, 4, 3, 2], np.uint64) << np.uint64(60), 100)
    # Three lie below a quarter of all, so that there are twelve: an upper estimate is half a per cent more.
    assert (found.is_exact, found.count) == (False, 13)


def test_both_zeros_are_one_number():
    found = DistinctCount()
    found.add(np.array([0.0, -0.0]), 2)
    assert found.count == 1


def test_numbers_too_large_to_be_squared_are_summed_up():
    rng = np.random.default_rng(0)
    values = rng.normal(size=1_000) * 1e300
    found = NumberSummary()
    for block in np.split(values, 10):
        found.add(block, np.ones(len(block), np.int64))
    unit = 1e300
    assert found.to_dict() == pytest.approx(
        {
            "low": values.min(),
            "mean": (values / unit).mean() * unit,
            "high": values.max(),
            "std": (values / unit).std() * unit,
        }
    )


def test_numbers_too_small_to_be_squared_are_summed_up():
    found = NumberSummary()
    found.add(np.array([1e-200]), np.array([1]))
    found.add(np.array([3e-200, 5e-200]), np.array([2, 1]))
    # 1, 3, 3, 5: mean 3, variance (4 + 0 + 0 + 4) / 4.
    assert found.to_dict() == pytest.approx(
        {"low": 1e-200, "mean": 3e-200, "high": 5e-200, "std": 2**0.5 * 1e-200}, rel=1e-9, abs=0
    )


def test_cells_of_two_forms_are_texts(settings):
    table = CellTable(settings)
    table.add({"a": pa.array([1, 2])})
    table.add({"a": pa.array(["x", " y "]), "b": pa.array([True, None])})
    assert table.head(9) == [("1", ""), ("2", ""), ("x", "True"), ("y", "")]
    assert table.column("a").form is cell_table.CellForm.TEXT
