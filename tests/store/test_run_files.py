"""Files of a run that a stranger's process may have written, as a dashboard reads them."""

import io
import json
import zipfile

import numpy as np
import pytest

from dlcore.records import Evaluation
from dlcore.records.artifacts import EVALUATION_FILE, PREDICTIONS_FILE
from dlcore.store import run_files
from dlcore.store.run_files import DamagedArtifactError, read_answers, read_arrays, read_evaluation


def header(shape):
    """An array of which only the header is there."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue()


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(f"{name}.npy", content)
    return path


def test_arrays_are_read(tmp_path):
    np.savez_compressed(tmp_path / PREDICTIONS_FILE, answers=np.eye(3))
    np.testing.assert_array_equal(read_arrays(tmp_path / PREDICTIONS_FILE)["answers"], np.eye(3))


def test_arrays_that_unpack_to_more_than_is_read_at_once_are_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(run_files, "MOST_ARRAYS", 100_000)
    path = tmp_path / PREDICTIONS_FILE
    np.savez_compressed(path, answers=np.zeros(100_000))
    assert path.stat().st_size < 2_000
    with pytest.raises(DamagedArtifactError):
        read_arrays(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(header((10**15,)), id="more than any machine has"),
        pytest.param(header((8,)), id="less than it says"),
        pytest.param(b"\x93NUMPY", id="half a header"),
        pytest.param(b"no array", id="no array"),
    ],
)
def test_an_array_that_is_not_what_it_says_is_damaged(tmp_path, content):
    path = archive(tmp_path / PREDICTIONS_FILE, answers=content)
    with pytest.raises(DamagedArtifactError):
        np.asarray(read_arrays(path)["answers"], float)


def test_a_single_array_is_no_archive(tmp_path):
    with (tmp_path / PREDICTIONS_FILE).open("wb") as file:
        np.save(file, np.eye(3))
    with pytest.raises(DamagedArtifactError):
        read_arrays(tmp_path / PREDICTIONS_FILE)


@pytest.mark.parametrize("text", ["[" * 100_000, json.dumps({"metrics": 1}), "", "null"])
def test_results_that_make_no_sense_are_damaged(tmp_path, text):
    (tmp_path / EVALUATION_FILE).write_text(text)
    with pytest.raises(DamagedArtifactError):
        read_evaluation(tmp_path)


CHANCES = np.full((3, 2), 0.5, np.float32)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"answers": np.full((3, 4), 0.25, np.float32)}, id="answers of more classes"),
        pytest.param({"answers": CHANCES[0]}, id="one axis"),
        pytest.param({"answers": np.array([["a", "b"]] * 3)}, id="answers that are no numbers"),
        pytest.param({"targets": np.array([0, 1])}, id="fewer targets"),
        pytest.param({"targets": np.array([0, 1, 2])}, id="a class that there is not"),
        pytest.param({"targets": np.array([0, 1, -1])}, id="no class"),
        pytest.param({"targets": np.array(["a", "b", "a"])}, id="names"),
        pytest.param({"rows": np.array([0, 1])}, id="fewer rows"),
        pytest.param({"rows": np.array([0, 1, -1])}, id="a row before the first"),
        pytest.param({"rows": np.array([0.5, 1, 2])}, id="half a row"),
    ],
)
def test_answers_that_do_not_fit_are_damaged(tmp_path, changed):
    evaluation = Evaluation({}, ("a", "b"), (), (), ())
    arrays = {"answers": CHANCES, "targets": np.array([0, 1, 0]), "rows": np.arange(3)}
    np.savez(tmp_path / PREDICTIONS_FILE, **arrays)
    assert read_answers(tmp_path, evaluation).rows.tolist() == [0, 1, 2]
    np.savez(tmp_path / PREDICTIONS_FILE, **arrays | changed)
    with pytest.raises(DamagedArtifactError):
        read_answers(tmp_path, evaluation)


def test_of_a_part_without_samples_nothing_was_kept(tmp_path):
    nothing = {"answers": CHANCES[:0], "targets": np.zeros(0, np.int64), "rows": np.zeros(0, np.int64)}
    np.savez(tmp_path / PREDICTIONS_FILE, **nothing)
    assert read_answers(tmp_path, Evaluation({}, ("a", "b"), (), (), ())) is None
