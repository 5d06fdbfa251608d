"""Which columns a cleaning step works on."""

from __future__ import annotations

from dlcore.datasets.samples import Samples
from dlcore.spec.data import Column, ColumnRole

LEARNT_FROM = (ColumnRole.FEATURE, ColumnRole.TARGET)
"""The columns that are meant where none are named."""

EXAMPLES = 3
"""How many columns a step's report tells as examples."""


def find_columns(samples: Samples, names: tuple[str, ...]) -> list[Column]:
    """Returns the columns that a step works on: the named ones, else all features."""
    series = samples.targets is None
    wanted = LEARNT_FROM if series else (ColumnRole.FEATURE,)
    return [
        column
        for column in samples.facts.columns
        if (column.name in names if names else column.role in wanted)
        and (series or column.role is not ColumnRole.TARGET)
    ]
