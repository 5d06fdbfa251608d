"""How samples were prepared, saved with the run: read back whole, or refused in words."""

import json
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.prepare.saved import FORMAT, Preparation, read_meanings, read_preparation
from dlcore.datasets.prepare.values import Affine, Logarithm, apply_value_ops
from dlcore.durable import write_json
from dlcore.errors import DatasetError
from dlcore.records.artifacts import PREPARATION_FILE
from dlcore.spec import ExperimentSpec

STATE = {
    "lookups": {"city": ["", "Oslo", "Rome"]},
    "cleaning": [{"fillings": {"age": 35.0}}, {"ranges": {"age": [5.0, 65.0]}}],
}


def preparation() -> Preparation:
    values = {
        "input": (Logarithm(), Affine(np.array([1, 1 / 3], np.float32), np.array(0.1, np.float32))),
    }
    facts = CATALOGUE.get("digits").facts
    reading = {"highest": {"PNG": 4095}}
    return Preparation(ExperimentSpec(), facts, reading, STATE, values, np.array([1.5, 2.0]))


def saved(folder: Path, content: object) -> Path:
    write_json(folder / PREPARATION_FILE, content)
    return folder


def test_all_of_it_comes_back_to_the_bit(tmp_path):
    before = preparation()
    again = read_preparation(saved(tmp_path, before.to_dict()))
    assert (again.spec, again.facts, again.reading, again.state) == (
        before.spec, before.facts, before.reading, STATE,
    )  # fmt: skip
    assert again.deviations is not None and again.deviations.tolist() == [1.5, 2.0]
    x = np.array([[3.0, -7.0]], np.float32)
    np.testing.assert_array_equal(
        apply_value_ops(x, again.values["input"]), apply_value_ops(x, before.values["input"])
    )


def test_a_folder_without_a_trained_model_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"no trained model in this folder\. Train the run"):
        read_preparation(tmp_path)


def test_a_run_of_an_older_version_is_told_to_be_trained_and_its_words_are_still_known(tmp_path):
    words = {"vocabulary": ["", "[UNK]", "ham"], "idf": []}
    text = json.dumps({"steps": words, "values": {}, "target_scale": None})
    (tmp_path / PREPARATION_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"older version.*Resume it with one epoch more"):
        read_preparation(tmp_path)
    assert read_meanings(tmp_path) == {"vocabulary": ["", "[UNK]", "ham"]}


def test_a_run_of_a_newer_version_asks_for_the_new_program(tmp_path):
    with pytest.raises(DatasetError, match="newer version"):
        read_preparation(saved(tmp_path, {**preparation().to_dict(), "format": FORMAT + 1}))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"Oslo"', '"Olso"'),
        lambda text: "[1, 2]",
        lambda text: "\x00" * len(text),
    ],
)
def test_a_damaged_file_is_refused_and_never_used(tmp_path, damage):
    path = saved(tmp_path, preparation().to_dict()) / PREPARATION_FILE
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    for read in (read_preparation, read_meanings):
        with pytest.raises(DatasetError, match=r"preparation\.json: this file of the run is damaged"):
            read(tmp_path)


def test_a_file_that_lacks_something_counts_as_damaged(tmp_path):
    whole = preparation().to_dict()
    for key in whole.keys() - {"format", "threshold"}:
        content = {name: value for name, value in whole.items() if name != key}
        with pytest.raises(DatasetError, match="damaged"):
            read_preparation(saved(tmp_path, content))


def test_a_run_of_before_has_no_threshold(tmp_path):
    whole = {**preparation().to_dict(), "threshold": 1.5}
    assert read_preparation(saved(tmp_path, whole)).threshold == 1.5
    del whole["threshold"]
    assert read_preparation(saved(tmp_path, whole)).threshold is None


def test_what_is_known_of_ids_is_the_same_in_both_versions(tmp_path):
    assert read_meanings(saved(tmp_path, preparation().to_dict())) == {"lookups": STATE["lookups"]}
