"""Classes of whole series from `.ts` files, as the archives of UCR and UEA have them.

Lines of `@tag value` say how the cases are written; behind `@data`, each line is a case: its channels between colons,
the values of each between commas, and last its class, or the number that it stands for.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from dlcore.datasets.ingest.array_names import NamedPairs
from dlcore.datasets.ingest.members import DAMAGE, members
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import clean_text
from dlcore.errors import N_, DatasetError, Message
from dlcore.settings import Settings

ENDING = ".ts"
_HEAD = 4_096
"""Bytes that tell whether a file is one: TypeScript and films have the same ending."""
_TAGS = ("@problemname", "@timestamps", "@univariate", "@missing", "@dimension", "@equallength", "@serieslength",
         "@classlabel", "@targetlabel", "@data")  # fmt: skip
_YES = "true"

Case = tuple[npt.NDArray[np.float32], ...]
"""The channels of one series; they may differ in length."""


@dataclass(frozen=True)
class SeriesFile:
    """The cases of one file.

    Attributes:
        cases: in order.
        targets: the class of each, or its number.
    """

    cases: tuple[Case, ...]
    targets: npt.NDArray[np.str_] | npt.NDArray[np.float64]

    @property
    def channels(self) -> int:
        """How many channels each series has."""
        return len(self.cases[0])

    def lengths(self) -> npt.NDArray[np.int64]:
        """(cases,) the length of each series' longest channel."""
        return np.array([max(map(len, case)) for case in self.cases], np.int64)


def looks_like_series(path: Path) -> bool:
    """Returns whether a file holds cases of series, or an archive or a folder such files."""
    if path.is_dir():
        return any(_begins_so(one.open("rb")) for one in sorted(path.rglob(f"*{ENDING}")) if one.is_file())
    try:
        if not zipfile.is_zipfile(path):
            return _begins_so(path.open("rb"))
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(ENDING)]
            return any(_begins_so(archive.open(name)) for name in names)
    except (*DAMAGE, OSError):
        return False


def _begins_so(file: IO[bytes]) -> bool:
    with file:
        return _has_tags(file.read(_HEAD))


def _has_tags(head: bytes) -> bool:
    lines = (line.strip().lower() for line in head.decode("latin-1").splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.startswith(_TAGS)


def read_series(path: Path, settings: Settings) -> NamedPairs:
    """Returns the series of each part as arrays, those that end early filled with zeros.

    Shape:
        x: float32 (series, time, channels). y: (series,) texts or numbers.

    Raises:
        DatasetError: a line is not understood, or there is too much of them.
    """
    files = {name: _parsed(name, data) for name, data in _contents(path, settings)}
    by_part = _by_part(files)
    if len({one.channels for one in by_part.values()}) > 1:
        raise DatasetError(
            N_("the parts have series with different numbers of channels."), hint=N_("Check the files.")
        )
    lengths = np.concatenate([one.lengths() for one in by_part.values()])
    longest, channels = int(lengths.max()), next(iter(by_part.values())).channels
    if longest * channels * len(lengths) * 4 > settings.max_table_bytes:
        raise _too_large(settings)
    pairs = {part: (_filled(one, longest), one.targets) for part, one in by_part.items()}
    return NamedPairs(pairs, dict.fromkeys(pairs, ("x", "y")), (), warnings=tuple(_length_warnings(lengths)))


def _contents(path: Path, settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Yields the name and the bytes of each file of series."""
    if path.is_file() and not zipfile.is_zipfile(path):
        if path.stat().st_size > settings.max_table_bytes:
            raise _too_large(settings)
        yield path.name, path.read_bytes()
        return
    with closing(members(path, settings)) as inside:
        for member in inside:
            if member.refused is None and member.name.lower().endswith(ENDING):
                data = member.read()
                if _has_tags(data[:_HEAD]):
                    yield member.name, data


def _by_part(files: Mapping[str, SeriesFile]) -> dict[str, SeriesFile]:
    """Returns the files by the part that their names say, or the only one."""
    if len(files) == 1:
        return {"": next(iter(files.values()))}
    parts = {name: part_of_name(name) for name in files}
    found = {part: file for (name, file), part in zip(files.items(), parts.values(), strict=True)}
    if None in found or len(found) < len(files):
        raise DatasetError(
            N_("expected one file for each part, such as name_TRAIN.ts and name_TEST.ts, got {names}."),
            hint=N_("Give each dataset an archive of its own."),
            names=clean_text(", ".join(files)),
        )
    order = ("train", "validation", "test")
    return {part: found[part] for part in order if part in found}


def part_of_name(name: str) -> str | None:
    """Returns the part that the name of a file says; None if it says none.

    Example:
        >>> part_of_name("Basic/BasicMotions_TRAIN.ts"), part_of_name("a.ts")
        ('train', None)
    """
    words = re.split(r"[^A-Za-z0-9]+", Path(name).stem)
    return next((part for word in reversed(words) if (part := part_of(word))), None)


def _parsed(name: str, data: bytes) -> SeriesFile:
    """Returns the cases of a file.

    Raises:
        DatasetError: a line is not understood; which one.
    """
    tags: dict[str, str] = {}
    cases: list[Case] = []
    targets: list[str] = []
    in_data = False
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if not in_data and line.startswith("@"):
            tag, _, value = line.partition(" ")
            tags[tag.lower()] = value.strip()
            in_data = tag.lower() == "@data"
            if in_data:
                _check_tags(name, tags)
            continue
        *channels, target = line.split(":")
        try:
            cases.append(tuple(_numbers(channel) for channel in channels))
        except ValueError:
            channels = []
        if not in_data or not channels or len(channels) != len(cases[0]) or not target.strip():
            raise _strange_line(name, number, len(cases[0]) if cases else 1)
        targets.append(target.strip())
    if not cases:
        raise DatasetError(N_("{file} holds no series."), hint=N_("Choose another file."), file=name)
    return SeriesFile(tuple(cases), _targets(name, targets, tags))


def _numbers(channel: str) -> npt.NDArray[np.float32]:
    """(time,) the values of a channel; `?` is a missing one.

    Raises:
        ValueError: one is no number.
    """
    values = channel.replace("?", "nan").split(",")
    return np.array([float(value) for value in values], np.float32)


def _check_tags(name: str, tags: Mapping[str, str]) -> None:
    if tags.get("@timestamps", "").lower() == _YES:
        raise DatasetError(
            N_("{file} holds a time with each value, and is not read."),
            hint=N_("Save it with the values alone, at equal distances."),
            file=name,
        )
    if not _labels_classes(tags) and tags.get("@targetlabel", "").lower() != _YES:
        raise DatasetError(
            N_("{file} has neither classes nor numbers to be predicted."),
            hint=N_("Write `@classLabel true` and the classes, and put a class at the end of each line."),
            file=name,
        )


def _labels_classes(tags: Mapping[str, str]) -> bool:
    return tags.get("@classlabel", "").lower().startswith(_YES)


def _targets(
    name: str, targets: list[str], tags: Mapping[str, str]
) -> npt.NDArray[np.str_] | npt.NDArray[np.float64]:
    if _labels_classes(tags):
        return np.array(targets, np.str_)
    try:
        return np.array([float(target) for target in targets])
    except ValueError:
        raise DatasetError(
            N_("{file}: expected a number at the end of each line."),
            hint=N_("Write `@classLabel true` if they are classes."),
            file=name,
        ) from None


def _strange_line(name: str, number: int, channels: int) -> DatasetError:
    return DatasetError(
        N_(
            "{file}, line {line}: expected numbers between commas for each channel ({channels}), and a target, with colons between."
        ),
        hint=N_("Correct the line, or remove it."),
        file=name,
        line=number,
        channels=channels,
    )


def _filled(file: SeriesFile, longest: int) -> npt.NDArray[np.float32]:
    x = np.zeros((len(file.cases), longest, file.channels), np.float32)
    for case, row in zip(file.cases, x, strict=True):
        for place, channel in enumerate(case):
            row[: len(channel), place] = channel
    return x


def _too_large(settings: Settings) -> DatasetError:
    return DatasetError(
        N_("the series take more than {limit} MB as arrays of one length."),
        hint=N_("Take fewer of them, or cut the longest."),
        limit=settings.max_table_bytes // 2**20,
    )


def _length_warnings(lengths: npt.NDArray[np.int64]) -> Iterator[Message]:
    if lengths.min() < lengths.max():
        yield Message(
            N_(
                "the series differ in length, from {shortest} to {longest}: zeros follow those that end early."
            ),
            N_("If that misleads the model, cut them to one length before."),
            params={"shortest": int(lengths.min()), "longest": int(lengths.max())},
        )
