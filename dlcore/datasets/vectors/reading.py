"""Lines of a file of word vectors: a word, and as many numbers as in all the others."""

from __future__ import annotations

import codecs
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from dlcore.datasets.ingest.proposal import clean_text
from dlcore.errors import N_, DatasetError, Message

FloatArray = npt.NDArray[np.float32]

HEAD_LINES = 100
"""Lines by which is told how long the vectors are."""

MAX_DIMENSION = 10_000
"""No known vectors of words have more than some thousand numbers."""

_MOST_DIGITS = 12
"""Of a number of words; Python refuses to read those of thousands of digits."""

_MOST_FLAWED = 0.05
"""The share of lines that may be left out; with more of them it is another kind of file."""


@dataclass(frozen=True)
class Head:
    """What the first lines say of a file.

    Attributes:
        dimension: how many numbers each word has.
        announced: how many words the first line says there are; None if it is a word's.
    """

    dimension: int
    announced: int | None = None


def read_head(lines: Sequence[bytes]) -> Head:
    """Returns what the first lines of a file say.

    Raises:
        DatasetError: they are not words with their vectors.

    Example:
        >>> read_head([b"2 3", b"cat 1 2 3", b"dog 4 5 6"])
        Head(dimension=3, announced=2)
    """
    rows = [fields for line in lines[:HEAD_LINES] if (fields := split_line(line))]
    if not rows:
        raise DatasetError(N_("it is empty."), hint=N_("Choose another file."))
    announced = _announced(rows)
    vectors = rows if announced is None else rows[1:]
    lengths = Counter(length for fields in vectors if (length := _numbers_of(fields)) > 1)
    dimension, count = lengths.most_common(1)[0] if lengths else (0, 0)
    if not 2 * count > len(vectors) or _numbers_of(vectors[0]) != dimension:
        raise _strange(b" ".join(rows[0]))
    if 2 * sum(_is_number(fields[0]) for fields in vectors) > len(vectors):
        raise DatasetError(
            N_("it is a table of numbers: no words are in its first column."),
            hint=N_("Each line of word vectors is a word and its numbers, separated by spaces."),
        )
    if announced is not None and int(rows[0][1]) != dimension:
        raise DatasetError(
            N_("its first line says that vectors have the length {said}; those below have {dimension}."),
            hint=N_("Download it again, or remove its first line."),
            said=int(rows[0][1]),
            dimension=dimension,
        )
    if dimension > MAX_DIMENSION:
        raise DatasetError(
            N_("its vectors are longer than {limit}."),
            hint=N_("Choose a file of word vectors."),
            limit=f"{MAX_DIMENSION:,}",
        )
    return Head(dimension, announced)


def _announced(rows: Sequence[list[bytes]]) -> int | None:
    """Returns how many words the first line announces: two numbers, above lines of more."""
    first = rows[0]
    is_header = len(first) == 2 and all(field.isdigit() and len(field) <= _MOST_DIGITS for field in first)
    return int(first[0]) if is_header and len(rows) > 1 and len(rows[1]) != 2 else None


def _strange(line: bytes) -> DatasetError:
    return DatasetError(
        N_("these are no word vectors; its first line is: {line}"),
        hint=N_("Each line of word vectors is a word and its numbers, separated by spaces."),
        line=clean_text(line[:80].decode("utf-8", "replace")),
    )


def split_line(line: bytes) -> list[bytes]:
    """Returns what is between the blanks and tabs of a line: other spaces may be words of their own."""
    return [part for part in line.rstrip(b"\r").replace(b"\t", b" ").split(b" ") if part]


def without_mark(line: bytes) -> bytes:
    """Returns the first line of a text without the mark of UTF-8."""
    return line.removeprefix(codecs.BOM_UTF8)


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text


def _numbers_of(fields: Sequence[bytes]) -> int:
    """Returns how many numbers are at the end of a line, behind its first part, which is a word."""
    count = 0
    for part in reversed(fields[1:]):
        if not _is_number(part):
            break
        count += 1
    return count


class Flaw(Enum):
    """Why a line is left out."""

    LENGTH = N_("that are not a word with a vector of length {dimension}")
    NUMBER = N_("with NaN or infinite numbers")
    ENCODING = N_("with words that are not UTF-8")


@dataclass
class LineReader:
    """Reads lines into words and vectors, and counts those that it leaves out.

    Attributes:
        head: what the first lines said.
        lines: how many have been read, without empty ones.
        flaws: how many were left out, and the number of the first of them in the file.
    """

    head: Head
    lines: int = 0
    flaws: dict[Flaw, tuple[int, int]] = field(default_factory=dict)

    def read(self, lines: list[bytes], first: int) -> tuple[list[str], FloatArray]:
        """Returns the words of some lines, and their vectors (words, dimension).

        Args:
            lines: without their ends.
            first: the number of the first of them in the file.
        """
        dimension = self.head.dimension
        if (plain := _plain_lines(lines, dimension)) is not None:
            words, values = plain
            places: Sequence[int] = range(len(lines))
        else:
            words, values, places = self._one_by_one(lines, first)
        self.lines += len(places)
        try:
            return b"\n".join(words).decode().split("\n") if words else [], values
        except UnicodeDecodeError:
            return self._decodable(words, values, [first + place for place in places])

    def _one_by_one(self, lines: list[bytes], first: int) -> tuple[list[bytes], FloatArray, list[int]]:
        dimension = self.head.dimension
        words, rows, places = [], [], []
        for place, line in enumerate(lines):
            fields = split_line(line)
            if not fields:
                continue
            row = _vector(fields, dimension)
            if isinstance(row, Flaw):
                self.lines += 1
                self._note(row, first + place)
                continue
            words.append(b" ".join(fields[:-dimension]))
            rows.append(row)
            places.append(place)
        values = np.array(rows, np.float32).reshape(len(rows), dimension)
        return words, values, places

    def _decodable(
        self, words: list[bytes], values: FloatArray, numbers: list[int]
    ) -> tuple[list[str], FloatArray]:
        texts, kept = [], []
        for place, word in enumerate(words):
            try:
                texts.append(word.decode())
                kept.append(place)
            except UnicodeDecodeError:
                self._note(Flaw.ENCODING, numbers[place])
        return texts, values[kept]

    def _note(self, flaw: Flaw, number: int) -> None:
        count, first = self.flaws.get(flaw, (0, number))
        self.flaws[flaw] = count + 1, first

    def check(self) -> None:
        """Checks that nearly all lines could be read.

        Raises:
            DatasetError: too many could not.
        """
        count = sum(count for count, _first in self.flaws.values())
        if count > _MOST_FLAWED * self.lines:
            raise DatasetError(
                N_("lines that cannot be read: {count} of {lines}; {note}."),
                hint=N_("Correct the file, or save it in UTF-8, one word and its numbers in each line."),
                lines=f"{self.lines:,}",
                count=f"{count:,}",
                note=self.notes()[0],
            )

    def notes(self) -> tuple[Message, ...]:
        """Returns what was left out, and why."""
        return tuple(
            Message(
                N_("lines {flaw}: {count}, the first is line {number}"),
                params={
                    "count": f"{count:,}",
                    "flaw": Message(flaw.value, params={"dimension": self.head.dimension}),
                    "number": f"{number:,}",
                },
            )
            for flaw, (count, number) in self.flaws.items()
        )


def _plain_lines(lines: list[bytes], dimension: int) -> tuple[list[bytes], FloatArray] | None:
    """Returns words and vectors of lines in which nothing is unusual; None if something is."""
    words, rests = [], []
    for line in lines:
        word, _, rest = line.replace(b"\t", b" ").rstrip(b" \r").partition(b" ")
        if not word or rest.count(b" ") != dimension - 1:
            return None
        words.append(word)
        rests.append(rest)
    values = _table(b"\n".join(rests), dimension) if words else None
    return None if values is None or not np.isfinite(values).all() else (words, values)


def _table(text: bytes, dimension: int) -> FloatArray | None:
    """Returns lines of numbers as an array (lines, dimension); None if something in them is no number.

    pyarrow takes a third of the time that NumPy needs for it.
    """
    names = [str(place) for place in range(dimension)]
    try:
        table = pa.csv.read_csv(
            io.BytesIO(text),
            pa.csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
            pa.csv.ParseOptions(delimiter=" ", quote_char=False),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float32()), null_values=[]),
        )
    except pa.ArrowInvalid:
        return None
    return np.stack([np.asarray(table[name]) for name in names], axis=1)


def _vector(fields: list[bytes], dimension: int) -> list[float] | Flaw:
    """Returns the numbers of a line, which may have a word of several parts, or what is wrong with it."""
    if len(fields) <= dimension:
        return Flaw.LENGTH
    if not all(map(_is_number, fields[-dimension:])):
        return Flaw.LENGTH
    if len(fields) > dimension + 1 and _is_number(fields[-dimension - 1]):
        return Flaw.LENGTH  # one number too many
    numbers = [float(part) for part in fields[-dimension:]]
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
        return numbers if np.isfinite(np.array(numbers, np.float32)).all() else Flaw.NUMBER
