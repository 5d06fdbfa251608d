"""Word vectors are checked when a run is queued, and stay while something needs them."""

import pytest

from dlcore.access.actors import Actor
from dlcore.datasets.vectors.stored import vectors_names
from dlcore.datasets.vectors.storing import store_vectors
from dlcore.errors import NotFoundError, SpecError, StateError
from dlcore.queue import submit
from dlcore.queue.library import Library
from dlcore.queue.studies import start
from dlcore.queue.vectors import remove_stored_vectors
from dlcore.records import RunState
from dlcore.search.spec import SearchSpec
from dlcore.spec import ExperimentSpec
from tests.datasets.makers import stored
from tests.store.samples import moved

# About files, whatever the store is.
pytestmark = pytest.mark.usefixtures("sqlite")
SEARCH = {"space": {"training.epochs": {"low": 2, "high": 4}}}


@pytest.fixture
def glove(store, tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("good 1 2\nbad 3 4\n")
    return store_vectors(path, store.settings, owner="ann", origin="glove.txt")


@pytest.fixture
def spec(store, tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text(
        "text,label\n"
        + "".join(f"a {word} day number {n},{word}\n" for n in range(20) for word in ("good", "bad"))
    )
    stored(path, store.settings)
    layers = [
        {"kind": "Embedding", "output_dim": 2, "vectors": "glove"},
        {"kind": "GlobalAveragePooling1D"},
        "Dense",
    ]
    return ExperimentSpec.from_dict(
        {"dataset": {"name": "it"}, "preprocessing": ["TextVectorization"], "model": {"layers": layers}}
    )


def test_a_run_with_vectors_that_are_stored_is_queued(store, spec, glove):
    assert Library.of(store).vectors_for(spec) == {"glove": 2}
    assert submit(store, spec, owner="ann").state is RunState.QUEUED


def test_a_run_whose_vectors_are_absent_or_too_long_is_refused(store, spec, glove):
    with pytest.raises(SpecError, match="have the length 2, and output_dim is 3"):
        submit(store, spec.with_values({"model.layers[0].output_dim": 3}), owner="ann")
    remove_stored_vectors(store, "glove", actor=Actor("ann"))
    with pytest.raises(SpecError, match="there are no word vectors 'glove'"):
        submit(store, spec, owner="ann")
    with pytest.raises(SpecError, match="there are no word vectors 'glove'"):
        start(store, SearchSpec.from_dict({**spec.to_dict(), **SEARCH}), owner="ann")


def test_vectors_are_removed_by_their_owner_alone(store, glove):
    with pytest.raises(NotFoundError):
        remove_stored_vectors(store, "glove", actor=Actor("eve"))
    with pytest.raises(SpecError):
        remove_stored_vectors(store, "wiki", actor=Actor("ann"))

    remove_stored_vectors(store, "glove", actor=Actor("ann"))

    assert vectors_names(store.settings.vectors_dir) == ()


def test_vectors_stay_while_a_run_or_a_study_needs_them(store, spec, glove):
    run = submit(store, spec, owner="ann")
    with pytest.raises(StateError, match=f"run {run.id} still needs it"):
        remove_stored_vectors(store, "glove", actor=Actor("ann"))
    moved(store, run, RunState.STOPPED)

    start(store, SearchSpec.from_dict({**spec.to_dict(), **SEARCH}), owner="ann", name="wide")
    with pytest.raises(StateError, match="study wide still needs it"):
        remove_stored_vectors(store, "glove", actor=Actor("ann"))
