"""Datasets: the catalogue, downloads, cleaning, division and preparation. No Keras."""

from dlcore.datasets.builtin.arrays import ImageData
from dlcore.datasets.builtin.catalogue import CATALOGUE, dataset_facts, facts
from dlcore.datasets.clean.divisions import Split, split, subset
from dlcore.datasets.loader import is_available, load, open_samples
from dlcore.spec.data import DatasetFacts, Task

__all__ = [
    "CATALOGUE",
    "DatasetFacts",
    "ImageData",
    "Split",
    "Task",
    "dataset_facts",
    "facts",
    "is_available",
    "load",
    "open_samples",
    "split",
    "subset",
]
