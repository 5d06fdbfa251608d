"""Change sets: what somebody has said of single samples of a version of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from dlcore.errors import N_, SpecError
from dlcore.records.corrections import ChangeSet, Correction, CorrectionKind
from dlcore.store.correction_tables import corrections
from dlcore.store.database import Database, now

MOST_CORRECTIONS = 20_000
"""Of one version."""

_AT_ONCE = 500
"""Samples that one statement names; SQLite takes a few thousand parameters."""


class Corrections:
    """The change sets of a store; each is seen and changed by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, dataset: str, version: str, *, owner: str) -> ChangeSet:
        """Returns what somebody has said of a version of a dataset, in the order of its samples."""
        with self._database.read() as connection:
            return _read(connection, dataset, version, owner)

    def save(self, dataset: str, version: str, made: Sequence[Correction], *, owner: str) -> None:
        """Keeps corrections, each in place of what was said of the same sample before.

        Raises:
            SpecError: there would be too many.
        """
        with self._database.write() as connection:
            _remove(connection, dataset, version, owner, [one.sample for one in made])
            here = select(func.count()).where(_here(dataset, version, owner))
            if connection.execute(here).scalar_one() + len(made) > MOST_CORRECTIONS:
                raise SpecError(
                    N_("the number of corrections may be at most {most}."),
                    hint=N_("Apply those that you have made first."),
                    where=dataset,
                    most=MOST_CORRECTIONS,
                )
            rows = [_row(dataset, version, one, owner) for one in made]
            if rows:
                connection.execute(insert(corrections), rows)

    def remove(self, dataset: str, version: str, samples: Iterable[int] | None = None, *, owner: str) -> None:
        """Takes back what was said of some samples, or of all; that it is gone already is no error."""
        with self._database.write() as connection:
            if samples is None:
                connection.execute(delete(corrections).where(_here(dataset, version, owner)))
            else:
                _remove(connection, dataset, version, owner, list(samples))

    def conclude(self, before: ChangeSet, name: str, version: str, *, owner: str) -> None:
        """Removes what has become a new version; what was accepted is so in that, too.

        What was said meanwhile of the same samples stays, since it is in no version.

        Args:
            before: what was applied.
            name: of the dataset that has the new version.
            version: the new one.
            owner: whose.
        """
        with self._database.write() as connection:
            found = _read(connection, before.dataset, before.version, owner)
            present = {one.sample: one for one in found.corrections}
            applied = [one.sample for one in before.changes if present.get(one.sample) == one]
            accepted = [one for one in present.values() if one.kind is CorrectionKind.ACCEPT]
            _remove(connection, before.dataset, before.version, owner, applied)
            _remove(connection, name, version, owner, [one.sample for one in accepted])
            if accepted:
                connection.execute(insert(corrections), [_row(name, version, one, owner) for one in accepted])

    def forget(self, *, owner: str) -> None:
        """Removes all that somebody has said."""
        with self._database.write() as connection:
            connection.execute(delete(corrections).where(corrections.c.owner == owner))


def _read(connection: Connection, dataset: str, version: str, owner: str) -> ChangeSet:
    query = select(corrections).where(_here(dataset, version, owner)).order_by(corrections.c.sample)
    found = [
        Correction(row.sample, CorrectionKind(row.kind), **row.content) for row in connection.execute(query)
    ]
    return ChangeSet(dataset, version, tuple(found))


def _here(dataset: str, version: str, owner: str) -> ColumnElement[bool]:
    return (
        (corrections.c.owner == owner)
        & (corrections.c.dataset == dataset)
        & (corrections.c.version == version)
    )


def _remove(connection: Connection, dataset: str, version: str, owner: str, samples: Sequence[int]) -> None:
    for some in _pieces(samples):
        here = _here(dataset, version, owner) & corrections.c.sample.in_(some)
        connection.execute(delete(corrections).where(here))


def _pieces(samples: Sequence[int]) -> list[Sequence[int]]:
    return [samples[start : start + _AT_ONCE] for start in range(0, len(samples), _AT_ONCE)]


def _row(dataset: str, version: str, one: Correction, owner: str) -> dict[str, object]:
    return {
        "owner": owner, "dataset": dataset, "version": version, "sample": one.sample, "kind": one.kind.value,
        "content": {"given": one.given, "label": one.label, "part": one.part}, "made_at": now(),
    }  # fmt: skip
