"""Texts that people gave, made short enough for the place where they are shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

NAME = 48
"""Characters of a name that a line of text has room for."""


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
