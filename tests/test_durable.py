"""Files that are there whole or not at all, and what is read of a damaged one."""

import errno
import os
import stat
import subprocess
import tracemalloc

import pytest

from dlcore import durable
from dlcore.durable import (
    discard_parts,
    folder_bytes,
    put_in_place,
    read_derived,
    read_json,
    write_file,
    write_json,
)

DATA = {"name": "räksmörgås", "sizes": [1, 2.5, None], "1": {"10": 1, "2": 2}}


@pytest.fixture
def synced(monkeypatch):
    """The kind and the place of all that was waited for, in order; a rename is among it."""
    calls = []
    sync, replace = os.fsync, durable.Path.replace

    def fsync(descriptor):
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        calls.append((kind, str(durable.Path(f"/proc/self/fd/{descriptor}").readlink())))
        sync(descriptor)

    def renamed(self, target):
        calls.append(("rename", str(target)))
        return replace(self, target)

    monkeypatch.setattr(durable.os, "fsync", fsync)
    monkeypatch.setattr(durable.Path, "replace", renamed)
    return calls


def test_a_file_is_on_the_disk_before_its_name_is(tmp_path, synced):
    write_json(tmp_path / "state.json", DATA)
    assert [kind for kind, _ in synced] == ["file", "rename", "folder"]
    assert synced[1:] == [("rename", str(tmp_path / "state.json")), ("folder", str(tmp_path))]


def test_all_files_of_a_folder_are_on_the_disk_before_its_name_is(tmp_path, synced):
    part = tmp_path / "part"
    (part / "inner").mkdir(parents=True)
    (part / "inner" / "x.npy").write_bytes(b"x")
    (part / "y.npy").write_bytes(b"y")
    put_in_place(part, tmp_path / "whole")
    before = synced[: synced.index(("rename", str(tmp_path / "whole")))]
    assert {(kind, place.removeprefix(str(part))) for kind, place in before} == {
        ("file", "/inner/x.npy"), ("file", "/y.npy"), ("folder", "/inner"), ("folder", ""),
    }  # fmt: skip
    assert synced[-1] == ("folder", str(tmp_path))


@pytest.mark.parametrize("readers", [1, 3])
def test_where_an_open_file_cannot_be_replaced_its_readers_are_waited_for(readers, tmp_path, monkeypatch):
    path, replace, refused = tmp_path / "state.json", durable.Path.replace, []
    write_json(path, {"old": 1})

    def busy(self, target):
        if len(refused) < readers:
            refused.append(target)
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        return replace(self, target)

    monkeypatch.setattr(durable.Path, "replace", busy)
    with pytest.raises(PermissionError):
        write_json(path, DATA)  # elsewhere that is for good
    monkeypatch.setattr(durable, "_OPEN_FILES_STAY", True)
    write_json(path, DATA)
    assert len(refused) == readers
    assert read_json(path) == DATA
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


def test_a_file_whose_readers_never_end_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    def busy(self, target):
        raise PermissionError(errno.EACCES, "The process cannot access the file")

    monkeypatch.setattr(durable.Path, "replace", busy)
    monkeypatch.setattr(durable, "_OPEN_FILES_STAY", True)
    monkeypatch.setattr(durable, "READ_SECONDS", 0.05)
    with pytest.raises(PermissionError):
        write_json(tmp_path / "state.json", DATA)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_half_way_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "state.json"
    write_json(path, {"old": 1})

    def half(part):
        part.write_bytes(b"hal")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_file(path, half)
    assert read_json(path) == {"old": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_has_left_is_discarded_and_nothing_else(tmp_path):
    left = []

    def killed(part):
        part.write_bytes(b"half")
        left.append(part.rename(part.with_name(f"{part.name}.kept")))  # so that it survives the exception
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "checkpoint.npz", killed)
    left[0].rename(tmp_path / left[0].name.removesuffix(".kept"))
    write_json(tmp_path / "evaluation.json", DATA)
    discard_parts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation.json"]


def test_what_was_written_is_read(tmp_path):
    write_json(tmp_path / "state.json", DATA)
    assert read_json(tmp_path / "state.json") == read_derived(tmp_path / "state.json") == DATA


def test_what_is_not_there_reads_as_nothing(tmp_path):
    assert read_json(tmp_path / "state.json") is read_derived(tmp_path / "state.json") is None


def test_each_flipped_byte_is_noticed(tmp_path):
    path = tmp_path / "state.json"
    write_json(path, {"a": 12, "b": "xy"})
    good = path.read_bytes()
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        found = read_derived(path)
        assert found is None or found == {"a": 12, "b": "xy"}, "white space may become another one"


@pytest.mark.parametrize("content", [b"", b"\0" * 512, b'{"checksum": 1, "content": {}}', b"\xff\xfe"])
def test_an_original_that_is_damaged_is_no_absent_one(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    assert read_derived(tmp_path / "manifest.json") is None
    with pytest.raises(ValueError, match=r"."):
        read_json(tmp_path / "manifest.json")


def test_json_that_would_harm_its_reader_is_damaged(tmp_path, monkeypatch):
    path = tmp_path / "manifest.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json(path)
    assert read_derived(path) is None
    monkeypatch.setattr(durable, "MOST_JSON", 100)
    write_json(path, "x" * 50)
    assert read_json(path) == "x" * 50
    write_json(path, "x" * 100)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        read_json(path)
    assert read_derived(path) is None


def test_an_original_of_an_older_version_is_read_and_a_derived_file_of_one_made_anew(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 1}')
    assert read_json(tmp_path / "manifest.json") == {"format": 1}
    assert read_derived(tmp_path / "manifest.json") is None


def test_a_small_file_of_json_is_read_with_little_memory(tmp_path):
    write_json(tmp_path / "small.json", {"a": 1})
    tracemalloc.start()
    try:
        assert read_json(tmp_path / "small.json") == {"a": 1}
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_folder_is_measured_however_deep_it_is_nested(tmp_path):
    inner = top = tmp_path / "top"
    top.mkdir()
    for _ in range(1_500):
        inner = inner / "d"
        inner.mkdir()
    (inner / "file").write_bytes(b"seven b")
    (top / "link").symlink_to(inner / "file")
    try:
        assert folder_bytes(top) == 7 + len(str(inner / "file"))
    finally:
        subprocess.run(["rm", "-rf", top], check=True)  # Python 3.11 cannot
    assert folder_bytes(top) == 0
