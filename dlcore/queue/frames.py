"""Frames of a JSON object and raw bytes, which two processes send each other over a pipe; their lengths come first.

Nothing in a frame is ever unpickled or evaluated, and one that claims to be longer than is allowed is not read.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from dlcore.datasets.parts import Array

_LENGTHS = struct.Struct(">IQ")
_MOST_HEADER = 64 * 2**20
_TYPES = frozenset({"bool", "uint8", "uint16", "int16", "int32", "int64", "float32", "float64"})


class FrameError(Exception):
    """The other side said something that is no frame."""


def write_frame(stream: IO[bytes], header: Mapping[str, Any], body: bytes = b"") -> None:
    """Sends a frame."""
    head = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(head), len(body)) + head)
    stream.write(body)
    stream.flush()


def read_frame(stream: IO[bytes], *, most_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """Returns the next frame; None where the stream ends, be it in the middle of one.

    Args:
        stream: from the other side.
        most_bytes: how many the bytes may be.

    Raises:
        FrameError: it is no frame, or too large.
    """
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


def array_form(values: Array) -> dict[str, Any]:
    """Returns the type and shape of an array, JSON-ready; its bytes travel as they are."""
    return {"type": values.dtype.name, "shape": list(values.shape)}


def array_size(form: Mapping[str, Any]) -> int:
    """Returns how many bytes such an array takes.

    Raises:
        ValueError: it is no array that is sent here.
    """
    shape = form["shape"]
    if form["type"] not in _TYPES or not all(isinstance(size, int) and size >= 0 for size in shape):
        raise ValueError(f"an array {form}")
    return int(math.prod(shape) * np.dtype(form["type"]).itemsize)


def array_from(form: Mapping[str, Any], body: bytes) -> Array:
    """Returns the array of a form and its bytes.

    Raises:
        ValueError: they do not fit, or it is no array that is sent here.
    """
    if len(body) != array_size(form):
        raise ValueError(f"{len(body)} bytes for an array {form}")
    return np.frombuffer(body, form["type"]).reshape(form["shape"])
