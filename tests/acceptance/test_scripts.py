"""The script and the notebook of every example, run as a stranger runs them, beside what the runs themselves reach."""

from __future__ import annotations

import ast
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import dlcore
from dlcore.datasets import CATALOGUE, is_available
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import stored_names
from dlcore.engine.trained import TrainedModel
from dlcore.exports import EXPORTS, ExportedRun
from dlcore.exports.writing import export
from dlcore.queue.ready import READY
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.search.spec import SearchSpec
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.metrics import higher_is_better, judging_metric
from dlcore.store.run_files import read_arrays
from dlcore.store.run_records import read_records
from docs.build_notebook import end_supervisor
from tests.conftest import REAL_DATA, ROOT
from tests.datasets.fixtures import idx, put

pytestmark = [pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(7200)]

SEEDS = (0, 1, 2)

FILES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml"))

FEW_DIGITS = {"dataset.train_samples": 5_000, "training.epochs": 2}
SHORTER: Mapping[str, Mapping[str, Any]] = {
    "cifar10_images": {"training.epochs": 3},
    "fashion_vgg": {"dataset.train_samples": 5_000, "training.epochs": 2},
    "mnist_cnn": FEW_DIGITS,
    "mnist-cnn": FEW_DIGITS,
    "spoken_digits": {"training.epochs": 8},
}
"""What is trained less than the example says, in the runs as in the scripts, to take minutes and not hours."""


@dataclass(frozen=True)
class Trained:
    """The runs of an example with each seed.

    Attributes:
        runs: what they are.
        metric: by which they are judged.
        values: of that on the test part.
        error: of that metric as an estimate from so many samples.
    """

    runs: list[dlcore.RunResult]
    metric: str
    values: list[float]
    error: float

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def spread(self) -> float:
        """How far another training of the same may be from their mean: three deviations.

        Of the seeds, whose deviation is a rough guess with three of them and may well be 0, or of the metric itself as
        an estimate from so many test samples.
        """
        return 3 * max(statistics.stdev(self.values), self.error)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home with a supervisor, and MNIST where it is at hand: a file that was packed anew, so that Keras' hash differs.

    Fashion-MNIST has to be downloaded: its files hold those digits here, which runs and scripts read in the same way.
    """
    folder = tmp_path_factory.mktemp("scripts")
    made = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    made.home.mkdir()
    if REAL_DATA.is_dir():
        (folder / "keras" / "datasets").mkdir(parents=True)
        shutil.copyfile(REAL_DATA / "mnist.npz", folder / "keras" / "datasets" / "mnist.npz")
        _write_digits_as_fashion(folder / "keras" / "datasets")
    yield made
    end_supervisor(made.home)


def _write_digits_as_fashion(folder: Path) -> None:
    """Writes MNIST into the files of Fashion-MNIST."""
    with np.load(folder / "mnist.npz") as arrays:
        for part, files in {"train": "train", "test": "t10k"}.items():
            for letter, name in {"x": "images-idx3", "y": "labels-idx1"}.items():
                put(folder, f"fashion-mnist/{files}-{name}-ubyte.gz", idx(arrays[f"{letter}_{part}"]))


def spec_of(name: str, settings: Settings) -> ExperimentSpec:
    """Returns the experiment of that name with its data in place, or skips the test."""
    if name in READY:
        _check_is_here(READY[name].dataset, settings)
        spec = READY[name].prepared(settings, owner="local")
    else:
        path = ROOT / "examples" / f"{name}.yaml"
        spec = SearchSpec.load(path).experiment if name == "search" else ExperimentSpec.load(path)
        _store(spec.dataset.name, settings)
    return spec.with_values(dict(SHORTER.get(name, {})))


def _store(name: str, settings: Settings) -> None:
    """Stores the data of an example as its first lines say."""
    if name in CATALOGUE:
        _check_is_here(name, settings)
        return
    if name in stored_names(settings):
        return
    if name in EXAMPLE_SETS:
        path = settings.home.with_name(f"{name}.{EXAMPLE_SETS[name].ending}")
        EXAMPLE_SETS[name].write(path)
    else:
        found = next(iter(REAL_DATA.glob(f"{name}.*")), None)
        if found is None:
            pytest.skip(f"needs real data, and {REAL_DATA} is absent")
        path = found
    ingest(path, settings, Choices(name=name), owner="local")


def _check_is_here(name: str, settings: Settings) -> None:
    if name in CATALOGUE and not is_available(name, settings):
        pytest.skip(f"{name} has to be downloaded")


def trained(spec: ExperimentSpec, settings: Settings) -> Trained:
    """Trains with each seed, by a supervisor and in processes of their own."""
    runs = [dlcore.train(spec.with_values({"seed": seed}), settings=settings) for seed in SEEDS]
    found = [run.metrics["test"] for run in runs]
    metric = judging_metric(found[0])
    assert metric is not None
    values = [one[metric] for one in found]
    samples = len(read_arrays(runs[0].folder / PREDICTIONS_FILE)["rows"])
    return Trained(runs, metric, values, standard_error(metric, statistics.fmean(values), samples))


def standard_error(metric: str, value: float, samples: int) -> float:
    """Returns that of a share, by the binomial distribution, or of the root of a mean square, of normal errors."""
    if higher_is_better(metric):
        return math.sqrt(value * (1 - value) / samples)
    return value / math.sqrt(2 * samples)


def exported(run: dlcore.RunResult, settings: Settings, folder: Path) -> Path:
    """Writes the script and the notebook of a run into a folder; returns the script."""
    # What an export job does, without the seconds that Keras takes to be imported in it.
    model = TrainedModel(run.folder, settings, lambda *told: None)
    source = ExportedRun(read_records(run.store, run.run.id), run.folder, model, settings)
    script, notebook = (
        folder / export(source, EXPORTS[name], folder).file for name in ("script", "notebook")
    )
    notebook.rename(folder / "train.ipynb")
    return script.rename(folder / "train.py")


def plain_environment(settings: Settings) -> dict[str, str]:
    """What a stranger has: Keras and its folder, not this project."""
    mine = {"PYTHONPATH", "XLA_FLAGS", "DLCORE_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in mine}
    return {**kept, "KERAS_HOME": str(settings.keras_home)}


def make_data(script: str, settings: Settings, folder: Path) -> None:
    """Calls the command that the script names, if it names one."""
    command = re.search(r"python -m (dlcore data export .+)", script)
    if command is None:
        return
    environment = {**os.environ, "DLCORE_HOME": str(settings.home), "KERAS_HOME": str(settings.keras_home)}
    subprocess.run(
        [sys.executable, "-m", *command[1].split()],
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True,
    )  # fmt: skip


def last_metrics(text: str) -> dict[str, float]:
    """Returns what a script prints at its end."""
    found = ast.literal_eval(text.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


def said_by_script(folder: Path, settings: Settings) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "train.py"],
        cwd=folder, env=plain_environment(settings), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return last_metrics(done.stdout)


def said_by_notebook(folder: Path, settings: Settings) -> dict[str, float]:
    notebook = nbformat.read(folder / "train.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=3600, resources={"metadata": {"path": folder}})
    last = client.execute(env=plain_environment(settings)).cells[-1]
    return last_metrics("".join(one.text for one in last.outputs if one.get("name") == "stdout"))


@pytest.mark.parametrize("name", [*FILES, *READY])
def test_script_and_notebook_reach_what_the_runs_reach(name: str, settings: Settings, tmp_path: Path) -> None:
    spec = spec_of(name, settings)
    if spec.fine_tuning is not None:
        first = dlcore.train(spec_of("mnist_cnn", settings), settings=settings)
        spec = spec.with_values({"fine_tuning.source.run": first.id})
    ours = trained(spec, settings)
    # Of the last run: its settings are not the example's own seed.
    run = ours.runs[-1]
    script = exported(run, settings, tmp_path).read_text(encoding="utf-8")
    make_data(script, settings, tmp_path)
    theirs = {
        "script": said_by_script(tmp_path, settings)[ours.metric],
        "notebook": said_by_notebook(tmp_path, settings)[ours.metric],
    }
    said = ", ".join(f"{kind} {value:.4f}" for kind, value in theirs.items())
    print(f"\n{name}: {ours.metric} {ours.mean:.4f} ± {ours.spread:.4f}, {said}")
    for kind, value in theirs.items():
        assert abs(value - ours.mean) <= ours.spread, kind
    if REAL_DATA.is_dir():
        kept = settings.keras_home / "datasets" / "mnist.npz"
        assert kept.read_bytes() == (REAL_DATA / "mnist.npz").read_bytes()
