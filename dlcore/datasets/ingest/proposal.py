"""What a file seems to be, and what the user says it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dlcore.datasets.ingest.groups import GroupOption
from dlcore.datasets.stored import NAME, RefusedItem
from dlcore.errors import N_, DatasetError, Message, quote_value
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task

_LONGEST_SHOWN = 200
_LONELY = 5
"""Classes of one part that are named."""
_ENDINGS = re.compile(
    r"(\.(tar|csv|tsv|txt|zip|tgz|gz|bz2|xz|zst|npz|mat|ts|parquet|xlsx|data))+$", re.IGNORECASE
)
FOLDERS, TABLE = "folders", "table"
"""What tells the classes of files; anything else is a rule for their names, see `groups`."""

NAME_RULE = r"^(.*[^\s._()0-9-])[\s._()-]*[0-9]+\)?(?:\.[A-Za-z0-9]+)?$"
"""What stands before the number at the end of a name: `cat` of `cat.12.jpg`."""

NON_FINITE = ("refuse", "mean", "zero")
"""What may become of NaN and infinite numbers."""

CHANNELS = ("first", "last", "none")
"""Where the channels of images or sequences may be; images without that axis are grey."""

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class SourceForm(StrEnum):
    """How a user's data is packed."""

    FILES = "files"
    TABLE = "table"
    ARRAYS = "arrays"


@dataclass(frozen=True)
class DatasetNotes:
    """Notes on a dataset for display; kept with the dataset, but not part of its content.

    Attributes:
        description, licence: for display; of what the program itself knows, translatable templates.
        source: the address of a page about the data.
        citation: what to cite.
    """

    description: str = ""
    licence: str = ""
    source: str = ""
    citation: str = ""


@dataclass(frozen=True)
class Doubt:
    """An assumption that is probably wrong: nothing is stored before somebody chose otherwise or accepted it.

    Attributes:
        code: what `Choices.accept` calls it, such as `one-class`.
        message: what was assumed; its hint says what to choose instead.
    """

    code: str
    message: Message


@dataclass(frozen=True)
class Choices:
    """What the user says of the data; empty fields are guessed.

    Attributes:
        name: what specs call it: small letters, digits, `-` and `_`.
        title: for display.
        roles, types: of columns, by name; those that are not named are guessed.
        group: of files, the rule that tells the group by a file's name (`2_`, see `groups`); of tables, the
            name of a column.
        delimiter, encoding: of CSV files.
        header: whether a table's first row holds the columns' names.
        decimal: the mark of decimals, `.` or `,`.
        date_format: how dates are written, such as `dd/mm/yyyy`, or a pattern of `strptime`.
        missing: words that say nothing in any column, beside those that say nothing anyway.
        labels: of files, what tells their classes: `folders`, `table`, or a rule for their names as for groups.
        non_finite: of arrays, what becomes of samples with NaN or infinite numbers: `refuse`, or their numbers
            are replaced by the `mean` of their place in the training part, or by `zero`.
        channels: of arrays, whether the channels of a sample come `first` or `last`, or nobody wrote them down (`none`).
        accept: the codes of doubts that are settled: it is meant so.
        about: where it comes from, and under which conditions.
    """

    name: str = ""
    title: str = ""
    kind: DataKind | None = None
    task: Task | None = None
    roles: Mapping[str, ColumnRole] = field(default_factory=dict)
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    group: str | None = None
    delimiter: str = ""
    encoding: str = ""
    header: bool | None = None
    decimal: str = ""
    date_format: str = ""
    missing: tuple[str, ...] = ()
    labels: str = ""
    non_finite: str = ""
    channels: str = ""
    accept: tuple[str, ...] = ()
    about: DatasetNotes = DatasetNotes()

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return {
            **vars(self),
            "roles": dict(self.roles),
            "types": dict(self.types),
            "missing": list(self.missing),
            "accept": list(self.accept),
            "about": dict(vars(self.about)),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Choices:
        """Restores what `to_dict` returned, also after a JSON round trip."""
        changed = {
            "kind": DataKind(data["kind"]) if data["kind"] else None,
            "task": Task(data["task"]) if data["task"] else None,
            "roles": {name: ColumnRole(role) for name, role in data["roles"].items()},
            "types": {name: ColumnType(type_) for name, type_ in data["types"].items()},
            "missing": tuple(data["missing"]),
            "accept": tuple(data["accept"]),
            "about": DatasetNotes(**data["about"]),
        }
        return cls(**{**data, **changed})


NOTHING = Choices()
"""Nothing was chosen: everything is inferred."""


@dataclass(frozen=True)
class Proposal:
    """What a file seems to be, with a user's choices applied; nothing is stored yet.

    Attributes:
        name, title: proposed from the file's name.
        samples: how many there seem to be.
        exact: whether all was looked at, not only the beginning of a large file.
        classes: in the order of the labels; empty where there are none, or too many.
        counts: samples of each class, by part ("train", "validation", "test", or "" for not said).
        columns: of a table, in order.
        group: of files, the rule that tells the group; of tables, the column; empty: none.
        group_options: of files, the parts of their names that may tell the group.
        labels: of files, what tells their classes, as in `Choices`.
        label_options: what else may tell them.
        non_finite: of arrays, what becomes of NaN and infinite numbers; empty where it is not said.
        has_non_finite: whether there are any.
        channels: of arrays whose samples have two or three axes, where their channels are; else empty.
        kinds, tasks: what else it may be.
        preview_header, preview: the first rows of a table, or names of files with part and class.
        notes: what was assumed, and what was left out.
        warnings: what the user should know before continuing.
        doubts: what must be settled before it is stored; those that were accepted are among them.
        refused: files or rows that will not be accepted, as far as was looked.
        problem: why it cannot be stored under these choices; others may work.
        about: what a user, or where it comes from, says of it.
    """

    form: SourceForm
    name: str
    title: str
    kind: DataKind
    task: Task
    samples: int = 0
    exact: bool = True
    classes: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    group: str = ""
    group_options: tuple[GroupOption, ...] = ()
    labels: str = ""
    label_options: tuple[str, ...] = ()
    non_finite: str = ""
    has_non_finite: bool = False
    channels: str = ""
    delimiter: str = ""
    encoding: str = ""
    header: bool = True
    kinds: tuple[DataKind, ...] = ()
    tasks: tuple[Task, ...] = ()
    preview_header: tuple[str, ...] = ()
    preview: tuple[tuple[str, ...], ...] = ()
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
    refused: tuple[RefusedItem, ...] = ()
    refused_count: int = 0
    problem: Message | None = None
    doubts: tuple[Doubt, ...] = ()
    about: DatasetNotes = DatasetNotes()

    def choices(self) -> Choices:
        """Returns the proposal as choices that accept all of it."""
        return Choices(
            name=self.name,
            title=self.title,
            kind=self.kind,
            task=self.task,
            roles={column.name: column.role for column in self.columns},
            types={column.name: column.type for column in self.columns},
            group=self.group,
            labels=self.labels,
            non_finite=self.non_finite,
            channels=self.channels,
            delimiter=self.delimiter,
            encoding=self.encoding,
            header=self.header if self.form is SourceForm.TABLE else None,
            about=self.about,
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return {
            **vars(self),
            "columns": [vars(column) for column in self.columns],
            "group_options": [vars(option) for option in self.group_options],
            "notes": [note.to_dict() for note in self.notes],
            "warnings": [warning.to_dict() for warning in self.warnings],
            "refused": [{"name": one.name, "reason": one.reason.to_dict()} for one in self.refused],
            "problem": self.problem.to_dict() if self.problem else None,
            "doubts": [{"code": doubt.code, "message": doubt.message.to_dict()} for doubt in self.doubts],
            "about": vars(self.about),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Proposal:
        """Restores what `to_dict` returned, also after a JSON round trip."""
        changed = {
            "form": SourceForm(data["form"]),
            "kind": DataKind(data["kind"]),
            "task": Task(data["task"]),
            "classes": tuple(data["classes"]),
            "counts": {part: tuple(counts) for part, counts in data["counts"].items()},
            "columns": tuple(_column(column) for column in data["columns"]),
            "group_options": tuple(
                GroupOption(one["rule"], one["values"], tuple(one["examples"]))
                for one in data["group_options"]
            ),
            "label_options": tuple(data["label_options"]),
            "kinds": tuple(map(DataKind, data["kinds"])),
            "tasks": tuple(map(Task, data["tasks"])),
            "preview_header": tuple(data["preview_header"]),
            "preview": tuple(tuple(row) for row in data["preview"]),
            "notes": tuple(Message.from_dict(note) for note in data["notes"]),
            "warnings": tuple(Message.from_dict(warning) for warning in data["warnings"]),
            "refused": tuple(
                RefusedItem(one["name"], Message.from_dict(one["reason"])) for one in data["refused"]
            ),
            "problem": Message.from_dict(data["problem"]) if data["problem"] else None,
            "doubts": tuple(Doubt(one["code"], Message.from_dict(one["message"])) for one in data["doubts"]),
            "about": DatasetNotes(**data["about"]),
        }
        return cls(**{**data, **changed})


def _column(data: Mapping[str, Any]) -> Column:
    changed = {
        "type": ColumnType(data["type"]),
        "role": ColumnRole(data["role"]),
        "categories": tuple(data["categories"]),
    }
    return Column(**{**data, **changed})


_RESERVED = re.compile("con|prn|aux|nul|(com|lpt)[0-9]")
"""Names that no folder can have on Windows, where a copy of the home folder may go."""


def checked_name(name: str) -> str:
    """Returns `name` if it is a valid name of stored data.

    Raises:
        DatasetError: it may not.
    """
    if not NAME.fullmatch(name):
        raise DatasetError(
            N_("data cannot be called '{name}'."),
            hint=N_("Use 1 to 64 small letters, digits, `-` and `_`, a letter or digit first."),
            name=quote_value(name)[1:-1],
        )
    if _RESERVED.fullmatch(name):
        raise DatasetError(
            N_("data cannot be called '{name}'."),
            hint=N_("Windows keeps this name for a device: choose another."),
            name=name,
        )
    return name


def check_doubts(doubts: tuple[Doubt, ...], choices: Choices) -> None:
    """Checks that every doubt is settled.

    Raises:
        DatasetError: one is not; it says how to accept it.
    """
    for doubt in doubts:
        if doubt.code not in choices.accept:
            raise DatasetError(
                N_("{doubt}"),
                hint=N_("If it is right as it is, accept it with `--accept {code}`."),
                doubt=doubt.message,
                code=doubt.code,
            )


def one_class(classes: tuple[str, ...]) -> tuple[Doubt, ...]:
    """Returns the doubt about classes of which there is only one, if that is so."""
    if len(classes) != 1:
        return ()
    message = Message(
        N_("there is only one class, '{name}', so there is nothing to tell apart."),
        N_("Add files of other classes, or put each class into a folder of its own."),
        params={"name": classes[0]},
    )
    return (Doubt("one-class", message),)


_PARTS = {"train": N_("training"), "validation": N_("validation"), "test": N_("test")}


def lonely_classes(classes: tuple[str, ...], counts: Mapping[str, tuple[int, ...]]) -> tuple[Message, ...]:
    """Returns what to know of classes that are in one of several parts only."""
    text = N_("class {name} is only in the {part} part.")
    if len(counts) < 2:
        return ()
    found = []
    for place, name in enumerate(classes):
        parts = [part for part, row in counts.items() if row[place]]
        if len(parts) == 1:
            found.append(
                Message(text, params={"name": name, "part": Message(_PARTS.get(parts[0], _PARTS["train"]))})
            )
    return tuple(found[:_LONELY])


def title_of_file(origin: str) -> str:
    """Returns a title made from a file's name: without folders and known endings.

    Example:
        >>> title_of_file("old/Cats and dogs.tar.gz"), title_of_file(".zip")
        ('Cats and dogs', '.zip')
    """
    last = origin.rsplit("/", 1)[-1]
    return _ENDINGS.sub("", last) or last


def slug(text: str) -> str:
    """Returns a valid dataset name close to `text`.

    Example:
        >>> slug("Été 2024 (final).csv"), slug("数据"), slug("aux.zip")
        ('ete-2024-final', 'dataset', 'aux-data')
    """
    plain = unicodedata.normalize("NFKD", title_of_file(text).lower()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:64] or "dataset"
    return f"{name}-data" if _RESERVED.fullmatch(name) else name


def clean_text(text: str) -> str:
    r"""`text` as it can be shown and stored: no control characters, at most 200 characters.

    Example:
        >>> clean_text("a\x00b\u202ec")
        'a\ufffdb\ufffdc'
    """
    seen = _UNSEEN.sub("\ufffd", text)
    return seen if len(seen) <= _LONGEST_SHOWN else f"{seen[:120]}…{seen[-79:]}"


def natural_order(names: set[str]) -> tuple[str, ...]:
    """Returns the names in natural order: numbers by value, everything else alphabetically.

    Example:
        >>> natural_order({"10", "9", "1"}), natural_order({"b", "a", "10"})
        (('1', '9', '10'), ('10', 'a', 'b'))
    """
    try:
        return tuple(sorted(names, key=lambda name: (float(name), name)))
    except ValueError:
        return tuple(sorted(names))
