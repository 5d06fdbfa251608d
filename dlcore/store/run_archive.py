"""A run as one file: written here, and put into another store.

| member | what |
| --- | --- |
| `run.json` | the format, the program that wrote it, the columns of the run, the names of its curves, the sizes of its files |
| `points.npz` | for each curve its steps (`x0`, `x1`, …) and its values (`y0`, `y1`, …) |
| `log.jsonl` | a line of the log each: the second it was written at, and its text |
| `files/…` | what is in the run's folder |

Its dataset is not in it, nor what ties it to a machine, a person or a study.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from dlcore.design.timing import Timing
from dlcore.errors import N_, DatasetError, Message, SpecError
from dlcore.records import FINAL_STATES, Axis, Metric, RunState, Scope, Segment, SeriesKey
from dlcore.records.annotations import LONGEST_NOTES, LONGEST_TAG, MOST_TAGS
from dlcore.records.artifacts import RUN_FILES
from dlcore.spec import ExperimentSpec
from dlcore.store.logs import LONGEST_LINE
from dlcore.store.run_files import read_arrays
from dlcore.store.run_records import Points, RunRecords
from dlcore.version import __version__

FORMAT = 1
RECORD, POINTS, LOG, FILES = "run.json", "points.npz", "log.jsonl", "files/"

NUMBERS = "points.f64"
"""What takes the place of the points where there are only numbers: of each curve how many points, then its steps and values."""

MOST_TEXT, MOST_NUMBERS = 2**27, 2**29
"""Bytes that are read of what a process says that may have been taken over."""

LEFT_BEHIND = frozenset(
    [
        # Of this machine, this person and this store.
        "owner", "host", "pid", "pid_started", "heartbeat_at", "queued_at", "priority", "number",
        "study_id", "trial", "repeat",
        # Requests, and what the spec says itself.
        "stop_requested", "prune_reason", "lost_count", "spec_hash", "dataset",
    ]
)  # fmt: skip
"""The columns of a run that it does not take with it."""

_Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
_Id = Annotated[str, Field(pattern=r"^[0-9a-z]{4,32}$")]
_Series = tuple[Axis, Scope, Annotated[str, Field(min_length=1, max_length=64)]]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Model):
    """The columns of a run that go with it."""

    id: _Id
    name: Annotated[str, Field(min_length=1, max_length=200)]
    state: RunState
    spec: dict[str, Any]
    template: Annotated[str, Field(max_length=64)]
    workload: dict[str, Any]
    hardware: Annotated[str, Field(max_length=300)]
    timing: dict[str, tuple[_Count, FiniteFloat]]
    epochs: _Count
    epoch: _Count
    step: _Count
    steps: _Count
    attempt: Annotated[int, Field(ge=0, le=1_000_000)]
    reason: dict[str, Any] | None
    device: Annotated[str, Field(max_length=200)]
    seconds: Annotated[FiniteFloat, Field(ge=0)]
    summary: dict[Scope, dict[str, FiniteFloat]]
    created_at: FiniteFloat
    started_at: FiniteFloat | None
    first_batch_at: FiniteFloat | None
    finished_at: FiniteFloat | None
    parent_id: _Id | None
    notes: Annotated[str, Field(max_length=LONGEST_NOTES)]
    tags: Annotated[list[Annotated[str, Field(max_length=LONGEST_TAG)]], Field(max_length=MOST_TAGS)]
    favorite: bool
    archived: bool


class Record(_Model):
    """What `run.json` holds."""

    format: Literal[1]
    program: str
    run: Columns
    series: Annotated[list[_Series], Field(max_length=10_000)]
    files: dict[str, Annotated[int, Field(ge=0)]]


@dataclass(frozen=True)
class Bundle:
    """What a run's archive holds besides its files.

    Attributes:
        record: as it was written.
        spec: what it trained, understood.
        points: of all its curves.
        log: the second each line was written at, and its text.
    """

    record: Record
    spec: ExperimentSpec
    points: Points
    log: Sequence[tuple[float, str]]

    def metrics(self) -> Iterator[Metric | Segment]:
        """Yields the points as the store takes them, those of batches many at a time."""
        for key, (x, y) in self.points.items():
            short = y.astype(np.float32)
            if key.axis is Axis.BATCH and _are_consecutive(x) and np.array_equal(short, y, equal_nan=True):
                yield Segment(key, int(x[0]), short)
            else:
                yield from (Metric(key, float(a), float(b)) for a, b in zip(x, y, strict=True))

    def row(self) -> dict[str, Any]:
        """Returns the columns that are stored; a run that was at work when it was written has stopped."""
        found = self.record.run.model_dump(mode="json")
        if self.record.run.state not in FINAL_STATES:
            reason = Message(N_("it was still at work when it was exported."))
            found |= {"state": RunState.STOPPED.value, "reason": reason.to_dict()}
        dataset = self.spec.dataset.name
        return {**found, "spec_hash": self.spec.hash, "dataset": dataset, "queued_at": found["created_at"]}


def write_archive(records: RunRecords, folder: Path, path: Path) -> None:
    """Writes a run into a zip.

    Args:
        records: what the store knows of it.
        folder: its files.
        path: the zip.

    Raises:
        OSError: the disk is full or refuses.
    """
    files = [folder / name for name in sorted(RUN_FILES) if (folder / name).is_file()]
    arrays: dict[str, npt.NDArray[np.float64]] = {}
    for place, (x, y) in enumerate(records.points.values()):
        arrays |= {f"x{place}": np.asarray(x, np.float64), f"y{place}": np.asarray(y, np.float64)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            # Packed already; and of one that is replaced meanwhile the size is taken as it was packed.
            archive.write(file, f"{FILES}{file.name}", zipfile.ZIP_STORED)
        with archive.open(POINTS, "w", force_zip64=True) as member:
            np.savez(member, allow_pickle=False, **arrays)
        archive.writestr(LOG, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in records.log))
        sizes = {file.name: archive.getinfo(f"{FILES}{file.name}").file_size for file in files}
        record = _record_of(records, sizes)
        archive.writestr(RECORD, json.dumps(record, ensure_ascii=False))


def _record_of(records: RunRecords, sizes: Mapping[str, int]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "program": __version__,
        "run": {name: value for name, value in records.row.items() if name not in LEFT_BEHIND},
        "series": [(key.axis.value, key.scope.value, key.name) for key in records.points],
        "files": dict(sizes),
    }


def read_bundle(folder: Path) -> Bundle:
    """Returns what the three files of an archive hold that lie in a folder; nothing in them is trusted.

    Raises:
        DatasetError: they are damaged, or a newer program wrote them; what to do.
    """
    return _bundle(folder, _packed_points)


def write_plain(bundle: Bundle, folder: Path) -> None:
    """Writes what an archive holds into a folder as JSON and numbers alone, for a process that trusts nobody.

    Raises:
        OSError: the disk is full or refuses.
    """
    (folder / RECORD).write_text(bundle.record.model_dump_json(), encoding="utf-8")
    with (folder / LOG).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in bundle.log)
    curves = bundle.points.values()
    numbers = [np.array([len(x) for x, _y in curves], np.float64), *(one for xy in curves for one in xy)]
    (folder / NUMBERS).write_bytes(np.concatenate(numbers).tobytes())


def read_plain(folder: Path) -> Bundle:
    """Returns what `write_plain` has written; nothing in it is trusted, either.

    Raises:
        DatasetError: it is not as it was written, or more than is read at once.
    """
    for name, most in ((RECORD, MOST_TEXT), (LOG, MOST_TEXT), (NUMBERS, MOST_NUMBERS)):
        if (folder / name).stat().st_size > most:
            raise damaged(name)
    return _bundle(folder, _plain_points)


def _bundle(folder: Path, read_points: Callable[[Path, Sequence[_Series]], Points]) -> Bundle:
    record = _record(folder / RECORD)
    try:
        spec = ExperimentSpec.from_dict(record.run.spec)
        if record.run.reason is not None:
            Message.from_dict(record.run.reason).text()
        Timing.from_dict(record.run.timing)
        log = [_line(line) for line in (folder / LOG).read_text("utf-8").splitlines()]
    except SpecError as error:
        raise damaged(f"{RECORD}: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise damaged(type(error).__name__) from error
    return Bundle(record, spec, read_points(folder, record.series), log)


def _record(path: Path) -> Record:
    try:
        found = json.loads(path.read_bytes())
        if isinstance(found, dict) and isinstance(found.get("format"), int) and found["format"] > FORMAT:
            raise DatasetError(
                N_("this run is of a newer version of the program."), hint=N_("Update the program.")
            )
        return Record.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        raise damaged(f"{RECORD}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise damaged(f"{RECORD}: {error}") from error


def _line(text: str) -> tuple[float, str]:
    at, said = json.loads(text)
    if not np.isfinite(at) or not isinstance(said, str):
        raise ValueError(text[:80])
    return float(at), said[:LONGEST_LINE]


def _packed_points(folder: Path, series: Sequence[_Series]) -> Points:
    arrays = read_arrays(folder / POINTS)
    missing = np.empty(0)
    pairs = (
        (arrays.get(f"x{place}", missing), arrays.get(f"y{place}", missing)) for place in range(len(series))
    )
    return _points(series, pairs)


def _plain_points(folder: Path, series: Sequence[_Series]) -> Points:
    content = (folder / NUMBERS).read_bytes()
    numbers = np.frombuffer(content[: len(content) // 8 * 8], np.float64)
    counts, values = numbers[: len(series)], numbers[len(series) :]
    if len(counts) != len(series) or not (counts >= 1).all() or 2 * counts.sum() != len(values):
        raise damaged(NUMBERS)
    ends = np.cumsum(np.repeat(counts, 2)).astype(np.int64)
    parts = np.split(values, ends[:-1]) if len(ends) else []
    return _points(series, zip(parts[::2], parts[1::2], strict=True))


def _points(series: Sequence[_Series], pairs: Iterable[tuple[npt.NDArray[Any], npt.NDArray[Any]]]) -> Points:
    found = {}
    for (axis, scope, name), (x, y) in zip(series, pairs, strict=True):
        if not (x.ndim == 1 and x.shape == y.shape and x.dtype == y.dtype == np.float64):
            raise damaged(POINTS)
        if not len(x) or not np.isfinite(x).all() or (np.diff(x) < 0).any():
            raise damaged(POINTS)
        found[SeriesKey(name, scope, axis)] = x, y
    return found


def _are_consecutive(x: npt.NDArray[Any]) -> bool:
    return bool(len(x) > 1 and (np.diff(x) == 1).all() and x[0] == int(x[0]) and abs(x[0]) < 2**31)


def damaged(reason: str) -> DatasetError:
    """Returns the error for an archive that is not as it was written."""
    return DatasetError(
        N_("this archive of a run is damaged: {reason}."),
        hint=N_("Export the run again, and copy the whole file."),
        reason=reason,
    )
