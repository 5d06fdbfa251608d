"""A run leaves its store as one file and comes into another one; files from strangers are refused whole."""

import errno
import json
import zipfile

import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError, DlcoreError, StateError, StoreError
from dlcore.queue import submit
from dlcore.records import AnnotationEdit, Axis, Metric, RunState, Scope, Segment, SeriesKey
from dlcore.records.artifacts import CHECKPOINT_FILE, EVALUATION_FILE, MODEL_FILE
from dlcore.settings import Settings
from dlcore.store import Store, run_import
from dlcore.store.run_archive import LEFT_BEHIND, Columns, write_archive
from dlcore.store.run_import import add_unpacked, unpack_archive
from dlcore.store.run_records import read_records
from dlcore.store.tables import runs

LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
ACCURACY = SeriesKey("accuracy", Scope.VALIDATION, Axis.EPOCH)
EVALUATION = {
    "metrics": {"accuracy": 0.5}, "classes": [], "confusion": [], "scores": [], "mistakes": [],
    "task": "regression", "baselines": [], "errors": [], "anomalies": [],
}  # fmt: skip


def write_model(path, module="keras.layers"):
    """A model's file as Keras packs it, its weights left out."""
    layer = {"module": module, "class_name": "Dense", "config": {"units": 2}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"module": "keras", "config": {"layers": [layer]}}))


@pytest.fixture
def run(store):
    """A run that has completed, with curves, a log, files and a note."""
    made = submit(store, proposal(facts("digits", store.settings)), owner="ada", name="mine")
    store.runs.move(made, RunState.STARTING, device="gpu:0", pid=4321, host="here")
    store.runs.move(store.runs.get(made.id), RunState.RUNNING)
    metrics = [
        Segment(LOSS, 1, np.array([3, 2.5, np.nan, 1], np.float32)),
        Metric(ACCURACY, 1, 0.1),
        Metric(ACCURACY, 2, 0.7),
    ]
    values = {"epoch": 2, "step": 4, "summary": {"validation": {"accuracy": 0.7}}}
    store.reports.write(made.id, 1, values, metrics=metrics, lines=[(5.0, "one"), (6.5, "zwei ü")])
    store.runs.move(store.runs.get(made.id), RunState.COMPLETED, seconds=1.5)
    store.annotations.edit(made, AnnotationEdit(notes="see **this**", add_tags=("paper",), favorite=True))
    folder = store.artifacts.create(made.id)
    write_model(folder / MODEL_FILE)
    (folder / CHECKPOINT_FILE).write_bytes(bytes(range(256)) * 40)
    (folder / EVALUATION_FILE).write_text(json.dumps(EVALUATION))
    (folder / ".checkpoint.part.npz").write_bytes(b"half")
    return store.runs.get(made.id)


@pytest.fixture
def elsewhere(tmp_path):
    opened = Store.open(Settings(home=tmp_path / "elsewhere"))
    yield opened
    opened.close()


@pytest.fixture
def archive(store, run, tmp_path):
    path = tmp_path / "it.run.zip"
    write_archive(read_records(store, run.id), store.artifacts.folder(run.id), path)
    return path


def bring_in(path, store, owner="bob"):
    folder = store.settings.runs_dir / ".adding"
    folder.mkdir(parents=True)
    unpack_archive(path, folder, store.settings)
    return add_unpacked(store, folder, owner=owner)


def changed(path, **members):
    """The archive with other contents of some members; None leaves one out."""
    with zipfile.ZipFile(path) as old:
        content = {name: old.read(name) for name in old.namelist()}
    new = path.with_name("changed.zip")
    with zipfile.ZipFile(new, "w") as archive:
        for name, data in (content | members).items():
            if data is not None:
                archive.writestr(name, data)
    return new


def record(path, **columns):
    """The archive with other columns of its run."""
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("run.json"))
    data["run"] |= columns
    return changed(path, **{"run.json": json.dumps(data)})


def test_a_run_is_elsewhere_what_it_was(store, run, archive, elsewhere):
    found = bring_in(archive, elsewhere)
    same = (
        "id",
        "name",
        "state",
        "spec",
        "spec_hash",
        "epochs",
        "epoch",
        "step",
        "seconds",
        "summary",
        "timing",
    )
    same += ("device", "created_at", "started_at", "finished_at", "workload", "template", "annotation")
    assert {name: getattr(found, name) for name in same} == {name: getattr(run, name) for name in same}
    assert (found.owner, found.stop_requested, found.study_id) == ("bob", False, None)
    assert elsewhere.runs.process(run.id) is None
    for key, (x, y) in store.metrics.points(run.id).items():
        np.testing.assert_array_equal(elsewhere.metrics.points(run.id)[key], (x, y))
    lines = elsewhere.logs.since(run.id, 0)
    assert [(line.seq, line.text) for line in lines] == [(1, "one"), (2, "zwei ü")]
    files = {path.name: path.read_bytes() for path in elsewhere.artifacts.folder(run.id).iterdir()}
    old = store.artifacts.folder(run.id)
    assert files == {
        name: (old / name).read_bytes() for name in (MODEL_FILE, CHECKPOINT_FILE, EVALUATION_FILE)
    }
    assert [path.name for path in elsewhere.settings.runs_dir.iterdir()] == [run.id]


def test_every_column_goes_with_a_run_or_is_left_behind_on_purpose():
    taken = set(Columns.model_fields)
    assert taken | LEFT_BEHIND == set(runs.c.keys())
    assert taken & LEFT_BEHIND == set()


def test_the_same_run_is_not_added_twice(archive, elsewhere):
    bring_in(archive, elsewhere)
    with pytest.raises(StateError, match="already here"):
        bring_in(archive, elsewhere)
    assert len(elsewhere.runs.list()) == 1


def test_a_run_whose_id_is_taken_gets_another(run, archive, elsewhere):
    bring_in(record(archive, created_at=1.0), elsewhere)
    found = bring_in(archive, elsewhere)
    assert found.id != run.id and found.created_at == run.created_at
    assert (elsewhere.artifacts.folder(found.id) / MODEL_FILE).is_file()
    assert len(elsewhere.metrics.points(found.id)) == 2


def test_a_run_that_was_at_work_has_stopped_elsewhere(archive, elsewhere):
    found = bring_in(record(archive, state="running", reason=None), elsewhere)
    assert found.state is RunState.STOPPED and "still at work" in found.reason.text()


ESCAPES = ("../evil", "/tmp/evil", "files/../../evil", "files/sub/evil", "files/.hidden.npz", "files/run.sh")


@pytest.mark.parametrize("name", ESCAPES)
def test_what_does_not_belong_in_an_archive_is_refused(archive, elsewhere, tmp_path, name):
    before = {path for path in tmp_path.rglob("*") if "elsewhere" not in path.parts}
    bad = changed(archive, **{name: b"evil"})
    if name == "files/.hidden.npz":  # hidden files are left out, as in every archive
        bring_in(bad, elsewhere)
        return
    with pytest.raises(DatasetError, match="does not belong in one"):
        bring_in(bad, elsewhere)
    assert elsewhere.runs.list() == []
    assert {path for path in tmp_path.rglob("*") if "elsewhere" not in path.parts} - before == {bad}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"run.json": b"{"}, "run.json"),
        ({"run.json": b"[" * 100_000}, "run.json"),
        ({"run.json": b'{"format": 2}'}, "newer version"),
        ({"run.json": None}, "damaged: run.json"),
        ({"points.npz": b"nothing"}, "points.npz"),
        ({"log.jsonl": b'["now", "text"]\n'}, "damaged"),
        ({"log.jsonl": b"1\n"}, "damaged"),
        ({"files/model.keras": None}, "damaged: files/"),
        ({"files/checkpoint.npz": b"short"}, "damaged: files/"),
    ],
)  # fmt: skip
def test_a_damaged_archive_is_a_clear_word_and_leaves_nothing(archive, elsewhere, change, said):
    with pytest.raises(DlcoreError, match=said):
        bring_in(changed(archive, **change), elsewhere)
    assert elsewhere.runs.list() == []


@pytest.mark.parametrize(
    "columns",
    [
        {"id": "../../x"},
        {"id": "UP"},
        {"name": "x" * 201},
        {"name": None},
        {"state": "finished"},
        {"spec": {"model": 5}},
        {"epoch": -1},
        {"seconds": float("nan")},
        {"summary": {"validation": {"accuracy": "high"}}},
        {"reason": {"template": "{x}", "hint": "", "where": "", "params": {"y": 1}}},
        {"timing": {"data": [1]}},
        {"owner": "root"},
    ],
)
def test_columns_that_make_no_sense_are_refused(archive, elsewhere, columns):
    with pytest.raises(DatasetError, match="damaged"):
        bring_in(record(archive, **columns), elsewhere)
    assert elsewhere.runs.list() == []


def test_a_file_that_is_cut_off_or_no_archive_is_refused(archive, elsewhere, tmp_path):
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=r"damaged|not a zip|does not belong"):
        bring_in(cut, elsewhere)


def test_a_flipped_bit_is_noticed(archive, elsewhere, tmp_path):
    content = bytearray(archive.read_bytes())
    place = content.index(bytes(range(256)))
    content[place + 100] ^= 1
    (tmp_path / "bit.zip").write_bytes(content)
    with pytest.raises(DatasetError, match=r"checkpoint\.npz.*damaged"):
        bring_in(tmp_path / "bit.zip", elsewhere)


def test_a_model_that_names_code_of_others_is_refused(store, run, elsewhere, tmp_path):
    folder, path = store.artifacts.folder(run.id), tmp_path / "code.zip"
    write_model(folder / MODEL_FILE, module="os")
    write_archive(read_records(store, run.id), folder, path)
    with pytest.raises(DatasetError, match="code that is not Keras' own"):
        bring_in(path, elsewhere)


def test_an_archive_that_expands_without_end_is_refused(archive, elsewhere):
    small = elsewhere.settings.model_copy(update={"max_dataset_bytes": 1_000})
    folder = elsewhere.settings.runs_dir / ".adding"
    folder.mkdir(parents=True)
    with pytest.raises(DatasetError, match="unpacks to more than"):
        unpack_archive(archive, folder, small)


def test_a_store_that_fails_leaves_no_folder(archive, elsewhere, monkeypatch):
    def fail(*_):
        raise StoreError("the disk of the store is full.")

    monkeypatch.setattr(run_import, "add_lines", fail)
    with pytest.raises(StoreError, match="full"):
        bring_in(archive, elsewhere)
    assert elsewhere.runs.list() == [] and list(elsewhere.settings.runs_dir.iterdir()) == []


def test_a_full_disk_is_a_clear_word(archive, elsewhere, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run_import, "put_in_place", full)
    with pytest.raises(StoreError, match="the folder cannot be made: No space left on device"):
        bring_in(archive, elsewhere)
    assert elsewhere.runs.list() == []
