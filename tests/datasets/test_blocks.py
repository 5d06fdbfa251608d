"""Damage in sealed folders is found: in small ones at once, in large ones by and by or by a deep look."""

import errno
import random
from pathlib import Path

import pytest

from dlcore.datasets import blocks
from dlcore.datasets.blocks import BLOCK, SEAL, damaged_files, is_sound, seal


@pytest.fixture
def folder(tmp_path):
    """A sealed folder with a file of three and a half blocks, a small one and an empty one."""
    (tmp_path / "x.npy").write_bytes(random.Random(0).randbytes(3 * BLOCK + BLOCK // 2))
    (tmp_path / "y.npy").write_bytes(b"labels")
    (tmp_path / "none").write_bytes(b"")
    seal(tmp_path)
    return tmp_path


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_a_folder_that_nobody_touched_is_sound(folder):
    assert is_sound(folder)
    assert damaged_files(folder, whole=True) == ()


@pytest.mark.parametrize("place", [0, BLOCK - 1, BLOCK, 3 * BLOCK, 3 * BLOCK + BLOCK // 2 - 1])
def test_one_flipped_bit_is_found(folder, place):
    flip(folder / "x.npy", place)
    assert damaged_files(folder) == ("x.npy",)


def test_a_file_that_is_cut_off_longer_or_gone_is_damaged(folder):
    (folder / "y.npy").write_bytes(b"label")
    (folder / "x.npy").write_bytes((folder / "x.npy").read_bytes() + b"\0")
    (folder / "none").unlink()
    assert damaged_files(folder) == ("none", "x.npy", "y.npy")


def test_a_folder_without_a_seal_or_with_a_damaged_one_is_not_sound(folder):
    flip(folder / SEAL, 40)
    assert damaged_files(folder) is None
    assert not is_sound(folder)
    (folder / SEAL).unlink()
    assert not is_sound(folder)


def test_of_a_large_file_some_blocks_are_read_and_others_each_time(folder, monkeypatch):
    monkeypatch.setattr(blocks, "SAMPLED", 1)
    flip(folder / "x.npy", 2 * BLOCK)
    looks = [is_sound(folder) for _ in range(200)]
    assert set(looks) == {True, False}
    assert damaged_files(folder, whole=True) == ("x.npy",)


@pytest.fixture
def refuse(monkeypatch):
    """Lets the opening of one file fail with an error number."""

    def refuse(name, number):
        real = Path.open

        def opened(self, *arguments, **named):
            if self.name == name:
                raise OSError(number, "refused")
            return real(self, *arguments, **named)

        monkeypatch.setattr(Path, "open", opened)

    return refuse


@pytest.mark.parametrize(("name", "found"), [("x.npy", ("x.npy",)), (SEAL, None)])
def test_a_block_that_the_disk_cannot_read_any_more_is_damage(folder, refuse, name, found):
    refuse(name, errno.EIO)
    assert damaged_files(folder) == found


@pytest.mark.parametrize("name", ["x.npy", SEAL])
def test_a_file_that_may_not_be_read_is_no_damage(folder, refuse, name):
    refuse(name, errno.EACCES)
    with pytest.raises(OSError, match="refused"):
        damaged_files(folder)
