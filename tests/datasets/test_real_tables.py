"""Tables with the shape of files that people really have: none is misread without a word."""

import datetime
import zipfile

import numpy as np
import pandas as pd
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.ingest.label_cells import RECORDS, label_separator
from dlcore.datasets.ingest.times import parse_times, time_format
from dlcore.errors import DatasetError
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task

from .makers import stored

ROWS = range(120)
HOURS = [datetime.datetime(2023, 1, 30) + datetime.timedelta(hours=hour) for hour in ROWS]


@pytest.fixture
def look(tmp_path, settings):
    """What a table seems to be, by its first line and a function that writes the others."""

    def made(header, row, name="x.csv", encoding="utf-8", **choices):
        lines = [header, *(row(number) for number in ROWS)]
        path = tmp_path / name
        path.write_bytes(("\n".join(filter(None, lines)) + "\n").encode(encoding))
        return inspect(path, settings, Choices(**choices))

    return made


def roles(found, role):
    return [column.name for column in found.columns if column.role is role]


def said(messages):
    return " ".join(message.text() for message in messages)


def target(found):
    return roles(found, ColumnRole.TARGET)


# --- where a table begins, and what divides it


@pytest.mark.parametrize(
    ("header", "row", "names"),
    [
        ("Country,2019,2020,2021", "L{n},{n},7,{n}", ["Country", "2019", "2020", "2021"]),
        ("0,1,2,3,4", "0.{n},2,0.5,7,1", ["0", "1", "2", "3", "4"]),
        (",1,2,label", "a{n},0.{n},5,x{n}", ["column 1", "1", "2", "label"]),
        ("0,1,target", "0.{n},0.2,{n}", ["0", "1", "target"]),
    ],
)
def test_columns_may_be_called_by_years_or_by_counting(header, row, names, look):
    found = look(header, lambda n: row.format(n=n))
    assert [column.name for column in found.columns] == names
    assert found.samples == len(ROWS)


@pytest.mark.parametrize(
    "first", ["2019,2020,a", "2,7,9,4,1", "1,2,setosa", "0,1,0,1,0", "1990,7,2000,L", "5,6,7,8,9"]
)
def test_a_first_row_of_values_names_nothing(first, look):
    cells = first.split(",")
    found = look(
        "", lambda n: first if not n else ",".join(one if not one.isdecimal() else f"{n}" for one in cells)
    )
    assert found.samples == len(ROWS)


def test_a_table_whose_cells_hold_many_blanks_is_divided_by_its_delimiter(look):
    found = look(
        "emotion,pixels,Usage",
        lambda n: f"{n % 7},{' '.join(map(str, range(n, n + 2304)))},{('Training', 'PublicTest')[n % 2]}",
    )
    assert found.delimiter == ","
    assert roles(found, ColumnRole.PART) == ["Usage"]
    assert [doubt.code for doubt in found.doubts] == ["numbers-pixels"]


def test_a_tab_divides_before_a_comma_does(look):
    found = look("", lambda n: f'{("ham", "spam")[n % 2]}\tIt is "number {n}, is it not?', name="x.txt")
    assert (found.delimiter, found.classes) == ("\t", ("ham", "spam"))


def test_two_colons_divide(look):
    found = look("", lambda n: f"{n % 17}::{n % 41}::{n % 5 + 1}::{978300000 + n}", name="ratings.dat")
    assert (found.kind, found.delimiter, found.samples) == (DataKind.RATINGS, "::", len(ROWS))


def test_r_leaves_out_the_name_of_its_row_names(look):
    found = look('"size" "kind"', lambda n: f'"{n + 1}" 0.{n} "{"xy"[n % 2]}"', name="x.txt")
    assert [column.name for column in found.columns] == ["column 1", "size", "kind"]
    assert roles(found, ColumnRole.IGNORED) == ["column 1"]


def test_a_line_of_dashes_names_nothing(look):
    found = look("| a | b |", lambda n: f"| 0.{n} | {'xy'[n % 2]} |" if n else "|---|:-:|", name="x.txt")
    assert ([column.name for column in found.columns], found.classes) == (["a", "b"], ("x", "y"))


def test_single_quotes_around_almost_all_cells_are_no_part_of_them(look):
    found = look("a,b,c", lambda n: f"'0.{n}','x, {n % 3}','{'uv'[n % 2]}'")
    assert (found.classes, found.columns[0].type) == (("u", "v"), ColumnType.NUMBER)
    some = look("a,c", lambda n: f"{n},'{'uv'[n % 2]}'" if n % 3 else f"{n},{'uv'[n % 2]}")
    assert set(some.classes) == {"'u'", "'v'", "u", "v"}


def test_a_sign_may_stand_behind_a_number(look):
    found = look("k,betrag,t", lambda n: f"{n % 5},{n}.50-,{n % 2}")
    assert found.columns[1].type is ColumnType.NUMBER


@pytest.mark.parametrize("orient", ["columns", "index", "split", "table"])
def test_json_as_pandas_writes_it_is_a_table(orient, tmp_path, settings):
    frame = pd.DataFrame({"x": [n / 2 for n in range(50)], "label": ["ab"[n % 2] for n in range(50)]})
    frame.to_json(tmp_path / "x.json", orient=orient, **({"index": False} if orient == "table" else {}))
    found = inspect(tmp_path / "x.json", settings)
    assert (found.samples, found.classes, [column.name for column in found.columns]) == (
        50,
        ("a", "b"),
        ["x", "label"],
    )


@pytest.mark.parametrize("word", ["Gesamt", "Totale", "Итого", "合計"])
def test_a_total_is_known_in_other_languages(word, look):
    found = look("Region,Q1", lambda n: f"R{n},{n}" if n < 119 else f"{word},999")
    assert (found.samples, found.refused_count) == (119, 1)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read(encoding, look):
    found = look("x,label", lambda n: f"0.{n},{'äö'[n % 2]}", encoding=encoding)
    assert (found.encoding, found.classes) == (encoding, ("ä", "ö"))


def test_a_text_in_two_encodings_is_read_in_utf_8_and_what_does_not_fit_is_counted(tmp_path, settings):
    rows = [f"Müller {n},{n % 2}\n".encode("latin-1" if n % 9 == 0 else "utf-8") for n in ROWS]
    (tmp_path / "x.csv").write_bytes(b"name,label\n" + b"".join(rows))
    found = inspect(tmp_path / "x.csv", settings)
    assert found.encoding == "utf-8-sig"
    assert "were replaced: 14." in said(found.warnings)


# --- times


@pytest.mark.parametrize(
    ("cells", "times"),
    [
        (["5. Januar 2023", "6. März 2023"], ["2023-01-05", "2023-03-06"]),
        (["5 février 2023", "6 août 2023"], ["2023-02-05", "2023-08-06"]),
        (["5 de enero de 2023", "6 de agosto de 2023"], ["2023-01-05", "2023-08-06"]),
        (["05-Okt-2023", "06-Dez-2023"], ["2023-10-05", "2023-12-06"]),
        (["2020-W01", "2020-W53"], ["2019-12-30", "2020-12-28"]),
        (["2021 KW 3", "2021 KW 4"], ["2021-01-18", "2021-01-25"]),
        (["2023年1月5日 3时", "2023年1月5日 14时"], ["2023-01-05T03", "2023-01-05T14"]),
        (["2023年1月5日 3点05分", "2023年1月5日 14点30分"], ["2023-01-05T03:05", "2023-01-05T14:30"]),
    ],
)
def test_times_are_read_as_people_of_many_countries_write_them(cells, times):
    seconds = [np.datetime64(one, "s").astype(int) for one in times]
    assert parse_times(cells, time_format(cells).pattern).tolist() == seconds


def test_months_of_six_digits_are_times(look):
    found = look("month,passengers", lambda n: f"{1949 + n // 12}{n % 12 + 1:02},{n}")
    assert found.kind is DataKind.SERIES
    assert found.warnings == ()  # from December to January there is no gap


@pytest.mark.parametrize("name", ["ts", "created_utc", "event_time", "unix"])
def test_milliseconds_since_1970_are_times_whatever_they_are_called(name, look):
    found = look(f"{name},load", lambda n: f"{1672531200000 + n * 60000},{n}")
    assert (found.kind, roles(found, ColumnRole.TIME)) == (DataKind.SERIES, [name])


@pytest.mark.parametrize(
    ("header", "clock"),
    [
        ("Date;Time;Power", "{one:%H}.00.00"),
        ("Date;Time;Power", "{one:%H:%M:%S}"),
        ("Date;Time;Power", "{one:%I:%M %p}"),
        ("dteday;hr;cnt", "{one.hour}"),
        ("日期;时间;功率", "{one:%H:%M}"),
    ],
)
def test_a_date_and_a_time_of_the_day_are_one_time(header, clock, look, tmp_path, settings):
    found = look(header, lambda n: f"{HOURS[n]:%d/%m/%Y};{clock.format(one=HOURS[n])};{n}")
    day, hour, power = header.split(";")
    assert (found.kind, target(found)) == (DataKind.SERIES, [power])
    assert roles(found, ColumnRole.TIME) == [f"{day} {hour}"]
    assert f"columns {day} and {hour} are also read as one time" in said(found.notes)
    assert set(np.diff(stored(tmp_path / "x.csv", settings).times)) == {3600.0}


DAYS = [datetime.date(2022, 11, 20) + datetime.timedelta(day) for day in ROWS]


@pytest.mark.parametrize(
    ("header", "row", "joined", "step"),
    [
        ("year,month,day,temp", lambda n: f"{DAYS[n]:%Y,%m,%d},{n}", "year-month-day", 86_400),
        (
            "No,year,month,day,hour,pm",
            lambda n: f"{n},{HOURS[n]:%Y,%m,%d,%H},{n}",
            "year-month-day-hour",
            3_600,
        ),
        (
            "Year,Month,Sales",
            lambda n: f"{2000 + n // 12},{datetime.date(2000, n % 12 + 1, 1):%B},{n}",
            "Year-Month",
            None,
        ),
        ("Year,Quarter,GDP", lambda n: f"{1990 + n // 4},Q{n % 4 + 1},{n}", "Year-Quarter", None),
    ],
)
def test_years_beside_their_parts_are_one_time(header, row, joined, step, look, tmp_path, settings):
    found = look(header, row)
    assert (found.kind, roles(found, ColumnRole.TIME)) == (DataKind.SERIES, [joined])
    assert roles(found, ColumnRole.GROUP) == []
    steps = np.diff(stored(tmp_path / "x.csv", settings).times)
    assert (steps > 0).all()
    assert step is None or set(steps) == {step}


def test_eight_digits_are_a_day_in_a_column_that_is_called_so(look):
    assert (
        look("STATION;MESS_DATUM;TMK", lambda n: f"44;{DAYS[n]:%Y%m%d};{n}").columns[1].type
        is ColumnType.TIME
    )
    assert look("code;x;y", lambda n: f"{DAYS[n]:%Y%m%d};{n % 7};{n}").columns[0].type is ColumnType.NUMBER


def test_a_table_in_the_order_of_time_is_said_to_be_one(look):
    found = look("date,rain,weather", lambda n: f"{DAYS[n]},{n % 9},{('sun', 'fog')[n % 2]}")
    assert found.kind is DataKind.TABLE
    assert "are in the order of the times in column date" in said(found.warnings)


def test_a_time_that_comes_twice_leaves_a_series(look):
    found = look("timestamp,value", lambda n: f"{HOURS[n - (n == 50)]},{n}")
    assert found.kind is DataKind.SERIES
    assert "that come again: 1" in said(found.warnings)


def test_a_flag_that_changes_within_a_series_leaves_a_series(look):
    found = look(
        "Store,Date,Weekly_Sales,IsHoliday",
        lambda n: (
            f"{n % 3},{HOURS[n // 3 * 3].date()} {n // 3 % 24}:00,{n},{'TRUE' if n % 10 == 0 else 'FALSE'}"
        ),
    )
    assert (found.kind, target(found)) == (DataKind.SERIES, ["Weekly_Sales"])
    assert roles(found, ColumnRole.GROUP) == ["Store"]


def test_times_that_are_not_understood_are_no_texts(look):
    found = look("时间,功率", lambda n: f"第{n}个很长的时间段的说明文字，没有人能读懂,{n}")
    assert found.kind is not DataKind.TEXT


# --- targets and parts


@pytest.mark.parametrize(
    "header", ["User-ID;ISBN;Book-Rating", "reviewer_id;asin;rating", "user;anime_id;score"]
)
def test_ratings_are_known_by_what_their_columns_are_called(header, look):
    found = look(header, lambda n: f"{n % 9};0{n % 31:09};{n % 10}")
    assert (found.kind, found.columns[1].type) == (DataKind.RATINGS, ColumnType.CATEGORY)


def test_a_second_column_of_texts_is_not_left_out_without_a_word(look):
    found = look(
        "question1,question2,same",
        lambda n: f"How do I do thing {n} now?,What is the way to {n} here?,{n % 2}",
    )
    assert "column question2 is not used: only one column of texts is read." in said(found.notes)


def test_a_second_array_is_what_the_first_is_to_predict_whatever_it_is_called(tmp_path, settings):
    np.savez(
        tmp_path / "x.npz", features=np.random.default_rng(0).normal(size=(60, 4)), outcome=np.arange(60) % 2
    )
    assert [doubt.code for doubt in inspect(tmp_path / "x.npz", settings).doubts] == ["array-names"]


@pytest.mark.parametrize(
    ("header", "named"),
    [("x,y,label", "label"), ("x,y,grade", "grade"), ("price,rooms,target", "target"), ("y,x1,x2", "y")],
)
def test_the_surest_name_is_the_targets(header, named, look):
    assert target(look(header, lambda n: f"0.{n},1.{n},{n % 2}")) == [named]


def test_several_columns_of_0_and_1_beside_a_text_are_its_labels(look):
    found = look(
        "comment,toxic,insult", lambda n: f'"this is comment number {n}, and it is long",{n % 2},{n % 3 // 2}'
    )
    assert (found.kind, found.task, found.classes) == (DataKind.TEXT, Task.MULTILABEL, ("toxic", "insult"))


def test_records_in_a_cell_are_labels_by_their_names(look):
    cells = [
        '[{"id": 1, "name": "Drama"}]',
        "[{'id': 2, 'name': 'Action'}, {'id': 1, 'name': 'Drama'}]",
        "[]",
    ]
    assert label_separator(cells) == RECORDS
    double = [cell.replace('"', '""') for cell in cells[:2]]
    found = look(
        "overview,genres",
        lambda n: f'"a long story about number {n} of them",""{double[n % 2]}""'.replace('""[', '"[').replace(
            ']""', ']"'
        ),
    )
    assert (found.task, found.classes) == (Task.MULTILABEL, ("Action", "Drama"))


def test_a_part_of_unknown_name_beside_known_ones_is_asked_about(look, tmp_path, settings):
    found = look("x,label,split", lambda n: f"0.{n},{n % 2},{('train', 'test', 'unlabeled')[n % 3]}")
    assert roles(found, ColumnRole.PART) == ["split"]
    assert "names parts that are not known: unlabeled" in found.problem.text()
    with pytest.raises(DatasetError, match="unlabeled"):
        stored(tmp_path / "x.csv", settings)


@pytest.mark.parametrize(
    ("name", "yes", "no", "sizes"),
    [
        ("is_test", "1", "0", (96, 0, 24)),
        ("is_train", "True", "False", (24, 0, 96)),
        ("is_valid", "yes", "no", (96, 24, 0)),
    ],
)
def test_a_flag_may_tell_the_part(name, yes, no, sizes, look, tmp_path, settings):
    found = look(f"x,{name},label", lambda n: f"0.{n},{no if n % 5 else yes},{n % 2}")
    assert f"column {name} tells the parts" in said(found.notes)
    facts = stored(tmp_path / "x.csv", settings).facts
    assert (facts.train_size, facts.validation_size, facts.test_size) == sizes
    kept = inspect(tmp_path / "x.csv", settings, Choices(roles={name: ColumnRole.FEATURE}))
    assert name in roles(kept, ColumnRole.FEATURE)


def archive(path, members):
    with zipfile.ZipFile(path, "w") as file:
        for name, text in members.items():
            file.writestr(name, text)
    return path


def test_tables_that_were_left_out_are_asked_about_unless_they_only_lack_the_target(tmp_path, settings):
    train = "id,x,target\n" + "".join(f"{n},0.{n},{n % 2}\n" for n in ROWS)
    test = "id,x\n" + "".join(f"{n},0.{n}\n" for n in ROWS)
    found = inspect(archive(tmp_path / "a.zip", {"train.csv": train, "test.csv": test}), settings)
    assert (found.doubts, "test.csv has other columns" in said(found.notes)) == ((), True)
    labels = "label\n" + "".join(f"{n % 2}\n" for n in ROWS)
    path = archive(tmp_path / "b.zip", {"X_train.csv": test, "y_train.csv": labels})
    assert [doubt.code for doubt in inspect(path, settings).doubts] == ["other-tables"]
    with pytest.raises(DatasetError, match=r"only X_train\.csv is read"):
        stored(path, settings)


# --- numbers, and what stands for none


def test_a_word_for_missing_numbers_may_be_in_every_third_cell(look):
    found = look("x,Score,label", lambda n: f"0.{n},{'Not Available' if n % 3 == 0 else n},{n % 2}")
    assert [column.type for column in found.columns][1] is ColumnType.NUMBER
    assert "cells of column Score that are no number count as missing: 40." in said(found.warnings)
    codes = look("x,code,label", lambda n: f"0.{n},{'unknown' if n % 3 == 0 else f'{n:05}'},{n % 2}")
    assert [column.type for column in codes.columns][1] is ColumnType.CATEGORY


def test_a_number_far_from_all_others_may_stand_for_missing_ones(look, tmp_path, settings):
    def row(n):
        return f"{-999 if n % 4 == 0 else 20 + n / 100:.1f},{n},{n % 2}"

    found = look("temp,count,rain", row)
    assert "column temp: -999 in 30 rows is far from all others" in said(found.warnings)
    assert "count" not in said(found.warnings)
    facts = stored(tmp_path / "x.csv", settings, missing=("-999",)).facts
    assert facts.columns[0].missing == 30


def test_a_stand_in_can_be_named_in_a_file_that_knows_its_numbers(tmp_path, settings):
    values = [-999.0 if n % 4 == 0 else n / 10 for n in ROWS]
    pd.DataFrame({"temp": values, "rain": [n % 2 for n in ROWS]}).to_parquet(tmp_path / "x.parquet")
    found = stored(tmp_path / "x.parquet", settings, missing=("-999",))
    assert found.facts.columns[0].missing == 30


def test_thousands_with_a_point_are_doubtful_in_a_file_of_semicolons(look):
    found = look("Artikel;Menge;Ziel", lambda n: f"A{n % 5};{n % 9 + 1}.{n:03};{n % 2}")
    assert "column Menge: '1.234' is read as a number with decimals" in said(found.warnings)
    assert look("a;b;y", lambda n: f"A{n % 5};0.{n:03};{n % 2}").warnings == ()
    assert look("a;b;y", lambda n: f"0.{n % 5};{n % 9 + 1}.{n:03};{n % 2}").warnings == ()


def test_classes_that_differ_in_their_case_are_said(look):
    found = look("x,z,ok", lambda n: f"0.{n},{n},{('TRUE', 'True', 'FALSE')[n % 3]}")
    assert "'TRUE' and 'True' count as different values" in said(found.warnings)
