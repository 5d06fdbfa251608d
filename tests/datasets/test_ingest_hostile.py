"""Nothing that is uploaded breaks out, crashes, or leaves anything behind; it is refused, and says why."""

import struct
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.cells import unique_names
from dlcore.datasets.ingest.intake import ingest, inspect
from dlcore.errors import DatasetError, DlcoreError
from dlcore.settings import Settings

from . import hostile


@pytest.fixture
def settings(tmp_path):
    return limited(tmp_path / "home")


def limited(home):
    """Small limits, so that small files go over them."""
    return Settings(home=home, max_members=200, max_table_bytes=64 * 2**20)


def left(settings):
    """Every file under the home folder that belongs to no dataset that is stored whole."""
    whole = {manifest.parent for manifest in settings.home.rglob("manifest.json")}
    locks = {settings.stored_dir.with_suffix(".lock")}
    return [
        path
        for path in settings.home.rglob("*")
        if path.is_file() and path.parent not in whole and path not in locks
    ]


def taken_in(path, settings):
    """The dataset, or None if it was refused with a reason; any other exception is a failure."""
    try:
        inspect(path, settings)
        return ingest(path, settings, Choices(name="it"), owner="me")
    except DlcoreError as error:
        assert error.message.text()
        return None


ENTRIES = hostile.bad_entries()


@pytest.mark.parametrize("case", ENTRIES)
def test_a_bad_entry_is_listed_and_the_others_are_stored(case, tmp_path, settings):
    data, name = ENTRIES[case]
    path = tmp_path / "up"
    path.write_bytes(data)
    dataset = ingest(path, settings, Choices(name="it"), owner="me")
    assert dataset.facts.size == 2
    assert name in [one.name for one in dataset.refused]
    assert not left(settings)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"up", "home"}


def test_of_two_entries_of_one_name_the_second_is_refused(tmp_path, settings):
    path = tmp_path / "x.zip"
    with pytest.warns(UserWarning, match="Duplicate name"):
        path.write_bytes(hostile.with_good([("a/1.png", hostile.GOOD["b/2.png"])]))
    dataset = ingest(path, settings, Choices(name="it"), owner="me")
    assert dataset.facts.size == 2
    assert [one.name for one in dataset.refused] == ["a/1.png"]


def test_a_tar_of_the_folder_itself_is_taken_in(tmp_path, settings):
    path = tmp_path / "x.tar"
    path.write_bytes(
        hostile.tar_of([(tarfile.TarInfo(f"./{name}"), data) for name, data in hostile.GOOD.items()])
    )
    assert ingest(path, settings, Choices(name="it"), owner="me").facts.classes == ("a", "b")


@pytest.mark.parametrize("name", hostile.bad_wholes())
def test_what_cannot_be_used_is_refused_and_leaves_nothing(name, tmp_path, settings):
    path = tmp_path / name
    path.write_bytes(hostile.bad_wholes()[name]())
    with pytest.raises(DlcoreError):
        ingest(path, settings, Choices(name="it"), owner="me")
    assert not left(settings)


@pytest.mark.parametrize("name", hostile.seeds())
def test_the_files_that_are_mutated_are_fine_themselves(name, tmp_path, settings):
    path = tmp_path / name
    path.write_bytes(hostile.seeds()[name])
    dataset = ingest(path, settings, Choices(name="it"), owner="me")
    assert dataset.facts.size > 1
    assert not dataset.refused


@pytest.mark.parametrize("name", hostile.odd_tables())
def test_odd_tables_are_text_and_nothing_more(name, tmp_path, settings):
    path = tmp_path / name
    path.write_bytes(hostile.odd_tables()[name])
    dataset = taken_in(path, settings)
    assert not left(settings)
    if dataset is not None:
        names = [column.name for column in dataset.facts.columns]
        assert all(character.isprintable() for character in "".join(names))


def test_mutated_files_are_refused_or_stored_whole(tmp_path, settings):
    for number, (name, data) in enumerate(hostile.mutants(250, seed=1)):
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(data)
        taken_in(path, settings)
        assert not left(settings), name
        path.unlink()


def test_texts_of_an_arrow_file_that_point_beyond_it_are_damage_and_do_not_end_the_process(
    tmp_path, settings
):
    path = tmp_path / "x.feather"
    batch = pa.record_batch([["a" * 77_777, "b"]], names=["text"])
    with pa.ipc.new_file(str(path), batch.schema) as file:
        file.write_batch(batch)
    places = struct.pack("<3i", 0, 77_777, 77_778)
    data = path.read_bytes()
    assert data.count(places) == 1
    path.write_bytes(data.replace(places, struct.pack("<3i", 0, 10**9, 2 * 10**9)))
    with pytest.raises(DatasetError, match="the table cannot be read"):
        ingest(path, settings, Choices(name="it"), owner="me")


def test_names_of_columns_are_told_apart_in_one_pass_however_many_are_equal():
    names = unique_names([*["a"] * 100_000, "a 2", "a"])
    assert names[:3] == ["a", "a 2", "a 3"]
    assert len(set(names)) == 100_002


@pytest.mark.parametrize("name", ["equal.csv", "equal.parquet"])
def test_a_table_of_20_000_columns_of_one_name_is_refused_before_it_is_read(name, tmp_path, settings):
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text(",".join(["a"] * 20_000) + "\n" + ",".join(["1"] * 20_000) + "\n")
    else:
        pq.write_table(pa.table([pa.array([1])] * 20_000, names=["a"] * 20_000), path)
    with pytest.raises(DatasetError, match=r"the table has more than 5,?000 columns\. Leave some out"):
        inspect(path, settings, Choices(header=True))


def test_want_of_memory_is_no_fault_of_the_file(tmp_path, settings, monkeypatch):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": [1, 2], "b": [3, 4]}), path)

    def full(*_):
        raise pa.ArrowMemoryError("malloc of size 20000000000 failed")

    monkeypatch.setattr("dlcore.datasets.ingest.workbooks._rows", full)
    with pytest.raises(MemoryError):
        inspect(path, settings)


def test_a_time_in_a_far_year_is_a_time(tmp_path, settings):
    path = tmp_path / "x.csv"
    path.write_text("date,value\n" + "".join(f"3024-01-{day:02},{day}\n" for day in range(1, 21)))
    dataset = ingest(path, settings, Choices(name="it"), owner="me")
    assert dataset.facts.columns[0].type == "time"
    # 1,054 years, of which 255 leap years: each fourth from 1972 to 3020 but 8 centuries.
    assert dataset.frame["c0"][0] == (1054 * 365 + 263 - 8) * 86_400
