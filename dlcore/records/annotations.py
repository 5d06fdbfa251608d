"""What people say of runs and studies: a name, notes, tags, a star, and whether they are put away."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from dlcore.errors import N_, SpecError

MOST_TAGS = 20
LONGEST_TAG = 40
LONGEST_NAME = 200
LONGEST_NOTES = 20_000


@dataclass(frozen=True)
class Annotation:
    """What a run or a study says about itself that no training depends on.

    Attributes:
        notes: free text, as Markdown.
        tags: in the order they were given; no two differ only in upper and lower case.
        favorite: it has a star.
        archived: lists leave it out unless it is asked for.
    """

    notes: str = ""
    tags: tuple[str, ...] = ()
    favorite: bool = False
    archived: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Returns it JSON-ready; the keys are the columns that hold it."""
        return {**asdict(self), "tags": list(self.tags)}


@dataclass(frozen=True)
class AnnotationEdit:
    """A change of names and annotations; what is None or empty stays as it is.

    Attributes:
        name: an empty one brings back the usual name.
        add_tags, remove_tags: so that two people who tag at the same time lose nothing.

    Raises:
        SpecError: a name, note or tag that cannot be used.

    Example:
        >>> edit = AnnotationEdit(add_tags=(" paper ",), remove_tags=("Draft",))
        >>> edit.applied_to(Annotation(tags=("draft", "seeds"))).tags
        ('seeds', 'paper')
    """

    name: str | None = None
    notes: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    favorite: bool | None = None
    archived: bool | None = None

    def __post_init__(self) -> None:
        if self.name is not None:
            object.__setattr__(self, "name", _checked_line(self.name, LONGEST_NAME, "name"))
        object.__setattr__(self, "add_tags", tuple(map(_checked_tag, self.add_tags)))
        object.__setattr__(self, "remove_tags", tuple(" ".join(tag.split()) for tag in self.remove_tags))
        if self.notes is not None:
            check_notes(self.notes, LONGEST_NOTES)

    def applied_to(self, annotation: Annotation) -> Annotation:
        """Returns an annotation with this change.

        Raises:
            SpecError: there would be too many tags.
        """
        dropped = {tag.casefold() for tag in self.remove_tags}
        tags = {tag.casefold(): tag for tag in annotation.tags if tag.casefold() not in dropped}
        for tag in self.add_tags:
            tags.setdefault(tag.casefold(), tag)
        if len(tags) > MOST_TAGS:
            raise SpecError(
                N_("the number of tags may be at most {most}, got {got}."),
                hint=N_("Remove some first."),
                where="tags",
                most=MOST_TAGS,
                got=len(tags),
            )
        return Annotation(
            annotation.notes if self.notes is None else self.notes,
            tuple(tags.values()),
            annotation.favorite if self.favorite is None else self.favorite,
            annotation.archived if self.archived is None else self.archived,
        )


def usual_name(dataset: str, template: str, number: int | None) -> str:
    """Returns what a run or a study is called as long as nobody calls it otherwise.

    Example:
        >>> usual_name("digits", "cnn", 3), usual_name("digits", "", 3)
        ('digits · cnn · 3', 'digits · 3')
    """
    return " · ".join(str(part) for part in (dataset, template, number) if part)


def _checked_tag(text: str) -> str:
    tag = _checked_line(" ".join(text.split()), LONGEST_TAG, "tags")
    if not tag or "," in tag:
        raise SpecError(
            N_("expected a word or a few as a tag, got '{got}'."),
            hint=N_("Leave out commas; give one tag at a time."),
            where="tags",
            got=text,
        )
    return tag


def _checked_line(text: str, most: int, where: str) -> str:
    text = text.strip()
    if len(text) > most or any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in text):
        raise SpecError(
            N_("expected one line of text, its length at most {most}, got {got}."),
            hint=N_("Shorten it, and remove line breaks and tabs."),
            where=where,
            most=most,
            got=len(text),
        )
    return text


def check_notes(text: str, longest: int) -> None:
    """Checks notes on something.

    Raises:
        SpecError: they are longer than `longest` characters, or no text that a store can hold.
    """
    if len(text) > longest or "\0" in text:
        raise SpecError(
            N_("expected a text whose length is at most {most}, got {got}."),
            hint=N_("Shorten the notes."),
            where="notes",
            most=longest,
            got=len(text),
        )
