"""Corrected versions of datasets: what is linked, what is different, and that no other sample changes its part."""

import errno
import json
import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlcore.datasets import corrections as module
from dlcore.datasets.clean.cleaning import clean, with_known_targets
from dlcore.datasets.clean.divisions import divide
from dlcore.datasets.corrections import correct_dataset
from dlcore.datasets.ingest.own_copy import copy_built_in
from dlcore.datasets.lineage import CORRECTIONS, corrected_rows, lineage_of
from dlcore.datasets.loader import load, open_samples
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.stored import BLOBS, SAMPLES, check_content, open_stored, versions
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError, SpecError
from dlcore.records.corrections import Correction, CorrectionKind
from dlcore.settings import Settings
from dlcore.spec.cleaning import LabelSpelling
from dlcore.spec.experiment import DatasetSpec
from tests.datasets.makers import colours, some_ratings, stored, wave_series

RELABEL, EXCLUDE, ACCEPT = CorrectionKind.RELABEL, CorrectionKind.EXCLUDE, CorrectionKind.ACCEPT


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def pictures(settings, tmp_path):
    """Six greenish and six reddish ones."""
    return stored(colours(tmp_path / "colours.zip"), settings)


def correct(dataset, settings, *changes, name="it", owner="me"):
    return correct_dataset(dataset, changes, settings, name=name, owner=owner)


def table(path, classes="xyz", rows=60):
    """Numbers of three classes."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.normal(size=(rows, 3)), columns=["a", "b", "c"])
    frame.assign(kind=[classes[row % 3] for row in range(rows)]).to_csv(path, index=False)
    return path


def test_a_relabelled_and_an_excluded_sample_make_a_new_version(pictures, settings):
    made = correct(
        pictures,
        settings,
        Correction(0, RELABEL, label="green"),
        Correction(3, EXCLUDE),
        Correction(5, ACCEPT),
    )
    assert made.facts.version != pictures.facts.version
    assert set(versions("it", settings)) == {made.facts.version, pictures.facts.version}
    assert open_stored("it", settings).facts.version == made.facts.version
    before = pictures.facts.classes[pictures.targets[0]]
    assert before == "red" and made.facts.classes[made.targets[0]] == "green"
    assert (made.targets[1:] == pictures.targets[1:]).all()
    assert corrected_rows(made).excluded == (3,)
    assert made.facts.class_counts == (7, 4)
    assert (made.facts.size, len(made.frame)) == (11, 12)
    check_content(made, whole=True)
    assert open_stored("it", settings, pictures.facts.version).facts.class_counts == (6, 6)


def test_the_files_of_the_version_before_are_linked(pictures, settings):
    made = correct(pictures, settings, Correction(3, EXCLUDE))
    for name in (BLOBS, SAMPLES):
        assert (made.folder / name).samefile(pictures.folder / name)


def test_where_nothing_can_be_linked_files_are_copied(pictures, settings, monkeypatch):
    def refuse(*_paths):
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(os, "link", refuse)
    made = correct(pictures, settings, Correction(3, EXCLUDE))
    assert not (made.folder / BLOBS).samefile(pictures.folder / BLOBS)
    assert made.blob(4) == pictures.blob(4)


def test_the_lineage_says_what_was_changed(pictures, settings):
    made = correct(pictures, settings, Correction(0, RELABEL, "red", "green"), Correction(3, EXCLUDE, "red"))
    found = lineage_of(made)
    assert (found.dataset, found.version, found.owner) == ("it", pictures.facts.version, "me")
    assert (found.relabelled, found.excluded) == (1, 1)
    assert found.corrections[0] == Correction(0, RELABEL, "red", "green")
    assert lineage_of(pictures) is None


def test_the_same_corrections_make_the_same_version(pictures, settings):
    once = correct(pictures, settings, Correction(3, EXCLUDE), Correction(0, RELABEL, label="green"))
    twice = correct(pictures, settings, Correction(0, RELABEL, label="green"), Correction(3, EXCLUDE))
    assert once.facts.version == twice.facts.version
    assert len(versions("it", settings)) == 2


def test_a_version_of_a_version_remembers_all(pictures, settings):
    first = correct(pictures, settings, Correction(0, RELABEL, label="green"))
    second = correct(first, settings, Correction(0, RELABEL, label="red"), Correction(4, EXCLUDE))
    assert corrected_rows(second).first == {0: 1}
    assert corrected_rows(second).excluded == (4,)
    assert lineage_of(second).version == first.facts.version
    with pytest.raises(DatasetError, match="nothing to change"):
        correct(second, settings, Correction(4, EXCLUDE))


@pytest.mark.parametrize("seed", range(3))
def test_no_other_sample_changes_its_part(settings, tmp_path, seed):
    dataset = stored(table(tmp_path / "table.csv"), settings)
    changes = [Correction(row, EXCLUDE) for row in (0, 7, 31)]
    changes += [Correction(row, RELABEL, label="z") for row in (3, 9, 12, 15)]
    made = correct(dataset, settings, *changes)

    def parts(version, **more):
        spec = DatasetSpec(name="it", version=version, **more)
        samples = open_samples(spec, settings)
        found = divide(with_known_targets(clean(samples, ()).samples), spec, seed=seed)
        return [set(part.tolist()) for part in (found.train, found.validation, found.test)]

    for more in ({}, {"train_samples": 20}, {"validation_fraction": 0.3, "test_fraction": 0.4}):
        before, after = parts(dataset.facts.version, **more), parts(made.facts.version, **more)
        assert after == [part - {0, 7, 31} for part in before]


def test_classes_that_cleaning_joins_keep_the_parts_too(settings, tmp_path):
    dataset = stored(table(tmp_path / "table.csv", "Zxz"), settings)
    made = correct(dataset, settings, Correction(3, RELABEL, label="z"), Correction(6, EXCLUDE))
    steps = (LabelSpelling(),)

    def parts(version):
        spec = DatasetSpec(name="it", version=version, cleaning=steps)
        found = divide(clean(open_samples(spec, settings), steps).samples, spec, seed=0)
        return [set(part.tolist()) for part in (found.train, found.validation, found.test)]

    assert parts(made.facts.version) == [part - {6} for part in parts(dataset.facts.version)]


def test_what_is_prepared_has_the_new_labels_and_not_what_is_left_out(settings, tmp_path):
    dataset = stored(table(tmp_path / "table.csv"), settings)
    made = correct(dataset, settings, Correction(3, RELABEL, label="z"), Correction(6, EXCLUDE))
    prepared = prepare(proposal(made.facts), settings, lambda *told: None)
    parts = (prepared.train, prepared.validation, prepared.test)
    rows = np.concatenate([part.own_rows for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    assert sorted(rows.tolist()) == [row for row in range(60) if row != 6]
    assert made.facts.classes[labels[rows == 3][0]] == "z"


def test_a_built_in_dataset_becomes_one_of_your_own(settings):
    data = load("digits", settings)
    told = []
    own = copy_built_in(data, settings, name="mine", owner="me", tell=lambda *one: told.append(one))
    made = correct(own, settings, Correction(5, RELABEL, label="7"), Correction(1_700, EXCLUDE), name="mine")
    assert told[-1] == (1_797, 1_797)
    assert (made.facts.train_size, made.facts.test_size) == (data.facts.train_size, data.facts.test_size - 1)
    spec = proposal(data.facts)
    before = prepare(spec, settings, lambda *told: None)
    moved = spec.with_values({"dataset.name": "mine", "dataset.version": made.facts.version})
    after = prepare(moved, settings, lambda *told: None)
    for part in ("train", "validation", "test"):
        old, new = getattr(before, part), getattr(after, part)
        kept = old.own_rows != 1_700
        assert (old.own_rows[kept] == new.own_rows).all()
        same = new.own_rows != 5
        assert (old.labels[kept][same] == new.labels[same]).all()
        assert (old.inputs["input"][old.indices[kept]] == new.inputs["input"][new.indices]).all()


def test_numbers_and_several_labels_are_corrected_as_well(settings, tmp_path):
    frame = pd.DataFrame({"a": np.arange(40.0), "y": np.arange(40) * 1.37 + 0.25})
    frame.to_csv(tmp_path / "numbers.csv", index=False)
    dataset = stored(tmp_path / "numbers.csv", settings)
    made = correct(dataset, settings, Correction(2, RELABEL, label=7.5))
    assert float(np.ravel(made.targets[2])[0]) == 7.5
    with pytest.raises(DatasetError, match="a finite number for each target: y"):
        correct(dataset, settings, Correction(2, RELABEL, label=float("nan")))


def test_what_does_not_fit_is_refused(pictures, settings, tmp_path):
    with pytest.raises(SpecError, match="class"):
        correct(pictures, settings, Correction(0, RELABEL, label="blue"))
    with pytest.raises(DatasetError, match="there is no sample 12: the dataset has 12"):
        correct(pictures, settings, Correction(12, EXCLUDE))
    with pytest.raises(DatasetError, match="nothing to change"):
        correct(pictures, settings, Correction(0, RELABEL, label="red"), Correction(1, ACCEPT))
    with pytest.raises(DatasetError, match="no sample would be left"):
        correct(pictures, settings, *(Correction(row, EXCLUDE) for row in range(12)))
    with pytest.raises(DatasetError, match="already exists"):
        correct(pictures, settings, Correction(0, EXCLUDE), owner="another")
    with pytest.raises(DatasetError, match="already exists"):
        correct(pictures, settings, Correction(0, EXCLUDE), name="digits")


def forecasts(facts, settings):
    """What is seen of the column `value` before each row that is forecast."""
    prepared = prepare(proposal(facts), settings, lambda *told: None)
    place = list(prepared.state["columns"]).index("value")
    return {
        int(row): part.inputs["input"][window, :, place].tolist()
        for part in (prepared.train, prepared.validation, prepared.test)
        for window, row in zip(part.indices, part.own_rows, strict=True)
    }


def test_a_row_of_a_series_that_is_left_out_is_not_forecast_but_still_seen(settings, tmp_path):
    series = stored(wave_series(tmp_path / "series.csv"), settings)
    before = forecasts(series.facts, settings)
    after = forecasts(correct(series, settings, Correction(40, EXCLUDE)).facts, settings)

    assert set(before) - set(after) == {40}
    assert after[41] == [350.0, 360.0, 370.0, 380.0, 390.0, 400.0]


@pytest.mark.parametrize("make", [wave_series, some_ratings])
def test_what_stands_in_a_column_is_not_relabelled(settings, tmp_path, make):
    dataset = stored(make(tmp_path / "table.csv"), settings)
    with pytest.raises(DatasetError, match="cannot be changed here"):
        correct(dataset, settings, Correction(0, RELABEL, label=3.0))


def test_on_a_full_disk_nothing_is_left(pictures, settings, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(module, "seal", full)
    with pytest.raises(DatasetError, match="the disk is full"):
        correct(pictures, settings, Correction(0, EXCLUDE))
    assert versions("it", settings) == (pictures.facts.version,)
    assert [path.name for path in settings.stored_dir.iterdir()] == ["it"]


def test_a_damaged_list_of_corrections_is_said(pictures, settings):
    made = correct(pictures, settings, Correction(0, EXCLUDE))
    (made.folder / CORRECTIONS).write_text(json.dumps({"excluded": "x"}))
    with pytest.raises(DatasetError, match="damaged"):
        corrected_rows(made)


def test_who_makes_it_is_its_owner(pictures, settings):
    made = correct(pictures, settings, Correction(0, EXCLUDE), name="other", owner="another")
    assert (made.facts.owner, made.facts.name, made.facts.title) == ("another", "other", "other")
    assert replace(made.facts, name="it").classes == pictures.facts.classes
