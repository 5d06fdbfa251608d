"""Texts that people gave, made short enough for the place where they are shown; and numbers as texts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

NAME = 48
"""Characters of a name that a line of text has room for."""
LARGE = 1e15
"""From here on a double no longer holds every whole number."""


_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
"""Characters that control a device, turn the direction of what follows, or are nothing to see."""


def visible_text(text: str) -> str:
    r"""Returns a text of somebody's as it can be shown or written anywhere: it hides nothing, and turns nothing round.

    What joins letters and emoji stays; so do tabs and line breaks, which each place treats in its own way.

    Example:
        >>> visible_text("a\x1b[31mb\u202ecod.exe")
        'a\ufffd[31mb\ufffdcod.exe'
    """
    return _UNSEEN.sub("\ufffd", text)


def on_one_line(text: str) -> str:
    r"""Returns `visible_text` on one line, with single blanks.

    Example:
        >>> on_one_line(" a\n b\u2028c")
        'a b\ufffdc'
    """
    return re.sub(r"[ \t\n\r]+", " ", visible_text(text)).strip(" ")


def html_text(text: str) -> str:
    r"""Returns `visible_text` for HTML.

    Example:
        >>> html_text("<b>\u202e")
        '&lt;b&gt;\ufffd'
    """
    return html.escape(visible_text(text))


def number_text(value: float, digits: int = 6, *, signed: bool = False) -> str:
    """Returns a number in a few digits; a large one to the last digit before the point rather than with an exponent.

    Args:
        value: the number.
        digits: that are significant.
        signed: whether a positive one has a sign as well.

    Example:
        >>> number_text(1_537_870.0), number_text(0.123456789, 4), number_text(-96353.46, 4, signed=True)
        ('1537870', '0.1235', '-96353')
        >>> number_text(2e20), number_text(0.00001234)
        ('2e+20', '1.234e-05')
    """
    sign = "+" if signed else ""
    text = f"{value:{sign}.{digits}g}"
    return f"{value:{sign}.0f}" if "e+" in text and abs(value) < LARGE else text


def shape_text(sizes: Iterable[int | None]) -> str:
    """Returns sizes with crosses between them; a question mark where any will do.

    Example:
        >>> shape_text((None, 28, 1))
        '? × 28 × 1'
    """
    return " × ".join("?" if one is None else str(one) for one in sizes)


def short_text(text: str, most: int = NAME) -> str:
    """Returns a text of at most `most` characters: what is left out of a longer one is in its middle.

    Both ends stay, since many names differ in their first or last letters only.

    Example:
        >>> short_text("a_very_long_name_of_a_class", 12), short_text("short", 12)
        ('a_very…class', 'short')
    """
    if len(text) <= most:
        return text
    head = most // 2
    return f"{text[:head]}…{text[len(text) - (most - head - 1) :]}"


def short_texts(texts: Iterable[str], most: int = NAME) -> dict[str, str]:
    """Returns the short form of each text, by the text; those that would look the same are numbered.

    Example:
        >>> short_texts(["ab", "a" * 9 + "b" + "c" * 9, "a" * 9 + "d" + "c" * 9], 7)
        {'ab': 'ab', 'aaaaaaaaabccccccccc': 'aaa…ccc', 'aaaaaaaaadccccccccc': 'aaa…ccc (2)'}
    """
    found: dict[str, str] = {}
    taken: dict[str, int] = {}
    used: set[str] = set()
    for text in texts:
        if text in found:
            continue
        short = short_text(text, most)
        title = short
        while title in used:
            taken[short] = taken.get(short, 1) + 1
            title = f"{short} ({taken[short]})"
        found[text] = title
        used.add(title)
    return found


def file_name(name: str) -> str:
    """Returns a name of letters, digits, dots and dashes that any system takes for a file.

    Example:
        >>> file_name("../my study: 1"), file_name("???")
        ('my-study-1', 'unnamed')
    """
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "unnamed"
