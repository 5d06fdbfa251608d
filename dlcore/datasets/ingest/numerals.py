"""Numbers as people write them: one way of writing for a whole column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.ingest.texts import Texts
from dlcore.errors import N_, Message

ENOUGH = 0.9
"""The share of the cells that must be numbers in one way of writing."""

_SCALES = {
    "k": 1e3, "K": 1e3, "thousand": 1e3, "M": 1e6, "mn": 1e6, "million": 1e6, "Mio": 1e6, "B": 1e9, "bn": 1e9,
    "billion": 1e9, "Mrd": 1e9, "万": 1e4, "亿": 1e8,
}  # fmt: skip
_MINUS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_CELL = re.compile(
    r"(?P<open>\()?(?P<sign>[+-])?(?P<before>[^\d.,+()-]{0,12}?)\s*(?P<sign_2>[+-])?"
    r"(?P<body>\d(?:[\d.,' ]*\d)?[.,]?|[.,]\d+)(?P<exponent>[eE][+-]?\d+)?"
    r"\s*(?P<scale>k|K|thousand|mn|million|Mio|M|bn|billion|Mrd|B|万|亿)?(?P<after>(?(scale)(?![A-Za-z]))\s*[^\d.,()]{0,12}?)(?P<sign_3>-)?(?P<close>\))?"
)
_MARK_CHARACTERS = frozenset(".,' ")
_MOST_UNITS = 1_000


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of a column are written.

    Attributes:
        decimal: the mark before the decimals.
        thousands: the mark between groups of digits; empty: none.
        unit: what is written before or after every number, such as `$` or `kg`.
        scaled: whether some are written in thousands, millions or billions, such as `1.2M`.
        unsure: whether `1,234` could as well be a number with three decimals.
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    scaled: bool = False
    unsure: bool = False

    def describe(self) -> Message | None:
        """Returns how they are written, if not as a program writes numbers."""
        parts = [
            *([Message(N_("decimal comma"))] if self.decimal == "," else []),
            *(
                [Message(N_("thousands separated by '{mark}'"), params={"mark": self.thousands})]
                if self.thousands
                else []
            ),
            *([Message(N_("unit {unit}"), params={"unit": self.unit})] if self.unit else []),
            *([Message(N_("K, M and B as thousand, million and billion"))] if self.scaled else []),
        ]
        if not parts:
            return None
        names = [f"part_{number}" for number in range(len(parts))]
        return Message(
            ", ".join(f"{{{name}}}" for name in names), params=dict(zip(names, parts, strict=True))
        )


PLAIN = NumberFormat()
_WAYS = tuple(NumberFormat(marks[0], marks[1:]) for marks in (".,", ",.", ". ", ", ", ".'", ",'", ".", ","))
"""The ways to write a number, by the marks of decimals and of thousands, if any."""


@dataclass(frozen=True)
class _Numeral:
    """One cell, taken apart."""

    body: str
    unit: str
    scale: str
    negative: bool
    exponent: str


def parse_plain(texts: Iterable[str | None]) -> npt.NDArray[np.float64]:
    """Returns the numbers that are written as a program would, NaN for everything else."""
    numbers = pd.to_numeric(pd.Series(list(texts), dtype=object), errors="coerce")
    values: npt.NDArray[np.float64] = numbers.to_numpy(np.float64, na_value=np.nan, copy=True)
    values[~np.isfinite(values)] = np.nan
    return values


def parse_numbers(texts: Sequence[str | None], written: NumberFormat) -> npt.NDArray[np.float64]:
    """Returns the numbers of a column, NaN where a cell is none."""
    if written == PLAIN:
        values = parse_plain(texts)
        for place in np.flatnonzero(~np.isfinite(values)):
            if (text := texts[int(place)]) is not None:  # such as one with a typographic minus
                values[place] = _value(text, written)
        return values
    known = {text: _value(text, written) for text in set(texts) if text is not None}
    return np.array([known.get(text, np.nan) if text is not None else np.nan for text in texts], np.float64)


def number_format(texts: Sequence[str] | Texts, *, decimal: str = "") -> NumberFormat | None:
    """Returns how the numbers of a column are written; None if it holds no numbers.

    Args:
        texts: its cells, without those that say nothing.
        decimal: the mark of decimals, if that is known.

    Example:
        >>> number_format(["1.234,5", "12,75"])
        NumberFormat(decimal=',', thousands='.', unit='', scaled=False, unsure=False)
        >>> number_format(["red", "green"]) is None
        True
    """
    known = Texts.of(texts)
    if not known.total:
        return None
    plain = _count_plain(known, decimal) / known.total
    if plain == 1.0:
        return PLAIN
    found = _written(known, decimal)
    share = _count(known, found) / known.total if found is not None else 0.0
    if max(plain, share) < ENOUGH:
        return None
    return PLAIN if plain >= share else found


def _count_plain(known: Texts, decimal: str) -> int:
    """Returns how many cells are numbers as a program writes them; 0 if they are too few to matter."""
    found = passed = 0
    for block in known:
        if decimal == "," and any("." in text for text in block.texts):
            return 0
        found += int(block.counts[np.isfinite(parse_plain(block.texts))].sum())
        passed += block.total
        if passed - found > (1 - ENOUGH) * known.total:
            return 0
    return found


def _count(known: Texts, written: NumberFormat) -> int:
    """Returns how many cells are numbers written so."""
    return sum(int(block.counts[np.isfinite(parse_numbers(block.texts, written))].sum()) for block in known)


@dataclass
class _Bodies:
    """What is known of the digits and marks of the cells of one unit.

    Attributes:
        cells: how many there are.
        fitting: for each way to write a number, how many are written so.
        marks: what is between their digits.
        scaled: whether one is written in thousands, millions or billions.
        decimals: the marks of decimals with which all of them can be read without thousands.
    """

    cells: int = 0
    fitting: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(_WAYS), np.int64))
    marks: set[str] = field(default_factory=set)
    scaled: bool = False
    decimals: set[str] = field(default_factory=lambda: {".", ","})

    def add(self, cell: _Numeral, count: int) -> None:
        """Takes a cell into account that so many rows hold."""
        self.cells += count
        self.fitting += [count * _fits(cell.body, way) for way in _WAYS]
        self.marks |= set(cell.body) & _MARK_CHARACTERS
        self.scaled |= bool(cell.scale)
        self.decimals = {mark for mark in self.decimals if _fits(cell.body, NumberFormat(mark))}

    def joined(self, other: _Bodies) -> _Bodies:
        """Returns what is known of both together."""
        return _Bodies(
            self.cells + other.cells,
            self.fitting + other.fitting,
            self.marks | other.marks,
            self.scaled or other.scaled,
            self.decimals & other.decimals,
        )


def _written(known: Texts, decimal: str) -> NumberFormat | None:
    """Returns the way in which most cells can be read, if they are numbers."""
    units: dict[str, _Bodies] = {}
    passed = 0
    for block in known:
        for text, count in zip(block.texts, block.counts.tolist(), strict=True):
            if (cell := _numeral(text)) is not None:
                units.setdefault(cell.unit, _Bodies()).add(cell, count)
        passed += block.total
        if passed - sum(one.cells for one in units.values()) > (1 - ENOUGH) * known.total:
            return None
        units = _commonest(units)
    # Some cells may go without the unit of the others: "12 kg", "9".
    unit = max((one for one in units if one), key=lambda one: units[one].cells, default="")
    fitting = units.get("", _Bodies())
    fitting = fitting.joined(units[unit]) if unit else fitting
    found = _marks(fitting, decimal)
    if found is None:
        return None
    # Nobody writes money with three decimals.
    return replace(found, unit=unit, scaled=fitting.scaled, unsure=found.unsure and not _is_currency(unit))


def _commonest(units: dict[str, _Bodies]) -> dict[str, _Bodies]:
    """Returns the units without rare ones if there are very many: none of those is that of a column."""
    if len(units) <= _MOST_UNITS:
        return units
    least = sorted(one.cells for one in units.values())[-_MOST_UNITS // 2]
    return {unit: one for unit, one in units.items() if not unit or one.cells > least}


def _marks(bodies: _Bodies, decimal: str) -> NumberFormat | None:
    """Returns the marks that fit most cells."""
    # The first of those that fit equally many: thousands in groups come before three decimals in every cell.
    scores = [
        (int(count), way)
        for count, way in zip(bodies.fitting, _WAYS, strict=True)
        if decimal in ("", way.decimal)
    ]
    most, best = max(scores, key=lambda one: one[0])
    if not most:
        return None
    if best.thousands not in bodies.marks:
        best = replace(best, thousands="")
    if not decimal and best.decimal == "," and best.thousands != "." and "," not in bodies.marks:
        best = replace(best, decimal=".")
    other = {",": ".", ".": ","}[best.decimal]
    unsure = (
        not decimal
        and best.thousands == other
        and best.decimal not in bodies.marks
        and other in bodies.decimals
    )
    return replace(best, unsure=unsure)


def is_number(text: str) -> bool:
    """Returns whether a single cell is a number: as a program writes it, or with marks, a percent or money sign.

    Words behind a number make it none here: `2020 sales` may be the name of a column.

    Example:
        >>> [is_number(text) for text in ("-1.5e3", "1,234.5", "$12", "7 %", "12 kg", "A1", "nan")]
        [True, True, True, True, False, False, False]
    """
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        cell = _numeral(text)
    return cell is not None and not cell.scale and (not cell.unit or _is_sign(cell.unit))


def _is_sign(unit: str) -> bool:
    return unit in "%‰" or all(unicodedata.category(char) == "Sc" for char in unit)


def _fits(body: str, way: NumberFormat) -> bool:
    whole, mark, decimals = body.partition(way.decimal)
    if mark and not (decimals.isdecimal() or not decimals):
        return False
    if not way.thousands or way.thousands not in whole:
        return whole.isdecimal() or (not whole and bool(decimals))
    first, *groups = whole.split(way.thousands)
    # Three digits a group, in India two but for the last one.
    sizes = [len(group) for group in groups]
    return (
        first.isdecimal()
        and 1 <= len(first) <= 3
        and all(group.isdecimal() for group in groups)
        and sizes[-1] == 3
        and (set(sizes[:-1]) <= {3} or set(sizes[:-1]) <= {2})
        and first != "0"
    )


def _numeral(text: str) -> _Numeral | None:
    found = _CELL.fullmatch(text.translate(_MINUS).strip())
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    before, after = (found[name].strip() for name in ("before", "after"))
    signs = [sign for sign in (found["sign"], found["sign_2"], found["sign_3"]) if sign]
    if (before and after) or len(signs) > 1 or (found["open"] and signs):
        return None
    # Letters before a number make a code of it, such as "A12", but for those of a currency.
    if (before and not _is_currency(before)) or (after and not _is_unit(after)):
        return None
    negative = bool(found["open"]) or "-" in signs
    return _Numeral(found["body"], before or after, found["scale"] or "", negative, found["exponent"] or "")


def _is_unit(text: str) -> bool:
    return _is_currency(text) or bool(re.search(r"[^\W\d_]|[%‰°]", text))


def _is_currency(text: str) -> bool:
    return any(unicodedata.category(char) == "Sc" for char in text) or bool(
        re.fullmatch("[A-Z]{3}|Rs\\.?", text)
    )


def _value(text: str, written: NumberFormat) -> float:
    cell = _numeral(text)
    if cell is None or cell.unit not in (written.unit, "") or not _fits(cell.body, written):
        return np.nan
    body = cell.body.replace(written.thousands, "") if written.thousands else cell.body
    value = float(body.replace(written.decimal, ".") + cell.exponent) * _SCALES.get(cell.scale, 1.0)
    return -value if cell.negative else value
