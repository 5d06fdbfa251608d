"""What the columns of a table become: values worked out by hand, learnt from the training part alone."""

import dataclasses

import numpy as np
import pytest

from dlcore.datasets.clean.divisions import Division, divide
from dlcore.datasets.prepare.tables import encode_table, hash_bin
from dlcore.errors import DatasetError
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import DataKind

from .makers import people, samples, stored

ALL = np.arange


def steps(*rows):
    return ExperimentSpec.from_dict({"preprocessing": list(rows)}).preprocessing


def test_a_table_becomes_numbers_and_ids_by_its_training_part(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    filled = dataclasses.replace(found, frame=found.frame.assign(c2=found.frame["c2"].fillna(0.0)))
    division = Division(np.array([0, 1, 2, 3]), np.array([4]), np.array([5]))
    encoded = encode_table(filled, division, steps({"kind": "StringLookup"}))
    # Oslo and Rome are known; Bonn is not, and one is missing.
    assert encoded.state["lookups"] == {"city": ["", "Oslo", "Rome"]}
    assert encoded.state["features"][:4] == ["age", "income", "city = ?", "city = Oslo"]
    assert encoded.inputs["input"][:, 2:].tolist() == [
        [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0],
    ]  # fmt: skip
    ids = encode_table(filled, division, steps({"kind": "StringLookup", "output_mode": "int"}))
    assert ids.inputs["city"].ravel().tolist() == [2, 1, 2, 0, 0, 1]
    assert ids.inputs["input"].shape == (6, 2)


def test_a_gap_that_nothing_fills_is_named_with_its_column(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    with pytest.raises(DatasetError, match="numbers that are missing in column income: 1"):
        encode_table(found, divide(found, ExperimentSpec().dataset, seed=0), steps({"kind": "StringLookup"}))


def test_numbers_that_float32_cannot_hold_are_no_gaps(tmp_path, settings):
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{n}e300,{n}.5\n" for n in range(1, 30)))
    stored(path, settings, kind=DataKind.TABLE)
    with pytest.raises(DatasetError, match=r"column a has numbers beyond 3\.4e38"):
        encode_table(samples(settings), Division(ALL(20), ALL(20, 25), ALL(25, 29)), [])


def test_a_hash_is_the_same_for_ever():
    # By `b2sum -l 64`: 40f89e395b66422f, 8472c2e34d854f75 and 05ac7edf2a8ab1c0, of 9 bins beside the first.
    assert [hash_bin(value, 10) for value in ("a", "b", "手")] == [3, 3, 5]
    # The first is for what is missing.
    assert {hash_bin(str(n), 4) for n in range(100)} == {1, 2, 3}


def test_hashed_columns_join_the_numbers_or_become_ids(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    filled = dataclasses.replace(found, frame=found.frame.assign(c2=0.0))
    division = Division(ALL(4), np.array([4]), np.array([5]))
    bins = [
        0 if city is None else hash_bin(city, 3) for city in ["Rome", "Oslo", "Rome", None, "Bonn", "Oslo"]
    ]
    hashing = {"kind": "Hashing", "num_bins": 3}
    joined = encode_table(filled, division, steps(hashing))
    assert joined.inputs["input"][:, 2:].argmax(axis=1).tolist() == bins
    assert joined.state["features"] == ["age", "income", "city = ?", "city = #1", "city = #2"]
    ids = encode_table(filled, division, steps({**hashing, "output_mode": "int"}))
    assert ids.inputs["city"].ravel().tolist() == bins


def test_times_are_counted_from_the_first_one_that_trains(tmp_path, settings):
    path = tmp_path / "t.csv"
    rows = [f"2024-06-01 12:00:{n:02d},{n}.5,{n}.25" for n in range(30)]
    path.write_text("\n".join(["when,a,y", *rows]) + "\n")
    stored(path, settings, kind=DataKind.TABLE)
    encoded = encode_table(samples(settings), Division(ALL(5, 20), ALL(20, 25), ALL(25, 30)), [])
    # Seconds apart, which float32 could not tell 54 years after 1970.
    assert encoded.inputs["input"][:, 0].tolist() == [n - 5.0 for n in range(30)]
    assert encoded.state["origins"] == {"when": 1717243205.0}


def test_rows_of_the_other_parts_do_not_change_what_a_table_learns(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    first = dataclasses.replace(found, frame=found.frame.assign(c2=0.0))
    frame = first.frame.copy()
    frame.loc[4:, ["c0", "c1"]] = [-1e9, "Atlantis"]
    other = dataclasses.replace(first, frame=frame)
    division = Division(ALL(4), np.array([4]), np.array([5]))
    one, two = (encode_table(table, division, steps({"kind": "StringLookup"})) for table in (first, other))
    assert one.state == two.state
    np.testing.assert_array_equal(one.inputs["input"][:4], two.inputs["input"][:4])


def of_numbers(tmp_path, settings, values):
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{value},{place}.5\n" for place, value in enumerate(values)))
    stored(path, settings, kind=DataKind.TABLE)
    return samples(settings)


def test_a_number_is_cut_at_the_quantiles_of_the_training_part(tmp_path, settings):
    found = of_numbers(tmp_path, settings, [0, 1, 2, 10, 20, 6, -1, 38])
    encoded = encode_table(
        found,
        Division(ALL(5), ALL(5, 6), ALL(6, 8)),
        steps({"kind": "PiecewiseLinearEncoding", "num_bins": 2}),
    )
    # The median of 0, 1, 2, 10 and 20 is 2; beyond both ends the line goes on.
    assert encoded.state["edges"] == {"a": [0, 2, 20]}
    assert encoded.state["features"] == ["a: 0 … 2", "a: 2 … 20"]
    expected = [[0, 0], [0.5, 0], [1, 0], [1, 8 / 18], [1, 1], [1, 4 / 18], [-0.5, 0], [1, 2]]
    np.testing.assert_allclose(encoded.inputs["input"], expected, rtol=1e-6)


def test_frequent_values_make_fewer_pieces_and_the_width_stays(tmp_path, settings):
    found = of_numbers(tmp_path, settings, [0, 0, 0, 0, 1, 2, 3, 4])
    encoded = encode_table(
        found, Division(ALL(4), ALL(4, 6), ALL(6, 8)), steps({"kind": "PiecewiseLinearEncoding"})
    )
    # Of five values there are four pieces at most; one that never changes in training has a single piece.
    assert encoded.state["features"] == ["a: 0 … 1", "a: –", "a: –", "a: –"]
    assert encoded.inputs["input"].tolist() == [[n, 0, 0, 0] for n in (0, 0, 0, 0, 1, 2, 3, 4)]


def test_pieces_stand_where_the_number_stood_whatever_comes_first(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    filled = dataclasses.replace(found, frame=found.frame.assign(c2=0.0))
    division = Division(ALL(4), np.array([4]), np.array([5]))
    cut = {"kind": "PiecewiseLinearEncoding", "columns": ["age"], "num_bins": 3}
    looked_up = {"kind": "StringLookup"}
    one, two = (encode_table(filled, division, steps(*rows)) for rows in ([cut, looked_up], [looked_up, cut]))
    assert one.state == two.state
    np.testing.assert_array_equal(one.inputs["input"], two.inputs["input"])
    assert one.state["features"][:4] == ["age: 20 … 30", "age: 30 … 40", "age: 40 … 50", "income"]
