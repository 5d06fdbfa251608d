"""Times as people write them: one way of writing for a whole column."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from dlcore.datasets.ingest.numerals import parse_plain
from dlcore.datasets.ingest.texts import Texts
from dlcore.errors import N_, Message

_EPOCH = pd.Timestamp(0, tz="UTC").as_unit("us")

ISO, QUARTERS, WEEKS, COUNTER = N_("ISO 8601"), N_("quarters"), N_("weeks"), N_("numbers that count")
"""Ways of writing that no pattern of `strptime` describes."""

_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y",
    "%d.%m.%y", "%Y%m", "%Y%m%d", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y",
    "%b-%d-%Y", "%B-%d-%Y", "%d-%B-%Y", "%b/%d/%Y", "%d/%b/%Y", "%Y-%b-%d", "%Y年%m月%d日", "%Y年%m月", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y",
    "%d. %b %Y", "%d. %B %Y", "%d de %B de %Y",
)  # fmt: skip
_CLOCKS = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    " %I:%M %p",
    " %I:%M:%S %p",
    "T%H:%M:%S",
    "T%H%M%S",
    "%H%M%S",
    " %H:%M%z",
    " %H:%M %z",
    " %H:%M:%S%z",
    " %H:%M:%S %z",
)
_CHINESE_CLOCKS = tuple(
    blank + clock
    for blank in (" ", "")
    for clock in ("%H时", "%H时%M分", "%H时%M分%S秒", "%H点", "%H点%M分", "%H:%M", "%H:%M:%S")
)
_PATTERNS = (
    *(day + clock for day in _DATES for clock in _CLOCKS),
    *("%Y年%m月%d日" + clock for clock in _CHINESE_CLOCKS),
)
_MONTHS = {
    word: english
    for english, words in {
        "January": "januar jänner janvier enero gennaio janeiro januari",
        "February": "februar feber février fevrier febrero febbraio fevereiro februari",
        "March": "märz maerz mars marzo março marco maart",
        "April": "avril abril aprile",
        "May": "mai mayo maggio maio mei maj",
        "June": "juni juin junio giugno junho",
        "July": "juli juillet julio luglio julho",
        "August": "août aout agosto augustus augusti",
        "September": "septembre septiembre settembre setembro",
        "October": "oktober octobre octubre ottobre outubro",
        "November": "novembre noviembre novembro",
        "December": "dezember décembre decembre diciembre dicembre dezembro december",
        "Jan": "jän", "Feb": "fév", "Mar": "mär mrz mrt", "Apr": "avr abr", "Jun": "giu", "Jul": "lug", "Aug": "aoû ago",
        "Sep": "set", "Oct": "okt ott out", "Dec": "dez déc dic", "Nov": "",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Names of months in German, French, Spanish, Italian, Portuguese, Dutch and Swedish."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_SHAPES = {
    "%Y": r"\d{4}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%y": r"\d{2}", "%b": r"[A-Za-z]{3}", "%B": r"[A-Za-z]{3,9}",
    "%H": r"\d{1,2}", "%I": r"\d{1,2}", "%M": r"\d{2}", "%S": r"\d{2}", "%f": r"\d{1,9}", "%p": r"[AaPp]\.?[Mm]\.?",
    "%z": r"(?:Z|UTC|[+-]\d{2}:?\d{2})",
}  # fmt: skip
_ISO = re.compile(
    r"\d{4}-\d{1,2}(-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?\s?(Z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?)?"
)
_QUARTER = re.compile(
    r"(?P<year>\d{4})\s*[-/]?\s*Q(?P<quarter>[1-4])|Q(?P<quarter_2>[1-4])\s*[-/]?\s*(?P<year_2>\d{4})"
)
_WEEK = re.compile(r"(?P<year>\d{4})\s*[-/]?\s*(?:W|KW)\s*(?P<week>\d{1,2})", re.IGNORECASE)
_OFFSET = re.compile(r".*:\d{2}\S*?\s?[+-](?!00:?(00)?$)\d{2}(:?\d{2})?")
"""A clock time that is not in UTC, and says by how much."""
_COUNTER = re.compile(r"[^\d]{0,20}(?P<number>\d{1,15})")
_EPOCH_UNITS = {
    N_("seconds since 1970"): (1e8, 5e9, 1.0),
    N_("milliseconds since 1970"): (1e11, 5e12, 1e3),
    N_("microseconds since 1970"): (1e14, 5e15, 1e6),
}

ENOUGH = 0.99
"""The share of the cells that must be times in one way of writing."""

_MOST_STEPS = 100_000
"""Different distances of times after which no new ones are counted."""

_SWAPPED = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d/%m/%y": "%m/%d/%y"}


@dataclass(frozen=True)
class TimeFormat:
    """How the times of a column are written.

    Attributes:
        pattern: as `strptime` takes it, or one of the ways that it cannot take.
        rival: the pattern that fits as well, with day and month exchanged; empty: none.
        decided: whether the order of the rows decided between the two.
        offsets: whether some say how far they are from UTC.
    """

    pattern: str
    rival: str = ""
    decided: bool = True
    offsets: bool = False

    @property
    def is_iso(self) -> bool:
        """Whether they are written as programs write times."""
        return self.pattern == ISO

    @property
    def is_epoch(self) -> bool:
        """Whether they are seconds since 1970, or thousandths or millionths of them."""
        return self.pattern in _EPOCH_UNITS

    def describe(self) -> Message:
        """Returns how they are written, in the letters of people."""
        return Message(readable(self.pattern))


def readable(pattern: str) -> str:
    """Returns a pattern of `strptime` in letters.

    Example:
        >>> readable("%d/%m/%Y %H:%M")
        'dd/mm/yyyy HH:MM'
    """
    letters = {
        "%Y": "yyyy", "%y": "yy", "%m": "mm", "%d": "dd", "%b": "Mon", "%B": "Month", "%H": "HH", "%I": "hh",
        "%M": "MM", "%S": "SS", "%f": "ffffff", "%p": "AM/PM", "%z": "+zzzz",
    }  # fmt: skip
    for code, word in letters.items():
        pattern = pattern.replace(code, word)
    return pattern


def pattern_of(text: str) -> str:
    """Returns the pattern of `strptime` for what a person wrote: `dd/mm/yyyy`, or the pattern itself.

    Example:
        >>> pattern_of("dd.mm.yyyy HH:MM"), pattern_of("%Y%m%d")
        ('%d.%m.%Y %H:%M', '%Y%m%d')
    """
    if "%" in text:
        return text
    for word, code in (
        ("yyyy", "%Y"), ("yy", "%y"), ("Month", "%B"), ("Mon", "%b"), ("mm", "%m"), ("dd", "%d"), ("HH", "%H"),
        ("hh", "%I"), ("MM", "%M"), ("SS", "%S"), ("AM/PM", "%p"), ("+zzzz", "%z"),
    ):  # fmt: skip
        text = text.replace(word, code)
    return text


def time_format(texts: Sequence[str] | Texts, *, counts: bool = False) -> TimeFormat | None:
    """Returns how the times of a column are written; None if it holds none, or not all in one way.

    Args:
        texts: its cells in the order of the file, without those that say nothing.
        counts: whether a plain number, or a number behind a word ("step 7"), may be a time.
    """
    known = Texts.of(texts)
    if not known.total:
        return None
    if _most_match(known, _ISO) and _can_be_read(known, ISO):
        return TimeFormat(ISO, offsets=_has_offsets(known))
    if _most_match(known, _QUARTER):
        return TimeFormat(QUARTERS)
    if _most_match(known, _WEEK) and _can_be_read(known, WEEKS):
        return TimeFormat(WEEKS)
    fitting = [pattern for pattern in _candidates(known) if _can_be_read(known, pattern)]
    if fitting:
        return replace(_decided(fitting, known), offsets=_has_offsets(known))
    return _counter(known) if counts else None


def _has_offsets(known: Texts) -> bool:
    return any(_OFFSET.fullmatch(text.strip()) for texts in known.distinct() for text in texts)


def _candidates(known: Texts) -> list[str]:
    """Returns the patterns whose shape the first cells have."""
    sample = [_english(text) for text in known.first(50)]
    return [pattern for pattern in _PATTERNS if _matching(sample, _shape(pattern)) >= ENOUGH * len(sample)]


def _english(text: str) -> str:
    """Returns a time with the names of its months in English."""
    return text if text.isascii() and not any(map(str.isalpha, text)) else _WORD.sub(_english_month, text)


def _english_month(word: re.Match[str]) -> str:
    return _MONTHS.get(word[0].lower(), word[0])


@cache
def _shape(pattern: str) -> re.Pattern[str]:
    if pattern.startswith("%Y%m"):  # no marks: all digits are needed
        return re.compile(_shape(f" {pattern}").pattern.removeprefix("\\ ").replace("{1,2}", "{2}"))
    parts = re.split(r"(%[A-Za-z])", pattern)
    return re.compile("".join(_SHAPES[part] if part in _SHAPES else re.escape(part) for part in parts))


def _matching(texts: Sequence[str], shape: re.Pattern[str]) -> int:
    return sum(shape.fullmatch(text.strip()) is not None for text in texts)


def _most_match(known: Texts, shape: re.Pattern[str]) -> bool:
    return known.has_share_of_distinct(ENOUGH, lambda texts: _matching(texts, shape))


def _can_be_read(known: Texts, pattern: str) -> bool:
    return known.has_share_of_distinct(
        ENOUGH, lambda texts: int(np.isfinite(parse_times(texts, pattern)).sum())
    )


def _decided(fitting: list[str], known: Texts) -> TimeFormat:
    """Returns the pattern that fits; of two that differ in the order of day and month, the one whose times are in
    order and evenly spaced.
    """
    pattern = fitting[0]
    swapped = next((day for day in _SWAPPED if pattern.startswith(day)), "")
    rival = pattern.replace(swapped, _SWAPPED[swapped]) if swapped else ""
    if not rival or rival not in fitting:
        return TimeFormat(pattern)
    first, second = (_order(known, one) for one in (pattern, rival))
    if first == second:
        return TimeFormat(pattern, rival, decided=False)
    return TimeFormat(pattern, rival) if first > second else TimeFormat(rival, pattern)


def _order(known: Texts, pattern: str) -> tuple[bool, float]:
    """Returns whether the times are in order, and how evenly they are spaced."""
    ahead = back = total = 0
    sizes = Counter[float]()
    last = np.empty(0)
    for block in known:
        times = block.take(parse_times(block.texts, pattern))
        times = np.concatenate([last, times[np.isfinite(times)]])
        steps, last = np.diff(times), times[-1:]
        ahead, back = ahead + int((steps > 0).sum()), back + int((steps < 0).sum())
        total += len(steps)
        if len(sizes) < _MOST_STEPS:
            sizes.update(
                dict(zip(*map(np.ndarray.tolist, np.unique(steps, return_counts=True)), strict=True))
            )
    if not total:
        return (True, 1.0)
    # Backwards is an order, too, if most of the steps are.
    in_order = not back or (not ahead and 2 * back >= total)
    return (in_order, max(sizes.values()) / total)


def _counter(known: Texts) -> TimeFormat | None:
    low, high, numeric = np.inf, -np.inf, True
    words: set[str] = set()
    for texts in known.distinct():
        words |= {text.rstrip("0123456789") for text in texts} if len(words) < 2 else set()
        numbers = _floats(texts)
        numeric = numeric and numbers is not None
        if not numeric and len(words) > 1:
            return None
        if numbers is not None:
            low, high = min(low, float(numbers.min())), max(high, float(numbers.max()))
    if not numeric:
        return TimeFormat(COUNTER) if _all_match(known, _COUNTER) else None
    for name, (least, most, _) in _EPOCH_UNITS.items():
        if least <= low and high < most:
            return TimeFormat(name)
    return TimeFormat(COUNTER)


def _floats(texts: Sequence[str]) -> npt.NDArray[np.float64] | None:
    try:
        return np.array([float(text) for text in texts])
    except ValueError:
        return None


def _all_match(known: Texts, shape: re.Pattern[str]) -> bool:
    return known.has_share_of_distinct(1.0, lambda texts: _matching(texts, shape))


def parse_times(texts: Sequence[str | None], pattern: str) -> npt.NDArray[np.float64]:
    """Returns the times of a column in seconds since 1970, or the numbers of a counter; NaN where a cell is none.

    Times without a zone count as UTC, so that their distances are those of the clock.
    """
    cells = [None if text is None else text.strip() for text in texts]
    if pattern in _EPOCH_UNITS:
        divisor = _EPOCH_UNITS[pattern][2]
        return parse_plain(cells) / divisor
    if pattern == COUNTER:
        found = [_COUNTER.fullmatch(cell) if cell else None for cell in cells]
        plain = parse_plain(cells)
        behind = np.array([float(one["number"]) if one else np.nan for one in found])
        return np.where(np.isfinite(plain), plain, behind)
    if pattern in (QUARTERS, WEEKS):
        first_day = _first_day if pattern == QUARTERS else _monday
        cells = [first_day(cell) for cell in cells]
    elif "%b" in pattern or "%B" in pattern:
        cells = [cell if cell is None else _english(cell) for cell in cells]
    series = pd.Series(cells, dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a format could not be guessed
        chosen = "ISO8601" if pattern in (ISO, QUARTERS, WEEKS) else pattern
        times = pd.to_datetime(series, errors="coerce", format=chosen, utc=True)
    seconds = (times.dt.as_unit("us") - _EPOCH) / pd.Timedelta(seconds=1)
    result: npt.NDArray[np.float64] = seconds.to_numpy(np.float64, na_value=np.nan)
    return result


def _first_day(cell: str | None) -> str | None:
    found = _QUARTER.fullmatch(cell) if cell else None
    if found is None:
        return None
    year, quarter = found["year"] or found["year_2"], int(found["quarter"] or found["quarter_2"])
    return f"{year}-{3 * quarter - 2:02}-01"


def _monday(cell: str | None) -> str | None:
    found = _WEEK.fullmatch(cell) if cell else None
    try:
        return found and date.fromisocalendar(int(found["year"]), int(found["week"]), 1).isoformat()
    except ValueError:
        return None  # the year has no such week


def doubtful_order(name: str, written: TimeFormat) -> Message:
    """Returns the doubt about a column whose days and months can be read in either order."""
    return Message(
        N_("column {column} can be read as {first} or as {second}, and nothing in it decides."),
        N_("Choose how its dates are written."),
        params={"column": name, "first": readable(written.pattern), "second": readable(written.rival)},
    )
