"""The specs that come with the project run as they are."""

import os
import signal

import nbformat
import pytest
from nbclient import NotebookClient

from dlcore import datasets
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.datasets.ingest.intake import ingest
from dlcore.search.spec import SearchSpec, check_search
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec, infer
from dlcore.spec.checks import check
from dlcore.spec.data import Task
from dlcore.spec.training import resolved_loss
from dlcore.store import Store
from tests.conftest import REAL_DATA, ROOT

SEARCHES = [ROOT / "examples" / "search.yaml"]
EXAMPLES = sorted(set((ROOT / "examples").glob("*.yaml")) - set(SEARCHES))


def facts_of(name, folder):
    """Of a built-in dataset, of a table that comes with the examples, or of the real file."""
    if name in datasets.CATALOGUE:
        return datasets.CATALOGUE.get(name).facts
    settings = Settings(home=folder / "home")
    if name in EXAMPLE_SETS:
        entry = EXAMPLE_SETS[name]
        path = folder / f"{name}.{entry.ending}"
        entry.write(path)
    else:
        path = next(iter(REAL_DATA.glob(f"{name}.*")), None)
        if path is None:
            pytest.skip(f"needs real data, and {REAL_DATA} is absent")
    return ingest(path, settings, Choices(name=name), owner="local").facts


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_its_dataset(path, tmp_path):
    spec = ExperimentSpec.load(path)

    check(spec, facts_of(spec.dataset.name, tmp_path))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_it_is_and_how_to_run_it(path):
    text = path.read_text(encoding="utf-8")

    assert text.startswith("# ")
    assert f"python -m dlcore train examples/{path.name}" in text
    assert ExperimentSpec.load(path).name


def test_the_first_cnn_is_the_one_of_the_article():
    spec = ExperimentSpec.load(ROOT / "examples" / "mnist_cnn.yaml")
    report = infer(spec.model, (28, 28, 1), 10)

    assert [row.kind for row in report.rows] == ["Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense"]
    assert report.parameters.total == 693_962
    assert (spec.training.epochs, spec.training.batch_size) == (5, 32)
    assert spec.training.optimizer.kind == "Adam"
    assert resolved_loss(spec.training, spec.model, Task.MULTICLASS).from_logits
    assert spec.dataset.validation_fraction <= 0.05


@pytest.mark.parametrize("path", SEARCHES, ids=lambda path: path.stem)
def test_a_search_among_the_examples_fits_its_dataset_and_has_no_invalid_trial(path, tmp_path):
    spec = SearchSpec.load(path)
    space = check_search(spec, facts_of(spec.experiment.dataset.name, tmp_path))
    assert space.invalid() is None


@pytest.mark.keras
@pytest.mark.processes
def test_the_notebook_searches_in_five_lines(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(ROOT / "examples" / "search.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum(bool(line) for cell in code for line in cell.source.splitlines()) == 6
    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": ROOT / "examples"}}).execute()
    said, shown = (cell.outputs for cell in code)
    (printed,) = [output.text for output in said if output.get("name") == "stdout"]
    assert printed.startswith("all trials are done (6).\n")
    assert "learning_rate" in printed
    assert shown[0].data["text/plain"].count("complete") + shown[0].data["text/plain"].count("pruned") >= 1
    store = Store.open(Settings(home=tmp_path / "home"))
    (study,) = store.studies.list()
    assert study.finished == 6
    os.killpg(store.workers.current().pid, signal.SIGKILL)
    store.close()
