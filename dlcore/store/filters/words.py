"""The words of a filter: names, numbers, texts in quotes, signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from dlcore.errors import N_
from dlcore.store.filters.errors import FilterError

_WORD = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<sign><=|>=|!=|!~|==|[=<>~(),:])
    | (?P<plain>(?:[^\s"'<>=!~(),:\[\]]|\[[^\[\]"'<>=]*\]|(?<=T\d\d):(?=\d\d)|(?<=:\d\d):(?=\d\d))+)
    )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")
LONGEST = 2_000
"""Characters of a line: what people write, and what a parser goes through in a moment."""


class Sort(Enum):
    """What a word is."""

    PLAIN = "plain"
    TEXT = "text"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True)
class Word:
    """One word of a line.

    Attributes:
        text: what it says, without quotes.
        start, stop: its characters in the line, the second one excluded.
    """

    sort: Sort
    text: str
    start: int
    stop: int

    def is_sign(self, *signs: str) -> bool:
        """Returns whether it is one of these signs."""
        return self.sort is Sort.SIGN and self.text in signs

    def is_keyword(self, word: str) -> bool:
        """Returns whether it is `and`, `or`, `not` or `in`, which only count outside of quotes."""
        return self.sort is Sort.PLAIN and self.text.casefold() == word


def split_words(line: str) -> Iterator[Word]:
    """Yields the words of a line, the last one an empty one at its end.

    Raises:
        FilterError: a quote without its end, a sign that means nothing, or a line that is too long.
    """
    if len(line) > LONGEST:
        raise FilterError(
            N_("expected a text whose length is at most {most}, got {got}."),
            hint=N_("Shorten the filter."),
            start=LONGEST,
            stop=len(line),
            most=LONGEST,
            got=len(line),
        )
    place, end = 0, len(line.rstrip())
    while place < end:
        found = _WORD.match(line, place)
        if found is None:
            raise _unknown_sign(line, place)
        sort = Sort(found.lastgroup)
        text = found[found.lastgroup or 0]
        if sort is Sort.TEXT:
            text = _ESCAPED.sub(r"\1", text[1:-1])
        yield Word(sort, text, found.start(found.lastgroup or 0), found.end())
        place = found.end()
    yield Word(Sort.END, "", end, end)


def _unknown_sign(line: str, place: int) -> FilterError:
    place += len(line[place:]) - len(line[place:].lstrip())
    if line[place] in "\"'":
        return FilterError(
            N_("the text that begins here has no end."),
            hint=N_("Add a {quote}."),
            start=place,
            stop=len(line),
            quote=line[place],
        )
    return FilterError(
        N_("'{sign}' means nothing here."),
        hint=N_("Put texts between double quotes."),
        start=place,
        stop=place + 1,
        sign=line[place],
    )
