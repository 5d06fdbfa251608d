"""What the dashboard and the process that answers say to each other: questions and answers as frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import numpy as np

from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.datasets.parts import Array
from dlcore.errors import Message
from dlcore.queue.frames import FrameError, array_form, array_from, array_size, read_frame, write_frame
from dlcore.records.predictions import Predictions
from dlcore.records.unlike import Unlikeness

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
        unlike: how unlike that sample is to those of the training, where it was learned what is usual.
    """

    predictions: Predictions | None = None
    seen: Mapping[str, Array] = field(default_factory=dict)
    returned: Array | None = None
    shown: Array | None = None
    seconds: float = 0.0
    unlike: Unlikeness | None = None


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
        header |= {"form": RECORDING, "samples": array_form(given.samples), "rate": given.rate}
        body = given.samples.tobytes()
    elif isinstance(given, np.ndarray):
        header["form"], body = array_form(given), given.tobytes()
    elif isinstance(given, list):
        header |= _rows_and_times(given)
    else:
        header["value"] = given
    write_frame(stream, header, body)


def read_question(stream: IO[bytes], *, most_bytes: int) -> Question | None:
    """Waits for a question; None when none will come any more.

    Args:
        stream: from the other side.
        most_bytes: the largest file that is read.

    Raises:
        FrameError: it is no question, or too large.
    """
    frame = read_frame(stream, most_bytes=most_bytes)
    if frame is None:
        return None
    header, body = frame
    try:
        folder, form = Path(header["folder"]), header.get("form")
        if form == DRAWING:
            return Question(folder, Drawing(body, DrawingStyle(**header["style"])))
        if form == RECORDING:
            return Question(folder, Recording(array_from(header["samples"], body), int(header["rate"])))
        if form is not None:
            return Question(folder, body if form == BYTES else array_from(form, body))
        return Question(folder, _with_times(header["value"], header.get("times", [])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FrameError(f"no question: {error}") from error


def write_reply(stream: IO[bytes], reply: Reply) -> None:
    """Sends an answer, or why there is none."""
    if isinstance(reply, Message):
        write_frame(stream, {"reason": reply.to_dict()})
        return
    arrays = {_SEEN + name: values for name, values in reply.seen.items()}
    arrays |= {
        name: values
        for name, values in (("returned", reply.returned), ("shown", reply.shown))
        if values is not None
    }
    header = {
        "predictions": reply.predictions and reply.predictions.to_dict(),
        "arrays": {name: array_form(values) for name, values in arrays.items()},
        "seconds": reply.seconds,
        "unlike": reply.unlike and reply.unlike.to_dict(),
    }
    write_frame(stream, header, b"".join(one.tobytes() for one in arrays.values()))


def read_reply(stream: IO[bytes], *, most_bytes: int) -> Reply | None:
    """Waits for a reply; None when the other side has ended.

    Raises:
        FrameError: it is no reply, or too large.
    """
    frame = read_frame(stream, most_bytes=most_bytes)
    if frame is None:
        return None
    header, body = frame
    try:
        if "reason" in header:
            return Message.from_dict(header["reason"])
        arrays, start = dict[str, Array](), 0
        for name, form in header["arrays"].items():
            stop = start + array_size(form)
            arrays[name] = array_from(form, body[start:stop])
            start = stop
        said = header["predictions"]
        return Answer(
            None if said is None else Predictions.from_dict(said),
            {name.removeprefix(_SEEN): one for name, one in arrays.items() if name.startswith(_SEEN)},
            arrays.get("returned"),
            arrays.get("shown"),
            float(header["seconds"]),
            Unlikeness.from_dict(header["unlike"]) if header.get("unlike") else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FrameError(f"no reply: {error}") from error


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
