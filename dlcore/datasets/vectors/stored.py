"""Stored word vectors: one folder a name, immutable; the words, and their numbers as one mapped array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field, ValidationError

from dlcore.datasets.blocks import damaged_files
from dlcore.datasets.stored import NAME
from dlcore.durable import read_json, remove_folder
from dlcore.errors import N_, DatasetError, Message
from dlcore.spec.word_vectors import unknown_vectors

MANIFEST, WORDS, NUMBERS = "manifest.json", "words.txt", "vectors.bin"


class Manifest(BaseModel):
    """What `manifest.json` holds.

    Attributes:
        owner: who may remove them.
        created_at: when they were stored, in seconds since 1970.
        words: how many there are.
        dimension: how many numbers each has.
        origin: the file they came from; in a zip, the name of both.
        sha256: of that file.
        notes: what was left out of it, and what is doubtful.
    """

    format: Literal[1] = 1
    owner: str
    created_at: float
    words: int = Field(ge=1)
    dimension: int = Field(ge=1)
    origin: str
    sha256: str
    notes: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class FoundText:
    """A text with word vectors in a file that someone brings.

    Attributes:
        file: its name in a zip; that of the file itself otherwise.
        name: what they could be called.
        dimension: how many numbers a word has.
        words: some of the first.
    """

    file: str
    name: str
    dimension: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class FoundVectors:
    """The words of a vocabulary that have a vector.

    Attributes:
        ids: where they are in the vocabulary, in rising order.
        values: (words, dimension) float32.
        sought: how many words the vocabulary has.
    """

    ids: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]
    sought: int

    @property
    def share(self) -> float:
        """The share of the vocabulary that has a vector."""
        return len(self.ids) / max(1, self.sought)


@dataclass(frozen=True)
class StoredVectors:
    """Word vectors as their manifest tells."""

    name: str
    folder: Path
    about: Manifest

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was left out of their file, and what is doubtful."""
        return tuple(map(Message.from_dict, self.about.notes))

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def to_dict(self) -> dict[str, Any]:
        """Returns what is known of them, JSON-ready."""
        about = self.about.model_dump(exclude={"format", "notes"})
        return {"name": self.name, **about, "notes": [note.text() for note in self.notes]}

    def find(self, vocabulary: Mapping[str, int], *, lowered: bool) -> FoundVectors:
        """Returns the vectors of a vocabulary's words; of words that come twice, the first vector.

        Args:
            vocabulary: the id of each word.
            lowered: whether they are in small letters: then "paris" also finds "Paris".

        Raises:
            DatasetError: the files are damaged.
        """
        self.check()
        exact, loose = dict[int, int](), dict[int, int]()
        with (self.folder / WORDS).open("rb") as lines:
            for row, line in enumerate(lines):
                word = line[:-1].decode(errors="replace")
                if (place := vocabulary.get(word)) is not None:
                    exact.setdefault(place, row)
                elif lowered and (place := vocabulary.get(word.lower())) is not None:
                    loose.setdefault(place, row)
        rows = {**loose, **exact}
        order = sorted(rows)
        shape = (self.about.words, self.about.dimension)
        numbers = np.memmap(self.folder / NUMBERS, np.float32, "r", shape=shape)
        values = np.array(numbers[[rows[place] for place in order]], np.float32)
        ids = np.array(order, np.int64)
        return FoundVectors(ids, values.reshape(len(order), self.about.dimension), len(vocabulary))

    def check(self, *, whole: bool = False) -> None:
        """Checks that the files are as they were stored: some of their blocks, or all.

        Raises:
            DatasetError: a file has changed.
        """
        if (changed := damaged_files(self.folder, whole=whole)) != ():
            raise _damaged(self.name, ", ".join(changed or ("checksums",)))


def vectors_names(folder: Path) -> tuple[str, ...]:
    """Returns the names of all word vectors that are kept in a folder, damaged or not."""
    found = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(path.name for path in found if NAME.fullmatch(path.name)))


def all_vectors(folder: Path) -> list[StoredVectors]:
    """Returns all word vectors in a folder that are not damaged, by name."""
    found = []
    for name in vectors_names(folder):
        with suppress(DatasetError):
            found.append(open_vectors(name, folder))
    return found


def vectors_damage(folder: Path, *, whole: bool = False) -> Iterator[DatasetError]:
    """Yields what is wrong with the word vectors in a folder.

    Args:
        folder: where they are kept.
        whole: whether all that they hold is read, or only what is said of them.
    """
    for name in vectors_names(folder):
        try:
            found = open_vectors(name, folder)
            if whole:
                found.check(whole=True)
        except DatasetError as error:
            yield error


def vectors_sizes(folder: Path) -> Mapping[str, int]:
    """Returns how many numbers a word has, for all word vectors in a folder by name."""
    return {one.name: one.about.dimension for one in all_vectors(folder)}


def open_vectors(name: str, folder: Path, *, where: str = "") -> StoredVectors:
    """Returns the word vectors of that name.

    Args:
        name: of them.
        folder: where all are kept.
        where: the path of the field that names them, for the error.

    Raises:
        SpecError: there are none of that name.
        DatasetError: they are damaged.
    """
    names = vectors_names(folder)
    if name not in names:
        raise unknown_vectors(name, names, where=where)
    try:
        about = Manifest.model_validate(read_json(folder / name / MANIFEST))
    except ValidationError as error:
        raise _damaged(name, MANIFEST) from error
    except ValueError as error:
        raise _damaged(name, f"{MANIFEST}: {error}") from error
    return StoredVectors(name, folder / name, about)


def remove_vectors(name: str, folder: Path) -> None:
    """Deletes word vectors; who may ask is checked by `queue.remove_vectors`.

    Raises:
        SpecError: there are none of that name.
        DatasetError: the system refuses to delete them.
    """
    if name not in vectors_names(folder):
        raise unknown_vectors(name, vectors_names(folder))
    try:
        remove_folder(folder / name)
    except OSError as error:
        raise DatasetError(
            N_("these word vectors cannot be deleted: {reason}."),
            hint=N_("Check the permissions of that path, and close whatever uses it."),
            where=str(folder / name),
            reason=error.strerror or str(error),
        ) from error


def _damaged(name: str, reason: str) -> DatasetError:
    return DatasetError(
        N_("these stored word vectors are damaged: {reason}."),
        hint=N_("Remove them and add the file again, or restore a backup."),
        where=name,
        reason=reason,
    )
