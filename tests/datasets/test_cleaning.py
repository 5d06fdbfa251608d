"""Cleaning: what each step takes out or mends, and that only the training part teaches it."""

import dataclasses
import tracemalloc

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from dlcore import datasets
from dlcore.datasets.builtin.arrays import ImageData
from dlcore.datasets.clean.cleaning import (
    _first_alike,
    clean,
    preview_cleaning,
    repair_values,
    with_known_targets,
)
from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.clean.outliers import limits
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.samples import built_in_samples
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError, SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check
from dlcore.spec.cleaning import Outliers, cleaned_facts
from dlcore.spec.data import ColumnRole, DataKind
from dlcore.spec.preprocessing import signature

from .makers import people, png, samples, stored, wave_series, zipped


def steps(*rows):
    return ExperimentSpec.from_dict({"dataset": {"cleaning": list(rows)}}).dataset.cleaning


def pictures(tmp_path, settings):
    """One image three times: twice exactly, once a little brighter; and two that are unlike it."""
    rng = np.random.default_rng(3)
    first = rng.integers(0, 250, (16, 16, 3))
    files = {"a/1.png": png(first), "a/2.png": png(first), "b/3.png": png(first + 3)}
    files |= {f"b/{n}.png": png(rng.integers(0, 250, (16, 16, 3))) for n in (4, 5)}
    stored(zipped(tmp_path / "x.zip", files), settings)
    return samples(settings)


def test_equal_images_are_kept_once_and_alike_ones_if_wanted(tmp_path, settings):
    found = pictures(tmp_path, settings)
    exact = clean(found, steps("RemoveDuplicates"))
    assert exact.samples.frame["name"].tolist() == ["a/1.png", "b/3.png", "b/4.png", "b/5.png"]
    assert (exact.changes[0].removed, exact.changes[0].examples) == (1, ("2.png = 1.png",))
    near = clean(found, steps({"kind": "RemoveDuplicates", "method": "near"}))
    assert near.samples.frame["name"].tolist() == ["a/1.png", "b/4.png", "b/5.png"]


@hypothesis.given(
    st.lists(st.integers(0, 255), min_size=1, max_size=30).map(lambda bits: np.array(bits, np.uint64)),
    st.integers(0, 5),
)
def test_of_images_that_look_alike_the_first_stays(hashes, distance):
    kept = []
    wanted = []
    for place, one in enumerate(hashes.tolist()):
        near = [first for first in kept if (int(hashes[first]) ^ one).bit_count() <= distance]
        kept += [] if near else [place]
        wanted.append(near[0] if near else place)
    assert _first_alike(hashes, distance).tolist() == wanted


def test_very_many_images_that_look_alike_need_no_more_memory_than_their_hashes():
    hashes = np.zeros(200_000, np.uint64)
    tracemalloc.start()
    firsts = _first_alike(hashes, 4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not firsts.any()
    assert peak < 10 * hashes.nbytes


def test_texts_are_equal_whatever_their_labels(tmp_path, settings):
    path = tmp_path / "t.csv"
    path.write_text("text,label\nto be or,x\nnot to be,y\nto be or,y\nof its own,x\n")
    stored(path, settings, kind=DataKind.TEXT)
    done = clean(samples(settings), steps("RemoveDuplicates"))
    assert done.samples.frame["text"].tolist() == ["to be or", "not to be", "of its own"]
    assert done.changes[0].examples == ("“to be or” = “to be or”",)


def test_whole_rows_of_a_table_are_compared(tmp_path, settings):
    path = tmp_path / "t.csv"
    path.write_text("x,y,label\n1,2,a\n1,2,b\n1,,a\n1,2,a\n1,,a\n")
    stored(path, settings, kind=DataKind.TABLE)
    done = clean(samples(settings), steps("RemoveDuplicates"))
    assert done.samples.rows.tolist() == [0, 1, 2]
    assert done.changes[0].examples == ("row 4 = row 1", "row 5 = row 3")


def test_images_of_a_built_in_dataset_are_compared_pixel_by_pixel(tmp_path):
    rng = np.random.default_rng(0)
    train = rng.integers(0, 255, (5, 8, 8, 1), dtype=np.uint8)
    test = np.stack([train[3], 255 - train[3]])
    facts = dataclasses.replace(
        datasets.CATALOGUE.get("digits").facts, input_shape=(8, 8, 1), train_size=5, test_size=2
    )
    data = ImageData(facts, train, np.arange(5), test, np.arange(2), "checksum", True, tmp_path)
    done = clean(built_in_samples(data), steps("RemoveDuplicates"))
    assert done.samples.rows.tolist() == [0, 1, 2, 3, 4, 6]
    near = clean(built_in_samples(data), steps({"kind": "RemoveDuplicates", "method": "near", "distance": 0}))
    assert near.samples.rows.tolist() == [0, 1, 2, 3, 4, 6]


def test_only_images_can_look_alike(tmp_path, settings):
    kept = stored(people(tmp_path / "p.csv"), settings)
    spec = proposal(kept.facts).with_values(
        {"dataset.cleaning": [{"kind": "RemoveDuplicates", "method": "near"}]}
    )
    with pytest.raises(
        SpecError, match=r"dataset\.cleaning\[0\]\.method: only images can be compared by appearance"
    ):
        check(spec, kept.facts)


def labelled(tmp_path, settings):
    path = tmp_path / "l.csv"
    rows = ["x,label", "1,Cat", "2,cat", "3,cat", "4, CAT ", "5,dog", "6,hot-dog", "7,bird", "8,bird"]
    path.write_text("\n".join(rows) + "\n")
    stored(path, settings, kind=DataKind.TABLE)
    return samples(settings)


def test_spellings_of_one_class_become_the_commonest(tmp_path, settings):
    found = labelled(tmp_path, settings)
    assert found.facts.classes == ("CAT", "Cat", "bird", "cat", "dog", "hot-dog")
    done = clean(found, steps("LabelSpelling"))
    assert done.samples.facts.classes == ("cat", "bird", "dog", "hot-dog")
    names = [done.samples.facts.classes[i] for i in done.samples.targets]
    assert names == ["cat", "cat", "cat", "cat", "dog", "hot-dog", "bird", "bird"]
    assert done.changes[0].changed == 2
    renamed = clean(found, steps({"kind": "LabelSpelling", "renames": ["hot-dog=dog"]}))
    assert renamed.samples.facts.classes == ("cat", "bird", "dog")


def test_rare_classes_are_taken_out_or_put_together(tmp_path, settings):
    found = labelled(tmp_path, settings)
    dropped = clean(found, steps("LabelSpelling", {"kind": "RareClasses", "min_samples": 2}))
    assert dropped.samples.facts.classes == ("cat", "bird")
    assert len(dropped.samples) == 6 and dropped.changes[1].removed == 2
    merged = clean(
        found, steps("LabelSpelling", {"kind": "RareClasses", "min_samples": 2, "action": "merge"})
    )
    assert merged.samples.facts.classes == ("cat", "bird", "other")
    assert np.bincount(merged.samples.targets).tolist() == [4, 2, 2]


@pytest.mark.parametrize(
    ("strategy", "income", "city"),
    [("mean", 3000.0, "Rome"), ("median", 2000.0, "Rome"), ("most_frequent", 1000.0, "Rome")],
)
def test_gaps_are_filled_by_the_training_part(tmp_path, settings, strategy, income, city):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    # Trains on 1000, 2000 and a gap, 6000 replaced below; the last two rows must not matter.
    frame = found.frame.copy()
    frame.loc[3, "c2"] = 6000.0
    frame.loc[4:, "c2"] = 1e9
    found = dataclasses.replace(found, frame=frame)
    division = Division(np.array([0, 1, 2, 3]), np.array([4]), np.array([5]))
    done = repair_values(found, division, steps({"kind": "MissingValues", "strategy": strategy}))
    assert done.samples.column("income").tolist()[2] == income
    assert done.samples.column("city").tolist()[3] == city
    assert done.changes[0].changed == 2


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_a_column_that_training_never_sees_filled_gets_nothing_in_particular(tmp_path, settings, strategy):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    frame = found.frame.copy()
    frame.loc[:3, ["c1", "c2"]] = None
    found = dataclasses.replace(found, frame=frame)
    division = Division(np.arange(4), np.array([4]), np.array([5]))
    done = repair_values(found, division, steps({"kind": "MissingValues", "strategy": strategy}))
    assert done.samples.column("city").tolist()[:4] == ["?"] * 4
    assert done.samples.column("income").tolist()[:4] == [0.0] * 4


def test_rows_with_gaps_can_be_dropped_and_constants_filled_in(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    dropped = clean(found, steps({"kind": "MissingValues", "strategy": "drop"}))
    assert dropped.samples.column("age").tolist() == [20, 30, 60, 70]
    constant = {"kind": "MissingValues", "strategy": "constant", "fill_value": "-1"}
    done = repair_values(found, Division(np.arange(6), np.array([], int), np.array([], int)), steps(constant))
    assert done.samples.column("income").tolist()[2] == -1
    assert done.samples.column("city").tolist()[3] == "-1"
    for wrong in ("much", "nan", "inf"):
        with pytest.raises(
            SpecError, match=rf"cleaning\[0\]\.fill_value: column income .* '{wrong}' is none"
        ):
            cleaned_facts(found.facts, steps({**constant, "fill_value": wrong}))


def test_a_column_that_nothing_is_learnt_from_may_have_gaps(tmp_path, settings):
    path = tmp_path / "p.csv"
    path.write_text("a,note,y\n" + "".join(f"{n}.5,,{n}.25\n" for n in range(30)))
    stored(path, settings, kind=DataKind.TABLE, roles={"note": ColumnRole.IGNORED})
    drop = {"kind": "MissingValues", "strategy": "drop"}
    assert len(clean(samples(settings), steps(drop)).samples) == 30
    named = clean(samples(settings), steps({**drop, "columns": ["note"]}))
    assert named.changes[0].removed == 30
    with pytest.raises(DatasetError, match="no samples are left after cleaning"):
        with_known_targets(named.samples)


@pytest.mark.parametrize(("fill", "ids"), [("nowhere", 5), ("Oslo", 4)])
def test_a_constant_is_one_more_value_of_its_column(tmp_path, settings, fill, ids):
    kept = stored(people(tmp_path / "p.csv"), settings)
    spec = proposal(kept.facts).with_values(
        {
            "dataset.cleaning": [
                {"kind": "MissingValues", "columns": ["income"]},
                {"kind": "MissingValues", "strategy": "constant", "fill_value": fill},
            ],
            "dataset.validation_fraction": 0,
            "preprocessing": [{"kind": "StringLookup", "output_mode": "int"}],
            "model": proposal(kept.facts).model,
        }
    )
    prepared = prepare(spec, settings, lambda *what: None)
    # Rome, Oslo, Bonn and what is filled in, beside id 0.
    assert signature(prepared.facts, spec.preprocessing).inputs["city"].vocabulary == ids
    assert prepared.train.inputs["city"].max() < ids


def test_samples_whose_class_nobody_knows_are_left_out(tmp_path, settings):
    found = labelled(tmp_path, settings)
    some = dataclasses.replace(found, targets=np.array([-1, 0, 1, -1, 2, 3, 4, 0]))
    assert with_known_targets(some).rows.tolist() == [1, 2, 4, 5, 6, 7]
    assert with_known_targets(found) is found


def test_where_most_values_are_equal_no_other_is_an_outlier():
    rare = np.array([0.0] * 9 + [1.0])
    assert limits(rare, Outliers(method="iqr")) == (-np.inf, np.inf)
    assert limits(np.ones(4), Outliers(method="z_score")) == (-np.inf, np.inf)


def test_what_a_forecast_is_judged_by_is_not_pulled_in(tmp_path, settings):
    stored(wave_series(tmp_path / "s.csv", rows=10), settings)
    found = samples(settings)
    frame = found.frame.copy()
    frame["c1"] = [0.0, 1, 2, 3, 99, 5, 6, 7, 1000, 9]
    frame["c2"] = [0.0, 1, 2, 3, 99, 5, 6, 7, 1000, 9]
    found = dataclasses.replace(found, frame=frame)
    division = Division(np.arange(6), np.array([], int), np.arange(6, 10))
    done = repair_values(found, division, steps("Outliers"))
    # Quartiles of 0, 1, 2, 3, 5, 99 are 1.25 and 4.5: limits −3.625 and 9.375.
    assert done.samples.column("load").tolist() == [0, 1, 2, 3, 9.375, 5, 6, 7, 9.375, 9]
    assert done.samples.column("value").tolist() == [0, 1, 2, 3, 9.375, 5, 6, 7, 1000, 9]
    assert done.changes[0].changed == 3


def test_outliers_are_pulled_to_the_limits_or_leave_the_training_part_alone(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    frame = found.frame.copy()
    frame["c0"] = [1.0, 2.0, 3.0, 100.0, 4.0, 500.0]
    found = dataclasses.replace(found, frame=frame)
    division = Division(np.array([0, 1, 2, 3, 4]), np.array([], int), np.array([5]))
    step = {"kind": "Outliers", "columns": ["age"]}
    done = repair_values(found, division, steps(step))
    # Quartiles of 1, 2, 3, 4, 100 are 2 and 4: limits −1 and 7.
    assert done.samples.column("age").tolist() == [1, 2, 3, 7, 4, 7]
    assert done.changes[0].changed == 2 and len(done.division.train) == 5
    done = repair_values(found, division, steps({**step, "action": "drop"}))
    assert done.division.train.tolist() == [0, 1, 2, 4] and done.division.test.tolist() == [5]
    assert done.samples.column("age").tolist()[5] == 500


def test_limits_by_deviations():
    # 0, 2: mean 1, deviation 1.
    assert limits(np.array([0.0, 2.0]), Outliers(method="z_score", threshold=3.0)) == (-2.0, 4.0)


def test_a_preview_tells_each_step_in_order_and_changes_nothing(tmp_path, settings):
    stored(people(tmp_path / "p.csv"), settings)
    found = samples(settings)
    spec = ExperimentSpec.from_dict(
        {"dataset": {"cleaning": ["Outliers", "RemoveDuplicates", "MissingValues"], "validation_fraction": 0}}
    ).dataset
    changes = preview_cleaning(found, spec, seed=0)
    assert [change.kind for change in changes] == ["Outliers", "RemoveDuplicates", "MissingValues"]
    assert changes[2].changed == 2
    assert found.frame.isna().sum().sum() == 2


def test_a_table_with_gaps_a_wrong_row_and_categories_is_prepared_whole(tmp_path, settings):
    path = people(tmp_path / "p.csv")
    path.write_text(path.read_text() + "80,Rome,7000\n")
    kept = stored(path, settings)
    assert [one.reason.text() for one in kept.refused] == ["wrong number of fields: 3, the others have 4."]
    prepared = prepare(proposal(kept.facts), settings, lambda *what: None)
    assert np.isfinite(prepared.train.inputs["input"]).all()
