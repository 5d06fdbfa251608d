"""New, raw samples made into inputs: as training prepared its own, and what differs is said."""

import datetime
import io
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dlcore.datasets.fresh import fresh_file, fresh_inputs, joined_notes
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.saved import Preparation
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError, Message
from dlcore.spec.data import ColumnRole, ColumnType, DataKind

from .makers import colours, panel, people, png, some_ratings, stored, wav, wave_series, zipped


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def prepared(path, settings, *, values=None, **choices):
    """What a run on the file would save."""
    kept = stored(path, settings, **choices)
    spec = proposal(kept.facts).with_values(values or {})
    made = prepare(spec, settings, lambda *told: None)
    state = json.loads(json.dumps(made.state))
    return Preparation(spec, made.facts, json.loads(json.dumps(made.reading)), state, {})


def fresh(raw, how, settings):
    (one,) = fresh_inputs(raw, how, settings)
    return one


def said(found):
    return [note.text() for note in found.notes]


@pytest.fixture
def pictures(tmp_path, settings):
    grid = [{"kind": "Resizing", "height": 4, "width": 4}]
    return prepared(colours(tmp_path / "x.zip"), settings, values={"preprocessing": grid})


def test_pixels_of_any_mode_become_those_of_the_dataset(pictures, settings):
    grey = np.full((8, 8), 90, np.uint8)
    clear = np.zeros((8, 8, 4), np.uint8)
    odd = [
        grey, grey[..., None], grey.astype(np.int64), np.stack([grey] * 3, axis=-1), clear, grey > 3,
        Image.new("P", (9, 9)), Image.new("CMYK", (9, 9)), png(grey[..., None]), bytearray(png(grey[..., None])),
        np.full((8, 8), 90 * 256, np.uint16), np.full((8, 8, 3), 90 * 256, np.uint16),
    ]  # fmt: skip
    found = fresh(odd, pictures, settings)
    assert found.refused == {} and found.inputs["input"].shape == (12, 4, 4, 3)
    assert found.inputs["input"].dtype == np.uint8
    levels = found.inputs["input"].reshape(12, -1).mean(axis=1).tolist()
    # What is transparent lies on white; no ink of CMYK is white, the first colour of an empty palette black.
    assert levels == [90, 90, 90, 90, 255, 255, 0, 255, 90, 90, 90, 90]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (np.zeros((4, 4), np.float32), "expected pixels in two or three axes, uint8 or uint16"),
        (np.full((4, 4), 300), "expected pixels"),
        (np.zeros((4, 4, 7), np.uint8), r"got the shape \(4, 4, 7\), uint8"),
        (b"nothing", "this is not an image"),
        ("no/such/file.png", r"no/such/file\.png: it cannot be read"),
        (3, "this is not an image"),
    ],
)
def test_what_is_no_picture_is_refused_in_words_and_the_others_are_read(pictures, settings, raw, message):
    found = fresh([png(np.zeros((8, 8, 3))), raw], pictures, settings)
    assert found.places.tolist() == [0] and len(found.inputs["input"]) == 1
    with pytest.raises(DatasetError, match=message):
        why = found.refused[1]
        raise DatasetError(why.template, hint=why.hint, where=why.where, **why.params)


def test_deep_pictures_are_as_bright_as_those_of_the_dataset(tmp_path, settings):
    deep = {f"{label}/{n}.png": _deep(1000 + n) for label in "ab" for n in range(6)}
    how = prepared(zipped(tmp_path / "x.zip", deep), settings)
    # The brightest has 1005: 10 bits are in use.
    found = fresh([_deep(1000), np.full((8, 8), 1000, np.uint16)], how, settings)
    assert found.inputs["input"].max(axis=(1, 2, 3)).tolist() == [1000 >> 2, 1000 >> 2]


def _deep(value):
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8), value, np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def sounds(tmp_path, settings):
    files = {f"{label}/{n}.wav": wav(np.full(800, 0.25)) for label in "ab" for n in range(5)}
    steps = [{"kind": "FixedLength", "seconds": 0.05}]
    return prepared(zipped(tmp_path / "x.zip", files), settings, values={"preprocessing": steps})


def test_sounds_come_as_files_or_as_samples_of_any_rate(sounds, settings):
    level = np.full(800, 0.25)
    both = [
        wav(level), (level, 8000), ((level * 2**15).astype(np.int16), 8000),
        (np.stack([level * 2, level * 0], axis=1), 8000), (np.full(1600, 0.25), 16_000),
    ]  # fmt: skip
    found = fresh(both, sounds, settings)
    assert found.refused == {} and found.inputs["input"].shape == (5, 400, 1)
    # A filter has nothing before the first sample.
    np.testing.assert_allclose(found.inputs["input"][:, 1:], 0.25, atol=0.02)
    assert said(found) == ["recordings of which 0.05 s are heard, as in training: 5."]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (np.zeros(8), "expected a sound file, or its samples"),
        ((np.zeros(8, np.int64), 8000), "expected a sound file, or its samples"),
        ((np.array([np.nan]), 8000), "NaN or infinite"),
        (b"RIFFnothing", "this is not a recording"),
    ],
)
def test_what_is_no_sound_is_refused_in_words(sounds, settings, raw, message):
    found = fresh([raw], sounds, settings)
    assert not len(found.places)
    assert message in found.refused[0].text()


def arrays(path, settings, x, **choices):
    np.savez(path / "x.npz", x=x, y=np.arange(len(x)) / 3)
    return prepared(path / "x.npz", settings, **choices)


def test_arrays_need_the_sizes_of_the_dataset(tmp_path, settings):
    how = arrays(tmp_path, settings, np.random.default_rng(0).normal(size=(20, 3, 2)))
    found = fresh(np.ones((4, 3, 2)), how, settings)
    assert found.inputs["input"].shape == (4, 3, 2) and found.inputs["input"].dtype == np.float32
    assert fresh([[1, 2], [3, 4], [5, 6]], how, settings).inputs["input"].tolist() == [
        [[1, 2], [3, 4], [5, 6]]
    ]
    mixed = fresh([np.ones((3, 2)), np.ones((2, 2)), np.full((3, 2), np.nan)], how, settings)
    assert mixed.places.tolist() == [0]
    assert "expected numbers of the shape (3, 2), got (2, 2)" in mixed.refused[1].text()
    assert "holds NaN or infinite numbers" in mixed.refused[2].text()


def test_gaps_of_arrays_are_filled_with_what_the_dataset_was_filled_with(tmp_path, settings):
    x = np.ones((20, 2))
    x[:, 1] = 3
    x[0, 0] = np.nan
    how = arrays(tmp_path, settings, x, non_finite="mean")
    found = fresh(np.array([[np.nan, np.inf], [5, 6]]), how, settings)
    assert found.inputs["input"].tolist() == [[1, 3], [5, 6]]
    assert said(found) == ["arrays whose NaN and infinite numbers were replaced, as in training: 1."]


def test_channels_that_came_first_may_come_first_again(tmp_path, settings):
    x = np.random.default_rng(0).integers(0, 255, (20, 3, 9, 8)).astype(np.uint8)
    how = arrays(tmp_path, settings, x)
    first, last = (fresh(one, how, settings).inputs["input"] for one in (x[0], np.moveaxis(x[0], 0, -1)))
    assert first.shape == (1, 9, 8, 3)
    np.testing.assert_array_equal(first, last)


@pytest.fixture
def bought(tmp_path, settings):
    rows = "age;city;paid;when;bought\n" + "".join(
        f"{20 + n};{('Rome', 'Oslo', '007')[n % 3]};{n}.{100 + n},5 €;{1 + n % 9:02}.02.2024;{'yn'[n % 2]}\n"
        for n in range(1, 31)
    )
    how = {"missing": ("unknown",), "roles": {"when": ColumnRole.FEATURE}, "kind": DataKind.TABLE}
    return prepared(written(tmp_path / "p.csv", rows), settings, values={"dataset.cleaning": []}, **how)


def test_rows_as_written_and_as_python_has_them_are_the_same(bought, settings):
    text = {"age": "30", "city": "Oslo", "paid": "4.104,5 €", "when": "05.02.2024", "bought": "n"}
    moment = datetime.datetime(2024, 2, 5)
    typed = {"age": 30, "city": "Oslo", "paid": 4104.5, "when": moment, "bought": "n"}
    (wanted,) = fresh(text, bought, settings).inputs["input"]
    for raw in (
        typed,
        [typed],
        {**typed, "when": moment.date()},
        pd.DataFrame([typed]),
        pd.DataFrame([text]),
    ):
        found = fresh(raw, bought, settings)
        assert found.refused == {} and found.truth is not None
        assert found.inputs["input"].tolist() == [wanted.tolist()]
        assert found.truth.tolist() == [bought.facts.classes.index("n")]


def test_a_file_that_knows_its_types_is_the_same_as_one_of_texts(tmp_path, settings):
    rows = "id,on,paid,when,y\n" + "".join(
        f"{n % 3},{'true' if n % 2 else 'false'},{n}.5,2024-01-{n:02},{n % 7}.25\n" for n in range(1, 29)
    )
    chosen = {"id": ColumnType.CATEGORY, "on": ColumnType.CATEGORY}
    how = prepared(
        written(tmp_path / "t.csv", rows), settings, kind=DataKind.TABLE, types=chosen,
        roles={"when": ColumnRole.FEATURE, "id": ColumnRole.FEATURE, "on": ColumnRole.FEATURE},
    )  # fmt: skip
    frame = pd.read_csv(tmp_path / "t.csv", parse_dates=["when"])
    frame = frame.assign(id=frame["id"].astype(float))
    assert frame["on"].dtype == bool
    frame.to_parquet(tmp_path / "t.parquet")
    wanted = next(fresh_file(tmp_path / "t.csv", how, settings))
    assert len(wanted.places) == 28 and said(wanted) == []
    decimals = frame.assign(paid=[Decimal(str(one)) for one in frame["paid"]])
    for found in (
        next(fresh_file(tmp_path / "t.parquet", how, settings)),
        fresh(frame, how, settings),
        fresh(decimals.to_dict("records"), how, settings),
    ):
        assert said(found) == [] and found.refused == {}
        np.testing.assert_array_equal(found.inputs["input"], wanted.inputs["input"])
        np.testing.assert_array_equal(found.truth, wanted.truth)


def test_a_row_that_lacks_a_number_is_refused_and_its_column_is_named(bought, settings):
    row = {"age": "30", "city": "Oslo", "paid": "4.104,5 €", "when": "05.02.2024"}
    wrong = [
        {"age": "unknown"},
        {"paid": "4.104.5"},
        {"when": "2024-02-05"},
        {"age": 1e39},
        {"city": "unknown"},
        {"city": 7},
    ]
    found = fresh([row, *({**row, **one} for one in wrong)], bought, settings)
    assert found.places.tolist() == [0, 5, 6] and found.truth is None
    assert [found.refused[place].text() for place in (1, 2, 3, 4)] == [
        "column age: expected a number, got nothing, and nothing in the cleaning fills it. Give a value.",
        "column paid: expected a number, got '4.104.5'. Write it as in the training data: decimal comma, thousands "
        "separated by '.', unit €.",
        "column when: expected a time, got '2024-02-05'. Write it as in the training data: dd.mm.yyyy.",
        "column age: 1e+39 is beyond 3.4e38, the largest number a network can take. Give a smaller one.",
    ]
    assert said(found) == [
        "column city: training does not know '7'; they count as unknown.",
        "column city: nothing is given, which counts as unknown: 1.",
    ]


def test_a_missing_column_is_named_with_the_one_that_may_be_meant(bought, settings):
    with pytest.raises(
        DatasetError, match=r"are missing: city, paid, when\. Given are: age, City\. Rename City, or add them"
    ):
        fresh({"age": "30", "City": "Oslo"}, bought, settings)
    with pytest.raises(DatasetError, match="no rows were given"):
        fresh(pd.DataFrame(), bought, settings)
    with pytest.raises(DatasetError, match="expected rows"):
        fresh(["a", "b"], bought, settings)


def test_years_and_months_are_one_time_in_new_rows_too(tmp_path, settings):
    rows = "year,month,load\n" + "".join(f"{2000 + n // 12},{1 + n % 12},{n % 5}\n" for n in range(72))
    steps = [{"kind": "Windows", "sequence_length": 3}]
    how = prepared(
        written(tmp_path / "s.csv", rows), settings, kind=DataKind.SERIES, values={"preprocessing": steps}
    )
    assert [column.name for column in how.facts.columns_of(ColumnRole.TIME)] == ["year-month"]
    new = [{"year": "2010", "month": month, "load": load} for month, load in (("3", 3), ("1", 1), ("2", 2))]
    found = fresh(new, how, settings)
    watched = how.state["columns"]
    assert found.inputs["input"][0, :, watched.index("load")].tolist() == [1, 2, 3]


def test_rows_of_a_series_without_times_follow_each_other(tmp_path, settings):
    steps = [{"kind": "Windows", "sequence_length": 3}]
    how = prepared(panel(tmp_path / "s.csv"), settings, values={"preprocessing": steps})
    new = [{"level": n, "value": n} for n in (5, 6, 7, 8)]
    found = fresh(new, how, settings)
    assert found.inputs["input"][0, :, 0].tolist() == [6, 7, 8]
    assert said(found) == [
        "column day is not given: the rows are taken in their order.",
        "column shop is not given: all rows are taken as one series.",
    ]


def test_a_series_with_a_gap_is_refused_only_where_the_model_looks(tmp_path, settings):
    steps = [{"kind": "Windows", "sequence_length": 3}]
    values = {"preprocessing": steps, "dataset.cleaning": []}
    how = prepared(wave_series(tmp_path / "s.csv"), settings, values=values)
    rows = [{"day": f"2024-05-0{n}", "load": n, "value": n} for n in range(1, 8)]
    early = fresh([{**rows[0], "load": None}, *rows[1:]], how, settings)
    assert early.refused == {} and early.inputs["input"][0, :, 0].tolist() == [5, 6, 7]
    late = fresh([*rows[:-1], {**rows[-1], "load": "lots"}], how, settings)
    assert "column load: expected a number, got 'lots'" in late.refused[0].text()
    when = fresh([*rows[:-1], {**rows[-1], "day": "soon"}], how, settings)
    assert "column day: expected a time, got 'soon'" in when.refused[0].text()


def test_groups_that_training_does_not_know_are_named_together(tmp_path, settings):
    steps = [{"kind": "Windows", "sequence_length": 2, "group_ids": True}]
    how = prepared(panel(tmp_path / "s.csv"), settings, values={"preprocessing": steps})
    days = [f"2024-05-0{n}" for n in range(1, 4)]
    new = [{"day": day, "shop": shop, "level": 1, "value": 2} for day in days for shop in ("x", "a", "y")]
    found = fresh(new, how, settings)
    assert (found.names, found.inputs["shop"].ravel().tolist()) == (("x", "a", "y"), [0, 1, 0])
    assert said(found) == ["column shop: training does not know 'x', 'y'; they count as unknown."]


def test_new_users_and_items_are_named_and_numbers_are_names(tmp_path, settings):
    rows = "user,item,rating\n" + "".join(
        f"{10 + u},{i},{1 + (u + i) % 5}\n" for u in range(6) for i in range(5)
    )
    how = prepared(written(tmp_path / "r.csv", rows), settings, kind=DataKind.RATINGS)
    users = how.state["ids"]["user"]
    found = fresh([(11, 3), ("12", "4"), (13.0, 99), ("nobody", 1)], how, settings)
    assert found.inputs["user"].ravel().tolist() == [
        users.index("11"),
        users.index("12"),
        users.index("13"),
        0,
    ]
    assert found.inputs["item"].ravel().tolist()[2] == 0
    assert said(found) == [
        "users that training does not know are treated as new ones: 'nobody'.",
        "items that training does not know are treated as new ones: '99'.",
    ]
    assert fresh((11, 3), how, settings).inputs["user"].shape == (1, 1)
    assert fresh({"user": "", "item": 3}, how, settings).refused[0].text() == (
        "column user: expected a value, got nothing. Give one."
    )
    with pytest.raises(DatasetError, match="expected a user and an item"):
        fresh([(1, 2, 3)], how, settings)


TEXTS = "text,label\n" + "".join(f"some words number {n} of a longer text,{'xy'[n % 2]}\n" for n in range(40))


def test_texts_without_a_known_word_and_empty_ones_are_told_of(tmp_path, settings):
    how = prepared(written(tmp_path / "x.csv", TEXTS), settings)
    found = fresh(["some words", "  ", "xyzzy plugh"], how, settings)
    assert found.places.tolist() == [0, 2] and found.names == ("text 1", "text 2", "text 3")
    assert found.refused[1].text() == "column text: expected a value, got nothing. Give one."
    assert said(found) == ["texts of which training knows no word: 1; their answers mean nothing."]
    rows = fresh([{"text": "some words", "label": "y"}, {"text": "of", "label": "z"}], how, settings)
    assert rows.truth.tolist() == [1, -1]


def test_pictures_in_folders_that_are_called_like_classes_have_right_answers(tmp_path, pictures, settings):
    files = {
        "new/red/1.png": png(np.zeros((8, 8, 3))), "new/green/2.png": png(np.zeros((9, 9, 3))),
        "new/red/3.png": b"broken", "new/other/4.png": png(np.zeros((8, 8, 3))),
    }  # fmt: skip
    (found,) = fresh_file(zipped(tmp_path / "new.zip", files), pictures, settings)
    assert found.names == tuple(files) and list(found.refused) == [2]
    red, green = map(pictures.facts.classes.index, ("red", "green"))
    assert found.truth.tolist() == [red, green, -1]
    (tmp_path / "one.png").write_bytes(files["new/red/1.png"])
    (single,) = fresh_file(tmp_path / "one.png", pictures, settings)
    assert single.names == ("one.png",) and single.truth is None


def test_many_pictures_come_in_groups(tmp_path, pictures, settings, monkeypatch):
    monkeypatch.setattr("dlcore.datasets.fresh.given.AT_ONCE", 2)
    files = {f"{n}.png": png(np.full((8, 8, 3), n)) for n in range(5)}
    groups = list(fresh_file(zipped(tmp_path / "new.zip", files), pictures, settings))
    assert [group.names for group in groups] == [("0.png", "1.png"), ("2.png", "3.png"), ("4.png",)]


def test_a_table_is_read_with_its_gaps_its_odd_rows_and_its_empty_columns(tmp_path, bought, settings):
    path = written(
        tmp_path / "new.csv",
        "age;city;paid;when\n30;;1.100,5 €;01.02.2024\nx;;2.100,5 €;02.02.2024\n31;\n32;;unknown;03.02.2024\n",
    )
    (found,) = fresh_file(path, bought, settings)
    assert found.names == ("row 1", "row 2", "row 3") and found.places.tolist() == [0]
    assert sorted(found.refused) == [1, 2]
    assert said(found) == [
        "rows that cannot be read: 1; the first is row 4: wrong number of fields: 2, the others have 4.",
        "column city: nothing is given, which counts as unknown: 1.",
    ]


def test_texts_and_arrays_are_read_from_files(tmp_path, settings):
    how = prepared(written(tmp_path / "x.csv", TEXTS), settings)
    folder = tmp_path / "texts"
    (folder / "x").mkdir(parents=True)
    written(folder / "x" / "a.txt", "some words")
    (folder / "x" / "b.txt").write_bytes("Größe".encode("cp1252"))
    written(folder / "c.txt", "\n")
    (found,) = fresh_file(folder, how, settings)
    assert dict(zip(found.names, range(3), strict=True)).keys() == {"c.txt", "x/a.txt", "x/b.txt"}
    assert [found.refused[found.names.index("c.txt")].text()] == ["it contains no text."]
    assert found.truth.tolist() == [0, 0]
    zipped(tmp_path / "table.zip", {"x.csv": TEXTS.encode()})
    zipped(tmp_path / "texts.zip", {"y/a.txt": b"some words", "y/b.txt": b"of words"})
    for name in ("x.csv", "table.zip"):
        (table,) = fresh_file(tmp_path / name, how, settings)
        assert len(table.places) == 40 and table.truth.tolist() == [0, 1] * 20
    (packed,) = fresh_file(tmp_path / "texts.zip", how, settings)
    assert (packed.names, packed.truth.tolist()) == (("y/a.txt", "y/b.txt"), [1, 1])
    (one,) = fresh_file(folder / "x" / "a.txt", how, settings)
    assert one.names == ("a.txt",)


def test_right_answers_are_called_as_the_cleaning_calls_them(tmp_path, settings):
    rows = TEXTS.replace(",x", ",Spam").replace(",y", ",ham").replace("Spam", "spam", 9)
    spelling = {"kind": "LabelSpelling", "renames": ["ham=fine"]}
    how = prepared(written(tmp_path / "x.csv", rows), settings, values={"dataset.cleaning": [spelling]})
    assert sorted(how.facts.classes) == ["Spam", "fine"]
    found = fresh(
        [{"text": "of", "label": name} for name in ("Spam", "spam", "ham", "fine", "")], how, settings
    )
    spam, fine = map(how.facts.classes.index, ("Spam", "fine"))
    assert found.truth.tolist() == [spam, spam, fine, fine, -1]


def test_an_array_file_holds_one_sample_or_several(tmp_path, settings):
    how = arrays(tmp_path, settings, np.random.default_rng(0).normal(size=(20, 3, 2)))
    np.save(tmp_path / "one.npy", np.ones((3, 2)))
    np.save(tmp_path / "many.npy", np.ones((5, 3, 2)))
    counts = [
        len(next(fresh_file(tmp_path / name, how, settings)).places) for name in ("one.npy", "many.npy")
    ]
    assert counts == [1, 5]
    assert len(next(fresh_file(tmp_path / "x.npz", how, settings)).places) == 20
    np.save(tmp_path / "odd.npy", np.array([{}], object))
    for name in ("odd.npy", "x.txt"):
        (tmp_path / "x.txt").write_text("1 2 3")
        with pytest.raises(DatasetError):
            next(fresh_file(tmp_path / name, how, settings))


def test_a_file_of_another_kind_or_none_at_all_is_refused(tmp_path, bought, pictures, settings):
    with pytest.raises(DatasetError, match="there is no such file"):
        next(fresh_file(tmp_path / "none", bought, settings))
    (tmp_path / "x.png").write_bytes(b"no picture")
    (found,) = fresh_file(tmp_path / "x.png", pictures, settings)
    assert "this is not an image" in found.refused[0].text()
    with pytest.raises(DatasetError, match="expected a table, as this run was trained on one"):
        next(fresh_file(tmp_path / "x.png", bought, settings))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="no samples were given"):
        next(fresh_file(tmp_path / "empty", pictures, settings))


def test_a_dataset_of_an_older_version_is_read_as_programs_write(tmp_path, settings):
    how = prepared(people(tmp_path / "p.csv"), settings)
    old = Preparation(how.spec, how.facts, {}, how.state, {})
    row = {"age": "30", "city": "Rome", "income": "2000"}
    np.testing.assert_array_equal(
        fresh(row, old, settings).inputs["input"], fresh(row, how, settings).inputs["input"]
    )


def test_notes_on_several_groups_count_together():
    def note(count, city):
        return Message("{city}: {count}.", params={"city": city, "count": count})

    plain = Message("once.")
    joined = joined_notes([[plain, note(2, "Rome")], [note(3, "Rome"), note(1, "Oslo"), plain]])
    assert [one.text() for one in joined] == ["once.", "Rome: 5.", "Oslo: 1."]


def test_known_ratings_are_right_answers(tmp_path, settings):
    how = prepared(some_ratings(tmp_path / "r.csv"), settings)
    found = fresh([{"user": "u1", "item": "i2", "rating": "4"}], how, settings)
    assert found.truth.tolist() == [[4]]
