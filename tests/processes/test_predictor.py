"""The process that answers for new samples: which models it holds, and that it answers as the model itself does."""

import os
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from dlcore.datasets import facts, load
from dlcore.design.templates import proposal
from dlcore.engine import predictor as engine
from dlcore.engine.predictor import Predictor
from dlcore.errors import DatasetError, Message
from dlcore.processes.predictor import LoadedModels, reply_to
from dlcore.queue import submit
from dlcore.queue.predictor import PredictorProcess
from dlcore.queue.wire import Answer, Question, Recording
from dlcore.records.artifacts import MODEL_FILE
from dlcore.settings import Settings
from dlcore.store import Store
from tests.datasets.makers import png
from tests.engine.trained import trained_run

pytestmark = [pytest.mark.keras, pytest.mark.processes]
MB = 2**20


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A store with a run on digits; its id, and images of the test part."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), KERAS_HOME=tmp_path_factory.mktemp("keras"))
    store = Store.open(settings)
    run = trained_run(store, facts("digits", settings))
    yield store, run.id, load("digits", settings).x_test[:5]
    store.close()


@pytest.fixture
def opened(monkeypatch):
    """The folders whose models were loaded, in order, instead of loading any."""
    names = []

    def open_one(folder, settings):
        names.append(folder.name)
        return SimpleNamespace(name=folder.name)

    monkeypatch.setattr(engine.Predictor, "open", open_one)
    return names


@pytest.fixture
def runs(tmp_path):
    """Makes the folder of a run whose model takes some MB."""

    def made(name, megabytes=1):
        folder = tmp_path / name
        folder.mkdir()
        with (folder / MODEL_FILE).open("wb") as file:
            file.truncate(megabytes * MB)
        return folder

    return made


def test_the_model_that_was_not_asked_for_longest_goes_first(settings, opened, runs):
    a, b, c = map(runs, "abc")
    models = LoadedModels(settings, most=2)
    for folder in (a, b, a, c, a, b):
        assert models.get(folder).name == folder.name
        assert len(models) <= 2

    assert opened == ["a", "b", "c", "b"]


def test_models_are_held_only_as_long_as_they_fit_together(settings, opened, runs):
    models = LoadedModels(settings.model_copy(update={"predictor_mb": 10}))
    for folder in (runs("a", 4), runs("b", 5), runs("c", 6)):
        models.get(folder)

    assert len(models) == 1


def test_a_run_that_was_resumed_answers_with_its_new_model(settings, opened, runs):
    folder, models = runs("a"), LoadedModels(settings)
    models.get(folder)
    models.get(folder)
    os.utime(folder / MODEL_FILE, ns=(1, 1))
    models.get(folder)

    assert opened == ["a", "a"] and len(models) == 1


def test_a_model_larger_than_may_be_held_is_refused_before_it_is_loaded(settings, opened, runs):
    models = LoadedModels(settings.model_copy(update={"predictor_mb": 100}))
    with pytest.raises(DatasetError, match="the model has 2,048 MB, and models may use 100 MB"):
        models.get(runs("a", 2048))

    assert opened == []


def test_a_full_disk_and_a_bug_become_reasons(settings, opened, runs, monkeypatch):
    models, question = LoadedModels(settings), Question(runs("a"), "x")

    def full(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(models, "get", full)
    assert reply_to(question, models).text() == "the disk is full. Free disk space, and try again."
    monkeypatch.setattr(models, "get", {}.__getitem__)
    said = reply_to(question, models)
    assert isinstance(said, Message) and "an unexpected error: KeyError" in said.text()


def test_a_recording_is_looked_at_with_its_rate(settings, runs, monkeypatch):
    looked_at = []

    def look(given):
        looked_at.append(given)
        raise DatasetError("enough")

    predictor = SimpleNamespace(look=look, preparation=None)
    monkeypatch.setattr(engine.Predictor, "open", lambda folder, settings: predictor)
    samples = np.zeros((5, 1), np.int16)
    said = reply_to(Question(runs("a"), Recording(samples, 8000)), LoadedModels(settings))

    assert said.text() == "enough" and looked_at == [(samples, 8000)]


def test_an_answer_says_what_the_model_saw(trained):
    store, run, images = trained
    models = LoadedModels(store.settings)
    answer = reply_to(Question(store.artifacts.folder(run), png(images[0])), models)

    assert isinstance(answer, Answer) and answer.seconds > 0
    assert list(answer.seen) == ["input"]
    np.testing.assert_array_equal(answer.seen["input"], images[0])


def test_the_process_answers_as_the_model_does(trained):
    store, run, images = trained
    wanted = Predictor.open(store.artifacts.folder(run), store.settings).predict(list(images))
    predictor = PredictorProcess(store.settings)
    try:
        assert predictor.ask(store, run).predictions is None
        for place, image in enumerate(images):
            given = png(image) if place % 2 else image
            answer = predictor.ask(store, run, given)
            np.testing.assert_allclose(answer.predictions.answers[0], wanted.answers[place], atol=1e-6)
            np.testing.assert_array_equal(answer.seen["input"], image)
        with pytest.raises(DatasetError, match="this is not an image"):
            predictor.ask(store, run, b"no picture at all")
        assert predictor.ask(store, run, images[0]).predictions[0].chosen == wanted[0].chosen
        with pytest.raises(DatasetError, match="there is no trained model"):
            predictor.ask(store, submit(store, proposal(facts("digits", store.settings)), owner="local").id)
    finally:
        predictor.close()


def test_a_process_that_grows_beyond_its_limit_ends_with_a_word(trained):
    store, run, _ = trained
    predictor = PredictorProcess(store.settings.model_copy(update={"predictor_mb": 2}))
    try:
        with pytest.raises(DatasetError, match=r"more than the 2 MB of memory .* DLCORE_PREDICTOR_MB"):
            for _ in range(100):
                predictor.ask(store, run, np.zeros((4000, 4000), np.uint8))
    finally:
        predictor.close()


def test_a_disk_that_is_full_while_a_model_is_unpacked_is_said(trained, monkeypatch):
    store, run, _ = trained

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keras.saving, "load_model", full)
    said = reply_to(Question(store.artifacts.folder(run)), LoadedModels(store.settings))

    assert said.text() == "the disk is full. Free disk space, and try again."
