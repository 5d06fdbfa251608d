"""The encoding of a text, told by all of it: one byte at its end may be what rules an encoding out."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator

import charset_normalizer

Blocks = Callable[[], Iterator[bytes]]
"""Gives the bytes of a text from its beginning, again at each call."""

_SAMPLE = 2**17
_UTF_8 = 5
"""Runs of bytes that are characters of UTF-8 from which a text is in it, in spite of others."""

_HIGH = re.compile(rb"[\x80-\xff]+")
_LINE = re.compile(rb"[^\n]*[\x80-\xff][^\n]*")
_SIGNS = frozenset("‘’“”–—•…€£¥§©®°±²³µ¶·«»¿¡×÷ºª½¼¾™\u00a0")
_LATIN = ("cp1252", "cp1250")
"""The usual ones of Western and of Central Europe; many texts could be in either, and most are in the first."""


def encoding_of(blocks: Blocks) -> str:
    """Returns the encoding of a text: UTF-8 unless it cannot be.

    Every candidate has to decode all of the text.

    Args:
        blocks: gives its bytes.
    """
    head = next(blocks(), b"")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if (unmarked := unmarked_utf_16(head)) and _decodes(blocks, unmarked):
        return unmarked
    if _decodes(blocks, "utf-8"):
        return "utf-8-sig"
    sample = _strange_lines(blocks)
    if _is_mostly_utf_8(sample):
        return "utf-8-sig"  # what does not fit is replaced and counted
    for encoding in _candidates(sample):
        if _decodes(blocks, encoding):
            return encoding
    return "latin-1"


def unmarked_utf_16(head: bytes) -> str:
    """Returns which of the two kinds of UTF-16 a text without a mark at its beginning is in; empty: neither.

    Example:
        >>> unmarked_utf_16("a,b".encode("utf-16-le")), unmarked_utf_16(b"a,b")
        ('utf-16-le', '')
    """
    pairs = len(head[:_SAMPLE]) // 2
    low, high = (head[start:_SAMPLE:2].count(0) for start in (0, 1))
    if pairs and high > pairs / 2 and not low:
        return "utf-16-le"
    return "utf-16-be" if pairs and low > pairs / 2 and not high else ""


def _is_mostly_utf_8(sample: bytes) -> bool:
    """Returns whether almost all runs of strange bytes are characters of UTF-8, which is no accident.

    Texts that were put together from several files are in two encodings.
    """
    runs = [run for run in _HIGH.findall(sample) if len(run) > 1]
    fitting = sum("\ufffd" not in run.decode("utf-8", errors="replace") for run in runs)
    others = len(_HIGH.findall(sample)) - fitting
    return fitting >= _UTF_8 and others <= fitting / 4


def _decodes(blocks: Blocks, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for block in blocks():
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _strange_lines(blocks: Blocks) -> bytes:
    """Returns lines with bytes that are not ASCII, from everywhere in the text."""
    found: list[bytes] = []
    size = 0
    for block in blocks():
        for line in _LINE.findall(block):
            found.append(line[:4_096])
            size += len(found[-1])
            if size > _SAMPLE:
                return b"\n".join(found)
    return b"\n".join(found)


def _candidates(sample: bytes) -> Iterator[str]:
    """Yields the encodings that such lines may have, the likeliest first."""
    runs = _HIGH.findall(sample)
    high = sum(map(len, runs))
    if sum(len(run) for run in runs if len(run) % 2 == 0) >= 0.9 * high:
        yield from _east_asian(sample)
    guessed = charset_normalizer.from_bytes(sample).best()
    guess = guessed.encoding if guessed is not None else ""
    letters = sum(chr(byte).isalpha() for byte in sample if byte < 128)
    words = sum(len(run) for run in runs if len(run) > 1)
    if words > letters and not _is_western(guess):
        yield guess  # an alphabet of its own, such as Cyrillic
    yield from (encoding for encoding in _LATIN if _reads_as_words(sample, encoding))
    if guess:
        yield guess
    yield from _LATIN


def _east_asian(sample: bytes) -> list[str]:
    """Returns the encodings of pairs of bytes, those first whose characters are common in their language."""
    least = {"euc_kr": 0.25, "euc_jp": 0.25, "gb18030": 0.5}
    return [encoding for encoding in _COMMON if _commonness(sample, encoding) > least[encoding]]


_SYLLABLES = frozenset(
    "이다는에을를의가고하지로한은서도기나사리인그자시어아대해수정보라제게만일부주들구과것있습니요안"
)
"""Every second syllable of a Korean text; any pair of bytes of a Chinese text is some syllable."""

_COMMON: dict[str, Callable[[str], bool]] = {
    "euc_kr": lambda char: char in _SYLLABLES,
    "euc_jp": lambda char: "\u3040" <= char <= "\u30ff",
    # The first level of GB 2312: its 3,755 characters cover almost all of modern Chinese.
    "gb18030": lambda char: b"\xb0\xa1" <= char.encode("gb18030") <= b"\xd7\xf9",
}


def _commonness(sample: bytes, encoding: str) -> float:
    strange = [char for char in sample.decode(encoding, errors="replace") if ord(char) > 127]
    letters = [char for char in strange if char.isalpha() or char == "\ufffd"]
    known = _COMMON[encoding]
    return sum(char != "\ufffd" and known(char) for char in letters) / len(letters) if letters else 0.0


def _is_western(encoding: str) -> bool:
    return encoding in ("", "cp1250", "cp1252", "cp437", "cp850", "latin_1", "mac_latin2", "mac_roman") or (
        encoding.startswith(("iso8859", "hp_", "cp11"))
    )


def _reads_as_words(sample: bytes, encoding: str) -> bool:
    """Returns whether what is not ASCII consists of letters and of signs that people write."""
    text = sample.decode(encoding, errors="replace")
    strange = [place for place, char in enumerate(text) if ord(char) > 127]
    return sum(_is_sound(text, place) for place in strange) >= 0.9 * len(strange)


def _is_sound(text: str, place: int) -> bool:
    """Returns whether a character is a letter, or a sign that does not stand within a word."""
    char = text[place]
    if unicodedata.category(char)[0] == "L" or char in "‘’·":
        return True
    return char in _SIGNS and not (
        text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha()
    )
