"""A file of word vectors is read, checked and kept here."""

from __future__ import annotations

import re
import shutil
import time
from array import array
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from dlcore.datasets.blocks import is_sound, seal
from dlcore.datasets.ingest.proposal import checked_name, clean_text, slug
from dlcore.datasets.ingest.writing import on_disk
from dlcore.datasets.vectors.reading import HEAD_LINES, Head, LineReader, read_head, without_mark
from dlcore.datasets.vectors.stored import (
    MANIFEST,
    NUMBERS,
    WORDS,
    FoundText,
    Manifest,
    StoredVectors,
    open_vectors,
    vectors_names,
)
from dlcore.datasets.vectors.text_file import TextFile, find_text, text_files
from dlcore.durable import begin_folder, check_plain, put_in_place, write_json
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress, no_progress
from dlcore.settings import Settings

_ENDINGS = re.compile(r"(\.(txt|vec))?(\.(gz|bz2|xz|zst))?$", re.IGNORECASE)


def inspect_vectors(path: Path, settings: Settings, *, origin: str) -> tuple[FoundText, ...]:
    """Returns the texts in a file by their first lines.

    Raises:
        DatasetError: it cannot be read, or none holds word vectors.
    """
    found: list[FoundText] = []
    refused: DatasetError | None = None
    for file in text_files(path, origin):
        try:
            found.append(_found(file, settings))
        except DatasetError as error:
            refused = refused or error
    if not found and refused is not None:
        raise refused
    return tuple(found)


def _found(file: TextFile, settings: Settings) -> FoundText:
    with closing(file.lines(settings)) as blocks:
        lines, _done, _size = next(blocks, ([], 0, 0))
    first = [without_mark(line) for line in lines[:HEAD_LINES]]
    head = read_head(first)
    words, _values = LineReader(head).read(first[1 if head.announced is not None else 0 :], 1)
    return FoundText(file.name, vectors_name(file.name), head.dimension, tuple(map(clean_text, words[:8])))


def vectors_name(file: str) -> str:
    """Returns what the word vectors in a file are called, unless their owner says otherwise.

    Example:
        >>> vectors_name("glove.6B.100d.txt"), vectors_name("cc.zh.300.vec.gz")
        ('glove-6b-100d', 'cc-zh-300')
    """
    return slug(_ENDINGS.sub("", PurePosixPath(file).name))


def store_vectors(
    path: Path,
    settings: Settings,
    *,
    owner: str,
    origin: str,
    name: str = "",
    file: str = "",
    progress: Progress = no_progress,
) -> StoredVectors:
    """Keeps word vectors under a name; the same file under the same name is not kept twice.

    The file may be a stranger's, so this is called only in a process that has limits.

    Args:
        path: the file.
        settings: whose home folder keeps them, and limits.
        owner: who may remove them.
        origin: what the file's owner calls it.
        name: of the vectors; empty: made from the file's.
        file: which one in a zip; empty: the only one.
        progress: is told how many bytes are read.

    Raises:
        DatasetError: the file is refused, or there is no room for it; nothing of it is left.
    """
    text = find_text(text_files(path, origin), file)
    name = checked_name(name or vectors_name(text.name))
    called = clean_text(f"{origin}: {text.name}" if text.in_zip else origin)
    source = {"origin": called, "sha256": text.sha256()}
    if (there := _same(name, source, settings)) is not None:
        return there
    on_disk(settings.make_home, settings)
    folder = on_disk(partial(begin_folder, settings.vectors_dir), settings)
    try:
        written = _write(text, folder, settings, progress)
        about = Manifest(
            owner=owner,
            created_at=time.time(),
            words=written.words,
            dimension=written.dimension,
            notes=tuple(note.to_dict() for note in written.notes),
            **source,
        )
        on_disk(partial(write_json, folder / MANIFEST, about.model_dump(mode="json")), settings)
        on_disk(partial(seal, folder), settings)
        on_disk(partial(put_in_place, folder, settings.vectors_dir / name), settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return open_vectors(name, settings.vectors_dir)


def adopt_vectors(name: str, private: Settings, settings: Settings, *, owner: str) -> None:
    """Brings word vectors that a confined process has kept in a home of its own into the real one.

    Args:
        name: as that process says it.
        private: settings of that process.
        settings: whose home gets them.
        owner: whose they must be.

    Raises:
        SpecError: there are none of that name.
        DatasetError: they are not what the process says, the name is taken, or the disk is full.
    """
    found = open_vectors(checked_name(name), private.vectors_dir)
    check_plain(found.folder)
    if found.about.owner != owner:
        raise DatasetError(
            N_("what was kept is not what was asked for."), hint=N_("Try again with another file.")
        )
    if _same(name, {"origin": found.about.origin, "sha256": found.about.sha256}, settings) is None:
        on_disk(partial(settings.vectors_dir.mkdir, exist_ok=True), settings)
        on_disk(partial(put_in_place, found.folder, settings.vectors_dir / name), settings)


def _same(name: str, source: dict[str, str], settings: Settings) -> StoredVectors | None:
    """Returns what is kept under a name already, if it came from the same file.

    Raises:
        DatasetError: it did not, or it is damaged.
    """
    if name not in vectors_names(settings.vectors_dir):
        return None
    there = open_vectors(name, settings.vectors_dir)
    same = {"origin": there.about.origin, "sha256": there.about.sha256} == source
    if same and is_sound(there.folder):
        return there
    raise DatasetError(
        N_("word vectors called '{name}' already exist."),
        hint=N_("Choose another name, or remove them first."),
        name=name,
    )


@dataclass
class _Written:
    """What was written of a file so far."""

    dimension: int
    words: int = 0
    notes: list[Message] = field(default_factory=list)


def _write(text: TextFile, folder: Path, settings: Settings, progress: Progress) -> _Written:
    """Writes the words and the numbers of a file.

    Raises:
        DatasetError: it is refused.
    """
    reader: LineReader | None = None
    hashes = array("q")
    number = 1
    with _opened(folder / WORDS, settings) as words, _opened(folder / NUMBERS, settings) as numbers:
        for lines, done, size in text.lines(settings):
            skipped = 0
            if reader is None:
                lines[0] = without_mark(lines[0])
                reader = LineReader(read_head(lines))
                skipped = _before_vectors(lines, reader.head)
            found, values = reader.read(lines[skipped:], number + skipped)
            on_disk(partial(words.write, "".join(f"{word}\n" for word in found).encode()), settings)
            on_disk(partial(numbers.write, values.tobytes()), settings)
            hashes.extend(map(hash, found))
            number += len(lines)
            progress(done, size, JobUnit.BYTES)
    if reader is None:
        read_head([])
        raise AssertionError("a file without lines is refused")
    reader.check()
    written = _Written(reader.head.dimension, len(hashes), list(reader.notes()))
    written.notes += _doubts(reader.head, hashes)
    return written


def _before_vectors(lines: list[bytes], head: Head) -> int:
    """Returns how many lines are above the first vector."""
    if head.announced is None:
        return 0
    return 1 + next(place for place, line in enumerate(lines) if line.strip())


def _doubts(head: Head, hashes: array[int]) -> Iterator[Message]:
    """Yields what is strange about all the words together."""
    repeated = len(hashes) - len(np.unique(np.frombuffer(hashes, np.int64)))
    if repeated:
        yield Message(
            N_("words that come more than once: {count}; the first vector counts"),
            params={"count": f"{repeated:,}"},
        )
    if head.announced is not None and head.announced != len(hashes):
        yield Message(
            N_("words announced in the first line: {announced}, found: {words}; the file may be cut off"),
            params={"announced": f"{head.announced:,}", "words": f"{len(hashes):,}"},
        )


@contextmanager
def _opened(path: Path, settings: Settings) -> Iterator[IO[bytes]]:
    """Yields a new file; its last bytes are written when it is closed, which may fail like any other."""
    file: IO[bytes] = on_disk(lambda: path.open("wb"), settings)
    try:
        yield file
        on_disk(file.flush, settings)
    finally:
        on_disk(file.close, settings)
