"""The dashboard's side of the process that decodes the pictures and recordings of stored datasets."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import IO

from dlcore.datasets.parts import Array
from dlcore.errors import Message
from dlcore.queue.asked_process import AskedProcess
from dlcore.queue.frames import FrameError, array_form, array_from, read_frame, write_frame

READING_SECONDS = 60.0
"""How long one sample may take; at the first one the process starts, and the dataset is opened, too."""

_MOST_REPLY = 2**31
_MOST_QUESTION = 0


@dataclass(frozen=True)
class Wanted:
    """A sample that is to be read.

    Attributes:
        dataset: its name.
        version: of the dataset.
        row: of the sample, as it was stored.
    """

    dataset: str
    version: str
    row: int


class ReaderProcess(AskedProcess[Wanted, Array]):
    """Asks a child process for samples of stored datasets; a stranger's file is never decoded in the dashboard."""

    COMMAND = (sys.executable, "-m", "dlcore.processes.reader")
    ENVIRONMENT = {"PYTHONUTF8": "1"}

    def read(self, dataset: str, version: str, row: int) -> Array:
        """Returns the pixels (height, width, channels) uint8 or the waveform (samples, 1) float32 of a stored row.

        Raises:
            DatasetError: the dataset is gone or damaged, or its file needs more than it may; nothing hangs.
        """
        return self._asked(Wanted(dataset, version, row), READING_SECONDS)

    def _send(self, stream: IO[bytes], question: Wanted) -> None:
        write_frame(stream, {"dataset": question.dataset, "version": question.version, "row": question.row})

    def _receive(self, stream: IO[bytes]) -> Array | Message | None:
        return read_sample(stream)


def read_sample(stream: IO[bytes]) -> Array | Message | None:
    """Waits for a sample, or why there is none; None when none will come any more.

    Raises:
        FrameError: it is something else.
    """
    frame = read_frame(stream, most_bytes=_MOST_REPLY)
    if frame is None:
        return None
    header, body = frame
    try:
        return Message.from_dict(header["reason"]) if "reason" in header else array_from(header, body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FrameError(f"no sample: {error}") from error


def read_wanted(stream: IO[bytes]) -> Wanted | None:
    """Waits for a question; None when none will come any more.

    Raises:
        FrameError: it is none.
    """
    frame = read_frame(stream, most_bytes=_MOST_QUESTION)
    if frame is None:
        return None
    header, _body = frame
    try:
        return Wanted(str(header["dataset"]), str(header["version"]), int(header["row"]))
    except (KeyError, TypeError, ValueError) as error:
        raise FrameError(f"no question: {error}") from error


def write_sample(stream: IO[bytes], sample: Array | Message) -> None:
    """Sends a sample, or why there is none."""
    if isinstance(sample, Message):
        write_frame(stream, {"reason": sample.to_dict()})
    else:
        write_frame(stream, array_form(sample), sample.tobytes())
