"""A format of a run: written, read by the tool it is for, and compared with the run's own answers."""

import importlib
import io
import json
import zipfile
from html.parser import HTMLParser

import nbformat
import numpy as np
import pandas as pd

from dlcore.exports import EXPORTS
from dlcore.exports.writing import export
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.spec.data import Task
from dlcore.store.run_import import unpack_archive


def stored_answers(source, inputs):
    """What the run's evaluation stored for its first test samples, as an exported model gives it.

    Of a reconstruction it stores none, as they are as large as the data: the model in Keras answers.
    """
    if source.preparation.facts.task is Task.RECONSTRUCTION:
        return source.model.answers(inputs)
    with np.load(source.folder / PREDICTIONS_FILE) as said:
        answers = said["answers"][:64]
    return answers[:, 1:] if source.preparation.facts.task is Task.BINARY else answers


def _tables(read):
    def check(path, source):
        with zipfile.ZipFile(path) as archive:
            tables = {
                one.rpartition(".")[0]: read(io.BytesIO(archive.read(one))) for one in archive.namelist()
            }
        assert len(tables["metrics_by_epoch"]) == 2
        if source.preparation.facts.task is not Task.RECONSTRUCTION:
            assert len(tables["predictions"]) == len(np.load(source.folder / PREDICTIONS_FILE)["rows"])

    return check


def _check_events(path, source):
    accumulator = importlib.import_module("tensorboard.backend.event_processing.event_accumulator")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(path.parent / "events")
    read = accumulator.EventAccumulator(str(path.parent / "events" / source.run.id / "train")).Reload()
    assert "epoch_loss" in read.Tags()["tensors"]


def _check_mlruns(path, source):
    """What MLflow itself makes of it is tested where it is installed."""
    with zipfile.ZipFile(path) as archive:
        (home,) = (one for one in archive.namelist() if one.endswith(f"{source.run.id}/meta.yaml"))
        assert json.loads(archive.read(home))["run_name"] == source.run.name


def _check_archive(path, source):
    folder = path.parent / "unpacked"
    folder.mkdir()
    unpack_archive(path, folder, source.settings)


def _check_notebook(path, source):
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    for cell in found.cells:
        if cell.cell_type == "code":
            compile(cell.source, "cell", "exec")


def _check_page(path, source):
    text = path.read_text("utf-8")
    HTMLParser().feed(text)
    assert "Results on the test part" in text and text.rstrip().endswith("</html>")


READERS = {
    "csv": _tables(pd.read_csv),
    "parquet": _tables(pd.read_parquet),
    "tensorboard": _check_events,
    "mlflow": _check_mlruns,
    "run": _check_archive,
    "script": lambda path, source: compile(path.read_text("utf-8"), "script", "exec"),
    "notebook": _check_notebook,
    "card": lambda path, source: path.read_text("utf-8").index("## Results on the test part"),
    "report": _check_page,
}
"""How the files without a model are read; a model is asked."""


def check_format(source, name, folder):
    """Exports a run into an empty folder, and asks the file for what the run itself has answered."""
    made = export(source, EXPORTS.usable(name), folder)
    assert [one.name for one in folder.iterdir()] == [made.file]
    assert made.bytes == (folder / made.file).stat().st_size > 0
    if name in READERS:
        READERS[name](folder / made.file, source)
    ask = EXPORTS[name].open(source, folder / made.file)
    assert (made.agreement is None) == (ask is None)
    if ask is None:
        return
    inputs = source.model.samples("test", 64)
    assert set(inputs) == set(source.preparation.signature.inputs)
    expected = stored_answers(source, inputs)
    scale = max(1, np.abs(expected).max())
    allowed = {"litert-float16": 1e-2, "litert-int8": 0.2}.get(name, 1e-4)
    np.testing.assert_allclose(ask(inputs), expected, rtol=0, atol=allowed * scale)
    assert made.agreement.samples == len(expected)
    assert made.agreement.difference <= allowed
    assert made.agreement.before.keys() == made.agreement.after.keys() != set()
    assert made.agreement.milliseconds > 0
