"""The experiments of the first page, as one click trains them, beside what they are held to."""

import json
import time
from pathlib import Path

import pytest

from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.queue.ready import READY
from dlcore.records import Evaluation
from dlcore.settings import Settings

pytestmark = [pytest.mark.keras, pytest.mark.acceptance, pytest.mark.timeout(1800)]

LEAST = {"digits-cnn": 0.93, "language-of-words": 0.75, "instruments": 0.93, "tumours": 0.94}
"""Accuracy on the test part; guessing gives 0.10, 0.13, 0.17 and 0.63."""


@pytest.mark.parametrize("name", LEAST)
def test_a_ready_experiment_learns_what_it_is_about(name: str, settings: Settings, tmp_path: Path) -> None:
    spec = READY[name].prepared(settings, owner="local")
    run = tmp_path / "run"
    run.mkdir()
    began = time.monotonic()
    result = train(spec, MemoryHandle(run), settings=settings)
    accuracy = result.summary["test"]["accuracy"]
    print(f"\n{name}: accuracy {accuracy:.4f} in {time.monotonic() - began:.0f} s")
    assert accuracy >= LEAST[name]
    found = Evaluation.from_dict(json.loads((run / "evaluation.json").read_text()))
    assert all(accuracy > one.metrics["accuracy"] + 0.2 for one in found.baselines if not one.fitted)
