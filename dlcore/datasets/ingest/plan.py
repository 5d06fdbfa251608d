"""Which files of an archive become samples, of which part and class, and why the others do not."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from dlcore.datasets.decoding import BadFileError
from dlcore.datasets.ingest.exports import check_export
from dlcore.datasets.ingest.labels import (
    LabelTable,
    NameLabels,
    guess_name_rule,
    label_table,
    name_labels,
)
from dlcore.datasets.ingest.listing import Listing
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import FOLDERS, NAME_RULE, TABLE, Choices, Doubt, one_class
from dlcore.datasets.ingest.several_classes import (
    combined_place,
    find_copies,
    list_doubts,
    several_doubts,
    several_notes,
    with_copies,
)
from dlcore.datasets.ingest.trees import GENERIC, Layout, Place, folders_of, is_unlabeled, layout_of
from dlcore.datasets.samples import TEST
from dlcore.errors import N_, DatasetError, Message
from dlcore.settings import Settings
from dlcore.spec.data import DataKind, Task

_MANY = 0.25
"""A larger share of files in no class's folder is in doubt."""

_EXAMPLES = 5


@dataclass(frozen=True)
class FilePlan:
    """What becomes of the files of an archive.

    Attributes:
        kind: of the samples.
        places: the part and the class of each file that becomes a sample.
        labels: what tells the classes: `folders`, `table`, or a rule for names.
        label_options: what else may tell them.
        copies: of files that are in the folders of several classes, the first of the same content.
        notes, warnings, doubts, problem: as in a proposal.
    """

    kind: DataKind
    places: Mapping[str, Place]
    labels: str
    label_options: tuple[str, ...]
    notes: tuple[Message, ...]
    warnings: tuple[Message, ...]
    doubts: tuple[Doubt, ...]
    problem: Message | None
    copies: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_several(self) -> bool:
        """Whether files have several classes."""
        return any(place.others for place in self.places.values())

    def refusal(self, name: str) -> BadFileError:
        """Returns why a file of the right kind does not become a sample."""
        if name in self.copies:
            return BadFileError(
                N_("it is the same as {name}, which has its class, too."), name=self.copies[name]
            )
        if any(map(is_unlabeled, folders_of(name))):
            return BadFileError(N_("its folder says that it has no class."))
        if self.labels == FOLDERS:
            return BadFileError(N_("it is not in the folder of a class."))
        if self.labels == TABLE:
            return BadFileError(N_("the table of classes does not name it."))
        return BadFileError(N_("its name tells no class."))


def plan_files(listing: Listing, choices: Choices, settings: Settings) -> FilePlan:
    """Returns what becomes of the files under the user's choices.

    Raises:
        DatasetError: no file is of a known kind, or they are described by boxes.
    """
    kind = _kind_of(listing, choices)
    if kind is DataKind.IMAGE:
        check_export(listing, settings)
    names = listing.named(kind)
    lists = choices.task in (None, Task.MULTILABEL)
    sources = _Sources(listing, names, kind, settings, lists=lists)
    labels = choices.labels or sources.guess()
    places = sources.places(labels)
    copies = find_copies(listing, places) if labels == FOLDERS else {}
    places = with_copies(places, copies)
    several = sum(bool(place.others) for place in places.values())
    if not lists:
        places = {name: combined_place(place) for name, place in places.items()}
    classes = tuple(sorted({label for place in places.values() for label in place.labels}))
    doubts = (
        *_layout_doubts(sources.layout, labels),
        *_odd_classes(classes),
        *_alike_classes(classes),
        *sources.doubts(labels, places, choices.labels),
        *(list_doubts(sources.table) if labels == TABLE and choices.task is None else ()),
        *several_doubts(several, len(places), choices.task),
    )
    left = [name for name in names if name not in places and name not in copies]
    return FilePlan(
        kind,
        places,
        labels,
        sources.options(labels),
        (
            *_encodings(listing, kind),
            *sources.notes(labels),
            *several_notes(several, len(places), choices.task),
        ),
        (*(_left_out(left) if places else ()), *_inner(sources.layout, labels)),
        (*one_class(classes), *doubts, *(_left_doubt(left, names, sources.layout) if places else ())),
        None if places else _no_classes(labels),
        copies,
    )


def _kind_of(listing: Listing, choices: Choices) -> DataKind:
    kind = choices.kind or next(iter(listing.kinds), None)
    if kind is None or kind not in (DataKind.IMAGE, DataKind.AUDIO, DataKind.TEXT):
        raise DatasetError(
            N_("it contains no image, recording or text in a known format."),
            hint=N_(
                "Pack PNG, JPEG, GIF, BMP, WebP, TIFF, WAV, FLAC, Ogg, MP3 or TXT files, in a folder a class."
            ),
        )
    return kind


class _Sources:
    """All that may tell the classes of some files."""

    def __init__(
        self, listing: Listing, names: list[str], kind: DataKind, settings: Settings, *, lists: bool
    ) -> None:
        self._names = names
        self.layout: Layout = layout_of(names)
        aside = listing.aside
        if kind is DataKind.TEXT:
            texts = set(names)
            aside = {name: data for name, data in aside.items() if name not in texts}
        self.table: LabelTable | None = label_table(aside, names, settings, lists=lists)
        self._classes = {label for label in self.layout.classes if label.lower() not in GENERIC}

    @cached_property
    def _told(self) -> list[str]:
        """The files whose names may tell a class: not the pictures to be predicted in a competition."""
        places = {name: self.layout.place(name) for name in self._names}
        return [name for name, place in places.items() if place is None or place.part != TEST] or self._names

    @cached_property
    def rule(self) -> NameLabels | None:
        """The rule by which the names tell the classes; nobody needs it where the folders do."""
        return guess_name_rule(self._told) if len(self._classes) < 2 else None

    def guess(self) -> str:
        """Returns what most likely tells the classes."""
        covers = self.table is not None and len(self.table.places) >= 0.9 * len(self._names)
        if len(self._classes) > 1 and not (covers and not self._agrees()):
            return FOLDERS
        if (
            self.table is not None
            and len({label for place in self.table.places.values() for label in place.labels}) > 1
        ):
            return TABLE
        if len(self._classes) < 2 and self.rule is not None:
            return self.rule.rule
        return FOLDERS

    def places(self, labels: str) -> dict[str, Place]:
        """Returns the part and the class of each file for which that source tells them."""
        found: dict[str, Place] = {}
        of_names = self._of_names(labels)
        for name in self._names:
            place = self.layout.place(name)
            part, label = (place.part, place.label) if place else ("", "")
            others: tuple[str, ...] = ()
            if labels == TABLE and self.table is not None:
                told = self.table.places.get(name, Place("", ""))
                part, label, others = told.part or part, told.label, told.others
            elif labels != FOLDERS:
                label = of_names.get(name, "")
            elif label not in self._classes:
                label = ""
            if label:
                found[name] = Place(part, label, others)
        return found

    def options(self, labels: str) -> tuple[str, ...]:
        """Returns what may tell the classes, that one first."""
        options = [labels, FOLDERS] if self._classes else [labels]
        options += [TABLE] if self.table is not None else []
        options += [self.rule.rule] if self.rule is not None else []
        return tuple(dict.fromkeys((*options, NAME_RULE)))

    def notes(self, labels: str) -> tuple[Message, ...]:
        """Returns what was taken from where, if not from the folders."""
        if labels == TABLE and self.table is not None:
            text = N_("the classes are those in the column {column} of {tables}.")
            tables = ", ".join(self.table.names[:_EXAMPLES])
            return (Message(text, params={"column": self.table.column, "tables": tables}),)
        if labels != FOLDERS:
            shown = sorted(set(self._of_names(labels).values()))[:_EXAMPLES]
            text = N_("the classes are taken from the names of the files: {examples}.")
            return (Message(text, params={"examples": ", ".join(shown)}),)
        return ()

    def doubts(self, labels: str, places: Mapping[str, Place], choice: str) -> tuple[Doubt, ...]:
        """Returns what should be asked of the source, unless it was chosen."""
        if choice:
            return ()
        if labels == TABLE and self.table is not None:
            if len(self._classes) > 1 or self.table.doubtful:
                return (
                    Doubt(
                        "labels-from-table",
                        Message(
                            N_(
                                "the classes are taken from the column {column} of {tables}, not from anything else."
                            ),
                            N_(
                                "Choose what tells the classes (`--labels folders`, or a rule for the names)."
                            ),
                            params={"column": self.table.column, "tables": self.table.names[0]},
                        ),
                    ),
                )
        elif labels != FOLDERS and self.rule is not None and self.rule.doubtful:
            shown = sorted({place.label for place in places.values()})[:_EXAMPLES]
            return (
                Doubt(
                    "labels-from-names",
                    Message(
                        N_("the classes are guessed from the names of the files: {examples}."),
                        N_(
                            "Choose which part of the names is the class (`--labels 1_` is the first between underscores)."
                        ),
                        params={"examples": ", ".join(shown)},
                    ),
                ),
            )
        return ()

    def _of_names(self, labels: str) -> dict[str, str]:
        """Returns the class that each name tells by that rule, if it is one."""
        if labels in (FOLDERS, TABLE):
            return {}
        classes = set(name_labels(labels, self._told).values())
        return {name: label for name, label in name_labels(labels, self._names).items() if label in classes}

    def _agrees(self) -> bool:
        """Returns whether the table names the same classes as the folders, by whatever names."""
        assert self.table is not None
        pairs = defaultdict(set)
        for name, told in self.table.places.items():
            place = self.layout.place(name)
            if place is not None and place.label in self._classes:
                pairs[place.label].add(told.labels)
        labels = [label for told in pairs.values() for label in told]
        return all(len(told) == 1 for told in pairs.values()) and len(labels) == len(set(labels))


def _no_classes(labels: str) -> Message:
    """Returns why no file has a class."""
    if labels == TABLE:
        text = N_("no table in the archive says of which class the files are.")
    elif labels == FOLDERS:
        text = N_("the files are not in folders named after their classes.")
    else:
        text = N_("no file's name tells its class by this rule.")
    return Message(
        text,
        N_(
            "Put the files of each class into a folder with the class's name, add a CSV file with the name and the "
            "class of each file, or say which part of the names is the class (`--labels 1_`)."
        ),
    )


def _layout_doubts(layout: Layout, labels: str) -> tuple[Doubt, ...]:
    """Returns the doubts about the folders."""
    found = []
    if layout.unknown:
        text = N_(
            "beside folders such as train and test, some name no part: {names}. Their files are left out."
        )
        hint = N_("Rename them train, validation or test, or take them out.")
        found.append(Doubt("unknown-part", Message(text, hint, params={"names": _some(layout.unknown)})))
    if labels == FOLDERS and layout.nested:
        text = N_(
            "each of the folders {names} holds the same folders; the outer ones are taken for the classes."
        )
        hint = N_(
            "If the inner ones are the classes, take them out, or call the outer ones train, validation and test."
        )
        found.append(Doubt("nested-classes", Message(text, hint, params={"names": _some(layout.nested)})))
    return tuple(found)


def _odd_classes(classes: tuple[str, ...]) -> tuple[Doubt, ...]:
    """Returns the doubt about classes that are called like parts."""
    odd = tuple(label for label in classes if part_of(label))
    if not odd:
        return ()
    text = N_("names of parts are taken for classes: {names}.")
    hint = N_("If they are parts, put a folder for each class into theirs.")
    return (Doubt("class-like-part", Message(text, hint, params={"names": _some(odd)})),)


def _alike_classes(classes: tuple[str, ...]) -> tuple[Doubt, ...]:
    """Returns the doubt about classes that differ only in case, blanks or the form of accents."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for label in classes:
        plain = unicodedata.normalize("NFKC", label).casefold()
        found[" ".join(re.split(r"[\s_-]+", plain)).strip()].append(label)
    alike = next((labels for labels in found.values() if len(labels) > 1), None)
    if alike is None:
        return ()
    text = N_("classes that are probably one: {names}.")
    hint = N_("Give the folders or cells of a class the same name.")
    return (Doubt("alike-classes", Message(text, hint, params={"names": _some(tuple(alike))})),)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_EXAMPLES]) + (", …" if len(names) > _EXAMPLES else "")


def _inner(layout: Layout, labels: str) -> tuple[Message, ...]:
    """Returns what to know of folders within those of classes."""
    if labels != FOLDERS or not layout.inner or layout.nested:
        return ()
    text = N_("folders within those of the classes are not used: {names}.")
    return (Message(text, params={"names": _some(layout.inner)}),)


def _left_out(left: list[str]) -> tuple[Message, ...]:
    if not left:
        return ()
    text = N_("files that belong to no class are left out: {count}, such as {name}.")
    return (Message(text, params={"count": len(left), "name": left[0]}),)


def _has_part(layout: Layout, name: str) -> bool:
    place = layout.place(name)
    return place is not None and place.part != ""


def _left_doubt(left: list[str], names: list[str], layout: Layout) -> tuple[Doubt, ...]:
    """Returns the doubt about many files that are left out, though nothing says they have no class."""
    odd = [
        name for name in left if not _has_part(layout, name) and not any(map(is_unlabeled, folders_of(name)))
    ]
    if len(odd) <= _MANY * len(names) or layout.unknown:
        return ()
    text = N_("many files belong to no class and are left out ({count} of {all}), such as {name}.")
    hint = N_("Put each into the folder of its class.")
    return (
        Doubt("left-out", Message(text, hint, params={"count": len(odd), "all": len(names), "name": odd[0]})),
    )


def _encodings(listing: Listing, kind: DataKind) -> tuple[Message, ...]:
    found = []
    if listing.encoding:
        text = N_("the archive does not say how the names in it are encoded; they are read as {encoding}.")
        found.append(Message(text, params={"encoding": listing.encoding}))
    if kind is DataKind.TEXT and listing.text_encoding:
        text = N_("texts that are not in UTF-8 are read as {encoding}.")
        found.append(Message(text, params={"encoding": listing.text_encoding}))
    return tuple(found)
