"""Runs, searches and drafts as one list: filtered, sorted and paged together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    Table,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from dlcore.field_path import Item
from dlcore.records import Draft, Run, Study
from dlcore.records.kinds import DRAFT, RUN, SEARCH
from dlcore.store.database import Database
from dlcore.store.drafts import is_unstarted, read_draft
from dlcore.store.filters import Condition, RunQuery
from dlcore.store.filters.fields import Field, known_fields
from dlcore.store.filters.json_sql import JsonSql, json_of
from dlcore.store.run_rows import read_run
from dlcore.store.studies import read_study
from dlcore.store.tables import drafts, runs, studies

Experiment = Run | Study | Draft
AT_ONCE = 500
"""Rows that are read by their ids in one query; a database takes only so many parameters."""
_VALIDATION = "val_"

_TABLES: Mapping[str, tuple[Table, Callable[[Row[Any]], Experiment]]] = {
    RUN: (runs, read_run),
    SEARCH: (studies, read_study),
    DRAFT: (drafts, read_draft),
}


class Experiments:
    """All that someone has begun, in one list. A draft is in it as long as it is not what it became."""

    def __init__(self, database: Database) -> None:
        self._database = database
        json = json_of(sqlite=database.is_sqlite)
        sources = {RUN: runs, SEARCH: _search_rows(json), DRAFT: _draft_rows(json)}
        self._sources: Mapping[str, tuple[FromClause, RunQuery]] = {
            kind: (rows, RunQuery(sqlite=database.is_sqlite, rows=rows, kind=kind))
            for kind, rows in sources.items()
        }

    def page(
        self,
        *,
        owner: str,
        limit: int,
        offset: int = 0,
        trials: bool = False,
        archived: bool | None = None,
        where: Condition | None = None,
        sort: Field | None = None,
        ascending: bool = False,
    ) -> tuple[Sequence[Experiment], int]:
        """Returns some of the experiments that pass the filters, newest first, and how many pass them in all.

        The filter is evaluated once, over the ids of all; only those of the page are read whole.

        Args:
            owner: whose.
            limit: how many at most.
            offset: how many of the first to leave out.
            trials: whether the runs of studies are among them.
            archived: only those that are archived, or only those that are not; by default both.
            where: a filter of one line; see `dlcore.store.filters`.
            sort: what to sort by instead of the age; those without a value come last.
            ascending: whether the lowest value comes first.
        """
        parts = [
            _part(kind, *source, owner=owner, trials=trials, archived=archived, where=where, sort=sort)
            for kind, source in self._sources.items()
        ]
        found = union_all(*parts).subquery("experiments")
        query = select(found.c.kind, found.c.id)
        if sort is not None:
            value = found.c.value
            query = query.order_by(value.is_(None), value.asc() if ascending else value.desc())
        query = query.order_by(found.c.created_at.desc(), found.c.id)
        with self._database.read() as connection:
            keys = [(row.kind, row.id) for row in connection.execute(query)]
        return self._read(keys[offset : offset + limit]), len(keys)

    def any(self, *, owner: str) -> bool:
        """Returns whether someone has begun anything."""
        found = [
            select(table.c.id).where(table.c.owner == owner).limit(1) for table, _read in _TABLES.values()
        ]
        with self._database.read() as connection:
            return any(connection.execute(query).first() is not None for query in found)

    def _read(self, keys: Sequence[tuple[str, str]]) -> list[Experiment]:
        found: dict[str, Experiment] = {}
        with self._database.read() as connection:
            for kind, (table, read) in _TABLES.items():
                for ids in _batches([one for other, one in keys if other == kind]):
                    rows = connection.execute(select(table).where(table.c.id.in_(ids)))
                    found |= {row.id: read(row) for row in rows}
        return [found[one] for _kind, one in keys if one in found]


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE))


def _part(
    kind: str,
    rows: FromClause,
    fields: RunQuery,
    *,
    owner: str,
    trials: bool,
    archived: bool | None,
    where: Condition | None,
    sort: Field | None,
) -> Select[Any]:
    """Returns the query for the ids of one kind, with what they are sorted by."""
    columns: list[ColumnElement[Any]] = [literal(kind).label("kind"), rows.c.id, rows.c.created_at]
    if sort is not None:
        columns.append(fields.value(sort).label("value"))
    query = select(*columns).where(rows.c.owner == owner)
    if not trials:
        query = query.where(rows.c.study_id.is_(None))
    if archived is not None:
        query = query.where(rows.c.archived == archived)
    return query if where is None else query.where(fields.condition(where))


def _as_runs(table: Table, own: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """Returns a query that gives the columns of runs that filters ask about.

    Args:
        table: where the rows are; a column of the same name is taken as it is.
        own: what the others are; without that nothing.
    """
    needed = {field.source for field in known_fields().values()} | {"spec"}

    def column(name: str, type_: Any) -> ColumnElement[Any]:
        found = own.get(name, table.c.get(name))
        return (cast(null(), type_) if found is None else found).label(name)

    return select(*(column(one.name, one.type) for one in runs.c if one.name in needed))


def _search_rows(json: JsonSql) -> FromClause:
    """Returns the searches as if they were runs; what they have measured is the best of their first metric."""
    metric = json.text(studies.c.metrics, [Item("0")])
    best = json.nested("validation", func.substr(metric, len(_VALIDATION) + 1), studies.c.best_value)
    own = {
        "summary": case((metric.startswith(_VALIDATION, autoescape=True), best), else_=json.constant("{}")),
        "workload": json.constant("{}"),
        "started_at": studies.c.created_at,
    }
    return _as_runs(studies, own).subquery("searches")


def _draft_rows(json: JsonSql) -> FromClause:
    """Returns the drafts as if they were runs, but for those that are as they were started."""
    own = {
        "state": literal(DRAFT),
        "summary": json.constant("{}"),
        "workload": json.constant("{}"),
        "created_at": drafts.c.updated_at,
        "started_at": cast(null(), drafts.c.updated_at.type),
    }
    return _as_runs(drafts, own).where(is_unstarted()).subquery("begun")
