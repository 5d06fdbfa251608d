"""Names in zips that do not say how they are encoded, as many programs for Windows write them."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from math import log

from dlcore.datasets.ingest.single_byte_names import single_byte_encoding

UTF8_FLAG = 0x800
FALLBACK = "cp437"
"""What the format says they are, and what `zipfile` takes them for."""

_LIKELY = 0.75
_HALF_WIDTH = re.compile(rb"(?<![\x81-\x9f\xe0-\xfc])[\xa1-\xdf]")

_ONLY_THESE_ROWS = 0.6
"""The logarithm of how rarely a Chinese character is in the rows of Korean syllables: about every second is."""

_CHINESE_FIRST = 1.5
"""What must speak for Korean, for names in GBK are more common."""

_LETTERS = (
    (12, 1, 6, 8, 1, 7, 6, 6, 0.4, 10, 0.5, 22, 9, 0.3, 3, 1, 2, 2, 6),
    (20, 6, 1.5, 0.05, 10, 5, 6, 0.8, 10, 3, 0.3, 1.5, 2, 8, 1, 0.1, 1, 1.2, 8, 2, 15),
    (48, 7, 0.1, 0.02, 16, 0.02, 0.2, 0.3, 9, 0.1, 0.1, 0.05, 0.01, 0.01, 0.01, 0.05, 5, 2, 0.2, 2, 1.5, 10,
     0.2, 0.2, 0.05, 0.3, 0.3, 0.3),
)  # fmt: skip
"""In percent, how often each first letter, vowel and last letter is that of a Korean syllable, in Unicode's order."""


def encoding_of_names(infos: Sequence[zipfile.ZipInfo]) -> str:
    """Returns the encoding of all names whose flag does not say that they are UTF-8; empty if all are plain."""
    raw = [name for info in infos if (name := raw_name(info)) is not None and not name.isascii()]
    return likely_encoding(raw) if raw else ""


def raw_name(info: zipfile.ZipInfo) -> bytes | None:
    """Returns the bytes of a name; None where its flag says that they are UTF-8."""
    return None if info.flag_bits & UTF8_FLAG else info.filename.encode(FALLBACK, "replace")


def name_in(info: zipfile.ZipInfo, encoding: str) -> str:
    """Returns the name of an entry, in that encoding unless its flag says otherwise."""
    raw = raw_name(info)
    if raw is None or not encoding or raw.isascii():
        return info.filename
    return raw.decode(encoding, "replace")


def likely_encoding(names: Sequence[bytes]) -> str:
    """Returns the encoding in which all of the names make most sense; each candidate is judged by them all.

    Example:
        >>> likely_encoding(["苹果".encode("gbk")]), likely_encoding(["りんご".encode("cp932")])
        ('gb18030', 'cp932')
    """
    if _decodes(names, "utf-8"):
        return "utf-8"
    judges: dict[str, Callable[[Sequence[bytes]], float]] = {
        "gb18030": _chinese, "cp949": _korean, "cp932": _japanese, "big5": partial(_within, 0xA4, 0xC6, 0x40)
    }  # fmt: skip
    scores = {encoding: judge(names) for encoding, judge in judges.items() if _decodes(names, encoding)}
    best = max(scores, key=lambda encoding: scores[encoding], default="")
    if best and scores[best] >= _LIKELY:
        return best
    return single_byte_encoding(names) or FALLBACK


def _decodes(names: Iterable[bytes], encoding: str) -> bool:
    try:
        for name in names:
            name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _pairs(names: Iterable[bytes]) -> list[tuple[int, int]]:
    """Returns the characters of two bytes; (0, 0) for those that look like an accented letter within a word."""
    pairs = []
    for name in names:
        at, before = 0, False
        while at < len(name):
            if name[at] > 0x80 and at + 1 < len(name):
                in_word = _is_letter(name, at + 1) and (before or _is_letter(name, at + 2))
                pairs.append((0, 0) if in_word else (name[at], name[at + 1]))
                at, before = at + 2, False
            else:
                at, before = at + 1, _is_letter(name, at)
    return pairs


def _is_letter(name: bytes, at: int) -> bool:
    return name[at : at + 1].isalpha()


def _within(low: int, high: int, trail: int, names: Iterable[bytes]) -> float:
    """Returns the share of characters among those that are used most, which have their own range."""
    pairs = _pairs(names)
    common = sum(low <= first <= high and second >= trail for first, second in pairs)
    return common / len(pairs) if pairs else 0.0


def _chinese(names: Iterable[bytes]) -> float:
    # The first level of GB 2312, 3,755 characters by pinyin, and less so the second.
    return 0.7 * _within(0xB0, 0xF7, 0xA1, names) + 0.3 * _within(0xB0, 0xD7, 0xA1, names)


def _japanese(names: Iterable[bytes]) -> float:
    # Kana of half the width are single bytes, which could be anything.
    pairs = _pairs(_HALF_WIDTH.sub(b"", name) for name in names)
    # Kana, and the first level of JIS X 0208.
    common = sum(
        (first == 0x82 and second >= 0x9F)
        or (first == 0x83 and second <= 0x96)
        or first == 0x81
        or 0x88 <= first <= 0x98
        for first, second in pairs
    )
    return common / len(pairs) if pairs else 0.0


def _korean(names: Sequence[bytes]) -> float:
    """Returns 2 if the names are Korean rather than Chinese, else 0.

    The bytes of Korean syllables are those of common Chinese characters. Chinese names have others, too, and as
    syllables their characters are any of the 2,350 that can be written, of which few are in use: so the letters
    within them tell (their frequencies in Korean texts, rounded, against those among the 2,350).
    """
    if _within(0xB0, 0xC8, 0xA1, names) < 1:
        return 0.0
    syllables = {one for one in b"".join(names).decode("cp949") if _letters(one)}
    odds = sum(_odds(one) for one in syllables)
    return 2.0 if syllables and odds + _ONLY_THESE_ROWS * len(syllables) > _CHINESE_FIRST else 0.0


def _letters(syllable: str) -> tuple[int, int, int] | None:
    """Returns the places of a syllable's letters: the first, the vowel, the last; None if it is none."""
    place = ord(syllable) - 0xAC00
    return (place // 588, place // 28 % 21, place % 28) if 0 <= place < 11_172 else None


def _odds(syllable: str) -> float:
    """Returns the logarithm of how much more often a syllable's letters are in Korean texts than by chance."""
    letters = _letters(syllable)
    assert letters is not None, "only syllables are asked for"
    return sum(odds[place] for odds, place in zip(_letter_odds(), letters, strict=True))


@cache
def _letter_odds() -> tuple[tuple[float, ...], ...]:
    rows = (bytes((first, second)) for first in range(0xB0, 0xC9) for second in range(0xA1, 0xFF))
    known = [letters for pair in rows if (letters := _letters(pair.decode("cp949"))) is not None]
    odds = []
    for kind, shares in enumerate(_LETTERS):
        counts = Counter(letters[kind] for letters in known)
        odds.append(
            tuple(log(share / 100 * len(known) / max(1, counts[place])) for place, share in enumerate(shares))
        )
    return tuple(odds)
