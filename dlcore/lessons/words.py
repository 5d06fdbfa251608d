"""What datasets and measures are called in what a lesson says is missing."""

from __future__ import annotations

from dlcore.datasets import CATALOGUE
from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.errors import N_, Message
from dlcore.spec.measure_name import LOSS, MeasureName
from dlcore.spec.metrics import METRICS, metric_text

TEST = "test_"
"""What the name of a measure on the test part begins with."""


def dataset_title(name: str) -> str | Message:
    """Returns what a dataset is called in the list of all, if it comes along; else its name."""
    if name in CATALOGUE:
        return Message(CATALOGUE.get(name).facts.title)
    return Message(EXAMPLE_SETS[name].choices.title) if name in EXAMPLE_SETS else name


def other_data(wanted: str, found: str) -> Message:
    """Says which dataset should be chosen, and which is."""
    params = {"wanted": dataset_title(wanted), "found": dataset_title(found)}
    return Message(N_("Choose the data {wanted}; now it is {found}."), params=params)


def metric_title(name: str) -> Message:
    """Returns what a measure is called, without its part."""
    metric = MeasureName.parse(name.removeprefix(TEST)).metric
    return Message(N_("Loss") if metric == LOSS else METRICS[metric].title)


def measure_title(name: str) -> Message:
    """Returns what a measure is called, and on which part.

    Example:
        >>> measure_title("val_loss").text()
        'Loss on the validation part'
    """
    if name.startswith(TEST):
        text = N_("{metric} on the test part")
    elif MeasureName.parse(name).on_validation:
        text = N_("{metric} on the validation part")
    else:
        text = N_("{metric} on the training part")
    return Message(text, params={"metric": metric_title(name)})


def measure_text(name: str, value: float) -> str:
    """Returns the value of a measure as people read it.

    Example:
        >>> measure_text("test_accuracy", 0.85), measure_text("val_loss", 0.2)
        ('85.00%', '0.2')
    """
    return metric_text(MeasureName.parse(name.removeprefix(TEST)).metric, value)
