"""Classes of whole series, from `.ts` files and from arrays."""

import zipfile

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest, inspect
from dlcore.design.templates import proposal, templates_for
from dlcore.errors import DatasetError, SpecError
from dlcore.settings import Settings
from dlcore.spec.checks import check
from dlcore.spec.data import DataKind, Task

from .makers import colours, stored, whole_series, zipped

HEAD = "# made here\n@problemName it\n@timeStamps false\n@univariate true\n@classLabel true\n@data\n"


def write(path, content):
    path.write_text(content)
    return path


def test_a_line_is_a_series_with_its_class_last(tmp_path, settings):
    path = write(tmp_path / "x.ts", f"{HEAD}1,2.5,-3e2:b\n4,5,6:a\n\n7,8,9:b\n")
    kept = stored(path, settings)
    assert (kept.facts.kind, kept.facts.task) == (DataKind.ARRAY, Task.BINARY)
    assert (kept.facts.classes, kept.facts.class_counts) == (("a", "b"), (1, 2))
    assert kept.facts.input_shape == (3, 1)
    assert kept.array[..., 0].tolist() == [[1, 2.5, -300], [4, 5, 6], [7, 8, 9]]
    assert kept.targets.tolist() == [1, 0, 1]


def test_channels_stand_between_colons_and_time_comes_first(tmp_path, settings):
    path = write(tmp_path / "x.ts", f"{HEAD}1,2,3:10,20,30:x y\n4,5,6:40,50,60:z\n")
    kept = stored(path, settings)
    assert kept.array.tolist() == [[[1, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [6, 60]]]
    assert kept.facts.classes == ("x y", "z")


def test_classes_are_in_natural_order_and_stay_names(tmp_path, settings):
    rows = "".join(f"{n},1:{label}\n" for n, label in enumerate(("10", "2", "007", "10", "2", "007")))
    kept = stored(write(tmp_path / "x.ts", HEAD + rows), settings)
    assert kept.facts.classes == ("2", "007", "10")
    assert kept.targets.tolist() == [2, 0, 1, 2, 0, 1]


def test_the_parts_are_those_of_the_files_names(tmp_path, settings):
    files = {
        "it/It_TEST.ts": f"{HEAD}9,9:a\n".encode(),
        "it/It_TRAIN.ts": f"{HEAD}1,2:a\n3,4:b\n".encode(),
        # As the archives are distributed: the same again in other formats, and a description.
        "it/It_TRAIN.arff": b"@relation it\n@attribute x numeric\n@data\n1\n",
        "it/It_TRAIN.txt": b" 1 2 3\n",
        "it/It.txt": b"Some words.",
    }
    found = inspect(zipped(tmp_path / "It.zip", files), settings)
    assert found.kind is DataKind.ARRAY
    assert found.counts == {"train": (1, 1), "test": (1, 0)}
    kept = stored(tmp_path / "It.zip", settings)
    assert (kept.facts.train_size, kept.facts.test_size) == (2, 1)
    assert kept.array[..., 0].tolist() == [[1, 2], [3, 4], [9, 9]]

    with zipfile.ZipFile(tmp_path / "It.zip") as archive:
        archive.extractall(tmp_path / "folder")
    assert inspect(tmp_path / "folder", settings).counts == found.counts


def test_series_that_end_early_are_followed_by_zeros_and_it_is_said(tmp_path, settings):
    path = write(tmp_path / "x.ts", f"{HEAD}1,2,3,4:5,6:a\n1,2:3,4:b\n")
    warned = [warning.text() for warning in inspect(path, settings).warnings]
    assert any(
        "the series differ in length, from 2 to 4: zeros follow those that end early" in one for one in warned
    )
    kept = stored(path, settings)
    assert kept.array.tolist() == [[[1, 5], [2, 6], [3, 0], [4, 0]], [[1, 3], [2, 4], [0, 0], [0, 0]]]
    assert any("differ in length" in note.text() for note in kept.assumed)


def test_a_missing_value_must_be_settled(tmp_path, settings):
    path = write(tmp_path / "x.ts", f"{HEAD}1,?,3:a\n4,5,6:b\nNaN,8,9:b\n")
    assert "samples with NaN or infinite numbers: 2" in inspect(path, settings).problem.text()
    kept = stored(path, settings, non_finite="mean")
    # The means of the first and of the second place: of 1 and 4, and of 5 and 8.
    assert kept.array[..., 0].tolist() == [[1, 6.5, 3], [4, 5, 6], [2.5, 8, 9]]


def test_numbers_may_be_asked_for_instead_of_classes(tmp_path, settings):
    head = HEAD.replace("@classLabel true", "@targetLabel true")
    path = write(tmp_path / "x.ts", head + "".join(f"{n},{n + 1}:{n / 4}\n" for n in range(30)))
    kept = stored(path, settings)
    assert kept.facts.task is Task.REGRESSION
    assert kept.targets.ravel().tolist()[:3] == [0, 0.25, 0.5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            HEAD + "1,2:a\n3,x:b\n",
            r"x\.ts, line 8: expected numbers between commas for each channel .1., and a target",
        ),
        (HEAD + "1,2:3,4:a\n5,6:b\n", r"line 8: expected numbers between commas for each channel .2."),
        (HEAD + "1,2:a\n3,4\n", "line 8: expected"),
        (HEAD + "1,2:\n", "line 7: expected"),
        ("@problemName x\n1,2:a\n@data\n", "line 2: expected"),
        (HEAD, r"x\.ts holds no series"),
        (HEAD.replace("@timeStamps false", "@timeStamps true") + "(1,2),(2,3):a\n", "a time with each value"),
        (HEAD.replace("@classLabel true", "@classLabel false") + "1,2:a\n", "neither classes nor numbers"),
        (
            HEAD.replace("@classLabel", "@targetLabel") + "1,2:a\n",
            "expected a number at the end of each line",
        ),
    ],
)
def test_what_is_not_understood_is_named(tmp_path, settings, content, message):
    with pytest.raises(DatasetError, match=message):
        inspect(write(tmp_path / "x.ts", content), settings)


def test_files_that_belong_to_different_datasets_are_refused_by_name(tmp_path, settings):
    files = {"A.ts": f"{HEAD}1,2:a\n".encode(), "B.ts": f"{HEAD}1,2:a\n".encode()}
    with pytest.raises(DatasetError, match=r"expected one file for each part.*, got A\.ts, B\.ts"):
        inspect(zipped(tmp_path / "x.zip", files), settings)


def test_parts_of_different_channels_are_refused(tmp_path, settings):
    files = {"a_TRAIN.ts": f"{HEAD}1,2:a\n".encode(), "a_TEST.ts": f"{HEAD}1,2:3,4:a\n".encode()}
    with pytest.raises(DatasetError, match="different numbers of channels"):
        inspect(zipped(tmp_path / "x.zip", files), settings)


def test_one_long_series_does_not_fill_the_memory(tmp_path):
    settings = Settings(home=tmp_path / "home", max_table_bytes=400_000)
    rows = "1,2:a\n" * 1_000 + ",".join("1" * 1_000) + ":b\n"
    with pytest.raises(DatasetError, match="the series take more than 0 MB as arrays of one length"):
        inspect(write(tmp_path / "x.ts", HEAD + rows), settings)


def test_programs_with_the_same_ending_are_no_series(tmp_path, settings):
    path = colours(tmp_path / "x.zip", count=4)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("viewer.ts", "export const side: number = 32;\n")
    assert inspect(path, settings).kind is DataKind.IMAGE


def test_whole_series_start_with_models_of_sequences(tmp_path, settings):
    kept = stored(whole_series(tmp_path / "x.npz"), settings)
    assert kept.facts.input_shape == (40, 2)
    spec = proposal(kept.facts)
    assert spec.model.layers[0].kind == "Conv1D"
    # Each feature has a scale of its own.
    assert [(step.kind, step.per) for step in spec.preprocessing] == [("Normalization", "feature")]
    names = [one.name for one in templates_for(DataKind.ARRAY, (40, 2))]
    assert names == ["signal_fcn", "signal_lstm", "signal_transformer", "mlp", "empty"]
    for name in names[:-1]:
        assert check(proposal(kept.facts, name), kept.facts).problem is None
    with pytest.raises(SpecError, match=r"template: the template resnet is not for this kind of data"):
        proposal(kept.facts, "resnet")


def test_square_arrays_are_pictures_rather_than_series(tmp_path, settings):
    x = np.random.default_rng(0).normal(size=(20, 12, 12)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(20) % 2)
    facts = stored(tmp_path / "x.npz", settings).facts
    assert not facts.has_whole_series
    assert proposal(facts).model.layers[0].kind == "Conv2D"
    chosen = stored(tmp_path / "x.npz", settings, channels="last").facts
    assert chosen.has_whole_series and proposal(chosen).model.layers[0].kind == "Conv1D"


@pytest.mark.parametrize("length", [3, 40, 1_000])
def test_long_and_short_series_fit_every_model(tmp_path, settings, length):
    x = np.random.default_rng(0).normal(size=(20, length, 2)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(20) % 2)
    kept = ingest(tmp_path / "x.npz", settings, Choices(name="it"), owner="me")
    for one in templates_for(DataKind.ARRAY, (length, 2)):
        if one.name != "empty":
            report = check(proposal(kept.facts, one.name), kept.facts)
            assert report.problem is None
            # No step of a recurrent layer, and no pair of an attention, for each of very many values.
            recurrent = [row for row in report.rows if row.name.startswith(("bidirectional", "block"))]
            assert all(row.operations <= 2 * 128 + 20 for row in recurrent)
