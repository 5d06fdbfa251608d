"""Datasets of `keras.datasets` brought in as one's own, from small files in Keras' formats."""

import io
import os
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest

from dlcore.datasets import CATALOGUE
from dlcore.datasets.ingest.intake import ingest, inspect
from dlcore.datasets.ingest.keras_files import keras_source, source_path
from dlcore.datasets.ingest.keras_sets import BOSTON_HOUSING, CALIFORNIA_HOUSING, IMDB, KERAS_SETS, keras_set
from dlcore.datasets.stored import open_stored
from dlcore.errors import DatasetError, SpecError
from dlcore.spec.data import ColumnRole, DataKind, Task

from .fixtures import put, serving, settings_in
from .keras_makers import (
    districts,
    film_reviews,
    packed,
    small_california,
    small_imdb,
    small_reuters,
    with_files,
)


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path)


def made(entry, settings):
    return pd.read_parquet(keras_source(entry, settings))


def brought(entry, settings):
    """The dataset as it is stored under all that is known of it."""
    return ingest(keras_source(entry, settings), settings, entry.choices, owner="me")


def test_reviews_are_put_back_into_words_in_the_order_of_keras(settings):
    frame = made(small_imdb(settings.datasets_dir), settings)
    # Keras' shuffling puts three into the order 2, 0, 1 and leaves two as they are.
    assert frame["text"].tolist() == [
        "don't good", "the film is good", "the film is bad", "good good", "bad [OOV]",
    ]  # fmt: skip
    assert frame["label"].tolist() == ["negative", "positive", "negative", "positive", "negative"]
    assert frame["part"].tolist() == ["train", "train", "train", "test", "test"]


def test_newswires_are_divided_as_keras_divides_them_and_called_by_their_topics(settings):
    frame = made(small_reuters(settings.datasets_dir), settings)
    assert frame["text"].tolist() == ["w9", "w3", "w6", "w1", "w0", "w7", "w4", "w8", "w2", "w5"]
    assert frame["label"].tolist() == [
        "acq", "acq", "earn", "acq", "earn", "acq", "earn", "earn", "earn", "acq",
    ]  # fmt: skip
    assert frame["part"].tolist() == ["train"] * 8 + ["test"] * 2


def test_a_table_gets_the_names_of_its_columns(settings):
    frame = made(small_california(settings.datasets_dir), settings)
    assert frame.iloc[0].to_dict() == {
        "longitude": -120.0,
        "latitude": 37.5,
        "housing_median_age": 2.0,
        "total_rooms": 3.0,
        "total_bedrooms": 4.0,
        "population": 5.0,
        "households": 6.0,
        "median_income": 9.0,
        "median_house_value": 69_000.0,
        "part": "train",
    }
    assert frame["median_income"].tolist() == [9, 3, 6, 1, 0, 7, 4, 8, 2, 5]
    assert frame["part"].tolist() == ["train"] * 8 + ["test"] * 2


def test_reviews_are_stored_as_texts_of_two_classes_with_the_parts_of_keras(settings):
    dataset = brought(small_imdb(settings.datasets_dir), settings)
    facts = dataset.facts
    assert (facts.name, facts.title, facts.owner) == ("imdb", "IMDB film reviews", "me")
    assert (facts.kind, facts.task, facts.classes) == (
        DataKind.TEXT,
        Task.BINARY,
        ("negative", "positive"),
    )
    assert (facts.train_size, facts.validation_size, facts.test_size) == (3, 0, 2)
    assert dataset.frame["text"].tolist()[0] == "don't good"
    assert dataset.targets.tolist() == [0, 1, 0, 1, 0]


def test_what_is_known_of_the_source_is_kept_with_the_dataset(settings):
    brought(small_imdb(settings.datasets_dir), settings)
    facts = open_stored("imdb", settings).facts
    assert facts.licence == "No license stated; the authors ask to be cited."
    assert facts.source == "https://ai.stanford.edu/~amaas/data/sentiment/"
    assert facts.citation.startswith("A. L. Maas")
    assert facts.description.startswith("50,000 film reviews")


def test_what_is_said_of_a_source_does_not_make_another_version(settings):
    entry = small_imdb(settings.datasets_dir)
    first = brought(entry, settings)
    path = keras_source(entry, settings)
    guessed = inspect(path, settings, entry.choices).choices()
    again = ingest(path, settings, guessed, owner="me")
    assert again.facts.version == first.facts.version


def test_a_table_is_stored_for_regression_with_its_columns(settings):
    facts = brought(small_california(settings.datasets_dir), settings).facts
    assert (facts.kind, facts.task) == (DataKind.TABLE, Task.REGRESSION)
    assert [column.name for column in facts.columns_of(ColumnRole.FEATURE)] == list(
        CALIFORNIA_HOUSING.columns
    )
    assert facts.targets == ("median_house_value",)
    assert (facts.train_size, facts.test_size) == (8, 2)


def test_the_thirteen_columns_of_boston_come_before_the_value(settings, tmp_path):
    x = np.tile(np.arange(13.0), (506, 1))
    content = packed(x=x, y=np.full(506, 24.0))
    put(settings.datasets_dir, "boston_housing.npz", content)
    frame = made(with_files(BOSTON_HOUSING, [content]), settings)
    assert frame.iloc[0].to_dict() == {
        "CRIM": 0, "ZN": 1, "INDUS": 2, "CHAS": 3, "NOX": 4, "RM": 5, "AGE": 6, "DIS": 7, "RAD": 8, "TAX": 9,
        "PTRATIO": 10, "B": 11, "LSTAT": 12, "MEDV": 24, "part": "train",
    }  # fmt: skip
    # As many as Keras has: 404 to train on, 102 to test with.
    assert frame["part"].value_counts().to_dict() == {"train": 404, "test": 102}


def test_a_file_is_downloaded_to_the_folder_of_keras_with_progress(settings):
    content, seen = districts(), []
    with serving(content) as server:
        entry = with_files(CALIFORNIA_HOUSING, [content], server.url)
        path = keras_source(entry, settings, lambda done, total: seen.append((done, total)))
    assert (settings.datasets_dir / "california_housing.npz").read_bytes() == content
    assert seen[-1] == (len(content), len(content))
    assert path == source_path(entry, settings)


def test_a_download_that_fails_says_what_to_do(settings):
    entry = with_files(CALIFORNIA_HOUSING, [b"x"])
    with pytest.raises(DatasetError, match="could not be downloaded") as caught:
        keras_source(entry, settings)
    assert "Check the network, or put the file at" in str(caught.value)
    assert not source_path(entry, settings).exists()


def test_a_file_of_another_content_is_refused_before_it_is_read(settings):
    entry = small_california(settings.datasets_dir)
    put(settings.datasets_dir, "california_housing.npz", districts(9))
    with pytest.raises(DatasetError, match="not the file that Keras states: its checksum differs") as caught:
        keras_source(entry, settings)
    assert "Delete it, then download" in str(caught.value)


def test_a_folder_that_cannot_be_written_is_said(settings):
    entry = small_california(settings.datasets_dir)
    put(settings.home, "downloads", b"no folder")
    with pytest.raises(DatasetError, match=r"cannot be written: .* Free disk space"):
        keras_source(entry, settings)


class Hostile:
    """What would make a folder when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_hostile_pickle_in_the_file_is_refused_and_nothing_of_it_runs(settings, tmp_path):
    trap = tmp_path / "trapped"
    archive = film_reviews(x_train=[[1], Hostile(trap), [2]])
    with zipfile.ZipFile(io.BytesIO(archive)) as opened, opened.open("x_train.npy") as file:
        assert b"mkdir" in file.read()
    entry = small_imdb(settings.datasets_dir, archive)

    with pytest.raises(DatasetError, match=r"it asks to run posix\.mkdir, which was refused"):
        keras_source(entry, settings)

    assert not trap.exists()
    assert not source_path(entry, settings).exists()


def as_object_array(payload):
    """An array of one object whose pickle is `payload`."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("x_train.npy", buffer.getvalue() + payload)
        for name in ("y_train", "x_test", "y_test"):
            opened.writestr(f"{name}.npy", buffer.getvalue())
    return archive.getvalue()


@pytest.mark.parametrize(
    "payload",
    [
        b"cbuiltins\neval\n(S'1/0'\ntR.",
        b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93.",
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\nfromfile\n.",
        b"\x80\x04\x82\x01.",
        b"Pid\n.",
        pickle.dumps([1, 2]),
        b"",
        b"\x80\x04]",
    ],
)
def test_a_pickle_that_is_no_array_of_lists_is_refused(settings, payload):
    entry = small_imdb(settings.datasets_dir, as_object_array(payload))
    with pytest.raises(DatasetError, match="cannot be read"):
        keras_source(entry, settings)


@pytest.mark.parametrize(
    "archive",
    [
        b"no archive",
        film_reviews(y_train=np.array([1, 0])),
        film_reviews(y_train=np.array([1, 0, 2])),
        film_reviews(y_train=np.array([1, 0, -1])),
        film_reviews(x_train=[1, 2, 3]),
        packed(x_train=[[1]]),
    ],
)
def test_texts_that_are_not_what_they_should_be_are_refused(settings, archive):
    with pytest.raises(DatasetError, match="cannot be read"):
        keras_source(small_imdb(settings.datasets_dir, archive), settings)


def test_a_table_whose_columns_are_others_than_their_names_say_is_refused(settings):
    entry = small_california(settings.datasets_dir, districts(longitude=8.3))
    with pytest.raises(DatasetError, match="longitude is not from -125 to -114"):
        keras_source(entry, settings)


def test_a_name_of_keras_is_found_by_its_prefix_alone():
    assert keras_set("keras:imdb") is IMDB
    assert keras_set("imdb") is None
    assert keras_set("folder/keras:imdb") is None
    assert list(KERAS_SETS) == ["imdb", "reuters", "california_housing", "boston_housing"]


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100"])
def test_what_comes_with_the_program_is_said_with_its_name(name):
    with pytest.raises(SpecError, match=f"is built in, under the name '{name}'"):
        keras_set(f"keras:{name}")
    assert name in CATALOGUE


def test_an_unknown_name_of_keras_lists_the_nearest():
    with pytest.raises(SpecError, match=r"keras\.datasets: there is no dataset 'imbd'\. Nearest: imdb"):
        keras_set("keras:imbd")


def test_the_pinned_files_are_those_of_keras():
    assert [(file.name, file.size) for entry in KERAS_SETS.values() for file in entry.files] == [
        ("imdb.npz", 17_464_789),
        ("imdb_word_index.json", 1_641_221),
        ("reuters.npz", 2_110_848),
        ("reuters_word_index.json", 550_378),
        ("california_housing.npz", 743_530),
        ("boston_housing.npz", 57_026),
    ]
    assert all(len(f.sha256) == 64 or len(f.md5) == 32 for e in KERAS_SETS.values() for f in e.files)
