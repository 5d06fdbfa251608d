"""Small files that ask for much: each ends its own job with a clear reason, and the supervisor goes on."""

import gzip
import io
import zipfile
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dlcore.datasets.ingest import NOTHING, Choices
from dlcore.datasets.vectors.stored import FoundText, vectors_names
from dlcore.models import stored_models
from dlcore.processes.jobs import JOBS
from dlcore.queue.jobs import (
    SourceFile,
    model_of,
    proposal_of,
    request_ingestion,
    request_inspection,
    request_model_storing,
    request_vectors_storing,
    vectors_of,
)
from dlcore.records import JobState
from dlcore.worker.jobs import JobRunner
from tests.datasets.makers import people
from tests.models.samples import dense, keras_file, layer, sequential, small, weights
from tests.waiting import wait_for
from tests.worker.lent_nursery import LentNursery

pytestmark = pytest.mark.processes

MEMORY_MB = 400
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XML = "application/vnd.openxmlformats"


def workbook(cells):
    """An XLSX file of one sheet with these cells."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="{_XML}-package.'
        f'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{_XML}-officedocument.'
        f'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_XML}-'
        'officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_DOCUMENT}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_DOCUMENT}"><sheets><sheet name="a" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEETS}"><sheetData>{cells}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0"?>{text}')
    return packed.getvalue()


def far_corners(path):
    """Two cells so far apart that all between them takes 8 GB."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="16000"><c r="XFD16000"><v>2</v></c></row>'
    path.write_bytes(workbook(cells))


def one_text_often(path):
    """A text of a megabyte 20,000 times, which the file holds once."""
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(20_000, np.int32)), pa.array(["x" * 1_000_000]))
    pq.write_table(pa.table({"text": texts, "y": np.arange(20_000)}), path, compression="zstd")


@pytest.fixture
def runner(store, settings):
    """Does jobs of the real kinds with little memory."""
    limited = settings.model_copy(update={"job_memory_mb": MEMORY_MB})
    light = LentNursery("dlcore.processes.jobs:main", preload=["dlcore.processes.jobs"], settings=limited)
    # Nothing here needs Keras.
    made = JobRunner(replace(store, settings=limited), JOBS, light, light, log=print)
    yield made
    made.close()


def done(store, runner, job):
    wait_for(lambda: runner.tick(ready=True) or store.jobs.get(job.id).state.final)
    return store.jobs.get(job.id)


def looked_at(store, runner, path, choices=NOTHING):
    job = request_inspection(store, SourceFile.at(path, path.name), choices, owner="ann")
    return done(store, runner, job)


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (far_corners, "far.xlsx", "needs more than 400 MB of memory"),
        (one_text_often, "often.parquet", "it needs more than the 400 MB of memory that a job may use"),
    ],
)
def test_a_small_file_that_asks_for_gigabytes_ends_its_own_job(make, name, said, store, runner, tmp_path):
    make(tmp_path / name)
    assert (tmp_path / name).stat().st_size < 64 * 1024
    job = looked_at(store, runner, tmp_path / name)
    assert job.state is JobState.FAILED
    assert said in job.reason.text()
    assert "DLCORE_JOB_MEMORY_MB" in job.reason.text()
    fine = looked_at(store, runner, people(tmp_path / "people.csv"))
    assert proposal_of(store, fine).name == "people"


def test_a_small_model_whose_weights_ask_for_gigabytes_ends_its_own_job(store, settings, runner, tmp_path):
    def grow(file):
        # Announced, and never written: the file holds no byte of it.
        del file["layers/dense/vars/0"], file["layers/dense/vars/1"]
        file.create_dataset("layers/dense/vars/0", (120, 1_000_000), "f4")

    network = sequential(layer("Flatten"), dense(units=1_000_000, use_bias=False), shape=(10, 12, 1))
    path = keras_file(tmp_path / "huge.keras", network, weights(grow))
    assert path.stat().st_size < 64 * 1024
    file = SourceFile.at(path, "huge.keras")
    job = done(store, runner, request_model_storing(store, file, "huge", owner="ann"))
    assert job.state is JobState.FAILED
    assert "needs more than the 400 MB of memory that a job may use" in job.reason.text()
    assert stored_models(settings) == []
    fine = SourceFile.at(keras_file(tmp_path / "fine.keras", small()), "fine.keras")
    kept = done(store, runner, request_model_storing(store, fine, "fine", owner="ann"))
    assert model_of(store, kept).parameters == 10


def test_word_vectors_are_stored_with_little_memory_and_what_is_none_ends_its_own_job(
    store, settings, runner, tmp_path
):
    def asked(name, data):
        (tmp_path / name).write_bytes(data)
        text = FoundText(name, name.partition(".")[0], 300, ())
        file = SourceFile.at(tmp_path / name, name)
        return done(store, runner, request_vectors_storing(store, file, text, text.name, owner="ann"))

    row = b" ".join(b"%.5f" % (n / 7) for n in range(300))
    large = asked("large.txt", b"".join(b"word%d %b\n" % (n, row) for n in range(20_000)))
    assert vectors_of(store, large).about.words == 20_000

    line = asked("line.txt.gz", gzip.compress(b"a" * 2**28))
    assert "it is not text in UTF-8 with a word in each line" in line.reason.text()
    bomb = asked("bomb.txt.gz", gzip.compress(b"word 1 2\n" * 2**24))
    assert "it unpacks to more than" in bomb.reason.text()
    assert vectors_names(settings.vectors_dir) == ("large",)


def test_a_pattern_that_would_take_years_is_soon_done(store, runner, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for label in "ab":
            archive.writestr(f"{label}/{'a' * 200}.txt", "word")
    job = looked_at(store, runner, tmp_path / "x.zip", Choices(group="^" + ".*" * 90 + "(Z)$"))
    assert proposal_of(store, job).samples == 2


def test_a_workbook_is_read_as_it_is(store, runner, tmp_path):
    cells = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}"><v>{row % 2}</v></c></row>'
        for row in range(1, 30)
    )
    (tmp_path / "fine.xlsx").write_bytes(workbook(cells))
    assert proposal_of(store, looked_at(store, runner, tmp_path / "fine.xlsx")).samples == 29


def test_a_file_is_stored_with_its_limits_and_without_a_network(store, runner, tmp_path):
    file = SourceFile.at(people(tmp_path / "people.csv"), "people.csv")
    job = done(store, runner, request_ingestion(store, file, Choices(name="it"), owner="ann"))
    assert store.jobs.result(job)["name"] == "it"
