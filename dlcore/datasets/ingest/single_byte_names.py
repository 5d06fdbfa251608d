"""Names of files in an encoding of one byte for each letter: Western or Cyrillic, of Windows or of DOS."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENCODINGS = ("cp437", "cp850", "cp1252", "cp866", "cp1251")
_USUAL = frozenset("äöüßéèêëàâáçñóíúôîïûùåøæÄÖÜÉÈÀÂÇÑÓÍÚÅØÆ")
_RARE = frozenset("ãõìòýÿœšžðþÁÃÊËÌÎÏÒÔÕÙÛÝŒŠŽ")
_CYRILLIC = frozenset("оеаинтсрвлкмдпуяыьгзбчйжх")
_RARELY = 0.7
"""What a rare letter counts."""

_WORD = re.compile(
    r"(?:[^\W\d_]|(?<=[^\W\d_])[^\x00-\x7f](?=[^\W\d_])|[^\x00-\x7f\w–—‘’“”…€£§°²³½©®·\u00a0])+"
)
"""Letters, and between them whatever is not ASCII; signs that people write in names stand alone."""

_LIKELY = 0.8
_AHEAD = 0.2
"""What an encoding must be ahead of others in which the names are different ones."""


def single_byte_encoding(names: Sequence[bytes]) -> str:
    """Returns the encoding in which all of the names make sense; empty if none is clearly ahead.

    Example:
        >>> single_byte_encoding(["Mädchen".encode("cp1252")]), single_byte_encoding(["кошки".encode("cp866")])
        ('cp1252', 'cp866')
    """
    read = {encoding: text for encoding in _ENCODINGS if (text := _decoded(names, encoding)) is not None}
    scores = {encoding: _sense(text) for encoding, text in read.items()}
    best = max(scores, key=lambda encoding: scores[encoding], default="")
    rivals = [scores[encoding] for encoding, text in read.items() if text != read[best]] if best else []
    is_clear = bool(best) and scores[best] >= max(_LIKELY, max(rivals, default=0.0) + _AHEAD)
    return best if is_clear else ""


def _decoded(names: Sequence[bytes], encoding: str) -> str | None:
    try:
        return "\n".join(name.decode(encoding) for name in names)
    except UnicodeDecodeError:
        return None


def _sense(text: str) -> float:
    """Returns how many of the letters beyond ASCII stand where people write them."""
    found = total = 0.0
    for word in _WORD.findall(text):
        strange = [char for char in word if not char.isascii()]
        # Signs are within words only where they were letters.
        total += len(strange)
        if _is_written(word):
            found += _of_cyrillic(word, strange) or _of_latin(word, strange)
    return found / total if total else 0.0


def _is_written(word: str) -> bool:
    """Returns whether a word has capitals only at its beginning, or throughout."""
    return word[1:] == word[1:].lower() or word == word.upper()


def _of_cyrillic(word: str, strange: list[str]) -> float:
    """Returns 1 for each usual letter of a word in Cyrillic letters, less for a rare one."""
    if any(char.isalpha() and not "\u0400" <= char <= "\u045f" for char in word):
        return 0.0
    return sum(1.0 if char.lower() in _CYRILLIC else _RARELY for char in strange if char.isalpha())


def _of_latin(word: str, strange: list[str]) -> float:
    """Returns 1 for each usual letter with an accent among plain ones, less for a rare one."""
    if 3 * sum(char.isascii() for char in word) < len(word) != 1:
        return 0.0
    return sum(1.0 if char in _USUAL else _RARELY if char in _RARE else 0.0 for char in strange)
