"""Experiments that come along: each fits its data, and all but one need no network."""

import socket

import numpy as np
import pytest

from dlcore.datasets import dataset_facts
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.examples import EXAMPLE_SETS, example_file
from dlcore.datasets.ingest.examples.sounds import EACH, INSTRUMENTS
from dlcore.datasets.ingest.examples.tables import breast_cancer, diabetes
from dlcore.datasets.ingest.examples.words import LANGUAGES, words
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import open_stored, stored_names
from dlcore.errors import DatasetError
from dlcore.queue.ready import READY, example
from dlcore.spec.checks import check
from dlcore.spec.data import DataKind, Task

# About files, whatever the store is.
pytestmark = pytest.mark.usefixtures("sqlite")
KINDS = {
    "digits-cnn": (DataKind.IMAGE, Task.MULTICLASS, 1_797),
    "mnist-cnn": (DataKind.IMAGE, Task.MULTICLASS, 70_000),
    "instruments": (DataKind.AUDIO, Task.MULTICLASS, 360),
    "tumours": (DataKind.TABLE, Task.BINARY, 569),
}


@pytest.fixture
def offline(monkeypatch):
    """A machine without a network."""

    def refuse(*given, **more):
        raise OSError("no network here")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", READY)
def test_a_ready_experiment_fits_its_data(settings, name):
    ready = READY[name]
    spec = ready.prepared(settings, owner="ann")
    facts = dataset_facts(spec.dataset, settings)
    check(spec, facts)
    assert spec.name == ""
    assert ready.needs_download(settings) is (name == "mnist-cnn")
    if name in KINDS:
        assert (facts.kind, facts.task, facts.size) == KINDS[name]


@pytest.mark.usefixtures("offline")
def test_the_data_of_an_example_is_stored_once_under_its_owner(settings):
    first = READY["tumours"].prepared(settings, owner="ann")
    again = READY["tumours"].prepared(settings, owner="bob")
    assert first == again
    assert stored_names(settings) == ("breast_cancer",)
    facts = open_stored("breast_cancer", settings).facts
    assert (facts.owner, facts.classes, facts.train_size) == ("ann", ("benign", "malignant"), 569)
    assert facts.title == "Breast cancer"
    assert facts.source.startswith("https://archive.ics.uci.edu/")


def test_a_name_that_other_data_has_taken_is_said_so(settings, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(30)))
    ingest(table, settings, Choices(name="sounds"), owner="ann")
    with pytest.raises(DatasetError, match=r"^sounds: other data has the name"):
        READY["instruments"].prepared(settings, owner="ann")


def test_the_first_example_needs_nothing(settings):
    nowhere = settings.model_copy(update={"home": settings.home / "nowhere"})
    assert example() == READY["digits-cnn"].prepared(nowhere, owner="ann")
    assert not nowhere.home.exists()


def test_the_tables_are_those_of_scikit_learn():
    from sklearn.datasets import load_breast_cancer, load_diabetes

    known = load_breast_cancer(as_frame=True)
    table = breast_cancer()
    assert list(table.columns) == [*known.feature_names, "target"]
    assert np.array_equal(table.iloc[:, :-1], known.data)
    assert table["target"].tolist() == [str(known.target_names[label]) for label in known.target]
    assert diabetes().equals(load_diabetes(as_frame=True, scaled=False).frame)


def test_a_word_belongs_to_one_language():
    table = words()
    assert set(table["language"]) == set(LANGUAGES.values())
    assert not table["text"].str.casefold().duplicated().any()
    known = dict(zip(table["text"], table["language"], strict=True))
    assert (known["Frankreich"], known["Ranska"], known["Włochy"]) == ("German", "Finnish", "Polish")
    assert "Peru" not in known
    counts = table["language"].value_counts()
    assert counts.min() >= 500
    assert counts.max() < 2 * counts.min()


def test_the_same_sounds_are_made_each_time(settings):
    entry = EXAMPLE_SETS["sounds"]
    versions = set()
    for _ in range(2):
        with example_file(entry) as path:
            facts = ingest(path, settings, entry.choices, owner="ann").facts
        versions.add(facts.version)
        assert not path.exists()
    assert len(versions) == 1
    assert (facts.classes, facts.size) == (tuple(INSTRUMENTS), EACH * len(INSTRUMENTS))
    assert (facts.sample_rate, facts.seconds) == (8_000, pytest.approx(0.8))
