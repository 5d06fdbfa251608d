"""What the dashboard and the process that answers say to each other: questions and answers as frames of bytes.

A frame is a JSON object and, after it, raw bytes; their lengths come first. Nothing in it is ever unpickled or
evaluated, and a frame that claims to be longer than is allowed is not read.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import numpy as np

from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.datasets.parts import Array
from dlcore.errors import Message
from dlcore.records.predictions import Predictions

_LENGTHS = struct.Struct(">IQ")
_MOST_HEADER = 64 * 2**20
_TYPES = frozenset({"bool", "uint8", "uint16", "int16", "int32", "int64", "float32", "float64"})
_SEEN = "seen."
BYTES = "bytes"

DRAWING = "drawing"
RECORDING = "recording"


@dataclass(frozen=True)
class Drawing:
    """Strokes that somebody drew, to become a picture like those of the training.

    Attributes:
        png: light strokes on a dark ground.
        style: how the pictures of the training are drawn.
    """

    png: bytes
    style: DrawingStyle = field(default_factory=DrawingStyle)


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording whose samples are known.

    Attributes:
        samples: (samples,) or (samples, channels) float from −1 to 1, or int16.
        rate: samples in a second.
    """

    samples: Array
    rate: int


Row = Mapping[str, str | float | datetime | None]
Given = bytes | Drawing | Recording | Array | str | list[Row]
"""A file's bytes, a drawing, a recording, pixels or another array, a text, or rows by the names of their columns."""


class FrameError(Exception):
    """The other side said something that is no frame."""


@dataclass(frozen=True)
class Question:
    """What a run's model is asked.

    Attributes:
        folder: of the run's files.
        given: the sample; nothing where the model should only be made ready.
    """

    folder: Path
    given: Given | None = None


@dataclass(frozen=True)
class Answer:
    """What the model answers.

    Attributes:
        predictions: for what was given; None where nothing was.
        seen: by input, (…) the first sample as the model saw it; a picture, and what is reconstructed, before its values
            are scaled.
        returned: (…) what came back of that sample, of a reconstruction.
        shown: (height, width, channels) uint8: a picture that was given as a file, small enough to be shown.
        seconds: from the question's arrival to the answer.
    """

    predictions: Predictions | None = None
    seen: Mapping[str, Array] = field(default_factory=dict)
    returned: Array | None = None
    shown: Array | None = None
    seconds: float = 0.0


Reply = Answer | Message
"""The answer, or why there is none."""


def body_size(given: Given | None) -> int:
    """Returns how many bytes besides JSON are sent for what is given."""
    match given:
        case bytes():
            return len(given)
        case Drawing():
            return len(given.png)
        case Recording():
            return given.samples.nbytes
        case np.ndarray():
            return given.nbytes
        case _:
            return 0


def write_question(stream: IO[bytes], question: Question) -> None:
    """Sends a question."""
    given = question.given
    header: dict[str, Any] = {"folder": str(question.folder)}
    body = b""
    if isinstance(given, bytes):
        header["form"], body = BYTES, given
    elif isinstance(given, Drawing):
        header["form"], header["style"], body = DRAWING, asdict(given.style), given.png
    elif isinstance(given, Recording):
        header |= {"form": RECORDING, "samples": _described(given.samples), "rate": given.rate}
        body = given.samples.tobytes()
    elif isinstance(given, np.ndarray):
        header["form"], body = _described(given), given.tobytes()
    elif isinstance(given, list):
        header |= _rows_and_times(given)
    else:
        header["value"] = given
    _write(stream, header, body)


def read_question(stream: IO[bytes], *, most_bytes: int) -> Question | None:
    """Waits for a question; None when none will come any more.

    Args:
        stream: from the other side.
        most_bytes: the largest file that is read.

    Raises:
        FrameError: it is no question, or too large.
    """
    frame = _read(stream, most_bytes)
    if frame is None:
        return None
    header, body = frame
    try:
        folder, form = Path(header["folder"]), header.get("form")
        if form == DRAWING:
            return Question(folder, Drawing(body, DrawingStyle(**header["style"])))
        if form == RECORDING:
            return Question(folder, Recording(_array(header["samples"], body), int(header["rate"])))
        if form is not None:
            return Question(folder, body if form == BYTES else _array(form, body))
        return Question(folder, _with_times(header["value"], header.get("times", [])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FrameError(f"no question: {error}") from error


def write_reply(stream: IO[bytes], reply: Reply) -> None:
    """Sends an answer, or why there is none."""
    if isinstance(reply, Message):
        _write(stream, {"reason": reply.to_dict()}, b"")
        return
    arrays = {_SEEN + name: values for name, values in reply.seen.items()}
    arrays |= {
        name: values
        for name, values in (("returned", reply.returned), ("shown", reply.shown))
        if values is not None
    }
    header = {
        "predictions": reply.predictions and reply.predictions.to_dict(),
        "arrays": {name: _described(values) for name, values in arrays.items()},
        "seconds": reply.seconds,
    }
    _write(stream, header, b"".join(one.tobytes() for one in arrays.values()))


def read_reply(stream: IO[bytes], *, most_bytes: int) -> Reply | None:
    """Waits for a reply; None when the other side has ended.

    Raises:
        FrameError: it is no reply, or too large.
    """
    frame = _read(stream, most_bytes)
    if frame is None:
        return None
    header, body = frame
    try:
        if "reason" in header:
            return Message.from_dict(header["reason"])
        arrays, start = dict[str, Array](), 0
        for name, form in header["arrays"].items():
            stop = start + _size(form)
            arrays[name] = _array(form, body[start:stop])
            start = stop
        said = header["predictions"]
        return Answer(
            None if said is None else Predictions.from_dict(said),
            {name.removeprefix(_SEEN): one for name, one in arrays.items() if name.startswith(_SEEN)},
            arrays.get("returned"),
            arrays.get("shown"),
            float(header["seconds"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FrameError(f"no reply: {error}") from error


def _write(stream: IO[bytes], header: Mapping[str, Any], body: bytes) -> None:
    head = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(head), len(body)) + head)
    stream.write(body)
    stream.flush()


def _read(stream: IO[bytes], most_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """Returns the next frame; None where the stream ends, be it in the middle of one."""
    start = stream.read(_LENGTHS.size)
    if len(start) < _LENGTHS.size:
        return None
    of_header, of_body = _LENGTHS.unpack(start)
    if of_header > _MOST_HEADER or of_body > most_bytes:
        raise FrameError(f"a frame of {of_header} and {of_body} bytes")
    head, body = stream.read(of_header), stream.read(of_body)
    if len(head) < of_header or len(body) < of_body:
        return None
    try:
        header = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise FrameError("its head is no JSON") from error
    if not isinstance(header, dict):
        raise FrameError("its head is no object")
    return header, body


def _rows_and_times(rows: list[Row]) -> dict[str, Any]:
    """Returns rows in JSON, and in which columns there are times, which JSON lacks."""
    times = {name for row in rows for name, value in row.items() if isinstance(value, datetime)}
    plain = [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    ]
    return {"value": plain, "times": sorted(times)}


def _with_times(value: Any, times: list[str]) -> Any:
    """Returns rows with the times that `_rows_and_times` wrote out."""
    for row in value if times else ():
        for name in times:
            if row.get(name) is not None:
                row[name] = datetime.fromisoformat(row[name])
    return value


def _described(values: Array) -> dict[str, Any]:
    return {"type": values.dtype.name, "shape": list(values.shape)}


def _size(form: Mapping[str, Any]) -> int:
    """Returns how many bytes such an array takes.

    Raises:
        ValueError: it is no array that is sent here.
    """
    shape = form["shape"]
    if form["type"] not in _TYPES or not all(isinstance(size, int) and size >= 0 for size in shape):
        raise ValueError(f"an array {form}")
    return int(math.prod(shape) * np.dtype(form["type"]).itemsize)


def _array(form: Mapping[str, Any], body: bytes) -> Array:
    if len(body) != _size(form):
        raise ValueError(f"{len(body)} bytes for an array {form}")
    return np.frombuffer(body, form["type"]).reshape(form["shape"])
