"""Small trained runs, one a kind of model that exports differ for; that of the table has a further output."""

import dataclasses

import pandas as pd
import pytest

from dlcore.datasets import facts
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.edits import insert_block
from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.trained import TrainedModel
from dlcore.exports import EXPORTS, ExportedRun
from dlcore.queue import submit
from dlcore.records import Axis, Scope, SeriesKey
from dlcore.settings import Settings
from dlcore.spec.blocks import Auxiliary
from dlcore.spec.checks import report
from dlcore.spec.data import Task
from dlcore.store import Store
from dlcore.store.run_records import read_records
from tests.datasets.makers import panel, shops, some_ratings
from tests.exports.curves import add_curves


def messages(path):
    """Texts whose class is a word in them."""
    words = (["good", "fine", "nice", "great"], ["bad", "awful", "poor", "sad"])
    rows = [{"text": f"it was {words[n % 2][n % 4]} {n}", "label": "xy"[n % 2]} for n in range(120)]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


LSTM = [
    {"kind": "Embedding", "output_dim": 8, "mask_zero": True},
    {"kind": "LSTM", "units": 8},
    {"kind": "Dense"},
]
KINDS = ("cnn", "lstm", "table")
"""What the formats differ for, and what every push tries them on."""

CONVERTED = {
    "keras": ("cnn", "lstm"),
    "weights": ("cnn", "table"),
    "savedmodel": ("cnn", "table"),
    "onnx": ("cnn", "lstm"),
    "litert": ("cnn", "lstm"),
    "litert-int8": ("cnn", "lstm"),
    "litert-float16": ("cnn",),
}
"""Formats of which a file takes seconds, and the kinds that every push tries them on; an acceptance test takes all."""

QUICK_PAIRS = [(name, kind) for name in EXPORTS for kind in CONVERTED.get(name, KINDS)]

MORE_KINDS = ("recommender", "steps_ahead", "reconstruction")
"""What an acceptance test tries them on: ratings, several steps of two series, and a table that is given back."""

MAKERS = {
    "lstm": messages,
    "table": shops,
    "recommender": some_ratings,
    "steps_ahead": lambda path: panel(path, rows=80),
    "reconstruction": shops,
}
TASKS = {"reconstruction": Task.RECONSTRUCTION}
AHEAD = {"kind": "Windows", "sequence_length": 8, "horizons": [1, 2, 3]}
CHANGES = {
    "lstm": {"model.layers": LSTM},
    "steps_ahead": {"preprocessing": [AHEAD, {"kind": "Normalization"}]},
}


CURVES = {
    SeriesKey("loss", Scope.TRAIN, Axis.EPOCH): {1: 0.5, 2: 0.25},
    SeriesKey("loss", Scope.VALIDATION, Axis.EPOCH): {2: 0.75},
    SeriesKey("loss", Scope.TRAIN, Axis.BATCH): {1: 3.0, 2: 2.0, 3: 1.0},
}


@dataclasses.dataclass(frozen=True)
class Home:
    """A store with a trained run of each kind, which is trained when it is first asked for."""

    settings: Settings
    runs: dict = dataclasses.field(default_factory=dict)

    def source(self, kind):
        store = Store.open(self.settings)
        if kind not in self.runs:
            self.runs[kind] = _trained(kind, store, self.settings)
        records = read_records(store, self.runs[kind])
        folder = store.artifacts.folder(records.run.id)
        store.close()
        model = TrainedModel(folder, self.settings, lambda *told: None)
        return ExportedRun(records, folder, model, self.settings)


def _stored(kind, settings):
    path = MAKERS[kind](settings.home / f"{kind}.csv")
    return ingest(path, settings, Choices(name=kind, task=TASKS.get(kind)), owner="me").facts


def _with_auxiliary(spec, known):
    index = len(spec.model.layers) - 1
    return insert_block(spec, index, Auxiliary(), report(spec, known).rows[index - 1].output_shape)


def _trained(kind, store, settings):
    """Returns the id of a trained run."""
    known = facts("digits", settings) if kind == "cnn" else _stored(kind, settings)
    spec = proposal(known).with_values({"training.epochs": 1, **CHANGES.get(kind, {})})
    if kind == "table":
        spec = _with_auxiliary(spec, known)
    run = submit(store, spec, owner="local")
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    train(spec, MemoryHandle(folder), settings=settings)
    add_curves(store, run.id, CURVES)
    return run.id


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return Home(Settings(home=tmp_path_factory.mktemp("home"), KERAS_HOME=tmp_path_factory.mktemp("keras")))
