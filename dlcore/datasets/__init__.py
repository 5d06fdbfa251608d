"""Datasets: what there is, how it gets here, and how it is divided. No Keras."""

from dlcore.datasets.catalogue import CATALOGUE, facts
from dlcore.datasets.loader import available, load, open_arrays
from dlcore.datasets.prepared import ImageData
from dlcore.datasets.splits import Split, split, subset
from dlcore.spec.data import DatasetFacts, Task

__all__ = [
    "CATALOGUE",
    "DatasetFacts",
    "ImageData",
    "Split",
    "Task",
    "available",
    "facts",
    "load",
    "open_arrays",
    "split",
    "subset",
]
