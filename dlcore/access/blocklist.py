"""The filter of contents that comes along: a list of words, which is a file of whoever runs the place.

RE2 looks for all of them in one pass, whose time does not depend on how many there are. Python's word filters were weighed
first: better-profanity and profanity-check know English alone, by lists or a model of their own that a host cannot judge, and
have not been kept up for years.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dlcore.access.content import ContentFilter, ContentKind
from dlcore.errors import N_, SettingsError
from dlcore.settings import Settings

_MEMORY = 64 * 2**20
"""Bytes that the automaton of a list may take."""
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Letters of languages that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
_BEGINS, _ENDS = r"(?:^|\PL)", r"(?:\PL|$)"
"""What is before and behind a whole word: no letter."""
_UNSEEN = ("Mn", "Me", "Cf", "Cc")


def blocklist(settings: Settings) -> ContentFilter:
    """Returns the filter of the file that the settings name, which is read again when it has changed.

    Raises:
        SettingsError: there is none, or it cannot be read.
    """
    if settings.blocklist is None:
        raise SettingsError(
            N_("no file of words is named."), hint=N_("Set it to a file."), where="DLCORE_BLOCKLIST"
        )
    words = Blocklist(settings.blocklist.expanduser())
    words.find("")  # so that a file that is not there is noticed at once
    return lambda content: None if content.kind is ContentKind.FILE else words.find(content.text)


class Blocklist:
    """Finds the words of a file in texts.

    Args:
        path: one word or phrase a line; what is behind `#` is a remark. A word counts as a whole one: with `*` before or
            behind it, also as the end or the beginning of another one.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._read_at, self._pattern = path, -1, None

    def find(self, text: str) -> str | None:
        """Returns the first word of the list in a text, as the list has it, but plain; None if there is none.

        Raises:
            SettingsError: the file is not there any more, or cannot be read.
        """
        pattern = self._current()
        found = pattern.search(plain(text)) if pattern is not None else None
        return None if found is None else " ".join(next(filter(None, found.groups())).split())

    def _current(self) -> Any:
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._read_at:
                self._pattern = _pattern(self._path.read_text(encoding="utf-8-sig").splitlines())
                self._read_at = changed
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                N_("the file of words cannot be read: {reason}."),
                hint=N_("Let it be a text in UTF-8 that this program may read."),
                where=str(self._path),
                reason=str(error),
            ) from error
        return self._pattern


def plain(text: str) -> str:
    """Returns a text as it is compared: small letters without marks, and without what cannot be seen.

    Example:
        >>> plain("B\u200bÀD"), plain("ＢＡＤ"), plain("Straße")
        ('bad', 'bad', 'strasse')
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(one for one in parts if unicodedata.category(one) not in _UNSEEN or one in "\t\n\r")
    return unicodedata.normalize("NFC", seen).casefold()


def _pattern(lines: Iterable[str]) -> Any:
    """Returns the expression of RE2 that finds any of some words; None if there are none.

    Raises:
        SettingsError: there are too many.
    """
    import re2  # here: nobody at home needs it

    by_ends: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lines:
        word = plain(line.partition("#")[0]).strip()
        core = word.strip("*").strip()
        if core:
            is_open = _WITHOUT_SPACES.search(core) is not None
            before = "" if is_open or word.startswith("*") else _BEGINS
            behind = "" if is_open or word.endswith("*") else _ENDS
            by_ends[before, behind].add(r"\s+".join(map(re2.escape, core.split())))
    if not by_ends:
        return None
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    # The ends once for all words that have the same ones: for each they would take a hundred times the memory.
    several = (f"{before}({'|'.join(sorted(words))}){behind}" for (before, behind), words in by_ends.items())
    try:
        return re2.compile("|".join(several), options)
    except re2.error as error:
        raise SettingsError(
            N_("the list has too many words."),
            hint=N_("Keep to some ten thousand."),
            where="DLCORE_BLOCKLIST",
        ) from error
