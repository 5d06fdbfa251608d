"""The catalogue: every dataset that can be named, built in or the user's own."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.datasets.builtin.cifar import CIFAR10, CIFAR100
from dlcore.datasets.builtin.digits import DIGITS
from dlcore.datasets.builtin.mnist import FASHION_MNIST, MNIST
from dlcore.datasets.entry import Dataset
from dlcore.datasets.stored import open_stored, stored_names
from dlcore.errors import N_, unknown_name
from dlcore.settings import Settings
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import DatasetSpec


class Catalogue:
    """Built-in datasets by name, in the order of their registration.

    Example:
        >>> CATALOGUE.get("digits").facts.input_shape
        (8, 8, 1)
    """

    def __init__(self, *datasets: Dataset) -> None:
        self._datasets = {dataset.facts.name: dataset for dataset in datasets}

    def names(self) -> tuple[str, ...]:
        """Returns all names."""
        return tuple(self._datasets)

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self._datasets.values())

    def __contains__(self, name: str) -> bool:
        return name in self._datasets

    def get(self, name: str, *, where: str = "") -> Dataset:
        """Returns the dataset of that name.

        Args:
            name: as written in a spec.
            where: the path of the field it comes from, for the error.

        Raises:
            SpecError: there is no such name; lists the closest matches.
        """
        if name not in self._datasets:
            raise unknown_name(N_("dataset"), name, self._datasets, where=where)
        return self._datasets[name]


CATALOGUE = Catalogue(DIGITS, MNIST, FASHION_MNIST, CIFAR10, CIFAR100)


def facts(name: str, settings: Settings, version: str = "") -> DatasetFacts:
    """Returns what is known of the dataset of that name, without touching its samples.

    Args:
        name: of a built-in dataset, or of the user's own.
        settings: where the user's own datasets are.
        version: of an own one; empty: the newest.

    Raises:
        SpecError: there is no such name; lists the closest matches.
    """
    if name in CATALOGUE:
        return CATALOGUE.get(name).facts
    own = stored_names(settings)
    if name not in own:
        raise unknown_name(N_("dataset"), name, [*CATALOGUE.names(), *own], where="dataset.name")
    return open_stored(name, settings, version).facts


def dataset_facts(spec: DatasetSpec, settings: Settings) -> DatasetFacts:
    """Returns the facts of the dataset that a spec names."""
    return facts(spec.name, settings, spec.version)
