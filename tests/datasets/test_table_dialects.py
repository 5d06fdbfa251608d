"""Tables as people write them: read as they are meant, or with a word about it."""

import contextlib
import csv
import datetime
import gzip
import io
import sqlite3
import sys
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.delimited import column_names, frame_of
from dlcore.datasets.ingest.encodings import encoding_of
from dlcore.datasets.ingest.intake import ingest, inspect
from dlcore.datasets.ingest.label_cells import label_separator
from dlcore.datasets.ingest.numerals import number_format, parse_numbers
from dlcore.datasets.ingest.times import parse_times, pattern_of, time_format
from dlcore.errors import DatasetError
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task

from .fixtures import settings_in
from .makers import stored


def roles(proposal):
    return {column.name: column.role for column in proposal.columns}


def types(proposal):
    return {column.name: column.type for column in proposal.columns}


def texts(messages):
    return " | ".join(message.text() for message in messages)


@pytest.fixture
def table(tmp_path, settings):
    """What a text seems to be."""

    def look(text, name="x.csv", encoding="utf-8", **choices):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return inspect(path, settings, Choices(**choices))

    return look


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["17,00", "18,5"], [17, 18.5]),
        (["1,234", "12,345,678"], [1234, 12345678]),
        (["$1,234.50", "-$12"], [1234.5, -12]),
        (["1.234,50 €", "3 €"], [1234.5, 3]),
        (["1 234,5", "22,1"], [1234.5, 22.1]),
        (["1'234.5", "3"], [1234.5, 3]),
        (["1.234.567", "3.456"], [1234567, 3456]),
        (["12 %", "7.5 %"], [12, 7.5]),
        (["(1,234.5)", "200.0"], [-1234.5, 200]),
        (["1.2M", "300K", "5"], [1.2e6, 3e5, 5]),
        (["$1.5 million", "$2 billion"], [1.5e6, 2e9]),
        (["−3", "4.5"], [-3, 4.5]),
        (["1,23,456", "2,34,567"], [123456, 234567]),
        (["12 kg", "9 kg"], [12, 9]),
        (["1e5", "2"], [1e5, 2]),
    ],
)
def test_numbers_as_people_write_them(cells, values):
    written = number_format(cells)
    np.testing.assert_allclose(parse_numbers(cells, written), values)


@pytest.mark.parametrize(
    "cells", [["red", "3"], ["A1", "A2"], ["2024-01-05", "2024-01-06"], ["12:30", "11:20"], ["1-2", "3-4"]]
)
def test_what_only_holds_digits_is_no_number(cells):
    assert number_format(cells) is None


def test_a_few_thousands_among_small_numbers_are_not_lost():
    cells = ["12"] * 95 + ["1,234"] * 5
    assert parse_numbers(cells, number_format(cells)).tolist() == [12.0] * 95 + [1234.0] * 5


DAYS = [datetime.date(2023, 1, 1) + datetime.timedelta(day) for day in range(365)]


@pytest.mark.parametrize(
    "pattern",
    ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%b %d, %Y", "%d-%b-%Y", "%Y-%m-%d", "%d/%m/%y", "%Y年%m月%d日",
     "%B %d, %Y", "%b-%d-%Y", "%d/%b/%Y", "%B-%d-%Y", "%Y-%b-%d", "%Y/%m/%d 00:00", "%Y-%m-%dT00:00:00Z", "%m/%d/%Y 12:00 AM", "%Y%m%dT000000"],
)  # fmt: skip
def test_a_year_of_days_is_read_in_its_order_however_it_is_written(pattern):
    cells = [day.strftime(pattern) for day in DAYS]
    times = parse_times(cells, time_format(cells).pattern)
    assert set(np.diff(times)) == {86_400.0}


def test_days_that_can_be_read_in_two_ways_are_decided_by_their_order():
    cells = [f"{day:02}/01/2023" for day in range(1, 13)]
    assert time_format(cells).pattern == "%d/%m/%Y"
    cells = [f"01/{day:02}/2023" for day in range(1, 13)]
    assert time_format(cells).pattern == "%m/%d/%Y"
    assert not time_format(["01/02/2023", "03/04/2023", "02/01/2023"]).decided


@pytest.mark.parametrize(
    ("cells", "times"),
    [
        (["1970 Q1", "1970 Q3"], [0, 181 * 86_400]),
        (["1700000000", "1700000060"], [1.7e9, 1.70000006e9]),
        (["1700000000000", "1700000060000"], [1.7e9, 1.70000006e9]),
        (["step 2", "step 10"], [2, 10]),
        (["1949-01", "1949-02"], [-662_688_000, -660_009_600]),
    ],
)
def test_quarters_epochs_and_counters_are_times(cells, times):
    assert parse_times(cells, time_format(cells, counts=True).pattern).tolist() == times


def test_how_dates_are_written_can_be_said_in_letters():
    assert pattern_of("dd.mm.yyyy HH:MM") == "%d.%m.%Y %H:%M"


def test_dates_in_doubt_are_asked(table, tmp_path, settings):
    text = "date,value\n01/02/2023,1\n03/04/2023,5\n02/01/2023,2\n"
    (doubt,) = table(text).doubts
    assert doubt.code == "dates-date"
    with pytest.raises(DatasetError, match="dd/mm/yyyy or as mm/dd/yyyy"):
        ingest(tmp_path / "x.csv", settings, Choices(name="x"), owner="me")
    found = stored(tmp_path / "x.csv", settings, kind=DataKind.SERIES, date_format="mm/dd/yyyy")
    assert np.argsort(found.times).tolist() == [0, 2, 1]


def test_times_that_are_not_understood_order_nothing(table, tmp_path, settings):
    text = "date,value\n" + "".join(
        f"day {['one', 'two', 'three', 'four', 'five', 'six', 'seven'][n]},{n}\n" for n in range(7)
    )
    found = table(text, kind=DataKind.SERIES)
    assert roles(found)["date"] is ColumnRole.IGNORED
    assert "the rows stay in the order of the file" in texts(found.warnings)
    assert stored(tmp_path / "x.csv", settings, kind=DataKind.SERIES).times is None


@pytest.mark.parametrize(("part", "most"), [("month", 12), ("quarter", 4)])
def test_a_year_beside_a_month_or_a_quarter_is_a_time(part, most, table, tmp_path, settings):
    rows = "".join(f"{2000 + n // most},{n % most + 1},{n / 2}\n" for n in range(40))
    found = table(f"year,{part},gdp\n" + rows)
    assert (found.kind, roles(found)[f"year-{part}"]) == (DataKind.SERIES, ColumnRole.TIME)
    assert f"read as one time, year-{part}" in texts(found.notes)
    times = stored(tmp_path / "x.csv", settings).times
    assert (np.diff(times) > 0).all()


def test_times_that_come_again_and_gaps_are_said(table):
    days = [*range(1, 11), *range(15, 25), 24]
    found = table("date,y\n" + "".join(f"2024-01-{day:02},{day}\n" for day in days), kind=DataKind.SERIES)
    said = texts(found.warnings)
    assert "come again: 1" in said
    assert "gaps in the times of column date: 1" in said


def test_names_of_digits_are_not_numbers(table, tmp_path, settings):
    found = table("a,label\n" + "".join(f"{n / 7:.3f},{('007', '7', '010')[n % 3]}\n" for n in range(60)))
    assert found.classes == ("007", "7", "010")
    rows = "".join(f"{76561197960265728 + n % 6},{n % 10:05},{n % 5 + 1}\n" for n in range(60))
    found = table("user_id,item_id,rating\n" + rows)
    assert found.kind is DataKind.RATINGS
    assert {c.name: c.unique for c in found.columns} == {"user_id": 6, "item_id": 10, "rating": 5}
    frame = stored(tmp_path / "x.csv", settings).frame
    assert set(frame["item"]) == {f"{n:05}" for n in range(10)}


def test_names_further_down_than_was_looked_are_noticed_before_anything_is_stored(
    tmp_path, settings, monkeypatch
):
    monkeypatch.setattr("dlcore.datasets.ingest.tables.LOOKED_AT", 50)
    path = tmp_path / "x.csv"
    path.write_text(
        "code,y\n" + "".join(f"{n if n < 100 else f'{n:05}'},{'ab'[n % 2]}\n" for n in range(3, 150))
    )
    assert types(inspect(path, settings))["code"] is ColumnType.NUMBER
    with pytest.raises(DatasetError, match=r"numbers would lose that.* accept it with `--accept type-code`"):
        stored(path, settings)
    names = stored(path, settings, types={"code": ColumnType.CATEGORY}).column("code")
    assert "00100" in set(names)


def test_a_word_among_the_numbers_of_a_target_is_no_class(table, tmp_path, settings):
    found = table("30,4,x,setosa\n" + "".join(f"{n / 7:.3f},{n / 3:.2f},{n},{n % 3}\n" for n in range(30)))
    assert found.classes == ("0", "1", "2")
    assert "no number count as missing: 1" in texts(found.warnings)
    assert stored(tmp_path / "x.csv", settings).targets.tolist()[0] == -1


def test_groups_are_told_apart_by_their_text(table, tmp_path, settings):
    ids = [f"9007199254740993{n}" for n in range(4)]
    table("x,patient,y\n" + "".join(f"{n / 3},{ids[n % 4]},{'ab'[n % 2]}\n" for n in range(40)))
    assert set(stored(tmp_path / "x.csv", settings, group="patient").column("patient")) == set(ids)


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "rownames", "PassengerId", "id", "index"])
def test_row_numbers_are_no_feature(name, table):
    rows = "".join(f"{n + 1},{n % 7},{n % 3},{'ab'[n % 2]}\n" for n in range(40))
    found = table(f"{name},len,wid,kind\n{rows}")
    first = found.columns[0].name
    assert [name for name, role in roles(found).items() if role is ColumnRole.IGNORED] == [first]
    assert "only tells the rows apart" in texts(found.notes)


def test_the_only_thing_to_learn_from_is_no_row_number(table):
    found = table("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(30)))
    assert roles(found) == {"x": ColumnRole.FEATURE, "y": ColumnRole.TARGET}


def test_a_class_called_none_is_a_class_and_a_missing_number_is_missing(table, tmp_path, settings):
    rows = "".join(f"{'?' if n == 5 else n},{('None', 'Apnea', 'NA')[n % 3]}\n" for n in range(60))
    found = table("age,disorder\n" + rows)
    assert found.classes == ("Apnea", "NA", "None")
    assert "counts as a value" in texts(found.warnings)
    assert stored(tmp_path / "x.csv", settings).facts.columns[0].missing == 1
    assert table("age,disorder\n" + rows, missing=("na",)).classes == ("Apnea", "None")


def test_a_target_that_never_changes_is_refused(table):
    found = table("a,y\n" + "".join(f"{n / 3},1\n" for n in range(30)))
    assert "the same value in every row" in found.problem.text()


def test_what_is_around_a_table_is_left_out_and_said(table):
    text = "Report of 2024\n\na,b,,\n1,x,,\n2,y,,\n3,x,,\nTotal,,,\n"
    found = table(text)
    assert types(found) == {"a": ColumnType.NUMBER, "b": ColumnType.CATEGORY}
    assert found.samples == 3
    assert "lines before the table" in texts(found.notes)
    assert "empty columns" in texts(found.notes)
    assert "sums up" in found.refused[0].reason.text()


def test_several_rows_of_names_are_joined(table):
    rows = "".join(f"2024-01-{n:02},{n}.5,{n + 1}\n" for n in range(1, 29))
    found = table("Price,Close,High\nTicker,AAPL,AAPL\nDate,,\n" + rows)
    assert list(types(found)) == ["Date", "Close AAPL", "High AAPL"]
    assert found.kind is DataKind.SERIES


def test_cells_parted_by_blanks_are_cells(table):
    rows = "".join(f'{n}.0   {n % 4}\t{n * 3}.5   "car  {n % 5}"\n' for n in range(40))
    found = table(rows, name="auto.data")
    assert [column.type for column in found.columns] == [ColumnType.NUMBER] * 3 + [ColumnType.CATEGORY]
    assert "car  1" in found.columns[3].categories


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("体育新闻今天发布，财经消息很多。\n" * 30, "gb18030", {"gb18030"}),
        ("안녕하세요 오늘은 날씨가 좋습니다\n" * 30, "euc_kr", {"euc_kr"}),
        ("これは日本語のテキストです。\n" * 30, "euc_jp", {"euc_jp"}),
        ("a\n" * 100_000 + "naïve café", "cp1252", {"cp1252"}),
        ("it costs £5 today\n", "cp1252", {"cp1252"}),
        ("Wczoraj poszedłem do sklepu i kupiłem świeży chleb, żółty ser\n" * 20, "cp1250", {"cp1250"}),
        ("Привет мир, сегодня хорошая погода\n" * 30, "cp1251", {"cp1251"}),
        ("plain", "utf-8", {"utf-8-sig"}),
    ],
)
def test_the_encoding_is_that_of_the_whole_text(text, encoding, found):
    data = text.encode(encoding)
    blocks = [data[start : start + 65_536] for start in range(0, len(data), 65_536)]
    assert encoding_of(lambda: iter(blocks)) in found


def test_characters_that_cannot_be_read_are_counted(tmp_path, settings):
    (tmp_path / "x.csv").write_bytes("name,y\nJosé,1\nAna,2\nZoë,3\n".encode("cp1252"))
    assert inspect(tmp_path / "x.csv", settings).encoding == "cp1252"
    found = inspect(tmp_path / "x.csv", settings, Choices(encoding="utf-8"))
    assert "were replaced: 2" in texts(found.warnings)


def test_several_labels_in_a_cell_are_labels(table):
    tags = ["red", "round", "red,round", "soft,red", "soft", "round,soft"]
    rows = "".join(f'what is this thing number {n},"{tags[n % 6]}"\n' for n in range(60))
    found = table("text,tags\n" + rows)
    assert (found.task, found.classes) == (Task.MULTILABEL, ("red", "round", "soft"))
    assert label_separator(["Doe, Jane", "Roe, Rick", "Poe, Ann"]) == ""
    assert label_separator(["['a', 'b']", "['b']", "['a']"]) == "[]"
    assert label_separator(["gpu", "cuda", "gpu cuda", "keras gpu", "keras", "keras cuda"]) == " "
    shades = [f"{tone} {colour}" for tone in ("dark", "light", "pale") for colour in ("red", "blue", "green")]
    assert label_separator(shades) == ""


def test_chinese_titles_are_texts(table):
    rows = "".join(f"新款手机发布第{n}期快讯,{'科技' if n % 2 else '体育'}\n" for n in range(60))
    found = table("标题,类别名\n" + rows)
    assert (found.kind, found.classes) == (DataKind.TEXT, ("体育", "科技"))


def test_one_table_in_a_zip_or_compressed_is_that_table(tmp_path, settings):
    text = ("a,b\n" + "".join(f"{n},{'xy'[n % 2]}\n" for n in range(30))).encode()
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr("data/iris.csv", text)
        archive.writestr("README.md", b"about")
    (tmp_path / "two.csv.gz").write_bytes(gzip.compress(text))
    with pa.CompressedOutputStream(str(tmp_path / "three.csv.zst"), "zstd") as file:
        file.write(text)
    for name in ("one.zip", "two.csv.gz", "three.csv.zst"):
        found = inspect(tmp_path / name, settings)
        assert (found.kind, found.samples, found.classes) == (DataKind.TABLE, 30, ("x", "y"))


def test_a_damaged_zst_is_refused_with_a_word(tmp_path, settings):
    with pa.CompressedOutputStream(str(tmp_path / "x.csv.zst"), "zstd") as file:
        file.write(b"a,b\n" + b"1,x\n" * 5_000)
    data = (tmp_path / "x.csv.zst").read_bytes()
    for bad in (data[:-9], b"no archive at all"):
        (tmp_path / "x.csv.zst").write_bytes(bad)
        with pytest.raises(DatasetError, match="the table cannot be read"):
            inspect(tmp_path / "x.csv.zst", settings)


def test_tables_for_training_and_tests_in_a_zip_are_parts(tmp_path, settings):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, count in (("train", 30), ("test", 10)):
            archive.writestr(f"{name}.csv", "a,b\n" + "".join(f"{n},{'xy'[n % 2]}\n" for n in range(count)))
    facts = stored(tmp_path / "x.zip", settings).facts
    assert (facts.train_size, facts.test_size) == (30, 10)


def test_a_column_of_parts_with_unknown_words_is_refused_as_such(table):
    rows = "".join(
        f"{n / 3},{('train', 'valid', 'testing', 'other')[n % 4]},{'ab'[n % 2]}\n" for n in range(40)
    )
    found = table("x,split,y\n" + rows)
    assert roles(found)["split"] is ColumnRole.PART
    assert "not known: other" in found.problem.text()
    chosen = table("x,split,y\n" + rows, roles={"split": ColumnRole.FEATURE})
    assert chosen.problem is None
    known = table("x,split,y\n" + rows.replace("other", "dev"))
    assert roles(known)["split"] is ColumnRole.PART


def test_records_are_a_table(table):
    lines = "".join(
        f'{{"text": "so good {n}", "label": "{"ab"[n % 2]}", "stars": {n % 5}}}\n' for n in range(40)
    )
    found = table(lines, name="x.jsonl")
    assert (found.samples, list(types(found))) == (40, ["text", "label", "stars"])
    whole = "[" + ",".join(lines.splitlines()) + "]"
    assert table(whole, name="x.json").columns == found.columns
    with pytest.raises(DatasetError, match="no list of records"):
        table('{"a": 1}', name="x.json")


def test_a_table_of_weka_is_read_with_its_names(table):
    text = "% about\n@relation x\n@attribute 'sepal length' numeric\n@attribute class {a,b}\n@DATA\n"
    found = table(
        text + "".join(f"{'?' if n == 3 else n / 2},{'ab'[n % 2]}\n" for n in range(30)), name="x.arff"
    )
    assert list(types(found)) == ["sepal length", "class"]
    assert (found.classes, found.columns[0].missing) == (("a", "b"), 1)
    with pytest.raises(DatasetError, match="sparse rows"):
        table(text + "{0 1.5, 1 a}\n", name="x.arff")


def test_the_largest_table_of_a_database_is_read_and_the_others_are_named(tmp_path, settings):
    path = tmp_path / "x.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE small (a)")
        database.execute("INSERT INTO small VALUES (1)")
        database.execute('CREATE TABLE "big one" (size REAL, kind TEXT)')
        database.executemany('INSERT INTO "big one" VALUES (?, ?)', [(n / 2, "xy"[n % 2]) for n in range(30)])
        database.execute("CREATE VIEW look AS SELECT * FROM small")
        database.commit()
    found = inspect(path, settings)
    assert (found.samples, list(types(found))) == (30, ["size", "kind"])
    assert "big one" in texts(found.notes)
    assert "not read: small" in texts(found.notes)
    path.write_bytes(path.read_bytes()[:5_000])
    with pytest.raises(DatasetError, match="cannot be read"):
        inspect(path, settings)


def test_a_stata_file_is_read_with_its_labels(tmp_path, settings):
    frame = pd.DataFrame(
        {"size": [n / 2 for n in range(30)], "kind": pd.Categorical(["xy"[n % 2] for n in range(30)])}
    )
    frame.to_stata(tmp_path / "x.dta", write_index=False)
    found = inspect(tmp_path / "x.dta", settings)
    assert (found.samples, found.classes) == (30, ("x", "y"))


def test_labels_that_only_some_values_have_stand_beside_the_others(tmp_path, settings):
    ages = [n % 40 + 18 if n % 7 else "no answer" for n in range(60)]
    codes = [99 if age == "no answer" else age for age in ages]
    frame = pd.DataFrame({"age": codes, "kind": [n % 2 for n in range(60)]})
    frame.to_stata(tmp_path / "x.dta", write_index=False, value_labels={"age": {99: "no answer"}})
    found = inspect(tmp_path / "x.dta", settings)
    assert found.columns[0].type is ColumnType.NUMBER
    assert "cells of column age that are no number count as missing: 9." in texts(found.warnings)


def test_a_file_of_spss_is_read_with_its_labels_where_its_reader_is_installed(tmp_path, settings):
    reader = pytest.importorskip("pyreadstat")
    rows = range(40)
    frame = pd.DataFrame({"size": [n / 2 for n in rows], "kind": [n % 2 + 1.0 for n in rows]})
    reader.write_sav(frame, tmp_path / "x.sav", variable_value_labels={"kind": {1: "red", 2: "blue"}})
    found = inspect(tmp_path / "x.sav", settings)
    assert (found.samples, found.classes) == (40, ("blue", "red"))
    (tmp_path / "x.sav").write_bytes((tmp_path / "x.sav").read_bytes()[:700])
    with pytest.raises(DatasetError, match="cannot be read"):
        inspect(tmp_path / "x.sav", settings)


@pytest.mark.parametrize("name", ["x.sav", "x.sas7bdat"])
def test_a_file_of_spss_or_sas_names_the_package_that_reads_it(name, tmp_path, settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    (tmp_path / name).write_bytes(b"$FL2@(#) SPSS DATA FILE")
    with pytest.raises(DatasetError, match="pip install pyreadstat"):
        inspect(tmp_path / name, settings)


def test_a_feather_file_that_claims_exabytes_is_damaged_and_not_too_little_memory(
    tmp_path, settings, monkeypatch
):
    pd.DataFrame({"a": range(30), "b": ["x", "y"] * 15}).to_feather(tmp_path / "x.feather")
    assert inspect(tmp_path / "x.feather", settings).samples == 30

    def full(size):
        def fail(*_):
            raise pa.ArrowMemoryError(f"malloc of size {size} failed")

        return fail

    monkeypatch.setattr("dlcore.datasets.ingest.workbooks.pa.ipc.open_file", full(2**60))
    with pytest.raises(DatasetError, match="cannot be read"):
        inspect(tmp_path / "x.feather", settings)
    monkeypatch.setattr("dlcore.datasets.ingest.workbooks.pa.ipc.open_file", full(2**20))
    with pytest.raises(MemoryError):
        inspect(tmp_path / "x.feather", settings)


def test_names_and_frames_of_headers():
    assert frame_of([["a", "b"], ["1", "2"], ["3", "4"]], None).names == 1
    assert frame_of([["1", "2"], ["3", "4"]], None).names == 0
    assert column_names([["a", "b"]]) == ["a", "b"]


NUMBERS = st.lists(st.integers(-(10**7), 10**7).map(lambda n: n / 100), min_size=25, max_size=60).filter(
    lambda found: len(set(found)) > 3
)


def written(value, decimal, thousands):
    whole, _, rest = f"{abs(value):,.2f}".partition(".")
    return ("-" if value < 0 else "") + whole.replace(",", thousands) + decimal + rest


@given(
    numbers=NUMBERS,
    marks=st.sampled_from([(".", ","), (",", "."), (",", " "), (".", ""), (",", ""), (".", "'")]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    pattern=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%b %d, %Y"]),
    unit=st.sampled_from(["", "$", "€"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_a_table_in_any_dialect_is_read_as_it_was_written(
    tmp_path_factory, numbers, marks, delimiter, pattern, unit, encoding
):
    folder = tmp_path_factory.mktemp("dialect")
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=delimiter)
    writer.writerow(["date", "ärger", "value"])
    for day, number in zip(DAYS, numbers, strict=False):
        writer.writerow([day.strftime(pattern), f"{number:.1f}", unit + written(number, *marks)])
    (folder / "x.csv").write_bytes(lines.getvalue().encode(encoding))
    found = ingest(folder / "x.csv", settings_in(folder), Choices(name="x"), owner="me", origin="x.csv")
    assert [column.name for column in found.facts.columns] == ["date", "ärger", "value"]
    warned = texts(found.assumed)
    if "may be a number with decimals" not in warned:
        np.testing.assert_allclose(found.column("value").to_numpy(), numbers[: len(DAYS)])
    assert set(np.diff(found.column("date").to_numpy())) == {86_400.0}
