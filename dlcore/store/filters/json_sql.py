"""What is in a column of JSON, in the SQL of SQLite and of PostgreSQL: numbers, texts and flags by their path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    literal_column,
    null,
    or_,
    select,
    type_coerce,
)

from dlcore.field_path import Item

Expression = ColumnElement[Any]
Steps = Sequence[str | Item]
_Take = Callable[[Expression, Expression], Expression]
"""Makes something of JSON and a path within it."""


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

    def constant(self, text: str) -> Expression:
        """Returns JSON that is written in the code."""

    def nested(self, outer: str, inner: Expression, value: Expression) -> Expression:
        """Returns an object in an object, with one value."""


def json_of(*, sqlite: bool) -> JsonSql:
    """Returns how a kind of store looks into JSON: SQLite, or else PostgreSQL."""
    return SqliteJson() if sqlite else PostgresJson()


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
        kind = self._within(column, path, lambda inner, where: func.json_type(inner, where, type_=String))
        return or_(kind.is_(None), kind == "null")

    def order(self, column: Expression, path: Steps) -> Expression:
        """Returns what to sort by: SQLite sorts numbers before texts."""
        return self._within(column, path, lambda inner, where: func.json_extract(inner, where, type_=Text))

    def plain(self, column: Expression, path: Steps) -> Expression:
        """Returns what is at a path, of whatever kind, as Python has it."""
        # Unlike `json_extract`, the arrow leaves it as JSON: true is no 1.
        return type_coerce(self._within(column, path, lambda inner, where: inner.op("->")(where)), JSON)

    def elements(self, column: Expression) -> FromClause:
        """Returns the texts of a list as a table with the column `value`."""
        return func.json_each(column).table_valued("value", name="element")

    def constant(self, text: str) -> Expression:
        """Returns JSON that is written in the code."""
        return literal_column(f"'{text}'", JSON)

    def nested(self, outer: str, inner: Expression, value: Expression) -> Expression:
        """Returns an object in an object, with one value."""
        return func.json_object(outer, func.json_object(inner, value), type_=JSON)

    def _of_type(self, column: Expression, path: Steps, kinds: Sequence[str], type_: Any) -> Expression:
        def extract(inner: Expression, where: Expression) -> Expression:
            kind = func.json_type(inner, where, type_=String)
            return case((kind.in_(kinds), func.json_extract(inner, where, type_=type_)), else_=null())

        return self._within(column, path, extract)

    def _within(self, column: Expression, path: Steps, take: _Take) -> Expression:
        """Returns what `take` makes of the JSON at the last item that is found by its name, and of the path from there.

        It works inside of the query that looks for the item, so that it is looked for once.
        """
        names = [place for place, step in enumerate(path) if isinstance(step, Item) and step.place is None]
        if not names:
            return take(column, literal(_sqlite_path(path)))
        last, item = names[-1], path[names[-1]]
        assert isinstance(item, Item)
        # Of JSON that is no column the path is taken first; of a column that would write its items out once more.
        items = [column, _sqlite_path(path[:last])]
        if len(names) > 1:
            items = [self._within(column, path[:last], lambda inner, where: func.json_extract(inner, where))]
        each = func.json_each(*items).table_valued("value", name=f"at_{last}")
        named = func.json_extract(each.c.value, "$.name", type_=String) == item.key
        found = take(each.c.value, literal(_sqlite_path(path[last + 1 :])))
        return select(found).where(named).limit(1).scalar_subquery()


def _sqlite_path(path: Steps) -> str:
    return "$" + "".join(f"[{step.place}]" if isinstance(step, Item) else f'."{step}"' for step in path)


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

    def constant(self, text: str) -> Expression:
        """Returns JSON that is written in the code."""
        return cast(literal_column(f"'{text}'", Text), JSON)

    def nested(self, outer: str, inner: Expression, value: Expression) -> Expression:
        """Returns an object in an object, with one value."""
        name = cast(literal(outer), Text)  # of an argument that can be anything, a parameter has no type
        return func.json_build_object(name, func.json_build_object(inner, value), type_=JSON)

    def _of_type(self, column: Expression, path: Steps, kind: str, type_: Any) -> Expression:
        node = self._at(column, path)
        # `#>> '{}'` of a scalar is its text, without quotes.
        plain = func.jsonb_extract_path_text(func.jsonb_build_array(node), "0", type_=Text)
        # A CASE is evaluated in its order: what is no number is never cast to one.
        return case((self._kind(node) == kind, cast(plain, type_)), else_=null())

    def _kind(self, node: Expression) -> Expression:
        return func.jsonb_typeof(node, type_=String)

    def _at(self, column: Expression, path: Steps) -> Expression:
        # Where the store is a file, nobody waits for the import of all of PostgreSQL's drivers.
        from sqlalchemy.dialects.postgresql import JSONB

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
