"""The languages that people read, and the catalogues of their texts."""

from __future__ import annotations

import gettext
import io
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


class Language(StrEnum):
    """One of them, as catalogues are called."""

    ENGLISH = "en"
    CHINESE = "zh_CN"


LANGUAGES = {Language.ENGLISH.value: "English", Language.CHINESE.value: "简体中文"}
"""What each is called in itself."""

LOCALE_DIR = Path(__file__).parent / "ui" / "locale"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Returns the texts of a language; English is the key itself."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / "dlcore.po"
    if language not in LANGUAGES or not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        compiled = io.BytesIO()
        # Compiled when first needed: a .mo file beside the .po one could fall behind it.
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
