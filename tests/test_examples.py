"""The specs that come with the project run as they are."""

import pytest

from dlcore import datasets
from dlcore.spec import ExperimentSpec, infer
from dlcore.spec.checks import check
from dlcore.spec.data import Task
from dlcore.spec.training import resolved_loss
from tests.conftest import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_its_dataset(path):
    spec = ExperimentSpec.load(path)

    check(spec, datasets.CATALOGUE.get(spec.dataset.name).facts)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_it_is_and_how_to_run_it(path):
    text = path.read_text(encoding="utf-8")

    assert text.startswith("# ")
    assert f"python -m dlcore train examples/{path.name}" in text
    assert ExperimentSpec.load(path).name != "experiment"


def test_the_first_cnn_is_the_one_of_the_article():
    spec = ExperimentSpec.load(ROOT / "examples" / "mnist_cnn.yaml")
    report = infer(spec.model, (28, 28, 1), 10)

    assert [row.kind for row in report.rows] == ["Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense"]
    assert report.parameters.total == 693_962
    assert (spec.training.epochs, spec.training.batch_size) == (5, 32)
    assert spec.training.optimizer.kind == "Adam"
    assert resolved_loss(spec.training, spec.model, Task.MULTICLASS).from_logits
    assert spec.dataset.validation_fraction <= 0.05
