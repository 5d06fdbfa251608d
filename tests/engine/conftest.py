"""Small data and handles for the engine's tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dlcore.engine.handle import MemoryHandle
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec


@dataclass
class StoppingHandle(MemoryHandle):
    """Asks to stop once so many batches are trained."""

    stop_at: int = 1_000_000

    def should_stop(self) -> bool:
        return self.step >= self.stop_at


@pytest.fixture(scope="session")
def digits_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    def made(name: str) -> Path:
        path = tmp_path / name
        path.mkdir(exist_ok=True)
        return path

    return made


def small_spec(**training: Any) -> ExperimentSpec:
    """240 digits, a network of a few hundred weights with every sort of state."""
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits", "train_samples": 240, "validation_fraction": 0.2},
            "model": {
                "layers": [
                    {"kind": "Conv2D", "filters": 4},
                    {"kind": "BatchNormalization"},
                    {"kind": "Activation"},
                    {"kind": "SpatialDropout2D", "rate": 0.1},
                    {"kind": "Flatten"},
                    {"kind": "Dropout", "rate": 0.2},
                    {"kind": "Dense"},
                ]
            },
            "training": {"epochs": 3, "batch_size": 16, **training},
            "seed": 7,
        }
    )
