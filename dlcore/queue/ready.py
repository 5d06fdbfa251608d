"""Experiments that come along, each with data that needs no network."""

from __future__ import annotations

from dlcore.datasets import CATALOGUE
from dlcore.design.templates import proposal
from dlcore.spec import ExperimentSpec

EXAMPLE_DATASET = "digits"


def example() -> ExperimentSpec:
    """Returns what a first visit offers: the first CNN, on a dataset that is always there."""
    return proposal(CATALOGUE.get(EXAMPLE_DATASET).facts).updated(name="digits-cnn")
