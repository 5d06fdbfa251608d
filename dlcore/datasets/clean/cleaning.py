"""Cleaning: what is removed before the division,
and what is repaired after it from the training part's statistics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.clean.columns import LEARNT_FROM, find_columns
from dlcore.datasets.clean.divisions import Division, divide
from dlcore.datasets.clean.missing import carry_values, fill_gaps, learn_fillings, missing_targets
from dlcore.datasets.clean.outliers import clip_outliers, learn_limits
from dlcore.datasets.clean.times import make_regular
from dlcore.datasets.likeness import perceptual_hash
from dlcore.datasets.parts import Indices
from dlcore.datasets.samples import FIRST, PART, Samples
from dlcore.errors import N_, DatasetError
from dlcore.spec.cleaning import Cleaning, MissingValues, Outliers, RegularTimes, RemoveDuplicates
from dlcore.spec.data import DataKind, Task
from dlcore.spec.experiment import DatasetSpec

EXAMPLES = 3


@dataclass(frozen=True)
class Change:
    """What one step does to a dataset.

    Attributes:
        kind: the step.
        removed: samples it removes.
        changed: samples, or cells of a table, that it changes.
        examples: a few of them, in words.
    """

    kind: str
    removed: int = 0
    changed: int = 0
    examples: tuple[str, ...] = ()


Learned = Mapping[str, Any]
"""What a step needs to know to treat new samples alike, JSON-ready: `fillings` of gaps and `ranges` of columns by
their names, the `usual` time between two rows, the new name of each of the `classes`; nothing where new samples stay
as they are."""


@dataclass(frozen=True)
class CleanedSamples:
    """The samples that are left.

    Attributes:
        changes: what each step did that was applied.
        learned: one for each step of the cleaning, applied or not.
    """

    samples: Samples
    changes: tuple[Change, ...] = ()
    learned: tuple[Learned, ...] = ()


@dataclass(frozen=True)
class RepairedSamples:
    """The samples with gaps filled and outliers clipped.

    Attributes:
        division: without what is no longer used of the parts.
        changes: what each step did that was applied.
        learned: one for each step of the cleaning, applied or not.
    """

    samples: Samples
    division: Division
    changes: tuple[Change, ...] = ()
    learned: tuple[Learned, ...] = ()


def clean(samples: Samples, steps: Sequence[Cleaning]) -> CleanedSamples:
    """Applies the steps that do not depend on the division: duplicates, classes and times.

    The other steps leave the samples as they are; `repair_values` applies them after the division.
    """
    changes: list[Change] = []
    learned: list[Learned] = []
    for step in steps:
        known: Learned = {}
        change: Change | None = None
        if isinstance(step, RemoveDuplicates):
            samples, change = _without_duplicates(samples, step)
        elif isinstance(step, MissingValues) and step.strategy == "drop":
            samples, change = _without_gaps(samples, step)
        elif isinstance(step, RegularTimes):
            regular = make_regular(samples, step)
            samples, known = regular.samples, {"usual": regular.usual}
            change = Change(step.kind, regular.removed, regular.new, regular.examples)
        elif isinstance(step, MissingValues | Outliers):
            samples = replace(samples, facts=step.repaired(samples.facts))
        else:
            names = step.classes(samples.facts)
            known = {"classes": dict(zip(samples.facts.classes, names, strict=True))}
            samples, change = _relabelled(samples, step.kind, names)
        changes += [change] if change else []
        learned.append(known)
    return CleanedSamples(samples, tuple(changes), tuple(learned))


def with_known_targets(samples: Samples) -> Samples:
    """Drops the samples without a target; a series keeps all rows, since its windows see them.

    Raises:
        DatasetError: none is left.
    """
    known: Any
    if samples.targets is None:
        whole = samples.facts.kind is DataKind.SERIES or samples.facts.task is Task.RECONSTRUCTION
        known = np.ones(len(samples), np.bool_) if whole else ~missing_targets(samples)
    elif samples.facts.task.single_label:
        known = samples.targets >= 0
    else:
        known = np.isfinite(samples.targets).all(axis=tuple(range(1, samples.targets.ndim)))
    if not known.any():
        raise DatasetError(
            N_("no samples are left after cleaning."),
            hint=N_("Remove less, or name the columns it applies to."),
            where="dataset.cleaning",
        )
    return samples if known.all() else samples.take(known)


def repair_values(samples: Samples, division: Division, steps: Sequence[Cleaning]) -> RepairedSamples:
    """Fills gaps and clips outliers, with statistics of the training part.

    Only rows of the training part are ever dropped for an outlier: a test must not become easier. Of a
    series, rows without a target are in no part: what is filled in is seen, but never asked for.
    """
    if samples.facts.kind is DataKind.SERIES:
        division = _without_rows(division, missing_targets(samples))
    changes: list[Change] = []
    learned: list[Learned] = []
    for step in steps:
        known: Learned = {}
        if _fills(step):
            samples, known, change = _filled(samples, division, step)
            changes.append(change)
        elif isinstance(step, Outliers):
            ranges = learn_limits(samples, division.train, step)
            clipped, cells = clip_outliers(samples, ranges, division.train)
            examples = tuple(
                f"{name}: {int(far.sum())} beyond {ranges[name][0]:.4g} … {ranges[name][1]:.4g}"
                for name, far in cells.items()
                if far.any()
            )[:EXAMPLES]
            if step.action == "clip":
                samples, known = clipped, {"ranges": ranges}
                changes.append(Change(step.kind, 0, int(sum(far.sum() for far in cells.values())), examples))
            else:
                bad: Any = np.any([*cells.values(), np.zeros(len(samples), np.bool_)], axis=0)
                train = division.train[~bad[division.train]]
                changes.append(Change(step.kind, len(division.train) - len(train), 0, examples))
                division = replace(division, train=train)
        learned.append(known)
    return RepairedSamples(samples, division, tuple(changes), tuple(learned))


def _filled(samples: Samples, division: Division, step: MissingValues) -> tuple[Samples, Learned, Change]:
    carried: dict[str, int] = {}
    if step.strategy == "previous":
        columns = [column.name for column in find_columns(samples, step.columns)]
        samples, carried = carry_values(samples, columns, division)
    fillings = learn_fillings(samples, division.train, step)
    samples, filled = fill_gaps(samples, fillings)
    examples = []
    for name, value in fillings.items():
        if name in carried:
            examples.append(f"{name}: {carried[name]} × ←")
        if name in filled:
            shown = f"{value:.4g}" if isinstance(value, float) else value
            examples.append(f"{name}: {filled[name]} × {shown}")
    cells = sum(carried.values()) + sum(filled.values())
    return samples, {"fillings": fillings}, Change(step.kind, 0, cells, tuple(examples[:EXAMPLES]))


def preview_cleaning(samples: Samples, spec: DatasetSpec, *, seed: int) -> tuple[Change, ...]:
    """Returns what each cleaning step of a spec would do, in their order; nothing is changed."""
    cleaned = clean(samples, spec.cleaning)
    known = with_known_targets(cleaned.samples)
    division = divide(known, spec, seed=seed)
    before, after = iter(cleaned.changes), iter(repair_values(known, division, spec.cleaning).changes)
    return tuple(
        next(after) if isinstance(step, Outliers) or _fills(step) else next(before) for step in spec.cleaning
    )


def _without_rows(division: Division, gone: npt.NDArray[np.bool_]) -> Division:
    parts = (division.train, division.validation, division.test)
    return Division(*(part[~gone[part]] for part in parts))


def _fills(step: Cleaning) -> TypeGuard[MissingValues]:
    return isinstance(step, MissingValues) and step.strategy != "drop"


def _relabelled(samples: Samples, kind: str, names: tuple[str | None, ...]) -> tuple[Samples, Change]:
    assert samples.targets is not None, "only data with classes is relabelled"
    old, facts = samples.facts.classes, samples.facts.with_classes(names)
    new = np.array([-1 if name is None else facts.classes.index(name) for name in names], np.int64)
    pairs = zip(names, old, strict=True)
    renamed: npt.NDArray[np.bool_] = np.array(
        [name not in (None, before) for name, before in pairs], np.bool_
    )
    old_labels: Indices = samples.targets.astype(np.int64)
    known = old_labels >= 0
    labels = np.maximum(old_labels, 0)
    kept = np.flatnonzero(~known | (new[labels] >= 0))
    frame = samples.frame
    if FIRST in frame:
        frame = frame.assign(**{FIRST: new[frame[FIRST].to_numpy(np.int64)]})
    left = replace(samples, facts=facts, frame=frame, targets=np.where(known, new[labels], -1)).take(kept)
    examples = tuple(
        f"{before} → {name or '✗'}" for before, name in zip(old, names, strict=True) if before != name
    )
    change = Change(kind, len(samples) - len(kept), int((known & renamed[labels]).sum()), examples[:EXAMPLES])
    return left, change


def _without_gaps(samples: Samples, step: MissingValues) -> tuple[Samples, Change]:
    names = step.columns or tuple(column.name for column in samples.facts.columns_of(*LEARNT_FROM))
    missing = pd.DataFrame({name: samples.column(name).isna() for name in names}).any(axis=1).to_numpy()
    kept = np.flatnonzero(~missing)
    examples = tuple(f"row {samples.rows[i] + 1}" for i in np.flatnonzero(missing)[:EXAMPLES])
    return samples.take(kept), Change(step.kind, len(samples) - len(kept), 0, examples)


def _without_duplicates(samples: Samples, step: RemoveDuplicates) -> tuple[Samples, Change]:
    if step.method == "near":
        firsts = _first_alike(_hashes(samples), step.distance)
    else:
        firsts = _first_of_equal(_digests(samples))
    places = np.arange(len(samples))
    gone = np.flatnonzero(firsts != places)
    examples = tuple(f"{_called(samples, i)} = {_called(samples, int(firsts[i]))}" for i in gone[:EXAMPLES])
    return samples.take(np.flatnonzero(firsts == places)), Change(step.kind, len(gone), 0, examples)


def _called(samples: Samples, index: int) -> str:
    """Returns the name by which the user knows a sample."""
    if "name" in samples.frame:
        return str(samples.frame["name"].iloc[index]).rsplit("/", 1)[-1]
    if "text" in samples.frame:
        return f"“{str(samples.frame['text'].iloc[index])[:40]}”"
    return f"row {samples.rows[index] + 1}"


def _digests(samples: Samples) -> npt.NDArray[Any]:
    """Returns a digest that is equal for equal samples, whichever part they are in."""
    if "digest" in samples.frame:
        kept: npt.NDArray[Any] = samples.frame["digest"].to_numpy()
        return kept
    if samples.facts.kind in (DataKind.IMAGE, DataKind.ARRAY):
        read = (samples.read(int(row)) for row in samples.rows)
        return np.array([hashlib.sha256(one.tobytes()).hexdigest() for one in read])
    if samples.facts.kind is DataKind.TEXT:
        content = samples.frame[["text"]]
    else:
        content = samples.frame.drop(columns=PART)
    hashes: npt.NDArray[Any] = pd.util.hash_pandas_object(content, index=False).to_numpy()
    return hashes


def _hashes(samples: Samples) -> npt.NDArray[np.uint64]:
    """Returns the perceptual hash of each image."""
    if "phash" in samples.frame:
        texts = samples.frame["phash"].to_numpy()
    else:
        texts = np.array([perceptual_hash(samples.read(int(row))) for row in samples.rows])
    return np.array([int(text, 16) for text in texts], np.uint64)


def _first_of_equal(digests: npt.NDArray[Any]) -> Indices:
    """For each sample the place of the first one that equals it."""
    _, first, inverse = np.unique(digests, return_index=True, return_inverse=True)
    return first[inverse].astype(np.int64)


def _first_alike(hashes: npt.NDArray[np.uint64], distance: int) -> Indices:
    """For each hash the place of the first one that is kept and differs in at most that many bits.

    Each one that is kept is compared with all that are left: 60,000 take 4 s, and never more memory than
    they have themselves, however many are alike.
    """
    firsts, left = np.arange(len(hashes)), np.arange(len(hashes))
    while len(left):
        near = np.bitwise_count(hashes ^ hashes[0]) <= distance
        firsts[left[near]] = left[0]
        left, hashes = left[~near], hashes[~near]
    return firsts
