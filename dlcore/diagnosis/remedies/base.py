"""What a remedy is: a change of an experiment that helps against something."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.checks import check
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec


class Remedy:
    """One change of an experiment: a class a remedy.

    Attributes:
        name: for programs.
        title: for people, an imperative, translatable.
        reason: why it helps, in a sentence, translatable.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    reason: ClassVar[str]

    @abstractmethod
    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Returns the experiment with the change; None where there is nothing to change.

        Args:
            spec: the experiment.
            facts: of its dataset, where they are known.
        """


REMEDIES: dict[str, Remedy] = {}
"""By name."""


def register(cls: type[Remedy]) -> type[Remedy]:
    """Adds a remedy to `REMEDIES`; a decorator."""
    REMEDIES[cls.name] = cls()
    return cls


def remedy(name: str) -> Remedy:
    """Returns the remedy of a name.

    Raises:
        SpecError: there is none; lists the closest matches.
    """
    if name not in REMEDIES:
        raise unknown_name(N_("remedy"), name, REMEDIES)
    return REMEDIES[name]


def apply(
    name: str,
    spec: ExperimentSpec,
    facts: DatasetFacts | None = None,
    vectors: Mapping[str, int] | None = None,
) -> ExperimentSpec | None:
    """Returns an experiment with a remedy, which can be run where the one before could.

    Args:
        name: of the remedy.
        spec: the experiment.
        facts: of its dataset: without them it is not checked against the data.
        vectors: how many numbers a word has in the word vectors that are stored; None: not known.

    Returns:
        None where the remedy changes nothing, or what it leads to does not fit the data.

    Raises:
        SpecError: there is no such remedy.
    """
    found = remedy(name)
    try:
        changed = found.changed(spec, facts)
        if changed is None or changed == spec:
            return None
        if facts is not None:
            check(changed, facts, vectors)
    except SpecError:  # a value at its limit, a graph that it does not fit: then it is none
        return None
    return changed


def describe(name: str) -> dict[str, Any]:
    """Returns what a remedy is, JSON-ready, in English."""
    found = remedy(name)
    return {"name": found.name, "title": found.title, "reason": found.reason}
