"""Jobs and runs of strangers: what their confined processes say is checked, and what they make is brought in."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from dlcore.confinement import missing_protections
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.writing import adopt_dataset
from dlcore.datasets.stored import open_stored, stored_names
from dlcore.engine.handle import MemoryHandle
from dlcore.errors import DatasetError, Message
from dlcore.processes.confined import ConfinedProcess
from dlcore.processes.confined_job import do_confined
from dlcore.processes.jobs import JOBS
from dlcore.processes.kinds import JobKind, reads_path
from dlcore.processes.limits import Limits
from dlcore.processes.run_reports import Reports
from dlcore.queue.frames import FrameError
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.records.artifacts import RESULT_FILE
from dlcore.settings import Settings
from dlcore.spec.data import DataKind

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(bool(missing_protections()), reason="this machine cannot confine a process"),
]


@dataclass
class Handle:
    settings: Settings
    folder: Path
    told: list = field(default_factory=list)

    def progress(self, done, total, unit):
        self.told.append((done, total, unit))


@pytest.fixture
def handle(settings, tmp_path):
    (tmp_path / "part").mkdir()
    return Handle(settings, tmp_path / "part")


@pytest.fixture
def upload(settings):
    path = settings.home_dir / "uploads" / "1" / "content"
    path.parent.mkdir(parents=True)
    path.write_text("size,label\n" + "".join(f"{n}.5,{'ab'[n % 2]}\n" for n in range(60)))
    return path


def done(handle, what, arguments, owner="ann"):
    kind = JOBS[what]
    reason = do_confined(kind, kind.limits(handle.settings), owner, arguments, handle)
    result = handle.folder / RESULT_FILE
    return reason, json.loads(result.read_text())["content"] if result.exists() else None


def stored(path, owner="ann", name="mine"):
    choices = Choices(name=name, kind=DataKind.TABLE).to_dict()
    return {"path": str(path), "origin": "my.csv", "choices": choices, "owner": owner}


def test_a_file_is_stored_by_a_process_that_sees_nothing_else(handle, settings, upload):
    reason, result = done(handle, "ingestion", stored(upload))
    assert reason is None
    found = open_stored("mine", settings, result["version"])
    assert (found.facts.owner, found.facts.train_size, found.facts.classes) == ("ann", 60, ("a", "b"))
    assert handle.told
    # Nothing of the process's own home is left, and the same file is not kept twice.
    assert [path.name for path in settings.confined_dir.glob("*/home-*")] == []
    assert done(handle, "ingestion", stored(upload)) == (None, result)


def test_the_name_of_somebody_elses_dataset_is_refused_when_it_is_brought_in(handle, settings, upload):
    assert done(handle, "ingestion", stored(upload))[0] is None
    upload.write_text(upload.read_text().replace("0.5", "7.5"))
    with pytest.raises(DatasetError, match="a dataset called 'mine' already exists"):
        done(handle, "ingestion", stored(upload, owner="bob"), owner="bob")
    assert open_stored("mine", settings).facts.owner == "ann"


def test_what_a_file_lacks_is_the_reason(handle, settings, upload):
    upload.write_text("size,label\n")
    reason, result = done(handle, "ingestion", stored(upload))
    assert isinstance(reason, Message)
    assert (result, stored_names(settings)) == (None, ())


def left(act):
    """A kind of job that does something in its folder."""

    def do(arguments, handle):
        act(handle)
        return {}

    return JobKind("left", do, lambda settings: Limits(), False, False, reads_path, None)


def outcome(handle, upload, act):
    return do_confined(left(act), Limits(), "ann", {"path": str(upload)}, handle)


def test_a_job_that_reads_beyond_its_file_fails_and_says_so(handle, settings, upload):
    other = settings.home_dir / "uploads" / "2"
    other.write_text("theirs")
    reason = outcome(handle, upload, lambda _handle: other.read_text())
    assert "PermissionError" in reason.text()


def test_a_job_that_says_nonsense_is_ended(handle, upload):
    reason = outcome(handle, upload, lambda handle: handle.progress(1, 2, type("", (), {"value": "miles"})))
    assert reason.text() == "it reported what cannot be kept: 'miles' is not a valid JobUnit."


def test_a_job_that_says_nonsense_and_ends_before_it_is_ended_has_said_it(handle, upload, monkeypatch):
    def end_late(process, why):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        end(process, why)

    end = ConfinedProcess.end
    monkeypatch.setattr(ConfinedProcess, "end", end_late)
    reason = outcome(handle, upload, lambda handle: handle.progress(1, 2, type("", (), {"value": "miles"})))
    assert reason.text() == "it reported what cannot be kept: 'miles' is not a valid JobUnit."


def test_what_a_process_did_not_say_is_not_brought_in(handle, settings, upload, tmp_path):
    assert done(handle, "ingestion", stored(upload))[0] is None
    folder = open_stored("mine", settings).folder
    elsewhere = Settings(home=tmp_path / "elsewhere")
    for name, version, owner in (
        ("mine", folder.name, "bob"),
        ("../datasets/mine", folder.name, "ann"),
        ("mine", "..", "ann"),
    ):
        with pytest.raises(DatasetError, match="what was stored is not what was asked for"):
            adopt_dataset(name, version, settings, elsewhere, owner=owner)
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(DatasetError, match="neither a file nor a folder"):
        adopt_dataset("mine", folder.name, settings, elsewhere, owner="ann")
    assert stored_names(elsewhere) == ()


LOSS = SeriesKey("loss", Scope.TRAIN, Axis.EPOCH)


@pytest.fixture
def reports(tmp_path):
    return Reports(MemoryHandle(tmp_path))


def test_what_a_run_reports_reaches_its_handle(reports):
    curve = ["loss", "train", "epoch", 1, False, 1]
    header = {"do": "report", "curves": [curve], "number": 7}
    assert reports.take(header, np.array([0.5]).tobytes()) == 7
    assert reports._handle.metrics == [Metric(LOSS, 1.0, 0.5)]
    reports.take({"do": "progress", "epoch": 1, "step": 2, "steps": 3}, b"")
    assert (reports._handle.epoch, reports._handle.step, reports._handle.steps) == (1, 2, 3)
    reports.take({"do": "log", "text": "one\n" + "x" * 5_000}, b"")
    assert [len(line) for line in "\n".join(reports._handle.lines).split("\n")] == [3, 2_000]


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({}, b""),
        ({"do": "delete"}, b""),
        ({"do": "progress", "epoch": -1, "step": 0, "steps": 0}, b""),
        ({"do": "progress", "epoch": 2**70, "step": 0, "steps": 0}, b""),
        ({"do": "report", "curves": [["loss", "moon", "epoch", 1, False, 1]], "number": 0}, bytes(8)),
        ({"do": "report", "curves": [["loss", "train", "epoch", 1, False, 1]], "number": 0}, bytes(16)),
        ({"do": "report", "curves": [["loss", "train", "epoch", 1, False, 1]], "number": 0}, bytes(5)),
        ({"do": "report", "curves": [["loss", "train", "epoch", 1, False, -1]], "number": 0}, bytes(8)),
        ({"do": "timing", "timing": {"data": "much"}}, b""),
        ({"do": "end", "result": {"stopped": True}}, b""),
        ({"do": "end", "failed": {"template": "x"}}, b""),
        ({"do": "log", "text": "line\n" * 60_000}, b""),
        ({"do": "report", "curves": [[str(n), "train", "epoch", 1, True, 0] for n in range(3_000)], "number": 0}, b""),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(reports, header, body):
    with pytest.raises(FrameError, match="no report"):
        reports.take(header, body)
    assert (reports._handle.metrics, reports._handle.lines, reports.ending) == ([], [], None)


def test_what_a_filter_refuses_is_not_stored_and_the_confined_process_may_read_the_words(
    handle, settings, upload, tmp_path
):
    words = tmp_path / "words.txt"
    words.write_text("grumble\n")
    filtered = settings.model_copy(update={"mode": "demo", "blocklist": words, "filter_uploads": True})
    handle.settings = filtered
    text = upload.read_text()
    upload.write_text(text.replace("b\n", "grumble\n"))

    reason, result = done(handle, "ingestion", stored(upload))
    assert result is None and "may not be stored here: grumble" in reason.text()
    upload.write_text(text)
    assert done(handle, "ingestion", stored(upload))[0] is None
