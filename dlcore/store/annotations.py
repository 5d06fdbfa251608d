"""The names and annotations of experiments: what of them a person may change at any time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, Text, and_, cast, func, select, update

from dlcore.errors import N_, NotFoundError
from dlcore.records import Draft, Run, Study
from dlcore.records.annotations import Annotation, AnnotationEdit, usual_name
from dlcore.store.database import Database
from dlcore.store.tables import drafts, runs, studies

_STARTED = (runs, studies)


class Annotations:
    """Changes what people say of the runs, studies and drafts of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def edit(self, item: Run | Study | Draft, edit: AnnotationEdit) -> None:
        """Applies a change to an experiment as it is in the store now.

        The runs of a study's trials are called after it, and follow its new name. What is said of a draft
        makes it no other experiment.

        Raises:
            NotFoundError: it was deleted in the meantime.
            SpecError: it would have too many tags.
        """
        table = runs if isinstance(item, Run) else studies if isinstance(item, Study) else drafts
        with self._database.write() as connection:
            # The name of a trial's run, if nobody gave it another, is that of the study and its number.
            row = connection.execute(
                select(table).where(table.c.id == item.id).with_for_update()
            ).one_or_none()
            if row is None:
                raise NotFoundError(N_("'{id}' was deleted in the meantime."), id=item.id)
            values = edit.applied_to(read_annotation(row._mapping)).to_dict()
            if edit.name is not None:
                values["name"] = edit.name or _usual(connection, table, row._mapping)
                if table is studies:
                    _rename_trials(connection, item.id, row.name, values["name"])
                elif table is drafts:
                    # What is started from it is called by its spec.
                    values["spec"] = {**row.spec, "name": edit.name}
            connection.execute(update(table).where(table.c.id == item.id).values(**values))

    def tags(self, *, owner: str) -> list[str]:
        """Returns the tags that someone has given, in alphabetical order."""
        found: set[str] = set()
        with self._database.read() as connection:
            for table in (*_STARTED, drafts):
                # As text: PostgreSQL compares no JSON.
                tagged = (table.c.owner == owner) & (cast(table.c.tags, Text) != "[]")
                for tags in connection.execute(select(table.c.tags).where(tagged)).scalars():
                    found.update(tags)
        return sorted(found, key=lambda tag: (tag.casefold(), tag))


def read_annotation(row: RowMapping) -> Annotation:
    """Returns the annotation that the columns of an experiment hold."""
    return Annotation(row["notes"], tuple(row["tags"]), row["favorite"], row["archived"])


def name_and_number(
    connection: Connection,
    *,
    owner: str,
    dataset: str,
    template: str,
    name: str,
    wanted: int | None = None,
) -> dict[str, Any]:
    """Returns the columns of a run, a study or a draft that say its name, which counts unless one is given.

    They are counted together, and no number is used twice while the newest is there.

    Args:
        connection: the transaction that writes the columns.
        owner: whose it is.
        dataset: the name of its dataset.
        template: that of its network.
        name: typed by a person; empty: the usual one.
        wanted: the number it gets if no run and no study has it.
    """

    def of_them(table: Table) -> ColumnElement[bool]:
        return and_(table.c.owner == owner, table.c.dataset == dataset, table.c.template == template)

    def is_taken(number: int) -> bool:
        found = [select(table.c.id).where(of_them(table), table.c.number == number) for table in _STARTED]
        return any(connection.execute(query.limit(1)).first() for query in found)

    number = wanted
    if number is None or is_taken(number):
        highest = [select(func.max(table.c.number)).where(of_them(table)) for table in (*_STARTED, drafts)]
        number = max(connection.execute(query).scalar() or 0 for query in highest) + 1
    return {"name": name or usual_name(dataset, template, number), "number": number}


def trial_name(study: str, trial: int) -> str:
    """Returns what the runs of a trial are called."""
    return f"{study} · {trial}"


def _usual(connection: Connection, table: Table, row: RowMapping) -> str:
    if table is runs and row["study_id"] is not None:
        found = select(studies.c.name).where(studies.c.id == row["study_id"])
        return trial_name(str(connection.execute(found).scalar_one()), row["trial"])
    return usual_name(row["dataset"], row["template"], row["number"])


def _rename_trials(connection: Connection, study_id: str, before: str, after: str) -> None:
    of_study = select(runs.c.id, runs.c.name, runs.c.trial).where(runs.c.study_id == study_id)
    for row in connection.execute(of_study).all():
        if row.name == trial_name(before, row.trial):
            values = {"name": trial_name(after, row.trial)}
            connection.execute(update(runs).where(runs.c.id == row.id).values(**values))
