"""The run process: what a run leaves behind, and what it says when it could not go on."""

import errno
import json
import os
import signal
import sqlite3
import time
from dataclasses import replace
from functools import partial

import keras
import psutil
import pytest

from dlcore.access.actors import Actor
from dlcore.confinement import missing_protections
from dlcore.errors import StoreError
from dlcore.models.storing import store_model
from dlcore.processes import run as runner
from dlcore.processes import training
from dlcore.processes.handle import StoreHandle
from dlcore.processes.output import LogStream
from dlcore.queue import delete, ensure_worker, request_stop, resume, submit
from dlcore.records import Axis, Evaluation, RunState, Scope, SeriesKey
from dlcore.records.artifacts import CHECKPOINT_FILE
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.fine_tuning import FromModel, FromRun
from dlcore.store import Store, database
from tests.network import cut_off
from tests.store.samples import LOSS, at_work, in_state, losses, moved
from tests.waiting import wait_for

FOR_EVER = 100_000
"""Epochs of a run that does not come to its end before it is stopped, on whatever machine."""

pytestmark = [pytest.mark.keras, pytest.mark.processes]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runner")
    return Settings(home=folder / "home", KERAS_HOME=folder / "keras", slots=2)


@pytest.fixture(scope="module")
def store(settings):
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def worker(store, settings):
    """A real supervisor, with no way to the network."""
    patch = pytest.MonkeyPatch()
    cut_off(patch)
    ensure_worker(settings, store)
    patch.undo()
    wait_for(lambda: (found := store.workers.current()) and found.ready)
    yield store.workers.current().pid
    os.killpg(store.workers.current().pid, signal.SIGKILL)


def spec(**training):
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": training.pop("dataset", "digits"), "validation_fraction": 0.2},
            "model": {"layers": training.pop("layers", ["Flatten", {"kind": "Dense"}])},
            "training": {"epochs": 3, "batch_size": 16, **training},
            "seed": 5,
        }
    )


def ended(store, run):
    wait_for(lambda: store.runs.get(run.id).state.final, what=lambda: store.logs.tail(run.id, 20))
    return store.runs.get(run.id)


def log(store, run):
    return "\n".join(line.text for line in store.logs.tail(run.id, 500))


def test_a_completed_run_leaves_its_curves_its_log_its_numbers_and_its_files(store, worker):
    run = ended(store, submit(store, spec(), owner="ann"))
    assert (run.state, run.reason, run.epoch, run.attempt, run.device) == (
        RunState.COMPLETED, None, 3, 1, "cpu",
    )  # fmt: skip
    assert run.step == run.steps == 3 * 72
    assert run.queued_at < run.started_at < run.first_batch_at < run.finished_at
    assert 0 < run.seconds < (run.finished_at - run.queued_at).total_seconds()
    assert set(run.summary) == {"train", "validation", "test"}
    assert run.summary["test"]["accuracy"] > 0.5
    for name, scope in (
        ("loss", Scope.TRAIN),
        ("accuracy", Scope.VALIDATION),
        ("learning_rate", Scope.TRAIN),
    ):
        curve = store.metrics.window(run.id, SeriesKey(name, scope, Axis.EPOCH))
        assert curve.x.tolist() == [1.0, 2.0, 3.0]
    meters = {key.name for key in store.metrics.series(run.id) if key.axis is Axis.TIME}
    assert meters >= {"cpu_percent", "memory_mb"}
    assert "epoch 3/3: train loss" in log(store, run)
    folder = store.artifacts.folder(run.id)
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "checkpoint.npz", "model.keras", "evaluation.json", "mistakes.npz", "predictions.npz",
        "preparation.json", "validation_predictions.npz",
    }  # fmt: skip
    assert (
        Evaluation.from_dict(json.loads((folder / "evaluation.json").read_text())).metrics
        == (run.summary["test"])
    )


@pytest.fixture
def stranger(store):
    """Somebody who came as a visitor: what they run is confined."""
    if missing_protections():
        pytest.skip("this machine cannot confine a process")
    store.visitors.add(Actor("f" * 32))
    return "f" * 32


def test_a_strangers_run_trains_as_any_other_in_a_process_that_is_confined(store, worker, settings, stranger):
    own, theirs = (ended(store, submit(store, spec(), owner=owner)) for owner in ("ann", stranger))
    assert (theirs.state, theirs.reason, theirs.epoch, theirs.step) == (RunState.COMPLETED, None, 3, 3 * 72)
    assert theirs.summary == own.summary
    curves = [
        {key: store.metrics.window(run.id, key) for key in store.metrics.series(run.id)}
        for run in (own, theirs)
    ]
    assert curves[0].keys() == curves[1].keys()
    for key, curve in curves[1].items():
        if key.scope is not Scope.SYSTEM:
            assert (curve.x.tolist(), curve.y.tolist()) == (
                curves[0][key].x.tolist(),
                curves[0][key].y.tolist(),
            )
    files = [{path.name for path in store.artifacts.folder(run.id).iterdir()} for run in (own, theirs)]
    assert files[0] == files[1]
    assert "epoch 3/3: train loss" in log(store, theirs)
    assert not (settings.prepared_dir / "digits.json").is_symlink()
    assert list(settings.confined_dir.glob("*/home-*")) == []


def test_a_strangers_run_is_stopped_saved_and_resumed_like_any_other(store, worker, stranger):
    run = submit(store, spec(epochs=FOR_EVER), owner=stranger)
    wait_for(lambda: store.runs.get(run.id).epoch >= 1)
    os.kill(store.runs.process(run.id)[1], signal.SIGTERM)
    wait_for(lambda: "going on after epoch" in log(store, run))
    request_stop(store, run.id, actor=Actor(stranger))
    stopped = ended(store, run)
    assert (stopped.state, stopped.attempt) == (RunState.STOPPED, 2)
    key = SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)
    assert store.metrics.window(run.id, key).x.tolist() == list(range(1, stopped.epoch + 1))


def test_a_strangers_process_that_is_killed_ends_its_run_with_a_reason(store, worker, stranger):
    run = submit(store, spec(epochs=FOR_EVER), owner=stranger)
    wait_for(lambda: store.runs.get(run.id).step)
    (confined,) = psutil.Process(store.runs.process(run.id)[1]).children()
    confined.kill()
    failed = ended(store, run)
    assert failed.state is RunState.FAILED
    assert failed.reason.text() == "its process was killed, possibly because memory ran out."


def test_two_runs_train_at_the_same_time(store, worker):
    both = [submit(store, spec(epochs=FOR_EVER), owner="ann") for _ in range(2)]
    wait_for(lambda: all(store.runs.get(run.id).step for run in both))
    assert [store.runs.get(run.id).state for run in both] == [RunState.RUNNING] * 2
    for run in both:
        request_stop(store, run.id, actor=Actor("ann"))
    assert [ended(store, run).state for run in both] == [RunState.STOPPED] * 2


def test_a_stopped_run_is_resumed_and_has_each_epoch_once(store, worker):
    run = submit(store, spec(epochs=FOR_EVER), owner="ann")
    wait_for(lambda: store.runs.get(run.id).epoch >= 2)
    request_stop(store, run.id, actor=Actor("ann"))
    stopped = ended(store, run)
    assert stopped.state is RunState.STOPPED
    assert stopped.reason.text().startswith("stopped on request in epoch ")
    goal = stopped.epoch + 2
    resume(store, run.id, actor=Actor("ann"), epochs=goal)
    done = ended(store, run)
    assert (done.state, done.epoch, done.attempt) == (RunState.COMPLETED, goal, 2)
    key = SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)
    assert store.metrics.window(run.id, key).x.tolist() == list(range(1, goal + 1))
    assert done.seconds > stopped.seconds


def test_a_run_that_is_stopped_while_it_starts_never_trains_on(store, worker):
    run = submit(store, spec(epochs=FOR_EVER), owner="ann")
    wait_for(lambda: store.runs.get(run.id).state is not RunState.QUEUED)
    request_stop(store, run.id, actor=Actor("ann"))
    stopped = ended(store, run)
    assert (stopped.state, stopped.attempt) == (RunState.STOPPED, 1)


def test_a_loss_that_is_no_number_ends_the_run_and_says_what_to_do(store, worker):
    layers = ["Flatten", *[{"kind": "Dense", "units": 32}] * 3, {"kind": "Dense"}]
    wild = spec(layers=layers, optimizer={"kind": "SGD", "learning_rate": 100})
    run = ended(store, submit(store, wild, owner="ann"))
    assert run.state is RunState.FAILED
    reason = run.reason.text()
    assert reason.startswith("training.optimizer.learning_rate: the loss is no longer a finite number")
    assert "Lower the learning rate, now 100" in reason
    assert reason in log(store, run)


def test_a_dataset_that_is_absent_and_cannot_be_got_is_named_with_its_place(store, worker, settings):
    run = ended(store, submit(store, spec(dataset="fashion_mnist"), owner="ann"))
    assert run.state is RunState.FAILED
    reason = run.reason.text()
    assert "train-labels-idx1-ubyte.gz could not be downloaded" in reason
    assert str(settings.datasets_dir) in reason


BODY = ["Flatten", {"kind": "Dense", "units": 8, "name": "body"}, {"kind": "Dense", "name": "old"}]


def tuned(source):
    """The same body with a new head."""
    layers = [*BODY[:2], {"kind": "Dense", "name": "head"}]
    return spec(layers=layers, epochs=2).updated(fine_tuning={"source": source, "head_epochs": 1})


def test_a_run_goes_on_with_the_weights_of_another_and_needs_it_no_more(store, worker):
    source = ended(store, submit(store, spec(layers=BODY, epochs=1), owner="ann"))
    run = ended(store, submit(store, tuned(FromRun(run=source.id)), owner="ann"))
    assert (run.state, run.epoch, run.parent_id) == (RunState.COMPLETED, 2, source.id)
    taken = json.loads((store.artifacts.folder(run.id) / "transfer.json").read_text())
    assert (taken["loaded"], taken["kept"]) == (["body"], ["head"])
    assert "phase 1, learning rate 0.001: head learn" in log(store, run)

    delete(store, source.id, actor=Actor("ann"))
    resume(store, run.id, actor=Actor("ann"), epochs=3)
    again = ended(store, run)
    assert (again.state, again.epoch) == (RunState.COMPLETED, 3)


def test_a_source_that_goes_while_its_run_waits_fails_it_and_is_named(tmp_path):
    settings = Settings(home=tmp_path)  # where no worker takes the run first
    store = Store.open(settings)
    source = in_state(store, RunState.COMPLETED)
    (store.artifacts.create(source.id) / "model.keras").write_bytes(b"weights")
    run = submit(store, tuned(FromRun(run=source.id)), owner="ann")
    delete(store, source.id, actor=Actor("ann"))
    run = moved(store, run, RunState.STARTING, RunState.RUNNING)
    state, reason = runner._state_after(
        store, run, StoreHandle(store, run), partial(runner._train_here, store, run)
    )
    assert state is RunState.FAILED
    assert reason.text().startswith(f"fine_tuning.source.run: there is no run '{source.id}'.")
    store.close()


def test_a_run_goes_on_with_the_weights_of_an_uploaded_model(store, worker, settings, tmp_path):
    network = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, name="body"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    network.save(tmp_path / "net.keras")
    model = store_model(tmp_path / "net.keras", settings, name="net", owner="ann")
    run = ended(store, submit(store, tuned(FromModel(model=model.id)), owner="ann"))
    assert (run.state, run.parent_id) == (RunState.COMPLETED, None)
    assert "weights from the source: body" in log(store, run)


def test_a_terminated_run_process_saves_and_its_run_goes_on(store, worker):
    run = submit(store, spec(epochs=FOR_EVER), owner="ann")
    wait_for(lambda: store.runs.get(run.id).epoch >= 1)
    os.kill(store.runs.process(run.id)[1], signal.SIGTERM)
    wait_for(lambda: "going on after epoch" in log(store, run))
    request_stop(store, run.id, actor=Actor("ann"))
    done = ended(store, run)
    assert (done.state, done.attempt) == (RunState.STOPPED, 2)
    assert store.runs.lost_count(run.id) == 0


def test_a_run_whose_checkpoint_is_gone_starts_over_and_says_so(store, worker):
    run = submit(store, spec(epochs=3), owner="ann")
    assert ended(store, run).state is RunState.COMPLETED
    (store.artifacts.folder(run.id) / CHECKPOINT_FILE).unlink()
    resumed = resume(store, run.id, actor=Actor("ann"), epochs=4)
    assert resumed.reason.text() == "its checkpoint is gone, so it starts over from the first epoch."
    done = ended(store, run)
    assert (done.state, done.epoch, done.attempt) == (RunState.COMPLETED, 4, 2)
    assert "no checkpoint was found: training starts over from the first epoch" in log(store, run)
    key = SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)
    assert store.metrics.window(run.id, key).x.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_a_run_that_goes_on_from_its_checkpoint_says_nothing_of_starting_over(store, worker):
    run = submit(store, spec(epochs=2), owner="ann")
    assert ended(store, run).state is RunState.COMPLETED
    assert resume(store, run.id, actor=Actor("ann"), epochs=3).reason is None
    assert ended(store, run).epoch == 3
    assert "no checkpoint" not in log(store, run)


def test_the_shortest_run_says_what_memory_it_took(store, worker):
    run = ended(store, submit(store, spec(epochs=1, batch_size=1024), owner="ann"))
    memory = store.metrics.window(run.id, SeriesKey("memory_mb", Scope.SYSTEM, Axis.TIME))
    assert memory.y.min() > 10


def test_a_folder_that_cannot_be_made_fails_the_run_and_says_which(store, worker, settings, monkeypatch):
    settings.runs_dir.mkdir(exist_ok=True)
    (settings.runs_dir / "0dd0dd").write_text("a file where the folder should be")
    monkeypatch.setattr("dlcore.store.ids.secrets.token_hex", lambda count: "0dd0dd")
    run = submit(store, spec(), owner="ann")
    failed = ended(store, run)
    assert failed.state is RunState.FAILED
    assert f"runs/{run.id}: the folder cannot be made" in failed.reason.text()


@pytest.fixture
def handle(store):
    """A handle whose thread is not started: what it writes, it writes when it is told to."""
    return StoreHandle(store, at_work(store))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full. Delete runs"),
        (OSError(errno.EIO, "Input/output error", "x.npz"), "read or written: Input/output error x.npz."),
        (ValueError("odd\nlines"), "an unexpected error: ValueError: odd. The log has the details."),
    ],
)
def test_whatever_goes_wrong_becomes_a_reason(store, settings, handle, monkeypatch, error, reason):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(training, "train", fail)
    run = replace(handle._run, spec=spec().to_dict())
    state, message = runner._state_after(store, run, handle, partial(runner._train_here, store, run))
    assert state is RunState.FAILED
    assert reason in message.text()
    handle._flush()
    assert "Traceback" in log(store, run)


def test_points_that_could_not_be_written_are_written_later_and_once(store, handle, monkeypatch):
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    store.database.engine.dispose()
    other = sqlite3.connect(store.database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    handle.report(losses((1, 0.5)))
    with pytest.raises(StoreError, match="locked"):
        handle._flush()
    handle.report(losses((2, 0.4)))
    other.rollback()
    other.close()
    handle._flush()
    handle._flush()
    store.database.engine.dispose()
    run = store.runs.get(handle._run.id)
    curve = store.metrics.window(run.id, LOSS)
    assert (curve.x.tolist(), curve.y.tolist()) == ([1.0, 2.0], [0.5, 0.4])
    assert run.first_batch_at is not None


def test_an_epoch_that_is_done_gives_a_run_its_lives_back(store):
    run = moved(store, at_work(store), RunState.LOST)
    run = moved(store, run, RunState.QUEUED, lost_count=5)
    run = moved(store, run, RunState.STARTING, RunState.RUNNING)
    handle = StoreHandle(store, run)
    handle.progress(epoch=1, step=72, steps=216)
    handle._flush()
    assert store.runs.lost_count(run.id) == 5
    handle.progress(epoch=2, step=144, steps=216)
    handle._flush()
    assert store.runs.lost_count(run.id) == 0


def test_what_is_printed_becomes_lines_and_of_a_progress_bar_the_last_form(store, handle):
    stream = LogStream(handle)
    print("one\ntwo", file=stream)
    stream.write("10 %\r50 %\r100 %\n")
    handle._flush()
    assert log(store, handle._run).splitlines() == ["one", "two", "100 %"]


def test_the_end_of_each_epoch_is_kept_in_seconds_and_by_the_clock(store, handle):
    before = time.time()
    handle.report(losses((1, 0.5), key=SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)))
    handle.report(losses((2, 0.5), key=SeriesKey("loss", Scope.VALIDATION, Axis.EPOCH)))
    # What is told once more at the end, and by batches, is no end of an epoch.
    handle.report(losses((2, 0.5), key=SeriesKey("loss", Scope.TEST, Axis.EPOCH)))
    handle.report(losses((7, 0.5)))
    handle._flush()
    points = store.metrics.points(handle._run.id, Axis.EPOCH)
    epochs, seconds = points[SeriesKey("seconds", Scope.SYSTEM, Axis.EPOCH)]
    assert epochs.tolist() == [1, 2]
    assert 0 <= seconds[0] <= seconds[1] <= time.time() - before + 60
    epochs, clock = points[SeriesKey("clock", Scope.SYSTEM, Axis.EPOCH)]
    assert epochs.tolist() == [1, 2]
    assert before - 1 <= clock[0] <= clock[1] <= time.time() + 1
    assert "system" not in store.runs.get(handle._run.id).summary


def test_a_metric_that_is_no_number_is_left_out_of_the_summary(store, handle):
    key = SeriesKey("loss", Scope.TEST, Axis.EPOCH)
    handle.report(losses((1, float("nan")), key=key))
    handle._flush()
    assert store.runs.get(handle._run.id).summary == {"test": {}}
