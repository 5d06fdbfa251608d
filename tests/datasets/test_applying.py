"""What was learned from the training part is applied to new samples: the same as in training, and nothing learned anew."""

import dataclasses
import json

import numpy as np
import pytest

from dlcore.datasets.clean.applying import apply_cleaning
from dlcore.datasets.clean.cleaning import clean, repair_values
from dlcore.datasets.clean.divisions import Division, divide
from dlcore.datasets.prepare.kinds import TABLE_ENCODERS
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.ratings import apply_ratings
from dlcore.datasets.prepare.series import apply_series, encode_series
from dlcore.datasets.prepare.tables import apply_table, encode_table
from dlcore.datasets.prepare.texts import apply_texts, encode_texts
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import ColumnRole, DataKind, Task
from dlcore.spec.preprocessing import ValueStep

from .makers import panel, people, samples, some_ratings, stored, wave_series

NONE = np.array([], int)


def steps(*rows):
    return ExperimentSpec.from_dict({"preprocessing": list(rows)}).preprocessing


def cleaning(*rows):
    return ExperimentSpec.from_dict({"dataset": {"cleaning": list(rows)}}).dataset.cleaning


def saved(state):
    """As it comes back from a file."""
    return json.loads(json.dumps(state))


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


SMALL = {
    "texts": (lambda path: written(path / "x.csv", TEXTS), {}),
    "table": (lambda path: people(path / "x.csv"), {}),
    "ratings": (lambda path: some_ratings(path / "x.csv"), {}),
}
TEXTS = "text,label\n" + "".join(f"some words number {n} of a longer text,{'xy'[n % 2]}\n" for n in range(40))


@pytest.mark.parametrize("what", SMALL)
def test_samples_of_the_dataset_are_encoded_as_they_were(what, tmp_path, settings):
    make, options = SMALL[what]
    kept = stored(make(tmp_path), settings, **options)
    spec = proposal(kept.facts)
    making = [step for step in spec.preprocessing if not isinstance(step, ValueStep)]
    done = clean(samples(settings), spec.dataset.cleaning)
    division = divide(done.samples, spec.dataset, seed=0)
    repaired = repair_values(done.samples, division, spec.dataset.cleaning)
    encoder = TABLE_ENCODERS[kept.facts.kind]
    encoded = encoder.encode(repaired.samples, repaired.division, making)
    again = encoder.apply(repaired.samples, making, saved(encoded.state))
    assert set(again.inputs) == set(encoded.inputs)
    for name, values in encoded.inputs.items():
        assert again.inputs[name].dtype == values.dtype
        np.testing.assert_array_equal(again.inputs[name], values)
    assert again.rows.tolist() == list(range(len(repaired.samples)))


@pytest.mark.parametrize("options", [{}, {"output_mode": "int"}])
def test_a_value_that_training_did_not_have_is_unknown(tmp_path, settings, options):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    filled = dataclasses.replace(found, frame=found.frame.assign(c2=found.frame["c2"].fillna(0.0)))
    chosen = steps({"kind": "StringLookup", **options})
    state = saved(encode_table(filled, Division(np.arange(4), np.array([4]), np.array([5])), chosen).state)
    new = filled.take(np.array([4]))
    made = apply_table(new, chosen, state).inputs
    # Bonn is not among Oslo and Rome.
    if options:
        assert made["city"].tolist() == [[0]] and made["input"].tolist() == [[60, 5000]]
    else:
        # The dataset has three cities, of which training has two: one place is empty.
        assert made["input"].tolist() == [[60, 5000, 1, 0, 0, 0]]


def test_times_and_pieces_are_counted_from_where_training_begins(tmp_path, settings):
    rows = "".join(f"2024-06-{1 + n:02} 00:00:00,{n},{n}.25\n" for n in range(20))
    stored(written(tmp_path / "t.csv", "when,a,y\n" + rows), settings, kind=DataKind.TABLE)
    found = samples(settings)
    found = dataclasses.replace(
        found,
        facts=dataclasses.replace(
            found.facts,
            columns=tuple(
                dataclasses.replace(one, role=ColumnRole.FEATURE) if one.name == "when" else one
                for one in found.facts.columns
            ),
        ),
    )
    chosen = steps({"kind": "PiecewiseLinearEncoding", "num_bins": 2, "columns": ["a"]})
    state = saved(encode_table(found, Division(np.arange(4, 15), NONE, NONE), chosen).state)
    # Training has the 5th of June to the 15th and 4 … 14: edges 4, 9 and 14.
    made = apply_table(found.take(np.array([2, 19])), chosen, state).inputs["input"]
    day = 86_400
    assert made.tolist() == [
        [-2 * day, pytest.approx(-0.4), 0],
        [15 * day, 1, pytest.approx(2)],
    ]


@pytest.mark.parametrize("mode", ["int", "count", "multi_hot", "tf_idf"])
def test_a_new_text_is_read_with_the_words_of_the_training_part(tmp_path, settings, mode):
    stored(written(tmp_path / "x.csv", TEXTS), settings)
    found = samples(settings)
    chosen = steps(
        {"kind": "TextVectorization", "max_tokens": 8, "output_sequence_length": 4, "output_mode": mode}
    )
    encoded = encode_texts(found, Division(np.arange(30), np.arange(30, 40), NONE), chosen)
    vocabulary = encoded.state["vocabulary"]
    new = dataclasses.replace(
        found.take(np.array([0])), frame=found.frame.iloc[[0]].assign(text=["Words of xyzzy!"])
    )
    (row,) = apply_texts(new, chosen, saved(encoded.state)).inputs["input"]
    if mode == "int":
        assert row.tolist() == [vocabulary.index("words"), vocabulary.index("of"), 1, 0]
        return
    expected = np.zeros(8)
    for place in (vocabulary.index("words"), vocabulary.index("of"), 1):
        # All words in the vocabulary are in all 30 training texts: they weigh log(1 + 30 / 31), as does their mean.
        expected[place] = np.log1p(30 / 31) if mode == "tf_idf" else 1
    np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_users_and_items_that_training_does_not_know_are_new(tmp_path, settings):
    stored(some_ratings(tmp_path / "r.csv"), settings)
    found = samples(settings)
    frame = found.frame.iloc[[0, 0]].assign(user=["u1", "nobody"], item=["nothing", "i2"])
    new = dataclasses.replace(found.take(np.array([0, 0])), frame=frame)
    made = apply_ratings(new, [], {"ids": {"user": ["", "u0", "u1"], "item": ["", "i1", "i2"]}}).inputs
    assert made["user"].tolist() == [[2], [0]] and made["item"].tolist() == [[0], [2]]


def test_a_forecast_continues_the_last_window_of_each_series(tmp_path, settings):
    stored(panel(tmp_path / "s.csv", rows=20), settings)
    found = samples(settings)
    chosen = steps({"kind": "Windows", "sequence_length": 3, "sampling_rate": 2, "group_ids": True})
    every = np.arange(len(found))
    state = saved(encode_series(found, Division(every, NONE, NONE), chosen).state)
    done = apply_series(found, chosen, state)
    # Rows 15, 17 and 19 of each shop; both are in turn in the file.
    assert done.inputs["input"][..., 0].tolist() == [[0, 0, 0], [100, 100, 100]]
    assert done.inputs["input"][..., 1].tolist() == [[15, 17, 19], [115, 117, 119]]
    assert done.inputs["shop"].tolist() == [[1], [2]]
    assert done.rows.tolist() == [38, 39]
    with pytest.raises(DatasetError, match=r"looks at 5 at a time, given are 4"):
        apply_series(found.take(every[-8:]), chosen, state)


def test_every_window_of_a_new_series_is_reconstructed(tmp_path, settings):
    stored(wave_series(tmp_path / "s.csv", rows=7), settings, kind=DataKind.SERIES, task=Task.RECONSTRUCTION)
    found = samples(settings)
    chosen = steps({"kind": "Windows", "sequence_length": 3, "sequence_stride": 2})
    done = apply_series(found, chosen, encode_series(found, Division(np.arange(7), NONE, NONE), chosen).state)
    assert done.inputs["input"][..., 0].tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    assert done.rows.tolist() == [2, 4, 6]


def learned_of(found, division, chosen):
    done = clean(found, chosen)
    repaired = repair_values(done.samples, division, chosen)
    return saved([{**a, **b} for a, b in zip(done.learned, repaired.learned, strict=True)])


def test_gaps_and_outliers_of_new_rows_are_treated_as_the_training_part_says(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    chosen = cleaning("MissingValues", "Outliers")
    # Trains on ages 20, 30, 40 and 50, incomes 1000, 2000, a gap and 4000, Rome, Oslo and Rome.
    learned = learned_of(found, Division(np.arange(4), np.array([4]), np.array([5])), chosen)
    assert learned[0] == {"fillings": {"age": 35.0, "city": "Rome", "income": 2000.0}}
    # Quartiles of 20 … 50 are 27.5 and 42.5; of 1000, 2000, 2000 and 4000 they are 1750 and 2500.
    assert learned[1] == {"ranges": {"age": [5.0, 65.0], "income": [625.0, 3625.0]}}
    new = dataclasses.replace(found.take(np.array([0, 1])), targets=None)
    new = dataclasses.replace(
        new, frame=new.frame.assign(c0=[np.nan, 900.0], c1=[None, "Paris"], c2=[np.nan, -5.0])
    )
    done, notes = apply_cleaning(new, chosen, learned)
    assert done.column("age").tolist() == [35, 65]
    assert done.column("city").tolist() == ["Rome", "Paris"]
    assert done.column("income").tolist() == [2000, 625]
    assert [note.text() for note in notes] == [
        "column age: missing values filled with 35, as in training: 1.",
        "column city: missing values filled with Rome, as in training: 1.",
        "column income: missing values filled with 2000, as in training: 1.",
        "column age: outliers brought to 5 … 65, as in training: 1.",
        "column income: outliers brought to 625 … 3625, as in training: 1.",
    ]


def test_the_last_value_is_carried_within_new_rows_and_what_is_forecast_is_not_clipped(tmp_path, settings):
    stored(wave_series(tmp_path / "s.csv", rows=20), settings)
    found = samples(settings)
    chosen = cleaning({"kind": "MissingValues", "strategy": "previous"}, "Outliers")
    learned = learned_of(found, Division(np.arange(11), NONE, np.arange(11, 20)), chosen)
    assert learned[0] == {"fillings": {"load": 5.0, "value": 50.0}}
    new = found.take(np.arange(4))
    new = dataclasses.replace(
        new, frame=new.frame.assign(c1=[np.nan, 4, np.nan, 999], c2=[np.nan, 40, np.nan, 9990])
    )
    done, notes = apply_cleaning(new, chosen, learned)
    # Quartiles of 0 … 10 are 2.5 and 7.5.
    assert done.column("load").tolist() == [5, 4, 4, 15]
    assert done.column("value").tolist() == [50, 40, 40, 9990]
    assert [note.text() for note in notes][:2] == [
        "column load: gaps filled with the value before them, as in training: 1.",
        "column value: gaps filled with the value before them, as in training: 1.",
    ]


def test_the_usual_time_between_rows_is_that_of_the_dataset(tmp_path, settings):
    stored(wave_series(tmp_path / "s.csv", rows=20), settings)
    found = samples(settings)
    chosen = cleaning("RegularTimes")
    learned = learned_of(found, Division(np.arange(20), NONE, NONE), chosen)
    assert learned == [{"usual": 86_400.0}]
    # Every second day: by themselves they would seem regular.
    done, notes = apply_cleaning(found.take(np.array([0, 2, 4])), chosen, learned)
    assert done.column("load").fillna(-1).tolist() == [0, -1, 2, -1, 4]
    assert [note.text() for note in notes] == [
        "empty rows were added where times are missing, as in training: 2."
    ]


def test_a_column_without_gaps_is_filled_in_new_rows_all_the_same(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    text = {"kind": "MissingValues", "strategy": "constant", "fill_value": "none", "columns": ["city", "age"]}
    learned = learned_of(found, Division(np.arange(6), NONE, NONE), cleaning(text))
    # A word cannot stand in for a number; the dataset has no gap there that it would have to.
    assert learned == [{"fillings": {"city": "none"}}]


def test_what_was_learned_is_kept_with_the_arrays_and_read_again(tmp_path, settings):
    kept = stored(people(tmp_path / "p.csv"), settings)
    spec = proposal(kept.facts).with_values(
        {
            "dataset.cleaning": [
                "RemoveDuplicates",
                {"kind": "LabelSpelling", "renames": ["no=never"]},
                "MissingValues",
            ]
        }
    )
    first, again = (prepare(spec, settings, lambda *told: None) for _ in range(2))
    assert again.state == first.state
    nothing, classes, fillings = again.state["cleaning"]
    assert nothing == {} and classes == {"classes": {"no": "never", "yes": "yes"}}
    assert set(fillings["fillings"]) == {"age", "city", "income"}
    assert set(again.reading["tables"]["columns"]) == {"age", "city", "income", "bought"}
