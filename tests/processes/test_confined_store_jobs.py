"""Jobs of strangers that are about runs in the store: their processes have none, nor another's files, nor a network."""

import json
import os
import socket
import sys
from types import SimpleNamespace

import pytest

from dlcore.confinement import missing_protections
from dlcore.datasets import facts
from dlcore.datasets.prepare.saved import Preparation
from dlcore.durable import write_json
from dlcore.errors import DlcoreError
from dlcore.exports import EXPORTS, Agreement, Export
from dlcore.exports.base import Format, Group
from dlcore.processes.job import live
from dlcore.processes.jobs import JOBS, run_adding
from dlcore.queue import submit
from dlcore.queue.exports import exported_file, request_export
from dlcore.queue.imports import imported_run, request_run_adding, request_run_unpacking
from dlcore.queue.jobs import SourceFile
from dlcore.queue.ready import example
from dlcore.records import Axis, JobState, RunState, Scope, SeriesKey
from dlcore.records.artifacts import MISTAKES_FILE, PREPARATION_FILE
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.run_archive import NUMBERS, RECORD, read_bundle, read_plain, write_archive, write_plain
from dlcore.store.run_import import unpack_archive
from dlcore.store.run_records import read_records
from tests.exports.curves import add_curves

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(bool(missing_protections()), reason="this machine cannot confine a process"),
]


CURVES = {
    SeriesKey("loss", Scope.TRAIN, Axis.EPOCH): {1: 0.5, 2: 0.25},
    SeriesKey("loss", Scope.TRAIN, Axis.BATCH): {1: 3.0, 2: 2.0, 3: 1.0},
}


@pytest.fixture(autouse=True)
def without_keras(monkeypatch):
    """What is exported here has no model in it, and Keras takes seconds to be imported."""
    module = SimpleNamespace(TrainedModel=lambda folder, settings, tell: None)
    monkeypatch.setitem(sys.modules, "dlcore.engine.trained", module)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras", mode="demo")


@pytest.fixture
def store(settings):
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def run(store):
    """A visitor's run that has ended, with curves, a log and a file."""
    made = submit(store, example(), owner="ann", name="it")
    for state in (RunState.STARTING, RunState.RUNNING, RunState.COMPLETED):
        assert store.runs.move(store.runs.get(made.id), state)
    add_curves(store, made.id, CURVES)
    store.logs.add(made.id, "a line")
    folder, spec = store.artifacts.create(made.id), example()
    (folder / MISTAKES_FILE).write_bytes(b"pictures")
    how = Preparation(spec, facts("digits", store.settings), {}, {"cleaning": []}, {})
    write_json(folder / PREPARATION_FILE, how.to_dict())
    return store.runs.get(made.id)


@pytest.fixture
def other(store):
    """The file of another one's run."""
    path = store.artifacts.create(submit(store, example(), owner="bob").id) / MISTAKES_FILE
    path.write_bytes(b"theirs")
    return path


def done(store, job):
    """Returns a job that its process has done: a child of this one, as it is one of the nursery's."""
    assert store.jobs.start(job)
    store.close()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            live(store.settings, job.id, store.jobs.get(job.id).attempt, JOBS)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    return store.jobs.get(job.id)


def outcomes(store, other, port):
    """Tries what a process that was taken over would try; returns what became of it."""

    def connect():
        socket.create_connection(("127.0.0.1", port), timeout=2)

    attempts = {
        "read the store": lambda: (store.settings.home_dir / "store.sqlite").read_bytes(),
        "ask the store": lambda: Store.open(store.settings).runs.list(),
        "read another's run": other.read_bytes,
        "list the runs": lambda: list(store.settings.runs_dir.iterdir()),
        "connect": connect,
        "leave a file": lambda: (store.settings.home_dir / "left").write_bytes(b""),
    }
    found = {}
    for what, act in attempts.items():
        try:
            act()
            found[what] = "done"
        except (OSError, DlcoreError) as error:
            found[what] = type(error).__name__
    return found


REFUSED = {
    "read the store": "PermissionError",
    "ask the store": "StoreError",
    "read another's run": "PermissionError",
    "list the runs": "PermissionError",
    "connect": "PermissionError",
    "leave a file": "PermissionError",
}


class Spy(Format):
    """A format whose file says what its process could do."""

    name, title, summary, suffix, group = "spy", "", "", ".json", Group.RESULTS

    def __init__(self, *reach):
        self.reach = reach

    def write(self, source, path):
        path.write_text(json.dumps(outcomes(*self.reach)))


def test_an_export_of_a_visitor_reaches_nothing_but_its_run(store, run, other, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setitem(EXPORTS._formats, "spy", Spy(store, other, server.getsockname()[1]))
        job = done(store, request_export(store, run, "spy", owner="ann"))
    assert (job.state, job.reason) == (JobState.DONE, None)
    assert json.loads(exported_file(store, job).path.read_text()) == REFUSED


def test_a_run_that_a_visitor_adds_is_read_by_a_process_that_reaches_nothing_else(
    store, run, other, monkeypatch, tmp_path
):
    write_archive(read_records(store, run.id), store.artifacts.folder(run.id), tmp_path / "it.run.zip")
    unpacked = done(
        store,
        request_run_unpacking(store, SourceFile.at(tmp_path / "it.run.zip", "it.run.zip"), owner="ann"),
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def spy(folder):
            raise DlcoreError("{found}", found=json.dumps(outcomes(store, other, port)))

        monkeypatch.setattr(run_adding, "read_bundle", spy)
        job = done(store, request_run_adding(store, unpacked, owner="ann"))
    assert json.loads(job.reason.params["found"]) == REFUSED


def test_what_a_visitor_exports_is_whole_and_can_be_added_again(store, run, tmp_path):
    exported = done(store, request_export(store, run, "run", owner="ann"))
    file = exported_file(store, exported)
    assert (file.export.format, file.export.bytes) == ("run", file.path.stat().st_size)
    unpacked = done(store, request_run_unpacking(store, SourceFile.at(file.path, "it.run.zip"), owner="bob"))
    store.runs.delete(run)
    added = done(store, request_run_adding(store, unpacked, owner="bob"))
    assert (added.state, added.reason) == (JobState.DONE, None)
    found = imported_run(store, added)
    assert (found.owner, found.name, found.state) == ("bob", "it", RunState.COMPLETED)
    points = store.metrics.points(found.id)
    assert {key: dict(zip(x, y, strict=True)) for key, (x, y) in points.items()} == CURVES
    assert [line.text for line in store.logs.tail(found.id, 10)] == ["a line"]
    folder = store.artifacts.folder(found.id)
    assert sorted(path.name for path in folder.iterdir()) == sorted([MISTAKES_FILE, PREPARATION_FILE])
    assert (folder / MISTAKES_FILE).read_bytes() == b"pictures"
    # Nothing of the processes is left.
    assert list(store.settings.confined_dir.glob("*/home-*")) == []
    assert [path.name for path in store.settings.runs_dir.glob(".*")] == []
    assert sorted(path.name for path in store.jobs.folder(added.id).iterdir()) == ["result.json"]


@pytest.mark.parametrize("file", ["../../store.sqlite", "/etc/passwd", "other.zip"])
def test_the_file_that_a_process_says_it_has_written_is_not_believed(store, run, file, tmp_path):
    conclude = JOBS["export"].store_side.conclude
    said = Export("run", file, 5, None).to_dict()
    with pytest.raises(DlcoreError, match="nothing was exported"):
        conclude({"run": run.id, "format": "run"}, said, store, tmp_path)
    (tmp_path / f"{run.id}.run.zip").write_bytes(b"four")
    kept = conclude({"run": run.id, "format": "run"}, said, store, tmp_path)
    assert (kept["file"], kept["bytes"]) == (f"{run.id}.run.zip", 4)


@pytest.mark.parametrize("said", [{}, {"samples": "many"}, [], {"samples": float("inf")}])
def test_an_agreement_that_makes_no_sense_is_not_kept(said):
    with pytest.raises(DlcoreError, match="was not said how the exported model answers"):
        Agreement.of(said)


@pytest.fixture
def plain(store, run, tmp_path):
    """What a confined process leaves of an archive."""
    packed, folder = tmp_path / "packed", tmp_path / "plain"
    packed.mkdir()
    folder.mkdir()
    write_archive(read_records(store, run.id), store.artifacts.folder(run.id), tmp_path / "it.run.zip")
    unpack_archive(tmp_path / "it.run.zip", packed, store.settings)
    write_plain(read_bundle(packed), folder)
    return folder


def test_json_and_numbers_say_all_that_an_archive_does(plain):
    found = read_plain(plain)
    assert {key: dict(zip(x, y, strict=True)) for key, (x, y) in found.points.items()} == CURVES
    assert (found.record.run.name, [text for _at, text in found.log]) == ("it", ["a line"])


@pytest.mark.parametrize(
    "numbers",
    [
        b"",
        b"x",
        bytes(8),
        bytes.fromhex("000000000000f07f") * 40,  # infinity
        bytes.fromhex("000000000000f0bf") * 40,  # -1
        bytes.fromhex("0000000000000040") * 40,  # 2 each, and too many of them
    ],
)
def test_numbers_that_do_not_fit_the_curves_are_refused(plain, numbers):
    (plain / NUMBERS).write_bytes(numbers)
    with pytest.raises(DlcoreError, match="damaged"):
        read_plain(plain)


def test_more_than_can_be_read_at_once_is_not_read(plain):
    with (plain / RECORD).open("ab") as file:
        file.truncate(2**30)
    with pytest.raises(DlcoreError, match=r"damaged: run\.json"):
        read_plain(plain)
