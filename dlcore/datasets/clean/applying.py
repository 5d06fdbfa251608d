"""Cleaning applied to new samples: what was learned is applied, nothing is learned of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dlcore.datasets.clean.cleaning import Learned
from dlcore.datasets.clean.missing import carry_values, fill_gaps
from dlcore.datasets.clean.outliers import clip_outliers
from dlcore.datasets.clean.times import make_regular
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, Message
from dlcore.spec.cleaning import Cleaning, MissingValues, Outliers, RegularTimes


def apply_cleaning(
    samples: Samples, steps: Sequence[Cleaning], learned: Sequence[Learned]
) -> tuple[Samples, tuple[Message, ...]]:
    """Returns new samples cleaned as those of the training part were, and what was changed of them.

    No sample is left out: duplicates, rare classes and outliers do not matter for an answer, and a gap that nothing
    fills stays one.

    Args:
        samples: new ones.
        steps: the cleaning.
        learned: what each of the steps has learned.
    """
    notes: list[Message] = []
    for step, known in zip(steps, learned, strict=True):
        if isinstance(step, RegularTimes):
            regular = make_regular(samples, step, known["usual"])
            samples = regular.samples
            notes += _times_told(regular.removed, regular.new)
        elif isinstance(step, MissingValues) and "fillings" in known:
            carried: dict[str, int] = {}
            if step.strategy == "previous":
                samples, carried = carry_values(samples, known["fillings"])
            samples, filled = fill_gaps(samples, known["fillings"])
            notes += [
                Message(
                    N_("column {column}: gaps filled with the value before them, as in training: {count}."),
                    params={"column": name, "count": count},
                )
                for name, count in carried.items()
            ]
            notes += [_fill_told(name, known["fillings"][name], count) for name, count in filled.items()]
        elif isinstance(step, Outliers) and "ranges" in known:
            samples, cells = clip_outliers(samples, known["ranges"], np.empty(0, np.int64))
            notes += [
                _clip_told(name, known["ranges"][name], int(far.sum()))
                for name, far in cells.items()
                if far.any()
            ]
    return samples, tuple(notes)


def _times_told(removed: int, new: int) -> Iterator[Message]:
    if removed:
        yield Message(
            N_("rows of the same time were merged, as in training: {count}."), params={"count": removed}
        )
    if new:
        yield Message(
            N_("empty rows were added where times are missing, as in training: {count}."),
            params={"count": new},
        )


def _fill_told(column: str, value: float | str, count: int) -> Message:
    return Message(
        N_("column {column}: missing values filled with {value}, as in training: {count}."),
        params={
            "column": column,
            "value": f"{value:.4g}" if isinstance(value, float) else value,
            "count": count,
        },
    )


def _clip_told(column: str, limits: Sequence[float], count: int) -> Message:
    low, high = limits
    return Message(
        N_("column {column}: outliers brought to {low} … {high}, as in training: {count}."),
        params={"column": column, "low": f"{low:.4g}", "high": f"{high:.4g}", "count": count},
    )
