"""What small tables are taken for, and what is said about how they were read."""

import json

import pytest

from dlcore.datasets.ingest import Choices, records
from dlcore.datasets.ingest.cells import read_cells
from dlcore.datasets.ingest.delimited import Frame, frame_of
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.ingest.label_cells import label_separator
from dlcore.datasets.ingest.numerals import number_format
from dlcore.datasets.ingest.sources import table_sources
from dlcore.datasets.ingest.times import TimeFormat, time_format
from dlcore.errors import DatasetError
from dlcore.spec.data import ColumnRole, ColumnType, DataKind

from .makers import stored


@pytest.fixture
def look(tmp_path, settings):
    """What a text seems to be."""

    def seen(text, name="x.csv", **choices):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return inspect(path, settings, Choices(**choices))

    return seen


def notes(found, phrase):
    return [note.text() for note in found.notes if phrase in note.text()]


def triples(users=29, items=19, levels=5, *, first="", width=3):
    """Everybody's opinion of everything, and further columns of its size."""
    lines = [
        [f"{first}{user}", item, 1 + (user * items + item) % levels, *range(user, user + width - 3)]
        for user in range(users)
        for item in range(items)
    ]
    return "".join("\t".join(map(str, line[:width])) + "\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (triples(levels=5), DataKind.RATINGS),
        (triples(levels=10), DataKind.RATINGS),
        (triples(levels=5, width=4), DataKind.RATINGS),
        # More levels than anybody rates with, fewer users or items than there are levels.
        (triples(levels=11), DataKind.TABLE),
        (triples(users=10), DataKind.TABLE),
        (triples(items=10), DataKind.TABLE),
        # Other columns than MovieLens has, columns with names, and names in a column.
        (triples(width=2), DataKind.TABLE),
        (triples(width=5), DataKind.TABLE),
        ("age\tweight\tgrade\n" + triples(), DataKind.TABLE),
        (triples(first="person "), DataKind.TABLE),
    ],
)
def test_numbers_without_names_are_ratings_only_if_they_look_like_those_of_movielens(text, kind, look):
    assert look(text, name="u.data").kind is kind


@pytest.mark.parametrize(
    ("name", "cell", "type_"),
    [
        # Four words, or two in a column of titles; or thirty letters, however many words that is.
        ("remark", "it is {n} pieces", ColumnType.TEXT),
        ("remark", "it is {n}", ColumnType.CATEGORY),
        ("title", "part {n}", ColumnType.TEXT),
        ("title", "part{n}", ColumnType.CATEGORY),
        ("remark", "k{n:029}", ColumnType.TEXT),
        ("remark", "k{n:028}", ColumnType.CATEGORY),
    ],
)
def test_a_column_of_long_cells_is_a_text(name, cell, type_, look):
    rows = "".join(f"{cell.format(n=n)},{n / 7},{'ab'[n % 2]}\n" for n in range(60))
    assert look(f"{name},size,y\n{rows}").columns[0].type is type_


def test_how_numbers_are_written_is_said_of_those_that_a_program_would_not_read(look):
    rows = "".join(f"{n}.000,5;{n}.25;{n};{'ab'[n % 2]}\n" for n in range(1, 31))
    found = look("price;weight;count;kind\n" + rows)
    (said,) = notes(found, "is read as numbers")
    assert said.startswith("column price is read as numbers: ")


def test_how_times_are_written_is_said_of_those_that_a_program_would_not_read(look):
    days = [f"2024-01-{day:02},{day:02}.01.2024,{day}.5\n" for day in range(1, 29)]
    found = look("day,date,value\n" + "".join(days))
    assert notes(found, "is read as times") == ["column date is read as times: dd.mm.yyyy."]
    assert not notes(found, "offsets from UTC")


def test_how_labels_are_separated_is_said_unless_it_is_by_bars(look):
    def rows(mark):
        tags = ["red", "round", f"red{mark}round", f"soft{mark}red", "soft", f"round{mark}soft"]
        return "text,tags\n" + "".join(f'what is this thing number {n},"{tags[n % 6]}"\n' for n in range(60))

    assert notes(look(rows(",")), "several labels") == ["column tags holds several labels, separated by ','."]
    assert notes(look(rows("|")), "several labels") == []


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        # Five labels in six cells, four of them in several.
        (["a", "b", "c", "d", "a,b", "c,d,e"], ","),
        # Three of five come back: most of it are classes.
        (["cat", "dog", "bird", "horse", "cat, wild", "dog, wild"], ""),
        # Each part of these names comes back, but there are as many parts as names.
        (["Doe, Jane", "Doe, Rick", "Roe, Jane", "Roe, Rick"], ""),
    ],
)
def test_labels_come_back_and_are_fewer_than_the_cells(cells, separator):
    assert label_separator(cells) == separator


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["13/01/2020", "14/01/2020"], TimeFormat("%d/%m/%Y")),
        (["01/13/2020", "01/14/2020"], TimeFormat("%m/%d/%Y")),
        (["01.02.2020", "02.02.2020"], TimeFormat("%d.%m.%Y")),
        (["01/02/2020", "02/02/2020", "03/02/2020"], TimeFormat("%d/%m/%Y", "%m/%d/%Y")),
        (["02/01/2020", "02/02/2020", "02/03/2020"], TimeFormat("%m/%d/%Y", "%d/%m/%Y")),
        # In order, forwards or backwards, though no more even than the other reading.
        (["05/01/2020", "01/02/2020", "03/03/2020"], TimeFormat("%d/%m/%Y", "%m/%d/%Y")),
        (["03/03/2020", "03/03/2020", "01/02/2020", "05/01/2020"], TimeFormat("%d/%m/%Y", "%m/%d/%Y")),
        (["01/05/2020", "02/01/2020", "03/03/2020"], TimeFormat("%m/%d/%Y", "%d/%m/%Y")),
        (["02/01/2020", "02/02/2020"], TimeFormat("%d/%m/%Y", "%m/%d/%Y", decided=False)),
    ],
)
def test_an_order_of_day_and_month_has_a_rival_only_where_both_can_be(cells, found):
    assert time_format(cells) == found


@pytest.mark.parametrize(
    "cells",
    [["step 1", "day 2"], ["step 1", "2"], ["step 1", "step"], ["a1", "b2", "c3"], ["step 1", "step two"]],
)
def test_numbers_behind_different_words_count_nothing(cells):
    assert time_format(cells, counts=True) is None


@pytest.mark.parametrize(
    ("cells", "unsure"),
    [
        (["1,234 kg", "2,500 kg"], True),
        (["1,234 kg", "2,500"], True),
        # What can only be a million, or has decimals, tells what the comma is.
        (["1,234 kg", "1,234,567"], False),
        (["1,234,567 kg", "2,500"], False),
        (["1,234 kg", "2,500.5"], False),
        (["1,234 kg", "12,5"], False),
    ],
)
def test_a_comma_before_three_digits_is_unsure_unless_another_cell_tells_with_or_without_the_unit(
    cells, unsure
):
    assert number_format(cells).unsure is unsure


def test_nothing_has_no_rows_around_it():
    assert frame_of([], None) == Frame(width=0, before=0, names=0)


ROWS = [{"size": n / 3, "colour": "red" if n % 2 else "blue"} for n in range(40)]


@pytest.mark.parametrize(
    "whole",
    [
        ROWS,
        {"size": [row["size"] for row in ROWS], "colour": [row["colour"] for row in ROWS]},
        {"version": 3, "about": {"source": "here"}, "data": ROWS},
        {"empty": [], "data": ROWS, "names": ["size", "colour"]},
    ],
    ids=["records", "columns", "inside", "beside"],
)
def test_json_of_every_make_is_a_table(whole, look):
    found = look(json.dumps(whole), name="x.json")
    assert found.samples == 40
    assert [(column.name, column.type) for column in found.columns] == [
        ("size", ColumnType.NUMBER),
        ("colour", ColumnType.CATEGORY),
    ]


@pytest.mark.parametrize(
    "whole", [5, "text", None, {}, {"a": 1}, {"first": ROWS, "second": ROWS[:3]}, {"a": [1, 2], "b": [1]}]
)
def test_json_without_one_list_of_records_is_refused(whole, look):
    with pytest.raises(DatasetError, match="holds no list of records"):
        look(json.dumps(whole), name="x.json")


def test_what_is_no_record_among_records_is_refused_by_its_place(look):
    found = look(json.dumps([*ROWS[:30], 7, *ROWS[30:]]), name="x.json")
    assert (found.samples, [one.name for one in found.refused]) == (40, ["row 31"])


def test_lists_of_words_in_json_are_labels_and_other_lists_are_text(tmp_path, settings):
    lines = [
        json.dumps({"tags": ["a", "b"] if n % 2 else ["b"], "box": [n, {"x": 1}], "y": n / 3})
        for n in range(40)
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    kept = stored(tmp_path / "x.jsonl", settings, roles={"tags": ColumnRole.TARGET, "y": ColumnRole.FEATURE})
    assert kept.facts.classes == ("a", "b")
    assert '[0, {"x": 1}]' in set(kept.column("box"))


def test_a_null_in_json_is_missing_and_no_word(look):
    rows = [{**row, "colour": None if n < 3 else row["colour"]} for n, row in enumerate(ROWS)]
    found = look(json.dumps(rows), name="x.json")
    colour = found.columns[1]
    assert (colour.missing, colour.categories) == (3, ("blue", "red"))


LINE = b'{"a": "x", "b": 12}\n'


@pytest.mark.parametrize(("by", "limit"), [("_BATCH", 4), ("_BATCH_BYTES", 4 * len(LINE))])
def test_how_far_the_reading_of_records_is_is_told_after_each_batch(
    by, limit, tmp_path, settings, monkeypatch
):
    monkeypatch.setattr(records, by, limit)
    (tmp_path / "x.jsonl").write_bytes(LINE * 10)
    (source,) = table_sources(tmp_path / "x.jsonl", "x.jsonl", settings)
    told = []
    cells = read_cells(source, settings, Choices(), progress=lambda *news: told.append(news[:2]))
    assert cells.table.rows == 10
    assert told[:2] == [(4 * len(LINE), 10 * len(LINE)), (8 * len(LINE), 10 * len(LINE))]


@pytest.mark.parametrize("batch", [3, 1000])
def test_only_as_many_records_are_read_as_are_asked_for(batch, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(records, "_BATCH", batch)
    (tmp_path / "x.jsonl").write_bytes(LINE * 10)
    (source,) = table_sources(tmp_path / "x.jsonl", "x.jsonl", settings)
    assert read_cells(source, settings, Choices(), most=5).table.rows == 5
