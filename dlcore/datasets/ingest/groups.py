"""How a file's name tells its group: who or what it comes from, such as a speaker or a patient.

A rule is written as `2_`, the second part of the name between underscores, as `1-`, the first between
hyphens, or as a pattern with one pair of parentheses. Patterns run on RE2, whose time grows with the name
alone: Python's own engine takes years for some of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from dlcore.errors import N_, DatasetError

SEPARATORS = ("_", "-")
MOST_PARTS = 9
_LONGEST_PATTERN = 200
_EXAMPLES = 4
_RULE = re.compile(r"([1-9])([_-])")

Rule = Callable[[str], str]
"""From the path of a file to its group; empty where it has none."""


@dataclass(frozen=True)
class NamePart:
    """One part of a file's name, whose ending does not count.

    Attributes:
        number: from 1.
        separator: what stands between the parts.

    Example:
        >>> str(NamePart(2, "_")), NamePart(2, "_")("0/0_ann_1.wav"), NamePart(2, "_")("ann.wav")
        ('2_', 'ann', '')
    """

    number: int
    separator: str

    def __str__(self) -> str:
        return f"{self.number}{self.separator}"

    def __call__(self, name: str) -> str:
        """The part of that file's name; empty where it has no such part."""
        parts = _parts(name, self.separator)
        return parts[self.number - 1] if 1 < len(parts) >= self.number else ""


@dataclass(frozen=True)
class GroupOption:
    """A part of the names that may tell the groups.

    Attributes:
        rule: the part, as a rule is written.
        values: how many different ones there are.
        examples: some of them.
    """

    rule: str
    values: int
    examples: tuple[str, ...]


def _parts(name: str, separator: str) -> list[str]:
    last = name.rsplit("/", 1)[-1]
    return (last.rpartition(".")[0] or last).split(separator)


def name_part(rule: str) -> NamePart | None:
    """Returns the part that a rule names; None for a pattern, and for no rule."""
    found = _RULE.fullmatch(rule)
    return NamePart(int(found[1]), found[2]) if found else None


def group_rule(rule: str, where: str = "group") -> Rule | None:
    """Returns the rule, ready to be applied; None for no rule.

    Raises:
        DatasetError: it is neither a part nor a pattern with one pair of parentheses.
    """
    return (name_part(rule) or _pattern(rule, where)) if rule else None


def _pattern(pattern: str, where: str) -> Rule:
    options = re2.Options()
    options.log_errors = False
    try:
        made: Any = re2.compile(pattern, options) if len(pattern) <= _LONGEST_PATTERN else None
    except re2.error:
        made = None
    if made is None or made.groups != 1:
        raise DatasetError(
            N_(
                "expected a part of the name such as `2_`, or a pattern with one pair of parentheses, got '{got}'."
            ),
            hint=N_("Write `2_` for the part between the first two underscores."),
            where=where,
            got=pattern[:80],
        )

    def group_of(name: str) -> str:
        found = made.search(name.rsplit("/", 1)[-1])
        return str(found[1] or "") if found else ""

    return group_of


def group_options(names: Sequence[str]) -> tuple[GroupOption, ...]:
    """Returns the parts of these names of which there is more than one.

    Example:
        >>> group_options(["0/0_ann_1.wav", "1/1_bob_1.wav"])[1]
        GroupOption(rule='2_', values=2, examples=('ann', 'bob'))
    """
    return tuple(option for separator in SEPARATORS for option in _options(names, separator))


def _options(names: Sequence[str], separator: str) -> Iterator[GroupOption]:
    found: list[set[str]] = [set() for _ in range(MOST_PARTS)]
    for name in names:
        parts = _parts(name, separator)
        if len(parts) > 1:
            for values, part in zip(found, parts, strict=False):
                values.add(part)
    for number, values in enumerate(found, start=1):
        if len(values) > 1:
            examples = tuple(sorted(values)[:_EXAMPLES])
            yield GroupOption(str(NamePart(number, separator)), len(values), examples)


def guess_group(classes: Mapping[str, str]) -> str:
    """Returns the part of files' names that may tell a group (a speaker), or nothing.

    Args:
        classes: for each file its class, which is no group.

    Example:
        >>> names = ["0/0_ann_1.wav", "1/1_bob_2.wav", "1/1_ann_3.wav", "0/0_bob_4.wav"]
        >>> guess_group({name: name[0] for name in names})
        '2_'
    """
    stems = [_parts(name, "_") for name in classes]
    if not stems or len({len(stem) for stem in stems}) != 1 or len(stems[0]) < 3:
        return ""
    for place in range(min(len(stems[0]) - 1, MOST_PARTS)):
        values = {stem[place] for stem in stems}
        is_class = all(stem[place] == label for stem, label in zip(stems, classes.values(), strict=True))
        if not is_class and 2 <= len(values) <= len(classes) / 2:
            return str(NamePart(place + 1, "_"))
    return ""
