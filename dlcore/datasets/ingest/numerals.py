"""Numbers as people write them: one way of writing for a whole column."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    r"\s*(?P<scale>k|K|thousand|mn|million|Mio|M|bn|billion|Mrd|B|万|亿)?(?P<after>(?(scale)(?![A-Za-z]))\s*[^\d.,()]{0,12})(?P<close>\))?"
)
_MARKS = (".,", ",.", ". ", ", ", ".'", ",'", ".", ",")
"""The ways to write a number: the mark of decimals, then that of thousands, if any."""


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


def number_format(texts: Sequence[str], *, decimal: str = "") -> NumberFormat | None:
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
    if not texts:
        return None
    plain = float(np.isfinite(parse_plain(texts)).mean())
    if decimal == "," and any("." in text for text in texts):
        plain = 0.0
    if plain == 1.0:
        return PLAIN
    found = _written(Counter(texts), len(texts), decimal)
    share = float(np.isfinite(parse_numbers(texts, found)).mean()) if found is not None else 0.0
    if max(plain, share) < ENOUGH:
        return None
    return PLAIN if plain >= share else found


def _written(counts: Counter[str], total: int, decimal: str) -> NumberFormat | None:
    """Returns the way in which most cells can be read, if they are numbers."""
    cells = {text: cell for text in counts if (cell := _numeral(text)) is not None}
    if sum(counts[text] for text in cells) < ENOUGH * total:
        return None
    units = Counter[str]()
    for text, cell in cells.items():
        units[cell.unit] += counts[text]
    # Some cells may go without the unit of the others: "12 kg", "9".
    unit = max((one for one in units if one), key=units.__getitem__, default="")
    fitting = {text: cell for text, cell in cells.items() if cell.unit in (unit, "")}
    found = _marks(fitting, counts, decimal)
    scaled = any(cell.scale for cell in fitting.values())
    if found is None:
        return None
    # Nobody writes money with three decimals.
    return replace(found, unit=unit, scaled=scaled, unsure=found.unsure and not _is_currency(unit))


def _marks(cells: dict[str, _Numeral], counts: Counter[str], decimal: str) -> NumberFormat | None:
    """Returns the marks that fit most cells."""
    ways = [NumberFormat(one[0], one[1:]) for one in _MARKS if decimal in ("", one[0])]
    # The first of those that fit equally many: thousands in groups come before three decimals in every cell.
    scores = [sum(counts[text] for text, cell in cells.items() if _fits(cell.body, way)) for way in ways]
    if not max(scores, default=0):
        return None
    best = ways[scores.index(max(scores))]
    bodies = [cell.body for cell in cells.values()]
    if not any(best.thousands in body for body in bodies):
        best = replace(best, thousands="")
    if (
        not decimal
        and best.decimal == ","
        and best.thousands != "."
        and not any("," in body for body in bodies)
    ):
        best = replace(best, decimal=".")
    other = {",": ".", ".": ","}[best.decimal]
    rival = NumberFormat(other)
    unsure = (
        not decimal
        and best.thousands == other
        and not any(best.decimal in body for body in bodies)
        and all(_fits(body, rival) for body in bodies)
    )
    return replace(best, unsure=unsure)


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
    signs = [sign for sign in (found["sign"], found["sign_2"]) if sign]
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
