"""A network that knows some digits learns the others from fifty images better than one that knows nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import template
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.transfer import weights_of_run
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FineTuning, FromRun, with_new_head

pytestmark = [pytest.mark.keras, pytest.mark.acceptance]

KNOWN, NEW = "digits-0-to-4", "digits-5-to-9"
FEW = 50
SEEDS = 5
POINTS = 0.05


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Settings:
    """A home with MNIST in two datasets: the digits up to 4, and those from 5 on."""
    folder = tmp_path_factory.mktemp("fine_tuning")
    settings = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    with np.load(shared_data / "mnist.npz") as file:
        arrays = {name: file[name] for name in file.files}
    for name, digits in ((KNOWN, range(5)), (NEW, range(5, 10))):
        held = {}
        for part in ("train", "test"):
            wanted = np.isin(arrays[f"y_{part}"], digits)
            held[f"x_{part}"] = arrays[f"x_{part}"][wanted][..., None]
            held[f"y_{part}"] = arrays[f"y_{part}"][wanted].astype(np.int64)
        np.savez(folder / f"{name}.npz", allow_pickle=False, **held)
        ingest(folder / f"{name}.npz", settings, owner="local")
    return settings


def accuracies(settings: Settings, folder: Path) -> list[tuple[float, float]]:
    """On the new digits, for each seed: from scratch, and fine-tuned."""
    model = template("resnet").build((28, 28, 1))
    known = ExperimentSpec.from_dict(
        {
            "dataset": {"name": KNOWN, "validation_fraction": 0},
            "model": model,
            "training": {"epochs": 2, "batch_size": 64},
        }
    )
    source = folder / "source"
    source.mkdir()
    train(known, MemoryHandle(source), settings=settings)
    weights, found = weights_of_run(source), []
    for seed in range(SEEDS):
        scratch = known.updated(
            dataset=known.dataset.updated(name=NEW, train_samples=FEW),
            training=known.training.updated(epochs=40, batch_size=10),
            seed=seed,
        ).with_values({"training.optimizer.learning_rate": 0.003})
        tuned = scratch.updated(
            model=with_new_head(model),
            fine_tuning=FineTuning(source=FromRun(run="source"), head_epochs=15),
        )
        results = []
        for name, spec in (("scratch", scratch), ("tuned", tuned)):
            run = folder / f"{name}{seed}"
            run.mkdir()
            result = train(spec, MemoryHandle(run), settings=settings, source=lambda: weights)
            results.append(result.summary["test"]["accuracy"])
        found.append((results[0], results[1]))
    return found


@pytest.mark.timeout(1800)
def test_fifty_images_teach_five_points_more_to_a_network_that_knows_other_digits(
    settings: Settings, tmp_path: Path
) -> None:
    found = accuracies(settings, tmp_path)
    print("from scratch, fine-tuned:", [(round(scratch, 4), round(tuned, 4)) for scratch, tuned in found])
    assert np.mean([tuned - scratch for scratch, tuned in found]) >= POINTS
