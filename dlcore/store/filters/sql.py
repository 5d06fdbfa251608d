"""A filter, and the value of a field, as SQL over runs or what is like them; what people wrote is only ever a parameter."""

from __future__ import annotations

import operator as op
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from dlcore.records.kinds import RUN
from dlcore.store.filters.fields import Field, FieldKind
from dlcore.store.filters.json_sql import json_of
from dlcore.store.filters.tree import All, AnyOf, Comparison, Condition, Named, Not, Operator
from dlcore.store.tables import runs

Expression = ColumnElement[Any]

_COMPARE: dict[Operator, Callable[[Expression, Any], Expression]] = {
    Operator.EQUAL: op.eq,
    Operator.LESS: op.lt,
    Operator.AT_MOST: op.le,
    Operator.MORE: op.gt,
    Operator.AT_LEAST: op.ge,
}


class RunQuery:
    """Conditions and values in the SQL of one kind of store.

    Args:
        sqlite: whether it is SQLite; PostgreSQL otherwise.
        rows: the runs, or what has the same columns.
        kind: what they are.
    """

    def __init__(self, *, sqlite: bool, rows: FromClause = runs, kind: str = RUN) -> None:
        self._json = json_of(sqlite=sqlite)
        self._rows, self._kind = rows, kind

    def _column(self, name: str) -> Expression:
        return literal(self._kind) if name == "kind" else self._rows.c[name]

    def condition(self, wanted: Condition) -> ColumnElement[bool]:
        """Returns what is true of the runs that a filter lets through; it is never NULL."""
        match wanted:
            case All(parts):
                return and_(true(), *map(self.condition, parts))
            case AnyOf(parts):
                return or_(false(), *map(self.condition, parts))
            case Not(part):
                return ~self.condition(part)
            case Named(text):
                by_id = self._rows.c.id.startswith(text.lower(), autoescape=True)
                return or_(self._rows.c.name.icontains(text, autoescape=True), by_id)
            case Comparison():
                return func.coalesce(self._test(wanted), false(), type_=Boolean)

    def value(self, field: Field) -> Expression:
        """Returns what a run is sorted by: the number, text or moment of a field; NULL where it has none."""
        match field.kind:
            case FieldKind.TAGS:
                return cast(self._rows.c.tags, String)
            case FieldKind.SPEC:
                return self._json.order(self._rows.c.spec, field.path)
            case FieldKind.NUMBER if field.path:
                return self._number(field)
            case _:
                return self._column(field.source)

    def plain(self, field: Field) -> Expression:
        """Returns what a run has in a field, as Python has it."""
        match field.kind:
            case FieldKind.TAGS:
                return self._rows.c.tags
            case FieldKind.SPEC:
                return self._json.plain(self._rows.c.spec, field.path)
        return self.value(field)

    def _number(self, field: Field) -> Expression:
        column = self._column(field.source)
        if not field.parts:
            return self._json.number(column, field.path)
        found = [self._json.number(column, (part.value, *field.path)) for part in field.parts]
        return func.coalesce(*found) if len(found) > 1 else found[0]

    def _test(self, test: Comparison) -> Expression:
        field, value = test.field, test.value
        match field.kind:
            case FieldKind.TAGS:
                return self._tagged(test)
            case FieldKind.SPEC:
                return self._of_spec(test)
            case FieldKind.TIME if value is not None:
                return _in_time(self._column(field.source), test)
            case FieldKind.TEXT if value is None:
                return or_(self._column(field.source).is_(None), self._column(field.source) == "")
        return _compared(self.value(field), test.operator, value)

    def _tagged(self, test: Comparison) -> Expression:
        if test.value is None:
            return cast(self._rows.c.tags, String) == "[]"
        one = self._json.elements(self._rows.c.tags)
        return exists(select(1).select_from(one).where(_compared(one.c.value, test.operator, test.value)))

    def _of_spec(self, test: Comparison) -> Expression:
        column, path = self._rows.c.spec, test.field.path
        match test.value:
            case None:
                return self._json.is_absent(column, path)
            case bool():
                return self._json.flag(column, path) == test.value
            case float():
                return _compared(self._json.number(column, path), test.operator, test.value)
        return _compared(self._json.text(column, path), test.operator, test.value)


def _compared(value: Expression, operator: Operator, wanted: Any) -> Expression:
    if operator is Operator.CONTAINS:
        return value.icontains(str(wanted), autoescape=True)
    if operator is Operator.EQUAL and wanted is None:
        return value.is_(None)
    if operator is Operator.EQUAL and isinstance(wanted, str):
        return func.lower(value) == func.lower(wanted)
    return _COMPARE[operator](value, wanted)


def _in_time(column: Expression, test: Comparison) -> Expression:
    """Returns how a moment compares with another, or with a whole day: after a day is after its end."""
    begin = test.value.timestamp() if isinstance(test.value, datetime) else 0.0
    end = begin if test.until is None else test.until.timestamp()
    match test.operator:
        case Operator.EQUAL:
            return column == begin if test.until is None else and_(column >= begin, column < end)
        case Operator.MORE:
            return column > begin if test.until is None else column >= end
        case Operator.AT_MOST:
            return column <= begin if test.until is None else column < end
        case Operator.LESS:
            return column < begin
    return column >= begin
