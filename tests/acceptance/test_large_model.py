"""A model whose weights take more than 2 GB: it is trained and taken away where that is possible, and refused elsewhere."""

import gc
import resource

import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.trained import TrainedModel
from dlcore.errors import DlcoreError
from dlcore.exports import EXPORTS, ExportedRun
from dlcore.exports.writing import export
from dlcore.processes.predictor import LoadedModels
from dlcore.queue import submit
from dlcore.records.artifacts import MODEL_FILE
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.run_records import read_records
from tests.exports.conftest import messages

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]

GB = 2**30
WORDS, NUMBERS = 1_000_000, 550
"""Rows and columns of one table of 2.05 GB, of which a batch changes a few rows."""
MOST_TIMES = 5
"""How often the weights may be in memory: in the model that is written and in the one that is read again to check it,
and while Keras reads it as an array of the file, as TensorFlow's copy of that, and as a tensor."""
PROCESS_GB = 1
"""What a process takes that has TensorFlow and no model."""


def test_a_model_of_two_gigabytes(tmp_path):
    settings = Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras")
    store = Store.open(settings)
    known = ingest(messages(tmp_path / "messages.csv"), settings, Choices(name="messages"), owner="me").facts
    large = {"kind": "Embedding", "input_dim": WORDS, "output_dim": NUMBERS}
    spec = proposal(known).with_values(
        {
            "model.layers": [large, {"kind": "GlobalAveragePooling1D"}, {"kind": "Dense"}],
            "training.epochs": 1,
            "training.optimizer": {"kind": "SGD"},
        }
    )
    run = submit(store, spec, owner="local")
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True)
    train(spec, MemoryHandle(folder), settings=settings)
    gc.collect()
    assert (folder / MODEL_FILE).stat().st_size > 2 * GB

    model = TrainedModel(folder, settings, lambda *told: None)
    source = ExportedRun(read_records(store, run.id), folder, model, settings)
    for name in ("onnx", "litert", "litert-float16", "litert-int8"):
        with pytest.raises(
            DlcoreError, match=r"the model has 2\.05 GB of weights, and a file of this format"
        ):
            export(source, EXPORTS[name], tmp_path)
    assert "_model" not in vars(model), "it was loaded before it was refused"
    small = LoadedModels(settings.model_copy(update={"predictor_mb": 1000}))
    with pytest.raises(DlcoreError, match=r"the model has 2,\d\d\d MB, and models may use 1,000 MB"):
        small.get(folder)

    made = export(source, EXPORTS["weights"], tmp_path)
    assert made.bytes > 2 * GB and made.agreement.difference <= 1e-4
    store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    size = (folder / MODEL_FILE).stat().st_size / GB
    print(f"\na model of {size:.2f} GB: at most {peak:.1f} GB of memory")
    assert peak < MOST_TIMES * size + PROCESS_GB
