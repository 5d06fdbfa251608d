"""Samples in a file: a picture, a recording, a text, arrays, a table, or a folder or archive of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.datasets.decoding import TEXT_ENDINGS, BadFileError
from dlcore.datasets.fresh.given import AT_ONCE, one_by_one, text_rows
from dlcore.datasets.fresh.inputs import FreshInputs, Notes
from dlcore.datasets.fresh.rows import class_numbers, read_rows
from dlcore.datasets.fresh.single import read_bytes, separate
from dlcore.datasets.fresh.tables import encode_rows
from dlcore.datasets.ingest.arrays import looks_like_arrays, read_arrays
from dlcore.datasets.ingest.calendars import add_calendar
from dlcore.datasets.ingest.encodings import encoding_of
from dlcore.datasets.ingest.listing import extension_of
from dlcore.datasets.ingest.members import Member, members, names_encoding
from dlcore.datasets.ingest.open_table import read_sources
from dlcore.datasets.ingest.proposal import Choices
from dlcore.datasets.ingest.sources import TableSource, table_sources
from dlcore.datasets.ingest.translating import reading_arrays
from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import N_, DatasetError, Message
from dlcore.settings import Settings
from dlcore.spec.data import DataKind

_ARCHIVES = frozenset({"zip", "tar", "tgz", "gz", "bz2", "xz"})


def fresh_file(path: Path, how: Preparation, settings: Settings, origin: str = "") -> Iterator[FreshInputs]:
    """Yields the samples in a file as inputs of a run's model, a few at a time.

    The class of a picture, recording or text is the folder that it is in, if that is called like one.

    Args:
        path: a file, a folder or an archive; its content need not be trusted.
        how: the run's preparation.
        settings: limits.
        origin: what the file is called; by default by its path.

    Raises:
        DatasetError: it cannot be read, or holds nothing of this kind.
    """
    name = origin or path.name
    if not path.exists():
        raise DatasetError(
            N_("there is no such file or folder."), hint=N_("Check the path."), where=str(path)
        )
    match how.facts.kind:
        case DataKind.ARRAY:
            yield from one_by_one(_arrays(path, name, how, settings), how, settings)
        case DataKind.IMAGE | DataKind.AUDIO:
            for found in one_by_one(_files(path, name, settings), how, settings):
                yield _with_classes(found, how)
        case _:
            sources = _tables(path, name, how, settings)
            if how.facts.kind is DataKind.TEXT and not sources:
                yield from _text_files(path, name, how, settings)
            else:
                yield _table(name, sources, how, settings)


def _tables(path: Path, name: str, how: Preparation, settings: Settings) -> tuple[TableSource, ...]:
    """Returns the tables in a file; a file that ends in `.txt` is a text where the model answers for texts."""
    text = how.facts.kind is DataKind.TEXT and extension_of(name) in TEXT_ENDINGS
    return () if text or path.is_dir() else table_sources(path, name, settings)


def _files(path: Path, name: str, settings: Settings) -> Iterator[tuple[str, bytes | DatasetError]]:
    """Yields the files by name; an error in the place of one that cannot be read."""
    if path.is_file() and extension_of(name) not in _ARCHIVES:
        yield name, read_bytes(path)
        return
    with closing(members(path, settings, names_encoding(path))) as found:
        for member in found:
            yield member.name, _content(member)


def _content(member: Member) -> bytes | DatasetError:
    if member.refused is not None:
        return member.refused
    try:
        return member.read()
    except BadFileError as error:
        return error


def _with_classes(found: FreshInputs, how: Preparation) -> FreshInputs:
    """Returns the same with the classes that the folders of the files name, if any do."""
    if not how.facts.task.single_label:
        return found
    folders = [Path(name).parent.name or None for name in found.names]
    numbers = class_numbers(folders, how)[found.places]
    return replace(found, truth=numbers) if (numbers >= 0).any() else found


def _text_files(path: Path, name: str, how: Preparation, settings: Settings) -> Iterator[FreshInputs]:
    waiting: list[tuple[str, bytes | DatasetError]] = []
    for one in _files(path, name, settings):
        waiting.append(one)
        if len(waiting) == AT_ONCE:
            yield _texts(waiting, how)
            waiting = []
    if waiting:
        yield _texts(waiting, how)


def _texts(files: Sequence[tuple[str, bytes | DatasetError]], how: Preparation) -> FreshInputs:
    """Returns files as texts, each in its own encoding; what is empty, or no text, is refused."""
    texts, broken = [], dict[int, Message]()
    for place, (_name, content) in enumerate(files):
        if isinstance(content, DatasetError):
            broken[place] = content.message
            texts.append("")
            continue
        text = _decoded(content)
        if "\0" in text or not text.strip():
            broken[place] = Message(N_("it contains no text."))
        texts.append("" if place in broken else text)
    names = [name for name, _ in files]
    found = encode_rows(text_rows(texts, how), how, Notes(), names)
    return _with_classes(replace(found, refused={**found.refused, **broken}), how)


def _decoded(content: bytes) -> str:
    return content.decode(encoding_of(lambda: iter((content,))), "replace")


def _arrays(path: Path, name: str, how: Preparation, settings: Settings) -> Iterator[tuple[str, Any]]:
    if extension_of(name) == "npy":
        whole = reading_arrays(lambda: np.load(path, mmap_mode="r", allow_pickle=False))
        parts = [("", whole)]
    elif looks_like_arrays(path):
        parts = [(part, x) for part, (x, _) in read_arrays(path, settings).pairs.items()]
    else:
        raise DatasetError(N_("expected a file of arrays."), hint=N_("Give .npy, .npz or .mat."), where=name)
    for part, values in parts:
        for number, one in enumerate(separate(values, how), start=1):
            yield f"{part or 'sample'} {number}", one


def _table(name: str, sources: Sequence[TableSource], how: Preparation, settings: Settings) -> FreshInputs:
    if not sources:
        raise DatasetError(
            N_("expected a table, as this run was trained on one."),
            hint=N_("Give CSV, Parquet, XLSX, JSON or another file of a table."),
            where=name,
        )
    # A column that is empty from the first row to the last is there all the same.
    named = Choices(types={column.name: column.type for column in how.facts.columns})
    cells = read_sources(sources, settings, named)
    if not cells.table.rows:
        raise DatasetError(N_("the table has no rows."), hint=N_("Choose another file."), where=name)
    add_calendar(cells.table)
    notes = Notes()
    if cells.refused_count:
        text = N_("rows that cannot be read: {count}; the first is {name}: {reason}")
        first = cells.refused[0]
        params = {"count": cells.refused_count, "name": first.name, "reason": first.reason}
        notes.add(Message(text, params=params))
    return encode_rows(read_rows(cells.table, how, notes), how, notes)
