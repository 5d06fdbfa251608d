"""The lessons there are: those that come along, and those of a folder of the host's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dlcore.errors import N_, SpecError, unknown_name
from dlcore.languages import Language
from dlcore.lessons.lesson import Lesson
from dlcore.lessons.reading import MOST_CHARACTERS, read_lesson, translate_lesson
from dlcore.settings import Settings

FILES = Path(__file__).parent / "files"
"""The lessons that come along."""
MOST_LESSONS = 500

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class LessonFile:
    """The files of one lesson.

    Attributes:
        name: in the address.
        path: of the lesson.
        translations: of its texts, by the language.
    """

    name: str
    path: Path
    translations: Mapping[str, Path]

    def read(self, language: str) -> Lesson:
        """Returns the lesson in a language, or in its own where there is no translation.

        Raises:
            SpecError: a file cannot be read; where, and what was expected.
        """
        lesson = _read(self.path, _stamp(self.path))
        other = self.translations.get(language)
        if other is None or language == lesson.language:
            return lesson
        return _translated(self.path, _stamp(self.path), other, _stamp(other), Language(language))


def lesson_files(settings: Settings) -> Mapping[str, LessonFile]:
    """Returns all lessons by their names; one of the host's replaces one of the same name that comes along."""
    folders = [FILES, *([settings.lessons.expanduser()] if settings.lessons else [])]
    return {one.name: one for folder in folders for one in _in_folder(folder)}


def find_lesson(name: str, settings: Settings) -> LessonFile:
    """Returns the lesson of a name.

    Raises:
        SpecError: there is none; lists the nearest names.
    """
    files = lesson_files(settings)
    if name not in files:
        raise unknown_name(N_("lesson"), name, files)
    return files[name]


def lesson_file(path: Path) -> LessonFile:
    """Returns the lesson of a file, with its translations, which lie beside it.

    Raises:
        SpecError: the file is not called as one of a lesson is.
    """
    if path.suffix != ".md" or not _NAME.fullmatch(path.stem):
        raise SpecError(
            N_("this is no name of a lesson."),
            hint=N_("Take small letters, digits and hyphens, and the ending .md: my-lesson.md."),
            where=path.name,
        )
    others = {code.value: path.with_suffix(f".{code.value}.md") for code in Language}
    return LessonFile(path.stem, path, {code: other for code, other in others.items() if other.is_file()})


def _in_folder(folder: Path) -> Iterator[LessonFile]:
    paths = sorted(folder.glob("*.md"))[: MOST_LESSONS * len(Language)] if folder.is_dir() else []
    # A pipe would be waited for without end.
    return (lesson_file(path) for path in paths if _NAME.fullmatch(path.stem) and path.is_file())


def _stamp(path: Path) -> tuple[int, int]:
    """Returns what changes with a file; nothing known of one that is gone, which `_text` says."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, _stamp: tuple[int, int]) -> Lesson:
    return read_lesson(_text(path), path.name)


@lru_cache(maxsize=256)
def _translated(
    path: Path, stamp: tuple[int, int], other: Path, _stamp: tuple[int, int], language: Language
) -> Lesson:
    return translate_lesson(_read(path, stamp), _text(other), other.name, language)


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MOST_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        raise SpecError(
            N_("the file cannot be read: {reason}."),
            hint=N_("Check that it is text in UTF-8."),
            where=path.name,
            reason=getattr(error, "strerror", None) or type(error).__name__,
        ) from None
