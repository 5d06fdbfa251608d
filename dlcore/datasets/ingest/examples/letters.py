"""Small pictures of letters, drawn by computation as handwritten digits were scanned."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

SIDE = 8
"""Pixels; as many as those of the digits that come along."""
EACH = 40
"""Pictures of a letter."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of all files, so that the archive is the same whenever it is made."""

Strokes = tuple[tuple[float, float, float, float], ...]
"""Straight lines of a letter: x and y of both ends, from 0 to 1, y downwards."""

LETTERS: dict[str, Strokes] = {
    "A": ((0.1, 1, 0.5, 0), (0.5, 0, 0.9, 1), (0.27, 0.6, 0.73, 0.6)),
    "E": ((0.2, 0, 0.2, 1), (0.2, 0, 0.85, 0), (0.2, 0.5, 0.7, 0.5), (0.2, 1, 0.85, 1)),
    "H": ((0.15, 0, 0.15, 1), (0.85, 0, 0.85, 1), (0.15, 0.5, 0.85, 0.5)),
    "L": ((0.2, 0, 0.2, 1), (0.2, 1, 0.85, 1)),
    "N": ((0.15, 1, 0.15, 0), (0.15, 0, 0.85, 1), (0.85, 1, 0.85, 0)),
    "T": ((0.1, 0, 0.9, 0), (0.5, 0, 0.5, 1)),
    "X": ((0.1, 0, 0.9, 1), (0.9, 0, 0.1, 1)),
    "Z": ((0.1, 0, 0.9, 0), (0.9, 0, 0.1, 1), (0.1, 1, 0.9, 1)),
}


def write_letters(path: Path) -> None:
    """Writes a zip of PNG files of 8 × 8 pixels, one folder per letter."""
    chance = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, strokes in LETTERS.items():
            for number in range(EACH):
                content = _png(_drawn(strokes, chance))
                archive.writestr(zipfile.ZipInfo(f"{name}/{name}_{number:02}.png", _EPOCH), content)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Returns a grey picture as a PNG file (RFC 2083), each row unfiltered.

    Not by Pillow: where the examples are listed, no library for pictures is loaded.
    """
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    parts = (
        b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0),
        b"IDAT" + zlib.compress(rows),
        b"IEND",
    )
    chunks = (struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _drawn(strokes: Strokes, chance: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Returns a letter as a careless hand writes it: (8, 8), bright on dark."""
    ends = np.array(strokes).reshape(-1, 2) - 0.5
    ends += chance.normal(scale=0.05, size=ends.shape)
    turn, lean = chance.normal(scale=0.18), chance.normal(scale=0.15)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shape = turned @ np.array([[chance.uniform(0.65, 0.95), lean], [0.0, chance.uniform(0.8, 1.0)]])
    ends = (ends @ shape.T) * 0.8 * SIDE + SIDE / 2 + chance.normal(scale=0.35, size=2)
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    points = np.stack([columns, rows], axis=-1)
    far = np.min([_distance(points, *pair) for pair in ends.reshape(-1, 2, 2)], axis=0)
    ink = np.clip(chance.uniform(0.9, 1.3) - far, 0, 1)
    pixels: npt.NDArray[np.uint8] = np.round(255 * ink).astype(np.uint8)
    return pixels


def _distance(
    points: npt.NDArray[np.float64], begin: npt.NDArray[np.float64], end: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Returns how far points (8, 8, 2) are from a straight line between two ends."""
    way = end - begin
    along = np.clip(((points - begin) @ way) / max(float(way @ way), 1e-9), 0, 1)
    found: npt.NDArray[np.float64] = np.linalg.norm(points - begin - along[..., None] * way, axis=-1)
    return found
