from concurrent.futures import ThreadPoolExecutor

import pytest

from dlcore.datasets.builtin.downloads import download
from dlcore.datasets.loader import load_dataset
from dlcore.errors import DatasetError
from dlcore.locks import locked
from dlcore.spec.remote import RemoteFile

from .disks import small_disk  # noqa: F401
from .fixtures import put, serving, settings_in, sha256, small_cifar, small_cifar_archive

CONTENT = bytes(range(256)) * 4096


class GivenUp(Exception):
    pass


def remote(url: str, content: bytes = CONTENT, name: str = "folder/data.bin") -> RemoteFile:
    return RemoteFile(name, f"{url}/data.bin", len(content), sha256(content))


def test_a_file_is_downloaded_with_progress_and_only_the_file_is_left(tmp_path):
    seen: list[tuple[int, int]] = []
    with serving(CONTENT) as server:
        path = download(remote(server.url), tmp_path, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert sorted(entry.name for entry in path.parent.iterdir()) == [".data.bin.lock", "data.bin"]
    assert seen[0] == (0, 1_048_576) and seen[-1] == (1_048_576, 1_048_576)
    assert seen == sorted(seen)


def test_a_file_for_which_no_checksum_was_published_is_checked_by_its_size(tmp_path):
    with serving(CONTENT) as server:
        unsigned = RemoteFile("data.bin", f"{server.url}/data.bin", len(CONTENT), "")
        assert download(unsigned, tmp_path).read_bytes() == CONTENT


def test_a_file_that_is_there_is_not_downloaded_again(tmp_path):
    put(tmp_path, "folder/data.bin", b"mine")
    with serving(CONTENT) as server:
        assert download(remote(server.url), tmp_path).read_bytes() == b"mine"
        assert server.requests == []


def test_a_broken_download_goes_on_where_it_was(tmp_path):
    put(tmp_path, "folder/data.bin.part", CONTENT[:1000])
    with serving(CONTENT) as server:
        assert download(remote(server.url), tmp_path).read_bytes() == CONTENT
        assert server.requests == ["bytes=1000-"]


def test_a_connection_that_breaks_again_and_again_is_taken_up_again(tmp_path):
    with serving(CONTENT, breaks_after=400_000) as server:
        assert download(remote(server.url), tmp_path).read_bytes() == CONTENT
        assert server.requests == ["", "bytes=400000-", "bytes=800000-"]


def test_a_server_that_cannot_go_on_starts_anew(tmp_path):
    put(tmp_path, "folder/data.bin.part", CONTENT[:1000])
    with serving(CONTENT, ranges=False) as server:
        assert download(remote(server.url), tmp_path).read_bytes() == CONTENT


def test_what_a_server_cannot_go_on_from_is_thrown_away_so_that_the_next_try_works(tmp_path):
    put(tmp_path, "folder/data.bin.part", CONTENT[:1000])
    with serving(CONTENT, refuses_ranges=416) as server:
        with pytest.raises(DatasetError, match="could not be downloaded"):
            download(remote(server.url), tmp_path)
        assert download(remote(server.url), tmp_path).read_bytes() == CONTENT


def test_what_was_downloaded_outlives_a_server_in_trouble(tmp_path):
    put(tmp_path, "folder/data.bin.part", CONTENT[:1000])
    with serving(CONTENT, refuses_ranges=503) as server, pytest.raises(DatasetError):
        download(remote(server.url), tmp_path)
    assert (tmp_path / "folder/data.bin.part").read_bytes() == CONTENT[:1000]


def test_a_server_that_always_breaks_at_the_same_byte_is_given_up(tmp_path):
    with serving(CONTENT, ranges=False, breaks_after=1000) as server, pytest.raises(DatasetError) as caught:
        download(remote(server.url), tmp_path)
    assert "data.bin could not be downloaded from http://127.0.0.1" in str(caught.value)
    assert (tmp_path / "folder/data.bin.part").stat().st_size == 1000


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"x", CONTENT + b"more"])
def test_another_content_than_expected_is_refused_and_removed(tmp_path, content):
    with (
        serving(content) as server,
        pytest.raises(DatasetError, match="not the expected file: its checksum differs"),
    ):
        download(remote(server.url), tmp_path)
    assert [entry.name for entry in (tmp_path / "folder").iterdir()] == [".data.bin.lock"]


def test_without_a_network_the_error_names_file_address_and_place(tmp_path):
    with serving(CONTENT) as server:
        closed = server.url
    with pytest.raises(DatasetError) as caught:
        download(remote(closed), tmp_path)
    assert f"data.bin could not be downloaded from {closed}/data.bin: " in str(caught.value)
    assert f"or put the file at {tmp_path}/folder/data.bin yourself." in str(caught.value)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    put(tmp_path, "folder", b"a file where the folder should be")
    with pytest.raises(DatasetError, match=rf"cannot be written: .* allow writing to {tmp_path}/folder\."):
        download(remote("http://127.0.0.1:9"), tmp_path)


def test_a_full_disk_is_said_to_be_full(small_disk):  # noqa: F811
    content = CONTENT * 2
    with (
        serving(content) as server,
        pytest.raises(DatasetError, match=r"data\.bin cannot be written: .*No space left.* Free disk space"),
    ):
        download(remote(server.url, content), small_disk)


def test_of_many_at_once_one_downloads_and_all_get_the_file(tmp_path):
    with serving(CONTENT) as server, ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: download(remote(server.url), tmp_path), range(4)))
        assert server.requests == [""]
    assert {path.read_bytes() for path in paths} == {CONTENT}


def test_who_waits_for_another_download_sees_its_progress_and_can_give_up(tmp_path):
    put(tmp_path, "folder/data.bin.part", CONTENT[:1000])

    def stop(done: int, total: int) -> None:
        raise GivenUp(f"{done} of {total}")

    with (
        locked(tmp_path / "folder/.data.bin.lock"),
        pytest.raises(GivenUp, match="1000 of 1048576"),
    ):
        download(remote("http://127.0.0.1:9"), tmp_path, stop)


def test_an_absent_dataset_is_downloaded_and_prepared_at_first_use(tmp_path):
    archive, seen = small_cifar_archive(), []
    settings = settings_in(tmp_path)
    with serving(archive) as server:
        file = remote(server.url, archive, "cifar-10-batches-py-target_archive")
        data = load_dataset(small_cifar((file,)), settings, progress=lambda *at: seen.append(at))
        load_dataset(small_cifar((file,)), settings)
        assert server.requests == [""]
    assert data.verified and data.checksum == file.sha256
    assert seen[-1] == (len(archive), len(archive))


def test_without_leave_to_download_the_error_says_what_to_put_where(tmp_path):
    settings = settings_in(tmp_path)
    with pytest.raises(DatasetError) as caught:
        load_dataset(small_cifar(), settings, use_network=False)
    text = str(caught.value)
    assert "cifar-10-batches-py-target_archive" in text and str(settings.datasets_dir) in text
    assert "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz" in text
