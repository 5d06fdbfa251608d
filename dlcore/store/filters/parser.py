"""From the line that a person writes to what it means.

line = [ either ]
either = both { "or" both }
both = one { "and" one }
one = "not" one | "(" either ")" | test | text
test = field sign value | field "in" "(" value { "," value } ")" | field ":" value
"""

from __future__ import annotations

from datetime import datetime

from dlcore.errors import N_, Message
from dlcore.store.filters.errors import FilterError
from dlcore.store.filters.fields import Field, FieldKind, find_field, nearest_fields
from dlcore.store.filters.tree import All, AnyOf, Comparison, Condition, Named, Not, Operator
from dlcore.store.filters.values import read_value
from dlcore.store.filters.words import Sort, Word, split_words

DEEPEST = 50
"""Brackets within brackets: more are no question that a person asks."""

_KEYWORDS = ("and", "or", "not", "in")
_SIGNS = {**{one.value: one for one in Operator}, "==": Operator.EQUAL, ":": Operator.EQUAL}
_OF_TEXTS = frozenset({Operator.EQUAL, Operator.UNEQUAL, Operator.CONTAINS, Operator.CONTAINS_NOT})
_OF_NUMBERS = frozenset(Operator) - {Operator.CONTAINS, Operator.CONTAINS_NOT}
_OF_FLAGS = frozenset({Operator.EQUAL, Operator.UNEQUAL})
_OPERATORS = {
    FieldKind.NUMBER: _OF_NUMBERS,
    FieldKind.DURATION: _OF_NUMBERS,
    FieldKind.TIME: _OF_NUMBERS,
    FieldKind.TEXT: _OF_TEXTS,
    FieldKind.TAGS: _OF_TEXTS,
    FieldKind.STATE: _OF_FLAGS,
    FieldKind.FLAG: _OF_FLAGS,
    FieldKind.SPEC: frozenset(Operator),
}


def parse_filter(line: str, *, now: datetime) -> Condition:
    """Returns what a line asks for; an empty one lets everything through.

    Args:
        line: as it was written.
        now: what `-7d` counts from, in the time zone of the reader's dates.

    Raises:
        FilterError: it cannot be understood; it points at the word.

    Example:
        >>> from datetime import UTC
        >>> parse_filter("accuracy > 0.95 and not tag:old", now=datetime(2026, 1, 1, tzinfo=UTC)).parts[0].value
        0.95
    """
    return _Parser(list(split_words(line)), now).line()


class _Parser:
    def __init__(self, words: list[Word], now: datetime) -> None:
        self._words, self._now = words, now
        self._at = self._depth = 0

    @property
    def _word(self) -> Word:
        return self._words[self._at]

    def _at_end(self) -> bool:
        return self._word.sort is Sort.END

    def _next(self) -> Word:
        word = self._word
        self._at += word.sort is not Sort.END
        return word

    def line(self) -> Condition:
        if self._at_end():
            return All(())
        found = self._either()
        if not self._at_end():
            raise self._unexpected(N_("and, or, or the end"))
        return found

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._word.is_keyword("or"):
            self._next()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._word.is_keyword("and"):
            self._next()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(N_("there are too many brackets within brackets."), N_("Write it simpler."))
        found = self._inner()
        self._depth -= 1
        return found

    def _inner(self) -> Condition:
        if self._word.is_keyword("not"):
            self._next()
            return Not(self._one())
        if self._word.is_sign("("):
            self._next()
            found = self._either()
            self._expect(")")
            return found
        word = self._next()
        if word.sort is Sort.TEXT:
            return Named(word.text)
        if word.sort is not Sort.PLAIN or word.text.casefold() in _KEYWORDS:
            self._at -= word.sort is not Sort.END
            raise self._unexpected(N_("a field, not or a bracket"))
        if self._word.is_keyword("in"):
            return self._one_of(word)
        if self._word.is_sign(*_SIGNS):
            return self._test(word)
        return Named(word.text)

    def _one_of(self, name: Word) -> Condition:
        field = self._field(name)
        self._next()
        self._expect("(")
        tests = [self._compared(field, Operator.EQUAL)]
        while self._word.is_sign(","):
            self._next()
            tests.append(self._compared(field, Operator.EQUAL))
        self._expect(")")
        return AnyOf(tuple(tests))

    def _test(self, name: Word) -> Condition:
        field, sign = self._field(name), self._next()
        operator = _SIGNS[sign.text]
        allowed = _OPERATORS[field.kind]
        if operator not in allowed:
            raise FilterError(
                N_("{field} cannot be compared with {sign}."),
                hint=N_("Possible: {possible}."),
                start=sign.start,
                stop=sign.stop,
                field=field.name,
                sign=sign.text,
                possible=" ".join(one.value for one in Operator if one in allowed),
            )
        if operator.negated:
            return Not(self._compared(field, operator.positive))
        return self._compared(field, operator)

    def _compared(self, field: Field, operator: Operator) -> Comparison:
        word = self._word
        if word.sort not in (Sort.PLAIN, Sort.TEXT):
            raise self._unexpected(N_("a value"))
        value, until = read_value(field, operator, self._next(), self._now)
        return Comparison(field, operator, value, until)

    def _field(self, word: Word) -> Field:
        found = find_field(word.text)
        if found is None:
            raise FilterError(
                N_("there is no {what} '{name}'."),
                hint=N_("Nearest: {near}."),
                start=word.start,
                stop=word.stop,
                what=Message(N_("field")),
                name=word.text,
                near=", ".join(nearest_fields(word.text)),
            )
        return found

    def _expect(self, sign: str) -> None:
        if not self._word.is_sign(sign):
            raise self._unexpected(sign)
        self._next()

    def _unexpected(self, what: str) -> FilterError:
        word, expected = self._word, Message(what)
        if word.sort is Sort.END:
            return self._error(N_("expected {expected}, got the end."), "", expected=expected)
        return self._error(N_("expected {expected}, got '{got}'."), "", expected=expected, got=word.text)

    def _error(self, template: str, hint: str, **params: str | Message) -> FilterError:
        return FilterError(template, hint=hint, start=self._word.start, stop=self._word.stop, **params)
