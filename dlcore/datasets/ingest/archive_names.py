"""Names in zips that do not say how they are encoded, as many programs for Windows write them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial

UTF8_FLAG = 0x800
FALLBACK = "cp437"
"""What the format says they are, and what `zipfile` takes them for."""

_LIKELY = 0.75
_HANGUL = 0xAC00
_FINALS = 28


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
    return best if best and scores[best] >= _LIKELY else FALLBACK


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
        at = 0
        while at < len(name):
            if name[at] > 0x80 and at + 1 < len(name):
                around = name[max(0, at - 1) : at] + name[at + 2 : at + 3]
                in_word = name[at + 1 : at + 2].isalpha() and any(
                    chr(one).isascii() and chr(one).isalpha() for one in around
                )
                pairs.append((0, 0) if in_word else (name[at], name[at + 1]))
                at += 1
            at += 1
    return pairs


def _within(low: int, high: int, trail: int, names: Iterable[bytes]) -> float:
    """Returns the share of characters among those that are used most, which have their own range."""
    pairs = _pairs(names)
    common = sum(low <= first <= high and second >= trail for first, second in pairs)
    return common / len(pairs) if pairs else 0.0


def _chinese(names: Iterable[bytes]) -> float:
    # The first level of GB 2312, 3,755 characters by pinyin, and less so the second.
    return 0.7 * _within(0xB0, 0xF7, 0xA1, names) + 0.3 * _within(0xB0, 0xD7, 0xA1, names)


def _japanese(names: Iterable[bytes]) -> float:
    pairs = _pairs(names)
    # Kana, and the first level of JIS X 0208.
    common = sum(
        (first == 0x82 and second >= 0x9F)
        or (first == 0x83 and second <= 0x96)
        or first == 0x81
        or 0x88 <= first <= 0x98
        for first, second in pairs
    )
    return common / len(pairs) if pairs else 0.0


def _korean(names: Iterable[bytes]) -> float:
    """Returns how much the names are like Korean ones; more than 1 if they are more so than Chinese ones may be.

    The bytes of common Korean syllables are those of common Chinese characters. But Chinese ones lie in rows
    where Korean has Chinese characters, too, and of its own syllables mostly rare ones, which end with a
    consonant: of those in use about half do not, of the 2,350 that can be written one in six.
    """
    names = list(names)
    if _within(0xB0, 0xC8, 0xA1, names) < 1:
        return 0.0
    text = "".join(name.decode("cp949") for name in names)
    syllables = {one for one in text if _HANGUL <= ord(one) < 0xD7A4}
    if not syllables:
        return 0.0
    open_ones = sum((ord(one) - _HANGUL) % _FINALS == 0 for one in syllables)
    return 2.0 if open_ones >= len(syllables) / 3 else 0.0
