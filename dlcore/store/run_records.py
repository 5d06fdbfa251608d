"""What a store knows of a run beside its files: all that is needed to take the run away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from dlcore.errors import N_, NotFoundError
from dlcore.records import Run, SeriesKey
from dlcore.store import Store
from dlcore.store.tables import lines, runs

Points = Mapping[SeriesKey, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]
"""Every point of a run's curves: the steps and the values."""


@dataclass(frozen=True)
class RunRecords:
    """What was in the store; it needs that no more.

    Attributes:
        run: the record.
        row: its columns.
        log: the second each line was written at, and its text.
        points: of its curves.
    """

    run: Run
    row: Mapping[str, Any]
    log: Sequence[tuple[float, str]]
    points: Points


def read_records(store: Store, run_id: str) -> RunRecords:
    """Returns all that a store knows of a run.

    Raises:
        NotFoundError: there is no such run, or it was deleted in the meantime.
    """
    run = store.runs.get(run_id)
    with store.database.read() as connection:
        row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().one_or_none()
        said = select(lines.c.at, lines.c.text).where(lines.c.run_id == run_id).order_by(lines.c.seq)
        log = [(at, text) for at, text in connection.execute(said)]
    if row is None:
        raise NotFoundError(N_("'{id}' was deleted in the meantime."), id=run_id)
    return RunRecords(run, dict(row), log, store.metrics.points(run_id))
