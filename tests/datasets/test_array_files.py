"""Arrays that somebody saved with NumPy: which belong together, what they are, and what is refused."""

import zipfile

import numpy as np
import pytest

from dlcore.datasets.ingest.arrays import looks_like_arrays
from dlcore.datasets.ingest.intake import inspect
from dlcore.errors import DatasetError
from dlcore.spec.data import Task

from .makers import stored


def saved(folder, **arrays):
    path = folder / "it.npz"
    np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()})
    return path


PIXELS = np.zeros((10, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros(4), np.zeros(4)),
        (np.zeros(()), np.zeros(4)),
        (np.zeros((4, 2)), np.zeros(())),
        (np.zeros((4, 2)), np.zeros((4, 1, 1))),
        (np.zeros((4, 2)), np.zeros(3)),
        (np.zeros((0, 2)), np.zeros(0)),
    ],
)
def test_arrays_that_are_not_as_many_samples_and_answers_are_refused(tmp_path, settings, x, y):
    with pytest.raises(DatasetError, match="expected samples first, and as many of them in both"):
        inspect(saved(tmp_path, x=x, y=y), settings)


@pytest.mark.parametrize("y", [np.arange(10) % 3, (np.arange(10) % 3)[:, None]])
def test_one_answer_a_sample_may_stand_in_a_column(tmp_path, settings, y):
    assert inspect(saved(tmp_path, x=PIXELS, y=y), settings).classes == ("0", "1", "2")


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (np.arange(10) % 2, Task.BINARY),
        (np.arange(10) % 3, Task.MULTICLASS),
        # Half of the samples have the value of another: classes. More different ones are amounts.
        (np.arange(10) % 5, Task.MULTICLASS),
        (np.arange(10) % 6, Task.REGRESSION),
        (np.arange(10) % 2 + 0.5, Task.REGRESSION),
        # Classes that a program has turned into floats are classes.
        (np.arange(10) % 2 * 1.0, Task.BINARY),
        (np.eye(10, 3, dtype=int), Task.MULTILABEL),
        (np.eye(10, 3) * 2, Task.REGRESSION),
        ((np.arange(10) % 2)[:, None], Task.BINARY),
    ],
)
def test_the_task_follows_from_the_answers(tmp_path, settings, y, task):
    assert inspect(saved(tmp_path, x=PIXELS, y=y), settings).task is task


def test_parts_of_different_shapes_are_refused(tmp_path, settings):
    path = saved(tmp_path, x_train=PIXELS, y_train=np.arange(10), x_test=PIXELS[:, :2], y_test=np.arange(10))

    with pytest.raises(DatasetError, match="the parts have samples of different shapes"):
        inspect(path, settings)


def test_what_is_stored_is_what_was_saved(tmp_path, settings):
    x = np.arange(120, dtype=np.uint8).reshape(10, 4, 3)
    y = np.array([7, 9] * 5)
    kept = stored(saved(tmp_path, x_train=x[:6], y_train=y[:6], x_test=x[6:], y_test=y[6:]), settings)

    facts = kept.facts
    assert (facts.train_size, facts.test_size, facts.validation_size) == (6, 4, 0)
    assert (facts.task, facts.classes, facts.class_counts) == (Task.BINARY, ("7", "9"), (5, 5))
    # Bytes of two axes are a grey image, whose channel nobody wrote down.
    assert facts.input_shape == (4, 3, 1)


def test_amounts_have_neither_classes_nor_counts(tmp_path, settings):
    facts = stored(saved(tmp_path, x=PIXELS.astype(np.float32), y=np.arange(10) / 3), settings).facts

    assert (facts.task, facts.classes, facts.class_counts) == (Task.REGRESSION, (), ())
    assert facts.input_shape == (4, 3)


def test_the_proposal_shows_each_part(tmp_path, settings):
    path = saved(tmp_path, x_train=PIXELS, y_train=np.arange(10) % 2, x_test=PIXELS[:4], y_test=[0, 0, 0, 1])
    found = inspect(path, settings)

    assert found.preview == (("train", "10", "(4, 3)"), ("test", "4", "(4, 3)"))
    assert found.counts == {"train": (5, 5), "test": (3, 1)}


def test_too_many_classes_are_said_to_be_amounts(tmp_path, settings):
    path = saved(tmp_path, x=np.zeros((3000, 2)), y=np.arange(3000) % 1001)

    with pytest.raises(DatasetError, match="y has 1001 different values, too many for classes"):
        stored(path, settings, task=Task.MULTICLASS)


def test_a_zip_is_of_arrays_if_it_holds_nothing_else(tmp_path):
    def packed(*names):
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"")
        return looks_like_arrays(path)

    assert packed("x.npy", "y.npy")
    assert not packed("x.npy", "notes.txt")
    assert not packed()
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04 and no more")
    assert not looks_like_arrays(tmp_path / "torn.npz")


def test_why_arrays_cannot_be_read_is_said_in_the_words_of_their_reader(tmp_path, settings):
    path = saved(tmp_path, x=PIXELS, y=np.arange(10))
    with zipfile.ZipFile(path, "w") as archive:
        header = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
        described = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4, 2), }".ljust(117) + b"\n"
        archive.writestr("x.npy", header + described + bytes(8))
        archive.writestr("y.npy", header + described + bytes(64))

    with pytest.raises(
        DatasetError, match=r"cannot be read: (?!\w*Error\.).*Save them again with numpy\.savez"
    ):
        inspect(path, settings)
