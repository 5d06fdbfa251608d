"""What a stranger's run is asked about its network: computed in a process that has no store and nobody else's files."""

import pytest

from dlcore.confinement import missing_protections
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.processes.jobs import JOBS
from dlcore.queue.explanations import ExplanationRequest, explanation_of, request_explanation
from dlcore.queue.mathematics import landscape_of, request_landscape, request_trace, trace_of
from dlcore.queue.network_maps import (
    importance_of,
    layers_of,
    map_of,
    request_importance,
    request_layers,
    request_map,
)
from dlcore.records import JobState
from dlcore.records.network_maps import MapMethod
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.run_files import read_answers, read_evaluation
from tests.engine.trained import trained_run
from tests.processes.apart import do_apart

pytestmark = [
    pytest.mark.keras,
    pytest.mark.acceptance,
    pytest.mark.processes,
    pytest.mark.skipif(bool(missing_protections()), reason="this machine cannot confine a process"),
]

ANN = "ann"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    home = tmp_path_factory.mktemp("demo")
    opened = Store.open(Settings(home=home / "home", KERAS_HOME=home / "keras", mode="demo"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def run(store):
    """A visitor's run on a table of her own."""
    path = store.settings.home_dir / "homes.csv"
    path.write_text("area,town,price\n" + "".join(f"{a},{'RO'[a % 2]},{a * 10}\n" for a in range(60)))
    facts = ingest(path, store.settings, Choices(name="homes"), owner=ANN).facts
    path.unlink()
    return trained_run(store, facts, owner=ANN)


@pytest.fixture(scope="module")
def sample(store, run):
    folder = store.artifacts.folder(run.id)
    return int(read_answers(folder, read_evaluation(folder)).rows[0])


def done(store, job):
    found = do_apart(store, job, "dlcore.engine.trained")
    assert found.state is JobState.DONE, found.reason
    # Its home is removed with it.
    assert list(store.settings.confined_dir.glob("*/home-*")) == []
    return found


def test_a_visitors_sample_is_explained(store, run, sample):
    wanted = ExplanationRequest("test", sample, "integrated_gradients")
    found, arrays = explanation_of(store, done(store, request_explanation(store, run, wanted, owner=ANN)))
    assert (found.sample, found.holds) == (sample, True)
    assert len(arrays["attribution"]) == len(found.labels)


def test_a_visitors_layers_are_shown(store, run, sample):
    views, arrays = layers_of(store, done(store, request_layers(store, run, "test", sample, owner=ANN)))
    assert views.activations
    assert {view.key for view in views.activations} <= set(arrays)


def test_a_visitors_samples_are_mapped(store, run):
    job = done(store, request_map(store, run, "test", MapMethod.PCA, owner=ANN))
    found, arrays = map_of(store, job)
    assert arrays["points"].shape == (found.samples, 2)


def test_a_visitors_columns_are_shuffled(store, run):
    found = importance_of(store, done(store, request_importance(store, run, owner=ANN)))
    assert {row.column for row in found.rows} == {"area", "town"}


def test_a_visitors_way_through_the_network_is_computed(store, run, sample):
    trace, _numbers = trace_of(store, done(store, request_trace(store, run, "test", sample, owner=ANN)))
    assert trace.layers


def test_a_visitors_losses_around_the_model_are_computed(store, run):
    assert landscape_of(store, done(store, request_landscape(store, run, "test", 0, owner=ANN)))


def test_every_job_about_a_model_is_confined_for_a_visitor():
    about_a_model = {name for name, kind in JOBS.items() if kind.needs_keras}
    # Only the command line of the machine asks for those.
    assert {name for name in about_a_model if JOBS[name].reach is None} == {"arrays"}
