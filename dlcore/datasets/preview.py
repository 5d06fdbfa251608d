"""The first samples of a stored dataset, as texts."""

from __future__ import annotations

from typing import Any

from dlcore.datasets.stored import StoredDataset, frame_columns
from dlcore.text import short_text


def first_samples(dataset: StoredDataset, count: int) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Returns the first samples of a dataset as texts: the cells of its columns, or names and classes.

    Args:
        dataset: any.
        count: at most how many.

    Returns:
        The names of the columns, and the rows; each begins with its number.
    """
    facts, frame = dataset.facts, dataset.head(count)
    columns = {name: frame[place] for name, place in frame_columns(facts).items() if place in frame}
    if not columns:
        columns = {name: frame[name] for name in ("name", "part") if name in frame}
    targets = dataset.targets
    if targets is not None and targets.ndim == 1 and facts.classes:
        columns["class"] = [facts.classes[label] if label >= 0 else "" for label in targets[:count]]
    rows = zip(*(map(_cell, column) for column in columns.values()), strict=True)
    return ("row", *columns), [(str(number), *row) for number, row in enumerate(rows, start=1)]


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else short_text(str(value), 60)
