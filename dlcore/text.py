"""Texts that people gave, made short enough for the place where they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAME = 48
"""Characters of a name that a line of text has room for."""


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
