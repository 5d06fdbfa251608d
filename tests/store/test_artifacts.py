import pytest

from dlcore.errors import NotFoundError, StoreError
from dlcore.store.artifacts import Artifacts


@pytest.mark.parametrize(
    "bad", ["..", "../../etc", "/etc", "a/b", "ab", "ABCD1234", "abcd\x00ef", "", "a" * 33]
)
def test_what_is_no_id_names_no_folder(tmp_path, bad):
    artifacts = Artifacts(tmp_path / "runs")
    for action in (artifacts.folder, artifacts.create, artifacts.delete):
        with pytest.raises(NotFoundError, match="there is no run"):
            action(bad)


def test_a_folder_is_made_once_and_removed_with_all_that_is_in_it(tmp_path):
    artifacts = Artifacts(tmp_path / "runs")
    folder = artifacts.create("abcd1234")
    (folder / "file").write_text("x")
    assert artifacts.create("abcd1234") == folder == tmp_path / "runs" / "abcd1234"
    artifacts.delete("abcd1234")
    assert not folder.exists()
    artifacts.delete("abcd1234")


def test_a_folder_that_cannot_be_made_is_said_with_its_path(tmp_path):
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"runs/abcd1234: the folder cannot be made: .*Free disk space"):
        Artifacts(tmp_path / "runs").create("abcd1234")


def test_a_folder_that_cannot_be_removed_is_said_with_its_path(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "abcd1234").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="runs/abcd1234: the folder cannot be removed"):
        Artifacts(tmp_path / "runs").delete("abcd1234")


def test_a_link_inside_a_folder_is_removed_and_not_followed(tmp_path):
    artifacts, precious = Artifacts(tmp_path / "runs"), tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    (artifacts.create("abcd1234") / "link").symlink_to(precious)
    artifacts.delete("abcd1234")
    assert (precious / "file").exists()
