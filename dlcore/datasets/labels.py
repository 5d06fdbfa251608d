"""Labels as people name them, and as the targets of a dataset hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.errors import N_, DatasetError, unknown_name
from dlcore.records.corrections import Correction, CorrectionKind
from dlcore.records.label_check import Answer
from dlcore.spec.data import DatasetFacts

Targets = npt.NDArray[Any]


def target_of(facts: DatasetFacts, label: Answer | None) -> Any:
    """Returns a label as the targets have it: a class number, 0 or 1 for each label, or numbers.

    Raises:
        SpecError: there is no such class.
        DatasetError: so many numbers are not asked for, or they are not finite.
    """
    if facts.task.single_label:
        return _class_number(facts, label)
    if facts.task.classifies:
        found = np.zeros(len(facts.classes), np.float32)
        found[[_class_number(facts, one) for one in label] if isinstance(label, list) else []] = 1
        return found
    numbers = (
        np.zeros(0) if label is None or isinstance(label, str) else np.ravel(np.asarray(label, np.float64))
    )
    if len(numbers) != len(facts.targets) or not np.isfinite(numbers).all():
        raise DatasetError(
            N_("expected a finite number for each target: {targets}."),
            where=facts.name,
            targets=", ".join(facts.targets),
        )
    return numbers.astype(np.float32)


def answer_of(facts: DatasetFacts, target: Any) -> Answer | None:
    """Returns a target as people name it; None where it is not known."""
    if facts.task.single_label:
        return facts.classes[int(target)] if target >= 0 else None
    if facts.task.classifies:
        return [name for name, has in zip(facts.classes, target, strict=True) if has >= 0.5]
    numbers = [float(one) for one in np.ravel(target)]
    return numbers[0] if len(numbers) == 1 else numbers


def check_correction(facts: DatasetFacts, targets: Targets | None, rows: int, one: Correction) -> None:
    """Checks that a correction can be made of a dataset.

    Args:
        facts: of it.
        targets: of it, if its samples have any of their own.
        rows: how many samples it has, those that are left out among them.
        one: the correction.

    Raises:
        DatasetError: it does not fit.
        SpecError: there is no such class.
    """
    if not 0 <= one.sample < rows:
        raise DatasetError(
            N_("there is no sample {sample}: the dataset has {count}."),
            where=facts.name,
            sample=one.sample,
            count=rows,
        )
    if one.kind is CorrectionKind.RELABEL:
        if targets is None:
            raise DatasetError(
                N_("what is asked of these samples stands in a column, and cannot be changed here."),
                hint=N_("Exclude the sample, or correct the file and add it again."),
                where=facts.name,
            )
        target_of(facts, one.label)


def effective(
    facts: DatasetFacts, targets: Targets | None, excluded: Sequence[int], made: Sequence[Correction]
) -> tuple[Correction, ...]:
    """Returns the corrections that change a dataset.

    Args:
        facts: of it.
        targets: of it, if its samples have any of their own.
        excluded: the rows that are left out already.
        made: the corrections, each of which can be made.
    """

    def changes_it(one: Correction) -> bool:
        if one.kind is CorrectionKind.EXCLUDE:
            return one.sample not in excluded
        if one.kind is CorrectionKind.ACCEPT or targets is None:
            return False
        return not np.array_equal(targets[one.sample], target_of(facts, one.label))

    return tuple(one for one in made if changes_it(one))


def _class_number(facts: DatasetFacts, label: Any) -> int:
    if label not in facts.classes:
        raise unknown_name(N_("class"), str(label), facts.classes, where=facts.name)
    return facts.classes.index(label)
