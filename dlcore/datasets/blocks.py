"""Checksums of the blocks of files, so that damage is found without reading all of them.

Where the files are in memory, 64 blocks take about 15 ms. What is smaller than they are together is checked
as a whole; of larger files other blocks are chosen each time. `python -m dlcore doctor --deep` reads them
all.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from dlcore.durable import is_damage, read_derived, write_json

BLOCK = 256 * 1024
"""Bytes that have a checksum of their own."""
SAMPLED = 64
"""Blocks that are checked when a folder is opened, beside the first of each file."""
SEAL = "checksums.json"


def seal(folder: Path) -> None:
    """Records the checksums of a folder's files, which must not change from then on."""
    names = sorted(path.name for path in folder.iterdir() if path.name != SEAL)
    write_json(folder / SEAL, {name: _described(folder / name) for name in names})


def reseal(folder: Path, name: str) -> None:
    """Records the checksum of a file of a sealed folder anew, where it was changed on purpose."""
    sealed = read_derived(folder / SEAL)
    if sealed is not None and name in sealed:
        write_json(folder / SEAL, {**sealed, name: _described(folder / name)})


def is_sound(folder: Path) -> bool:
    """Returns whether a folder was sealed and the blocks that were checked are unchanged."""
    return damaged_files(folder) == ()


def damaged_files(folder: Path, *, whole: bool = False) -> tuple[str, ...] | None:
    """Returns the files of a sealed folder that have changed.

    Args:
        folder: where the files lie.
        whole: whether every block is read, instead of some chosen at random.

    Returns:
        Their names; None where the folder was never sealed, or its seal is damaged.
    """
    sealed = read_derived(folder / SEAL)
    if sealed is None:
        return None
    chosen = {name: {0} if about["blocks"] else set() for name, about in sealed.items()}
    blocks = [(name, index) for name, about in sealed.items() for index in range(len(about["blocks"]))]
    for name, index in blocks if whole else random.sample(blocks, min(SAMPLED, len(blocks))):
        chosen[name].add(index)
    return tuple(name for name in sealed if not _is_as_sealed(folder / name, sealed[name], chosen[name]))


def _described(path: Path) -> dict[str, Any]:
    size = path.stat().st_size
    with path.open("rb") as file:
        return {"size": size, "blocks": [_block(file, index) for index in range(-(-size // BLOCK))]}


def _is_as_sealed(path: Path, about: Mapping[str, Any], indices: set[int]) -> bool:
    try:
        if path.stat().st_size != about["size"]:
            return False
        with path.open("rb") as file:
            return all(_block(file, index) == about["blocks"][index] for index in sorted(indices))
    except FileNotFoundError:
        return False
    except OSError as error:
        if is_damage(error):
            return False
        raise


def _block(file: BinaryIO, index: int) -> int:
    file.seek(index * BLOCK)
    return zlib.crc32(file.read(BLOCK))
