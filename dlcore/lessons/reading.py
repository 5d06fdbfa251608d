"""Reads lessons: Markdown with front matter, and a block ``step`` in each step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dlcore.errors import N_, SpecError, quote_value
from dlcore.languages import Language
from dlcore.lessons.lesson import MOST_STEPS, Head, Lesson, Step, StepBlock, TranslatedHead
from dlcore.spec.base import SpecModel
from dlcore.spec.problems import parse
from dlcore.spec.reading import read_text

MOST_CHARACTERS = 200_000
"""Of one file."""
BLOCK = "step"
"""What stands behind the fence of a step's block."""

_LINE = "---"
_HEADING = re.compile(r"##[ \t]+(.*)")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})[ \t]*(\S*).*")

M = TypeVar("M", bound=SpecModel)


@dataclass(frozen=True)
class _Block:
    """A piece of YAML in a file, and the number of its first line."""

    text: str
    line: int


@dataclass(frozen=True)
class _Section:
    """A step as it stands in a file: its heading with the number of its line, its block if any, and its text."""

    title: str
    line: int
    block: _Block | None
    text: str


@dataclass(frozen=True)
class _File:
    """A file in its parts."""

    name: str
    head: _Block
    text: str
    sections: Sequence[_Section]


def read_lesson(text: str, name: str) -> Lesson:
    """Returns the lesson that a file holds.

    Args:
        text: of the file.
        name: of the file, for errors.

    Raises:
        SpecError: it holds none; where, and what was expected.
    """
    file = _take_apart(text, name)
    head = _checked(Head, _data(file.head, name), name, file.head.line)
    steps = []
    for number, section in enumerate(file.sections, 1):
        block = StepBlock()
        if section.block is not None:
            block = _checked(StepBlock, _data(section.block, name), name, section.block.line, number)
        given = {**_fields(block), "title": section.title, "text": section.text}
        steps.append(_checked(Step, given, name, section.line, number))
    return _checked(Lesson, {**_fields(head), "text": file.text, "steps": steps}, name, file.head.line)


def translate_lesson(lesson: Lesson, text: str, name: str, language: Language) -> Lesson:
    """Returns a lesson with the texts of another file.

    Args:
        lesson: whose steps and checks stay.
        text: of the other file, which has the same steps, without blocks.
        name: of that file, for errors.
        language: of its texts.

    Raises:
        SpecError: it holds no translation of that lesson.
    """
    file = _take_apart(text, name)
    head = _checked(TranslatedHead, _data(file.head, name), name, file.head.line)
    if len(file.sections) != len(lesson.steps):
        raise SpecError(
            N_("expected as many steps as the lesson has, {wanted}, got {found}."),
            hint=N_("Give each step of the lesson a heading with `##` here, in the same order."),
            where=name,
            wanted=len(lesson.steps),
            found=len(file.sections),
        )
    steps = []
    for number, (section, step) in enumerate(zip(file.sections, lesson.steps, strict=True), 1):
        if section.block is not None:
            raise SpecError(
                N_("a translation holds texts alone, but this step has a block `step`."),
                hint=N_("Leave it out: pages and checks are those of the lesson."),
                where=_place(name, section.block.line, number),
            )
        given = {**_fields(step), "title": section.title, "text": section.text}
        steps.append(_checked(Step, given, name, section.line, number))
    texts = {"title": head.title, "summary": head.summary, "language": language, "text": file.text}
    return _checked(Lesson, {**_fields(lesson), **texts, "steps": steps}, name, file.head.line)


def _fields(part: SpecModel) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).model_fields}


def _take_apart(text: str, name: str) -> _File:
    if len(text) > MOST_CHARACTERS:
        raise SpecError(
            N_("the number of characters may be at most {most}."),
            hint=N_("Make several lessons of it."),
            where=name,
            most=MOST_CHARACTERS,
        )
    lines = text.removeprefix("\ufeff").splitlines()
    end = next((place for place, line in enumerate(lines) if place and line.rstrip() == _LINE), None)
    if not lines or lines[0].rstrip() != _LINE or end is None:
        raise SpecError(
            N_("expected the lesson's title and the like first, between two lines `---`, got {got}."),
            hint=N_("Begin the file with `---`, `title: …`, and so on, and `---`."),
            where=name,
            got=quote_value(lines[0] if lines else ""),
        )
    head = _Block("\n".join(lines[1:end]), 2)
    before, *sections = _sections(lines, end + 1, name)
    return _File(name, head, before.text, sections)


def _sections(lines: Sequence[str], begin: int, name: str) -> list[_Section]:
    """Returns what stands before the first step, and the steps."""
    found: list[_Section] = []
    title, at, block = "", begin, None
    kept: list[str] = []
    place = begin

    def end() -> None:
        found.append(_Section(title, at + 1, block, "\n".join(kept).strip()))

    while place < len(lines):
        line = lines[place]
        fence, heading = _FENCE.fullmatch(line), _HEADING.fullmatch(line)
        if heading:
            end()
            if len(found) > MOST_STEPS:
                raise SpecError(
                    N_("the number of steps may be at most {most}."),
                    hint=N_("Make several lessons of it."),
                    where=_place(name, place + 1),
                    most=MOST_STEPS,
                )
            # Not by the expression, which would take minutes for a line as long as a file may be.
            title, at, block = heading[1].rstrip(" \t#"), place, None
            kept = []
        elif fence:
            last = _end_of(lines, place, fence[1], name)
            if fence[2] != BLOCK:
                kept += lines[place : last + 1]
            elif not found or block is not None:
                raise _misplaced(name, place + 1, first=not found)
            else:
                block = _Block("\n".join(lines[place + 1 : last]), place + 2)
            place = last
        else:
            kept.append(line)
        place += 1
    end()
    return found


def _end_of(lines: Sequence[str], begin: int, fence: str, name: str) -> int:
    """Returns the place of the line that ends a block."""
    for place in range(begin + 1, len(lines)):
        line = lines[place].strip()
        if len(line) >= len(fence) and set(line) == {fence[0]}:
            return place
    raise SpecError(
        N_("this block has no end."),
        hint=N_("Write a line `{fence}` behind it."),
        where=_place(name, begin + 1),
        fence=fence,
    )


def _misplaced(name: str, line: int, *, first: bool) -> SpecError:
    if first:
        return SpecError(
            N_("this block `step` belongs to no step."),
            hint=N_("Begin a step before it: `## ` and its title."),
            where=_place(name, line),
        )
    return SpecError(
        N_("this step has two blocks `step`."), hint=N_("Put them together."), where=_place(name, line)
    )


def _data(block: _Block, name: str) -> Any:
    """Returns what a piece of YAML says; a line in an error is one of the file."""
    try:
        return read_text(block.text) if block.text.strip() else {}
    except SpecError as error:
        old = error.message
        params = dict(old.params)
        if "line" in params:
            params["line"] = int(params["line"]) + block.line - 1
        raise SpecError(old.template, hint=old.hint, where=name, **params) from None


def _checked(cls: type[M], data: Any, name: str, line: int, step: int = 0) -> M:
    try:
        return parse(cls, data)
    except SpecError as error:
        inside = error.message.where
        raise error.at(f"{_place(name, line, step)}{f': {inside}' if inside else ''}") from None


def _place(name: str, line: int, step: int = 0) -> str:
    """Returns where something is in a file.

    Example:
        >>> _place("cnn.md", 12, 3)
        'cnn.md, line 12, step 3'
    """
    return f"{name}, line {line}" + (f", step {step}" if step else "")
