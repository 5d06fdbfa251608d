"""A dataset that does not fit into memory is trained on all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dlcore.datasets.ingest.writing import writing
from dlcore.settings import Settings
from dlcore.spec.data import DataKind, DatasetFacts, Task

pytestmark = [pytest.mark.keras, pytest.mark.processes]

SAMPLES, SIDE = 4_500, 320
DATA = SAMPLES * SIDE * SIDE
"""461 MB of bytes."""

LIMIT = 200 * 2**20
"""What the process may take beyond what TensorFlow needs for itself."""

SCRIPT = """
import resource, sys
from pathlib import Path
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.entry import train
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec

home, runs, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
layers = [
    {"kind": "AveragePooling2D", "pool_size": 16}, {"kind": "Flatten"}, {"kind": "Dense"},
]

def spec(name):
    training = {"epochs": 1, "batch_size": 32, "optimizer": {"kind": "Adam", "learning_rate": 0.01}}
    return ExperimentSpec.from_dict({
        "dataset": {"name": name}, "preprocessing": ["Rescaling"], "model": {"layers": layers},
        "training": training,
    })

def held():
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmData"].split()[0]) * 1024

def run(name, resident_mb):
    folder = runs / f"{name}{resident_mb}"
    folder.mkdir()
    settings = Settings(home=home, resident_mb=resident_mb)
    return train(spec(name), MemoryHandle(folder), settings=settings)

run("small", 8)
resource.setrlimit(resource.RLIMIT_DATA, (held() + limit,) * 2)
for resident_mb in (8, 4_000):
    try:
        print("accuracy", run("large", resident_mb).summary["test"]["accuracy"], flush=True)
    except Exception as error:
        print("said", error, flush=True)
"""


def store(name: str, samples: int, settings: Settings) -> None:
    """Bright and dark pictures, written block by block."""
    labels = np.arange(samples) % 2

    def blocks():  # type: ignore[no-untyped-def]
        for start in range(0, samples, 100):
            bright = labels[start : start + 100, None, None, None] * 120
            noise = np.random.default_rng(start).integers(0, 100, (len(bright), SIDE, SIDE, 1))
            yield (noise + bright).astype(np.uint8)

    facts = DatasetFacts(
        name=name, title=name, description="", task=Task.MULTICLASS, input_shape=(SIDE, SIDE, 1),
        classes=("dark", "bright"), train_size=samples, test_size=0, licence="", source="", citation="",
        kind=DataKind.ARRAY, class_counts=(samples // 2, samples // 2), owner="me",
    )  # fmt: skip
    with writing(settings) as draft:
        draft.array((samples, SIDE, SIDE, 1), np.dtype(np.uint8), blocks())
        draft.rows(pa.RecordBatch.from_pydict({"part": pa.array([""] * samples, pa.string())}))
        draft.targets(labels.astype(np.int64))
        draft.finish(facts, {}, name)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="limits memory in the way of Linux")
def test_training_needs_less_memory_than_its_data(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    store("small", 200, settings)
    store("large", SAMPLES, settings)
    assert DATA > 1.8 * LIMIT

    runs = tmp_path / "runs"
    runs.mkdir()
    command = [sys.executable, "-c", SCRIPT, str(settings.home), str(runs), str(LIMIT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)

    assert done.stdout, done.stderr[-500:]
    first, *others = done.stdout.splitlines()
    word, accuracy = first.split()
    assert word == "accuracy"
    assert float(accuracy) > 0.95
    # The limit is a real one: with all of it in memory, the same training does not get through.
    assert not [line for line in others if line.startswith("accuracy")]
