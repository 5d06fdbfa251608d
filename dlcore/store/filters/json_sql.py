"""What is in a column of JSON, in the SQL of SQLite and of PostgreSQL: numbers, texts and flags by their path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    FromClause,
    Numeric,
    String,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from dlcore.field_path import Item

Expression = ColumnElement[Any]
Steps = Sequence[str | Item]


class JsonSql(Protocol):
    """How one kind of store looks into JSON; every expression is NULL where there is nothing of that kind."""

    def number(self, column: Expression, path: Steps) -> Expression:
        """Returns the number at a path."""

    def text(self, column: Expression, path: Steps) -> Expression:
        """Returns the text at a path."""

    def flag(self, column: Expression, path: Steps) -> Expression:
        """Returns the flag at a path."""

    def is_absent(self, column: Expression, path: Steps) -> Expression:
        """Returns whether there is nothing at a path, or null."""

    def order(self, column: Expression, path: Steps) -> Expression:
        """Returns what to sort by."""

    def plain(self, column: Expression, path: Steps) -> Expression:
        """Returns what is at a path, of whatever kind, as Python has it."""

    def elements(self, column: Expression) -> FromClause:
        """Returns the texts of a list as a table with the column `value`."""


class SqliteJson:
    """JSON in SQLite, by its JSON functions."""

    def number(self, column: Expression, path: Steps) -> Expression:
        """Returns the number at a path."""
        return self._of_type(column, path, ("integer", "real"), Numeric(asdecimal=False))

    def text(self, column: Expression, path: Steps) -> Expression:
        """Returns the text at a path."""
        return self._of_type(column, path, ("text",), Text())

    def flag(self, column: Expression, path: Steps) -> Expression:
        """Returns the flag at a path."""
        return self._of_type(column, path, ("true", "false"), Boolean())

    def is_absent(self, column: Expression, path: Steps) -> Expression:
        """Returns whether there is nothing at a path, or null."""
        inner, where = self._at(column, path)
        kind = func.json_type(inner, where, type_=String)
        return or_(kind.is_(None), kind == "null")

    def order(self, column: Expression, path: Steps) -> Expression:
        """Returns what to sort by: SQLite sorts numbers before texts."""
        return func.json_extract(*self._at(column, path), type_=Text)

    def plain(self, column: Expression, path: Steps) -> Expression:
        """Returns what is at a path, of whatever kind, as Python has it."""
        inner, where = self._at(column, path)
        # Unlike `json_extract`, the arrow leaves it as JSON: true is no 1.
        return type_coerce(inner.op("->")(where), JSON)

    def elements(self, column: Expression) -> FromClause:
        """Returns the texts of a list as a table with the column `value`."""
        return func.json_each(column).table_valued("value", name="element")

    def _of_type(self, column: Expression, path: Steps, kinds: Sequence[str], type_: Any) -> Expression:
        inner, where = self._at(column, path)
        kind = func.json_type(inner, where, type_=String)
        return case((kind.in_(kinds), func.json_extract(inner, where, type_=type_)), else_=null())

    def _at(self, column: Expression, path: Steps) -> tuple[Expression, Expression]:
        where = "$"
        for step in path:
            if not isinstance(step, Item):
                where += f'."{step}"'
            elif step.place is not None:
                where += f"[{step.place}]"
            else:
                each = func.json_each(column, where).table_valued("value", name=f"at_{len(where)}")
                named = func.json_extract(each.c.value, "$.name", type_=String) == step.key
                column, where = select(each.c.value).where(named).limit(1).scalar_subquery(), "$"
        return column, literal(where)


class PostgresJson:
    """JSON in PostgreSQL, by its binary form."""

    def number(self, column: Expression, path: Steps) -> Expression:
        """Returns the number at a path."""
        return self._of_type(column, path, "number", Numeric(asdecimal=False))

    def text(self, column: Expression, path: Steps) -> Expression:
        """Returns the text at a path."""
        return self._of_type(column, path, "string", Text())

    def flag(self, column: Expression, path: Steps) -> Expression:
        """Returns the flag at a path."""
        return self._of_type(column, path, "boolean", Boolean())

    def is_absent(self, column: Expression, path: Steps) -> Expression:
        """Returns whether there is nothing at a path, or null."""
        kind = self._kind(self._at(column, path))
        return or_(kind.is_(None), kind == "null")

    def order(self, column: Expression, path: Steps) -> Expression:
        """Returns what to sort by: JSON of PostgreSQL has an order, numbers by their value."""
        return self._at(column, path)

    def plain(self, column: Expression, path: Steps) -> Expression:
        """Returns what is at a path, of whatever kind, as Python has it."""
        return self._at(column, path)

    def elements(self, column: Expression) -> FromClause:
        """Returns the texts of a list as a table with the column `value`."""
        return func.json_array_elements_text(column).table_valued("value", name="element")

    def _of_type(self, column: Expression, path: Steps, kind: str, type_: Any) -> Expression:
        node = self._at(column, path)
        # `#>> '{}'` of a scalar is its text, without quotes.
        plain = func.jsonb_extract_path_text(func.jsonb_build_array(node), "0", type_=Text)
        # A CASE is evaluated in its order: what is no number is never cast to one.
        return case((self._kind(node) == kind, cast(plain, type_)), else_=null())

    def _kind(self, node: Expression) -> Expression:
        return func.jsonb_typeof(node, type_=String)

    def _at(self, column: Expression, path: Steps) -> Expression:
        node: Expression = cast(column, JSONB)
        for number, step in enumerate(path):
            if isinstance(step, Item) and step.place is None:
                items = case((self._kind(node) == "array", node), else_=cast("[]", JSONB))
                each = func.jsonb_array_elements(items).table_valued("value", name=f"at_{number}")
                named = func.jsonb_extract_path_text(each.c.value, "name", type_=String) == step.key
                node = select(cast(each.c.value, JSONB)).where(named).limit(1).scalar_subquery()
            else:
                key = str(step.place) if isinstance(step, Item) else step
                node = func.jsonb_extract_path(node, key, type_=JSONB)
        return node
