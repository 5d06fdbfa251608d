"""The specs that come with the project run as they are."""

import re

import nbformat
import pytest

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
from docs.build_notebook import NOTEBOOK, end_supervisor, execute
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


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where both notebooks have their runs: the supervisor of the first one does those of the second, too."""
    folder = tmp_path_factory.mktemp("notebooks")
    yield folder
    end_supervisor(folder)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def shown(cell):
    return "".join(output.data["text/plain"] for output in cell.outputs if "data" in output)


@pytest.mark.keras
@pytest.mark.processes
def test_the_notebook_searches_in_five_lines(home):
    code = code_cells(execute(ROOT / "examples" / "search.ipynb", home))
    assert sum(bool(line) for cell in code for line in cell.source.splitlines()) == 6
    said = printed(code[0])
    assert said.startswith("all trials are done (6).\n")
    assert "learning_rate" in said
    assert shown(code[1]).count("complete") + shown(code[1]).count("pruned") >= 1
    store = Store.open(Settings(home=home))
    (study,) = store.studies.list()
    assert study.finished == 6
    store.close()


@pytest.mark.keras
@pytest.mark.processes
def test_the_notebook_of_the_python_calls_runs_and_says_what_it_is_kept_with(home):
    code = code_cells(execute(NOTEBOOK, home))
    run, history, evaluation, answers, parameters, listed, compared, difference = code
    assert re.fullmatch(r"<run \w+ 'digits · \S+ · \d+': completed, accuracy 0\.9\d+ \(test\)>", shown(run))
    assert re.findall(r"^\d+", shown(history), re.MULTILINE) == [f"{epoch}" for epoch in range(1, 13)]
    assert "'accuracy': 0.9" in printed(evaluation)
    # The first pictures of the set are a 0, a 1, a 2 and a 3; rounding may cost one of them.
    said = re.findall(r"(\d) *$", shown(answers), re.MULTILINE)
    assert sum(one == f"{place}" for place, one in enumerate(said)) >= 3
    assert int(shown(parameters)) > 1000
    assert shown(listed).count("<run ") == 1
    assert "slow" in shown(compared)
    assert re.match(r"worse by \d+\.\d ± \d\.\d points", printed(difference))
    assert "training.optimizer.learning_rate" in shown(difference)
    kept = code_cells(nbformat.read(NOTEBOOK, as_version=4))
    assert [[one.output_type for one in cell.outputs] for cell in kept] == [
        [one.output_type for one in cell.outputs] for cell in code
    ]
