"""Names in ten languages, from the tables of Unicode's CLDR that ship with Babel."""

from __future__ import annotations

from collections import Counter

import pandas as pd

LANGUAGES = {
    "de": "German", "en": "English", "es": "Spanish", "fi": "Finnish", "fr": "French",
    "hu": "Hungarian", "it": "Italian", "nl": "Dutch", "pl": "Polish", "tr": "Turkish",
}  # fmt: skip
_SHORTEST, _LONGEST = 4, 32


def words() -> pd.DataFrame:
    """Returns what countries, languages and currencies are called in ten languages, and in which of them.

    A name that several of them share, such as Peru, tells nothing and is left out.
    """
    from babel import Locale

    names = {}
    for code, language in LANGUAGES.items():
        locale = Locale(code)
        found = {*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()}
        # One spelling of each: a country and its language may differ in the first letter alone.
        names[language] = {name.casefold(): name for name in sorted(found, reverse=True) if _is_plain(name)}
    shared = Counter(folded for found in names.values() for folded in found)
    rows = [
        (name, language)
        for language, found in names.items()
        for folded, name in sorted(found.items())
        if shared[folded] == 1
    ]
    return pd.DataFrame(rows, columns=["text", "language"])


def _is_plain(name: str) -> bool:
    """Returns whether it is made of letters alone: numbers of years are the same everywhere."""
    letters = name.replace(" ", "").replace("-", "")
    return _SHORTEST <= len(name) <= _LONGEST and letters.isalpha()
