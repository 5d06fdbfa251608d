"""Arrays of a file: found by whatever they are called, their targets understood, and no number stored that is none."""

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.array_names import role_of
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.stored import stored_names
from dlcore.errors import DatasetError, DlcoreError, SpecError
from dlcore.spec.data import Task

from .makers import stored

RNG = np.random.default_rng(0)


def saved(path, *unnamed, **arrays):
    np.savez(path, *unnamed, **arrays)
    return path


def said(proposal):
    return [note.text() for note in (*proposal.notes, *proposal.warnings)]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("x", ("x", "")), ("Y", ("y", "")), ("X_train", ("x", "train")), ("trainX", ("x", "train")),
        ("train_images", ("x", "train")), ("val_labels", ("y", "validation")), ("test_data", ("x", "test")),
        ("train_data_labels", ("y", "train")), ("ytest", ("y", "test")), ("x_holdout", ("x", "test")),
        ("训练集_x", ("x", "train")), ("feature_names", None), ("x_train_test", None), ("weights", None),
        ("arr_0", None), ("train", None),
    ],
)  # fmt: skip
def test_the_name_of_an_array_says_what_it_holds_and_of_which_part(name, role):
    assert role_of(name) == role


def test_the_parts_of_arrays_are_found_by_many_names(tmp_path, settings):
    arrays = {}
    for part, count in (("train", 8), ("val", 4), ("test", 3)):
        arrays |= {
            f"{part}_images": np.full((count, 6, 6), count, np.uint8),
            f"{part}_labels": np.arange(count)[:, None] % 2,
        }
    kept = stored(saved(tmp_path / "x.npz", **arrays), settings)
    assert (kept.facts.train_size, kept.facts.validation_size, kept.facts.test_size) == (8, 4, 3)
    assert kept.facts.classes == ("0", "1") and kept.targets.tolist() == [
        n % 2 for c in (8, 4, 3) for n in range(c)
    ]


def test_arrays_without_names_are_taken_in_their_order_and_what_is_not_sure_is_asked(tmp_path, settings):
    x, y = RNG.normal(size=(8, 3)), np.arange(8) % 2
    assert inspect(saved(tmp_path / "x.npz", x, y), settings).doubts == ()
    four = saved(tmp_path / "y.npz", x, y, x[:4] + 1, y[:4])
    (doubt,) = inspect(four, settings).doubts
    assert (
        doubt.code == "array-names" and "train: x = arr_0, y = arr_1; test: x = arr_2" in doubt.message.text()
    )
    kept = stored(four, settings, accept=("array-names",))
    assert (kept.facts.train_size, kept.facts.test_size) == (8, 4)
    crossed = saved(tmp_path / "z.npz", x, x[:4] + 1, y, y[:4])
    assert stored(crossed, settings, accept=("array-names",)).targets.tolist() == [*y, *y[:4]]
    swapped = saved(tmp_path / "s.npz", kind=y, spectra=x)
    assert stored(swapped, settings, accept=("array-names",)).array.shape == (8, 3)


def test_arrays_that_do_not_belong_together_are_listed(tmp_path, settings):
    path = saved(tmp_path / "x.npz", a=np.zeros((3, 2)), b=np.zeros(4), c=np.zeros(5))
    with pytest.raises(DatasetError, match=r"got a \(3, 2\), b \(4,\), c \(5,\)"):
        inspect(path, settings)


def test_arrays_that_are_not_used_are_named(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=np.zeros((4, 2)), y=np.arange(4) % 2, names=np.array(["a", "b"]))
    assert said(inspect(path, settings)) == ["arrays that are not used: names."]


def test_one_hot_targets_are_classes_of_which_each_sample_has_one(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=RNG.normal(size=(6, 2)), y=np.eye(3)[[2, 0, 1, 2, 0, 1]])
    proposal = inspect(path, settings)
    assert (proposal.task, proposal.classes) == (Task.MULTICLASS, ("0", "1", "2"))
    assert "one column per class" in said(proposal)[0]
    assert stored(path, settings).targets.tolist() == [2, 0, 1, 2, 0, 1]
    assert stored(path, settings, task=Task.MULTILABEL).targets.shape == (6, 3)


def test_rows_with_more_than_one_label_are_multilabel_and_no_classes(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=RNG.normal(size=(3, 2)), y=np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]]))
    assert inspect(path, settings).task is Task.MULTILABEL
    problem = inspect(path, settings, Choices(task=Task.MULTICLASS)).problem
    assert problem.text().startswith("not every row of y holds exactly one 1")


def test_texts_are_classes_unless_each_is_another(tmp_path, settings):
    for names in (np.array(["cat", "dog"] * 3), np.array([b"cat", b"dog"] * 3)):
        kept = stored(saved(tmp_path / "x.npz", x=RNG.normal(size=(6, 2)), y=names), settings)
        assert kept.facts.classes == ("cat", "dog") and kept.targets.tolist() == [0, 1] * 3
    path = saved(tmp_path / "y.npz", x=RNG.normal(size=(6, 2)), y=np.array(list("abcdef")))
    assert "y has 6 different values, too many for classes" in inspect(path, settings).problem.text()


def test_whole_numbers_are_classes_if_they_are_few_or_without_a_gap(tmp_path, settings):
    x = RNG.normal(size=(400, 2))
    ages = RNG.permutation(np.arange(400) % 60 + 18)
    for y, task in (
        (np.arange(400) % 3 * 1.0, Task.MULTICLASS), (np.arange(400) % 60, Task.MULTICLASS),
        (ages, Task.REGRESSION), (np.arange(400) % 60 * 1.0, Task.REGRESSION),
        (np.arange(400) % 2 > 0, Task.BINARY), (x[:, 0], Task.REGRESSION),
    ):  # fmt: skip
        assert inspect(saved(tmp_path / "x.npz", x=x, y=y), settings).task is task
    assert stored(saved(tmp_path / "x.npz", x=x, y=np.arange(400) % 2 * 1.0), settings).facts.classes == (
        "0",
        "1",
    )


def test_a_missing_class_is_no_class_of_its_own(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=RNG.normal(size=(6, 2)), y=np.array([0, 1, np.nan, 0, 1, 1]))
    kept = stored(path, settings)
    assert kept.facts.classes == ("0", "1") and kept.targets.tolist() == [0, 1, -1, 0, 1, 1]
    assert kept.facts.class_counts == (2, 3)


def gappy():
    x = np.arange(12, dtype=np.float64).reshape(6, 2)
    x[1, 0], x[4, 1] = np.nan, np.inf
    return x


def test_numbers_that_are_none_are_stored_only_once_it_is_said_what_becomes_of_them(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=gappy(), y=np.arange(6) % 2)
    assert inspect(path, settings).has_non_finite
    with pytest.raises(
        DatasetError, match=r"samples with NaN or infinite numbers: 2\. .*`--non-finite refuse`"
    ):
        stored(path, settings)
    assert stored_names(settings) == ()
    with pytest.raises(SpecError, match="non_finite: there is no choice 'drop'"):
        inspect(path, settings, Choices(non_finite="drop"))


def test_samples_with_numbers_that_are_none_are_refused_or_filled(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=gappy(), y=np.arange(6) % 2)
    kept = stored(path, settings, non_finite="refuse")
    assert kept.array[:, 0].tolist() == [0, 4, 6, 10] and kept.targets.tolist() == [0, 0, 1, 1]
    assert [one.name for one in kept.refused] == ["x 2", "x 5"]
    # The mean of 0, 4, 6, 8, 10 and that of 1, 3, 5, 7, 11.
    kept = stored(path, settings, non_finite="mean")
    assert kept.array[1].tolist() == pytest.approx([5.6, 3]) and kept.array[4].tolist() == pytest.approx(
        [8, 5.4]
    )
    assert stored(path, settings, non_finite="zero").array[1].tolist() == [0, 3]


def test_the_mean_that_fills_is_that_of_the_training_part(tmp_path, settings):
    arrays = {"x_train": np.array([[1.0], [3.0]]), "x_test": np.array([[np.nan], [100.0]])}
    path = saved(tmp_path / "x.npz", **arrays, y_train=np.arange(2), y_test=np.arange(2))
    assert stored(path, settings, non_finite="mean").array[:, 0].tolist() == [1, 3, 2, 100]


def test_a_number_too_large_for_what_is_stored_is_not_finite(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=np.array([[1e300], [1.0]]), y=np.arange(2))
    assert inspect(path, settings).has_non_finite


def test_channels_that_come_first_are_moved_unless_it_is_chosen_otherwise(tmp_path, settings):
    x = RNG.integers(0, 255, (4, 3, 8, 9), dtype=np.uint8)
    path = saved(tmp_path / "x.npz", x=x, y=np.arange(4) % 2)
    assert (
        inspect(path, settings).channels == "first"
        and "channels of the images come first" in said(inspect(path, settings))[0]
    )
    kept = stored(path, settings)
    assert kept.facts.input_shape == (8, 9, 3)
    np.testing.assert_array_equal(kept.array[2, 1, 5], x[2, :, 1, 5])
    assert stored(path, settings, channels="last").facts.input_shape == (3, 8, 9)
    usual = saved(tmp_path / "y.npz", x=x.transpose(0, 2, 3, 1), y=np.arange(4) % 2)
    assert inspect(usual, settings).channels == "last" and said(inspect(usual, settings)) == []


@pytest.mark.parametrize("type_", [np.uint8, np.uint16, np.int64, np.float64, bool])
def test_squares_are_grey_images_and_said_to_be(tmp_path, settings, type_):
    x = RNG.integers(0, 255, (4, 12, 12)).astype(type_)
    path = saved(tmp_path / "x.npz", x=x, y=np.arange(4) % 2)
    found = inspect(path, settings)
    assert (found.channels, said(found)[0].split(".")[0]) == (
        "none",
        "samples of the shape (12, 12) are read as grey images",
    )
    kept = stored(path, settings)
    assert kept.facts.input_shape == (12, 12, 1)
    np.testing.assert_array_equal(kept.array[..., 0], x)
    sequences = stored(path, settings, channels="last")
    assert sequences.facts.input_shape == (12, 12)


def test_the_channels_of_sequences_are_last_unless_it_is_chosen_otherwise(tmp_path, settings):
    x = RNG.normal(size=(4, 3, 20)).astype(np.float32)
    path = saved(tmp_path / "x.npz", x=x, y=np.arange(4) % 2)
    found = inspect(path, settings)
    assert (found.channels, said(found)) == ("last", [])
    kept = stored(path, settings, channels="first")
    assert kept.facts.input_shape == (20, 3)
    np.testing.assert_array_equal(kept.array[1, 7], x[1, :, 7])


def test_volumes_may_have_no_channels(tmp_path, settings):
    x = RNG.normal(size=(4, 5, 6, 7))
    path = saved(tmp_path / "x.npz", x=x, y=np.arange(4) % 2)
    assert stored(path, settings, channels="none").facts.input_shape == (5, 6, 7, 1)


def test_square_series_of_a_file_of_series_are_no_images(tmp_path, settings):
    lines = [":".join([",".join(["0.5"] * 9)] * 9) + f":{'ab'[n % 2]}" for n in range(4)]
    head = ["@problemName squares", "@timeStamps false", "@classLabel true a b", "@data"]
    path = tmp_path / "squares_TRAIN.ts"
    path.write_text("\n".join([*head, *lines]))
    assert inspect(path, settings).channels == "last"


def test_a_class_of_one_part_and_a_single_class_are_said(tmp_path, settings):
    path = saved(
        tmp_path / "x.npz", x_train=RNG.normal(size=(6, 2)), y_train=np.arange(6) % 3,
        x_test=RNG.normal(size=(4, 2)), y_test=np.arange(4) % 2,
    )  # fmt: skip
    assert said(inspect(path, settings)) == ["class 2 is only in the training part."]
    path = saved(tmp_path / "y.npz", x=RNG.normal(size=(6, 2)), y=np.zeros(6, int))
    assert [doubt.code for doubt in inspect(path, settings).doubts] == ["one-class"]


def test_samples_of_nothing_are_refused(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=np.zeros((6, 0)), y=np.arange(6))
    with pytest.raises(DatasetError, match=r"x has the shape \(6, 0\)"):
        inspect(path, settings)


def test_rows_of_numbers_have_no_channels(tmp_path, settings):
    path = saved(tmp_path / "x.npz", x=RNG.normal(size=(6, 9)), y=np.arange(6) % 2)
    assert inspect(path, settings, Choices(channels="first")).channels == ""
    assert stored(path, settings, channels="first").facts.input_shape == (9,)


SHAPES = ((), (0,), (6,), (6, 1), (6, 3), (6, 3, 8, 8), (6, 0))
DTYPES = ("f8", "f2", "u1", "i8", "?", "U3", "S3", "c16", "M8[D]", "i4,f4")


@pytest.mark.parametrize("non_finite", ["refuse", "mean"])
@pytest.mark.parametrize("task", [None, *(one for one in Task if one not in (Task.FORECASTING, Task.RATING))])
def test_arrays_of_any_shape_and_type_are_stored_or_refused_with_a_sentence(
    task, non_finite, tmp_path, settings
):
    taken = 0
    for shape in SHAPES[1:]:
        for kind in DTYPES:
            for x in (RNG.normal(size=(6, 3)), np.full((6, 2, 2), np.nan)):
                y = (RNG.integers(0, 3, shape) if kind != "i4,f4" else np.zeros(shape)).astype(kind)
                path = saved(tmp_path / "x.npz", x=x, y=y)
                try:
                    proposal = inspect(path, settings, Choices(task=task, non_finite=non_finite))
                    taken += proposal.problem is None
                except DlcoreError as error:
                    assert error.message.text()
    assert taken > 0
