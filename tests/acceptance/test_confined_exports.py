"""What a confined process does with Keras for a visitor: every format, and the mathematics of a run."""

import pytest

from dlcore.confinement import missing_protections
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.exports import EXPORTS
from dlcore.queue import submit
from dlcore.queue.exports import exported_file, request_export
from dlcore.queue.mathematics import landscape_of, request_landscape, request_trace, trace_of
from dlcore.queue.ready import example
from dlcore.records import JobState
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.run_files import read_arrays
from tests.processes.apart import do_apart

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.keras,
    pytest.mark.skipif(bool(missing_protections()), reason="this machine cannot confine a process"),
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A store in the mode `demo`, with a visitor's trained run."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, KERAS_HOME=tmp_path_factory.mktemp("keras"), mode="demo")
    store = Store.open(settings)
    spec = example().with_values({"training.epochs": 1})
    run = submit(store, spec, owner="ann")
    folder = store.artifacts.create(run.id)
    train(spec, MemoryHandle(folder), settings=settings)
    yield store, run
    store.close()


def do(store, job):
    """The job once a confined process has done it."""
    done = do_apart(store, job, "dlcore.engine.trained")
    assert (done.state, done.reason and done.reason.text()) == (JobState.DONE, None)
    return done


@pytest.mark.parametrize("name", [name for name, made in EXPORTS.items() if not made.missing()])
def test_a_visitor_exports_in_each_format(trained, name):
    store, run = trained
    done = do(store, request_export(store, run, name, owner="ann"))
    assert exported_file(store, done).path.stat().st_size == exported_file(store, done).export.bytes > 0


def test_a_visitor_sees_the_mathematics_of_a_run(trained):
    store, run = trained
    sample = int(read_arrays(store.artifacts.folder(run.id) / PREDICTIONS_FILE)["rows"][0])

    trace, numbers = trace_of(store, do(store, request_trace(store, run, "test", sample, owner="ann")))
    around = landscape_of(store, do(store, request_landscape(store, run, "test", 0, owner="ann")))

    assert numbers.output(len(trace.layers) - 1) == pytest.approx(trace.answer, abs=1e-6)
    assert around.grid[10, 10] > 0
