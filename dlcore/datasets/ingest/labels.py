"""Classes that no folder names: in a table beside the files, or in the files' own names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from dlcore.datasets.ingest.groups import group_rule
from dlcore.datasets.ingest.label_cells import label_separator, split_labels
from dlcore.datasets.ingest.listing import TABLE_ENDINGS, extension_of
from dlcore.datasets.ingest.numerals import is_number
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import NAME_RULE, clean_text
from dlcore.datasets.ingest.small_tables import small_table
from dlcore.datasets.ingest.trees import Place
from dlcore.settings import Settings

_LABELS = re.compile(
    r"label|labels|class|classes|class_?name|category|categories|target|species|breed|diagnosis|dx|emotion|genre|"
    r"sentiment|tag|y|标签|类别|类|种类",
    re.IGNORECASE,
)
_PARTS = re.compile(r"part|split|subset|set|partition|dataset|data_?set", re.IGNORECASE)
_BOXES = re.compile(r"x_?min|y_?min|x_?max|y_?max|bbox|bbox_?x.*|xtl|ytl", re.IGNORECASE)
_CAMERA = frozenset(
    ["img", "image", "dsc", "dscn", "dscf", "photo", "pic", "picture", "frame", "file", "scan", "screenshot",
     "sample", "untitled", "vid", "video", "audio", "rec", "recording", "sound", "track", "text", "doc",
     "document", "page", "item", "data", "p", "im"]
)  # fmt: skip
"""What devices and programs begin every name with."""

_SEPARATOR = re.compile(r"[|;,\s]+")
_FLAGS = frozenset({"0", "1", "0.0", "1.0"})
_FEW = 20
"""More different numbers in a column that is not called a class may be amounts."""

_MOST_CLASSES = 1_000
_ENOUGH = 0.9
_SUBMISSION = "submission"
_JSON = "json"


@dataclass(frozen=True)
class LabelTable:
    """A table in an archive that says of which class its files are.

    Attributes:
        names: of the tables, as they are in the archive.
        column: which column holds the classes; several where each class has one.
        places: the part and the classes of each file that it names: several, if they are in several rows, in one
            cell, or each in a column.
        doubtful: whether another column may as well have been meant, or amounts instead of classes.
        unsure_list: a cell that is read as several classes, though that may be the name of one; empty: none.
    """

    names: tuple[str, ...]
    column: str
    places: Mapping[str, Place]
    doubtful: bool = False
    unsure_list: str = ""


class _Index:
    """The files by what a table may call them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            last = name.rsplit("/", 1)[-1]
            for key in {last, last.rpartition(".")[0] or last}:
                self._by[key].append(name)

    def find(self, cell: str, part: str) -> str | None:
        """Returns the one file that a cell names; None if there is none, or more than one.

        Of several, the one in the folder of the table's part is meant: `train/1.png` in `train.csv`.
        """
        path = cell.strip().replace("\\", "/").removeprefix("./")
        found = self._by.get(path.rsplit("/", 1)[-1], [])
        if len(found) > 1:
            found = [name for name in found if f"/{name}".endswith(f"/{path}")] or found
        if len(found) > 1 and part:
            found = [name for name in found if part in map(part_of, name.split("/")[:-1])]
        return found[0] if len(found) == 1 else None


def label_table(
    aside: Mapping[str, bytes], names: Sequence[str], settings: Settings, *, lists: bool
) -> LabelTable | None:
    """Returns what the tables in an archive say of the files of those names; None if they say nothing.

    Args:
        aside: the files that may be tables.
        names: of the others.
        settings: limits.
        lists: whether a cell may list several classes.
    """
    tables = {
        name: data
        for name, data in aside.items()
        if extension_of(name) in TABLE_ENDINGS | {_JSON} and _SUBMISSION not in name.lower()
    }
    index = _Index(names if tables else ())
    read = (
        _read_table(name, small_table(name, data, settings), index, lists=lists)
        for name, data in tables.items()
    )
    found = [table for table in read if table is not None]
    if not found:
        return None
    first = max(found, key=lambda table: len(table.places))
    alike = [table for table in found if table.column == first.column]
    places = {name: place for table in alike for name, place in table.places.items()}
    return LabelTable(
        tuple(name for table in alike for name in table.names),
        first.column,
        places,
        any(table.doubtful for table in alike),
        next((table.unsure_list for table in alike if table.unsure_list), ""),
    )


def table_of_boxes(aside: Mapping[str, bytes], settings: Settings) -> str | None:
    """Returns the name of a table that holds boxes within images, if there is one."""
    for name, data in aside.items():
        if extension_of(name) in TABLE_ENDINGS:
            rows = small_table(name, data, settings)
            if rows and sum(bool(_BOXES.fullmatch(cell.strip())) for cell in rows[0]) >= 2:
                return name
    return None


def _read_table(name: str, rows: list[list[str]], index: _Index, *, lists: bool) -> LabelTable | None:
    if not rows:
        return None
    own = _part_of_table(name)
    files = [[index.find(row[column], own) for row in rows] for column in range(len(rows[0]))]
    column = max(range(len(files)), key=lambda one: sum(file is not None for file in files[one]))
    matched = sum(file is not None for file in files[column])
    # A header names no file; more than a few that do not are another table.
    if not matched or matched < 0.5 * (len(rows) - 1):
        return None
    header = rows[0] if files[column][0] is None else [f"column {at + 1}" for at in range(len(rows[0]))]
    kept = [(file, row) for file, row in zip(files[column], rows, strict=True) if file is not None]
    chosen = _label_column(header, column, [row for _, row in kept], lists=lists)
    if chosen is None:
        return None
    parts = _part_column(header, [row for _, row in kept]) or [own] * len(kept)
    told: dict[str, tuple[str, dict[str, None]]] = {}
    for (file, _), found, part in zip(kept, chosen.labels, parts, strict=True):
        told.setdefault(file, (part, {}))[1].update(dict.fromkeys(map(clean_text, found)))
    places = {file: Place(part, *_first_and_others(found)) for file, (part, found) in told.items() if found}
    return LabelTable((name,), chosen.name, places, chosen.doubtful, chosen.unsure_list)


def _first_and_others(labels: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    first, *others = labels
    return first, tuple(others)


def _part_of_table(name: str) -> str:
    return part_of(name.rsplit("/", 1)[-1].rpartition(".")[0]) or ""


@dataclass(frozen=True)
class _LabelColumn:
    """The column of classes.

    Attributes:
        name: of it, or of those of 0 and 1.
        labels: the classes that each row tells: one, several, or none.
        doubtful, unsure_list: as in `LabelTable`.
    """

    name: str
    labels: list[tuple[str, ...]]
    doubtful: bool = False
    unsure_list: str = ""


def _label_column(
    header: list[str], files: int, rows: list[list[str]], *, lists: bool
) -> _LabelColumn | None:
    """Returns the column of classes, if there is one."""
    columns = {
        at: [row[at].strip() for row in rows]
        for at, name in enumerate(header)
        if at != files and not _PARTS.fullmatch(name.strip())
    }
    flags = {header[at].strip(): cells for at, cells in columns.items() if set(cells) <= _FLAGS}
    flagged = _LabelColumn(", ".join(flags), _flagged(flags, len(rows)))
    if len(flags) > 1 and all(len(one) == 1 for one in flagged.labels):
        return flagged
    read = {at: _cells_as_labels(header[at].strip(), cells, lists=lists) for at, cells in columns.items()}
    few = {
        at: columns[at]
        for at, one in read.items()
        if 2 <= len(set(chain.from_iterable(one.labels))) <= min(_MOST_CLASSES, max(2, len(rows) // 2))
    }
    named = [at for at in few if _LABELS.fullmatch(header[at].strip())]
    if lists and 1 < len(flags) == len(columns) and not named:
        return flagged
    # Several columns of numbers without a telling name are sizes or places, no classes.
    words = [at for at, cells in few.items() if not all(map(is_number, cells))]
    candidates = named or words or (list(few) if len(columns) == 1 else [])
    if not candidates:
        return None
    # Of numbers and names of the same classes the names are wanted.
    at = next((one for one in candidates if one in words), candidates[0])
    other = any(len(set(zip(few[at], few[one], strict=True))) > len(set(few[at])) for one in candidates)
    amounts = not named and at not in words and len(set(few[at])) > _FEW
    return replace(read[at], doubtful=other or amounts)


def _cells_as_labels(name: str, cells: list[str], *, lists: bool) -> _LabelColumn:
    """Returns the labels in each cell, which are several where they come back: `cat|dog` beside `cat`."""
    distinct = list(dict.fromkeys(filter(None, cells)))
    separator = label_separator(distinct) if lists else ""
    unsure = "" if separator or not lists else _unsure_list(distinct)
    if not separator and not unsure:
        return _LabelColumn(name, [(cell,) if cell else () for cell in cells])
    separator = separator or label_separator(distinct, several=True)
    labels = [tuple(dict.fromkeys(split_labels(cell, separator))) for cell in cells]
    return _LabelColumn(name, labels, unsure_list=unsure)


def _unsure_list(labels: list[str]) -> str:
    """Returns a cell that may name several classes: `hot dog` beside `dog`; empty if none does."""
    items = {label: [item for item in _SEPARATOR.split(label) if item] for label in labels}
    single = {found[0] for found in items.values() if len(found) == 1}
    if len({item for found in items.values() for item in found}) > len(labels):
        return ""
    return next((label for label, found in items.items() if len(found) > 1 and set(found) & single), "")


def _flagged(flags: Mapping[str, list[str]], rows: int) -> list[tuple[str, ...]]:
    """Returns the classes of each row of a table that has a column of 0 and 1 for each class."""
    return [tuple(name for name, cells in flags.items() if cells[row][0] == "1") for row in range(rows)]


def _part_column(header: list[str], rows: list[list[str]]) -> list[str] | None:
    for at, name in enumerate(header):
        parts = [part_of(row[at]) for row in rows]
        if _PARTS.fullmatch(name.strip()) and all(parts):
            return [part or "" for part in parts]
    return None


@dataclass(frozen=True)
class NameLabels:
    """A rule that takes the classes from the files' names.

    Attributes:
        rule: as `groups` reads it.
        doubtful: whether another rule may as well have been meant.
    """

    rule: str
    doubtful: bool


def guess_name_rule(names: Sequence[str]) -> NameLabels | None:
    """Returns the rule by which the names of the files tell their classes; None if they do not.

    Example:
        >>> guess_name_rule(["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "dog.2.jpg"]).doubtful
        False
    """
    for rule in (NAME_RULE, "1_", "1-"):
        labels = name_labels(rule, names)
        counts = Counter(labels.values())
        if len(labels) < _ENOUGH * len(names) or not 2 <= len(counts) <= _MOST_CLASSES:
            continue
        if min(counts.values()) < 2 or {label.lower() for label in counts} <= _CAMERA:
            continue
        return NameLabels(rule, rule != NAME_RULE or not all(label.isalpha() for label in counts))
    return None


def name_labels(rule: str, names: Iterable[str]) -> dict[str, str]:
    """Returns the class of each file whose name tells it."""
    of = group_rule(rule, "labels")
    assert of is not None, "a rule is not empty"
    return {name: label for name in names if (label := of(name))}
