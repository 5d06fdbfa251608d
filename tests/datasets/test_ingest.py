"""A person's own files become datasets: guessed, corrected, stored once, and what is bad is listed."""

import json
import zipfile

import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.ingest import Choices, Proposal, allowed_folder
from dlcore.datasets.ingest.groups import group_rule
from dlcore.datasets.ingest.intake import ingest, inspect
from dlcore.datasets.stored import open_stored as opened
from dlcore.datasets.stored import remove, stored_names
from dlcore.errors import DatasetError, SpecError
from dlcore.records import JobUnit
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task

from .makers import cats, colours, people, png, some_ratings, stored, wav, wave_series, zipped


def reasons(dataset):
    return {one.name: one.reason.text() for one in dataset.refused}


def test_a_folder_a_class_is_a_set_of_images(tmp_path, settings):
    proposal = inspect(colours(tmp_path / "Two colours.zip"), settings)
    assert (proposal.name, proposal.kind, proposal.task) == ("two-colours", DataKind.IMAGE, Task.BINARY)
    assert proposal.classes == ("green", "red")
    assert proposal.counts == {"": (6, 6)}

    kept = stored(colours(tmp_path / "x.zip"), settings)
    assert kept.facts.input_shape == (8, 8, 3)
    assert kept.facts.class_counts == (6, 6)
    assert (kept.facts.sample_rate, kept.facts.seconds) == (0, 0)
    assert kept.targets.tolist() == [1] * 6 + [0] * 6
    assert facts("it", settings) == kept.facts


def test_parts_stand_in_folders_of_their_own(tmp_path, settings):
    dot = png(np.zeros((4, 4)))
    names = ["train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png", "test/a/5.png"]
    kept = stored(zipped(tmp_path / "x.zip", {f"top/{name}": dot for name in names}), settings)
    sizes = (kept.facts.train_size, kept.facts.validation_size, kept.facts.test_size)
    assert sizes == (2, 1, 2)
    assert kept.parts.tolist() == ["train", "train", "validation", "test", "test"]


def test_bad_files_are_listed_and_do_not_sink_the_rest(tmp_path, settings):
    fine = png(np.arange(16).reshape(4, 4))
    files = {
        "a/1.png": fine, "b/2.png": fine, "b/page.jpg": b"<html>no image</html>",
        "a/half.png": fine[: len(fine) // 2], "c/only.png": b"", "a/inner.zip": b"PK", "loose.png": fine,
    }  # fmt: skip
    kept = stored(zipped(tmp_path / "x.zip", files), settings)
    assert kept.facts.classes == ("a", "b")
    assert kept.facts.size == 2
    found = reasons(kept)
    assert set(found) == {"b/page.jpg", "a/half.png", "c/only.png", "a/inner.zip", "loose.png", "c"}
    assert found["b/page.jpg"].startswith("this is not an image")
    assert found["c"] == "no file of this class could be used."
    assert found["loose.png"] == "it is not in the folder of a class."


def test_nothing_usable_stores_nothing(tmp_path, settings):
    path = zipped(tmp_path / "x.zip", {"a/1.png": b"nonsense", "b/2.png": b"nonsense"})
    with pytest.raises(DatasetError, match=r"nothing in it can be used; .* the first is a/1\.png"):
        stored(path, settings)
    assert stored_names(settings) == ()
    assert not settings.stored_dir.exists()


def test_the_same_content_is_stored_once_and_other_content_is_a_new_version(tmp_path, settings):
    first = stored(colours(tmp_path / "x.zip"), settings)
    again = stored(colours(tmp_path / "renamed.zip"), settings)
    other = stored(colours(tmp_path / "more.zip", count=7), settings)
    assert first.facts.version == again.facts.version != other.facts.version
    assert opened("it", settings).facts.version == other.facts.version
    assert opened("it", settings, first.facts.version).facts.size == 12
    remove("it", settings, other.facts.version)
    assert opened("it", settings).facts.version == first.facts.version


def test_a_name_belongs_to_whoever_used_it_first(tmp_path, settings):
    stored(colours(tmp_path / "x.zip"), settings)
    with pytest.raises(DatasetError, match="a dataset called 'it'"):
        ingest(colours(tmp_path / "x.zip"), settings, Choices(name="it"), owner="eve")
    with pytest.raises(DatasetError, match="a dataset called 'mnist'"):
        ingest(colours(tmp_path / "x.zip"), settings, Choices(name="mnist"), owner="me")
    for name in ("../x", "A b", "x" * 65, "con", "lpt1"):
        with pytest.raises(DatasetError, match="cannot be called"):
            inspect(colours(tmp_path / "x.zip"), settings, Choices(name=name))


def test_recordings_know_their_speakers(tmp_path, settings):
    files = {
        f"{digit}/{digit}_{who}_{n}.wav": wav(np.zeros(800 + 80 * n))
        for digit in "01" for who in ("ann", "bob") for n in range(2)
    }  # fmt: skip
    path = zipped(tmp_path / "x.zip", {**files, "0/broken.wav": b"RIFF", "1/long.wav": wav(np.ones(16))})
    assert inspect(zipped(tmp_path / "y.zip", files), settings).group == "2_"
    kept = stored(path, settings, group="2_")
    assert kept.facts.kind is DataKind.AUDIO and kept.facts.sample_rate == 8000
    assert kept.facts.seconds == pytest.approx(0.11)
    assert kept.facts.has_groups and set(kept.groups) == {"ann", "bob", ""}
    assert reasons(kept) == {"0/broken.wav": "this is not a recording, or it is damaged."}


@pytest.mark.parametrize("pattern", ["(a", "no group", "(a)(b)", "(a)(?=b)", "(x" * 300, "((x{1000}){1000})"])
def test_a_pattern_that_is_none_is_refused(tmp_path, settings, pattern):
    with pytest.raises(
        DatasetError, match="expected a part of the name such as `2_`, or a pattern with one pair"
    ):
        inspect(colours(tmp_path / "x.zip"), settings, Choices(group=pattern))


@pytest.mark.parametrize("pattern", ["^" + ".*" * 90 + "(Z)$", "(a|a)*(?:a|aa)+$", "^(?:a+)+(b)$"])
def test_a_pattern_on_which_pythons_engine_would_work_for_years_is_soon_done(pattern):
    rule = group_rule(pattern)
    assert rule("0/" + "a" * 200 + ".wav") == ""


@pytest.mark.parametrize(
    ("rule", "name", "group"),
    [
        ("2_", "0/0_ann_1.wav", "ann"),
        ("3_", "0/0_ann_1.wav", "1"),
        ("1-", "ann-lee_2.png", "ann"),
        ("2-", "ann-lee_2.png", "lee_2"),
        ("4_", "0_ann_1.wav", ""),
        ("1_", "plain.wav", ""),
        ("^(.)", "深圳_1.wav", "深"),
        ("_(ann)?", "0_bob.wav", ""),
    ],
)
def test_a_rule_tells_the_group_by_the_name_of_the_file_alone(rule, name, group):
    assert group_rule(rule)(name) == group


def test_how_far_the_reading_of_a_table_and_of_files_is_is_told(tmp_path, settings):
    told = []
    table = tmp_path / "x.csv"
    table.write_text("a,b\n" + "1,2\n3,4\n" * 2_500)
    ingest(table, settings, Choices(name="x"), owner="me", progress=lambda *seen: told.append(seen))
    size = table.stat().st_size
    read = [done for done, total, unit in told if unit is JobUnit.BYTES and total == size]
    assert len(read) > 4
    assert sorted(read) == read or read[-1] <= size
    assert (1, 2, JobUnit.COLUMNS) in told

    told.clear()
    ingest(
        colours(tmp_path / "y.zip"), settings, Choices(name="y"), owner="me",
        progress=lambda *seen: told.append(seen),
    )  # fmt: skip
    assert (11, 12, JobUnit.FILES) in told


@pytest.mark.parametrize(
    "make",
    [lambda path: colours(path / "a.zip"), lambda path: people(path / "a.csv")],
    ids=["files", "table"],
)
def test_a_proposal_is_the_same_after_a_way_through_json(make, tmp_path, settings):
    proposal = inspect(make(tmp_path), settings)
    assert Proposal.from_dict(json.loads(json.dumps(proposal.to_dict()))) == proposal


def test_a_table_tells_its_types_roles_and_task(tmp_path, settings):
    proposal = inspect(people(tmp_path / "people.csv"), settings)
    assert (proposal.kind, proposal.task, proposal.delimiter) == (DataKind.TABLE, Task.BINARY, ",")
    assert [(c.name, c.type.value, c.role.value, c.missing) for c in proposal.columns] == [
        ("age", "number", "feature", 0),
        ("city", "category", "feature", 1),
        ("income", "number", "feature", 1),
        ("bought", "category", "target", 0),
    ]
    assert proposal.classes == ("no", "yes")

    kept = stored(people(tmp_path / "people.csv"), settings)
    assert kept.targets.tolist() == [0, 1, 0, 1, 1, 0]
    assert kept.column("income").tolist() == pytest.approx([1e3, 2e3, np.nan, 4e3, 5e3, 6e3], nan_ok=True)
    assert kept.column("city").tolist()[:2] == ["Rome", "Oslo"] and kept.column("city").isna().sum() == 1


def test_a_person_corrects_what_was_guessed(tmp_path, settings):
    roles = {"income": ColumnRole.TARGET, "bought": ColumnRole.FEATURE, "age": ColumnRole.IGNORED}
    choices = Choices(name="it", roles=roles, types={"bought": ColumnType.CATEGORY})
    proposal = inspect(people(tmp_path / "people.csv"), settings, choices)
    assert proposal.task is Task.REGRESSION
    kept = ingest(tmp_path / "people.csv", settings, proposal.choices(), owner="me")
    assert kept.targets.shape == (6, 1) and np.isnan(kept.targets[2, 0])
    assert kept.facts.targets == ("income",)
    with pytest.raises(SpecError, match="there is no column 'nme'"):
        inspect(people(tmp_path / "people.csv"), settings, Choices(roles={"nme": ColumnRole.TARGET}))


def test_wrong_rows_formulas_and_html_stay_what_they_are(tmp_path, settings):
    path = tmp_path / "odd.csv"
    path.write_text("<b>n</b>;text;label\n1;=1+1;a\n2;too;many;b\n3;<script>x</script>;b\n4;@cmd;a\n")
    kept = stored(path, settings, kind=DataKind.TABLE, types={"text": ColumnType.CATEGORY})
    assert reasons(kept) == {"row 3": "wrong number of fields: 4, the others have 3."}
    assert kept.column("text").tolist() == ["=1+1", "<script>x</script>", "@cmd"]
    assert kept.facts.columns[0].name == "<b>n</b>"


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8", "\t"), ("utf-16", ";"), ("gb18030", ","), ("utf-8-sig", "|")]
)
def test_encodings_and_delimiters_are_told(tmp_path, settings, encoding, delimiter):
    rows = [["高度", "类别"], *([str(n), "猫" if n % 2 else "狗"] for n in range(60))]
    path = tmp_path / "x.csv"
    path.write_text("\n".join(delimiter.join(row) for row in rows), encoding=encoding)
    proposal = inspect(path, settings)
    assert proposal.delimiter == delimiter
    assert [c.name for c in proposal.columns] == ["高度", "类别"]
    assert set(proposal.classes) == {"狗", "猫"}


def test_labels_with_bars_are_several_at_once(tmp_path, settings):
    path = tmp_path / "tags.csv"
    path.write_text("size,tags\n1,a|b\n2,b\n3,\n4,c|a\n")
    kept = stored(path, settings)
    assert kept.facts.task is Task.MULTILABEL and kept.facts.classes == ("a", "b", "c")
    assert kept.targets.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0], [1, 0, 1]]


def test_parquet_and_xlsx_are_read_as_csv_is(tmp_path, settings):
    import pandas as pd

    frame = pd.DataFrame(
        {"when": pd.date_range("2024-01-01", periods=4), "x": [1.5, 2, 3, 4], "y": list("abab")}
    )
    frame.to_parquet(tmp_path / "x.parquet")
    columns = inspect(tmp_path / "x.parquet", settings).columns
    assert [c.type for c in columns] == [ColumnType.TIME, ColumnType.NUMBER, ColumnType.CATEGORY]


def test_a_series_is_a_time_and_numbers(tmp_path, settings):
    proposal = inspect(wave_series(tmp_path / "load.csv"), settings)
    assert (proposal.kind, proposal.task) == (DataKind.SERIES, Task.FORECASTING)
    roles = [c.role for c in proposal.columns]
    assert roles == [ColumnRole.TIME, ColumnRole.FEATURE, ColumnRole.TARGET]


def test_ratings_are_told_by_their_columns_or_by_the_layout_of_movielens(tmp_path, settings):
    kept = stored(some_ratings(tmp_path / "r.csv"), settings)
    assert (kept.facts.kind, kept.facts.task) == (DataKind.RATINGS, Task.RATING)
    assert [c.unique for c in kept.facts.columns_of(ColumnRole.USER, ColumnRole.ITEM)] == [7, 5]
    path = tmp_path / "u.data"
    lines = [f"{u}\t{i}\t{1 + (u * i) % 5}\t88125{u:04}" for u in range(1, 30) for i in range(1, 20)]
    path.write_text("\n".join(lines))
    proposal = inspect(path, settings)
    assert proposal.kind is DataKind.RATINGS
    roles = [c.role for c in proposal.columns]
    assert roles == [ColumnRole.USER, ColumnRole.ITEM, ColumnRole.TARGET, ColumnRole.TIME]


def test_the_columns_of_ratings_stand_in_their_order_where_a_name_is_not_known(tmp_path, settings):
    path = tmp_path / "r.csv"
    path.write_text(
        "user,item,how much,when\n" + "".join(f"u{n % 4},i{n % 3},{n % 5},{n}\n" for n in range(24))
    )
    roles = {
        column.name: column.role for column in inspect(path, settings, Choices(kind=DataKind.RATINGS)).columns
    }
    assert roles == {
        "user": ColumnRole.USER,
        "item": ColumnRole.ITEM,
        "how much": ColumnRole.TARGET,
        "when": ColumnRole.TIME,
    }


def test_a_single_class_is_stored_only_once_it_is_accepted(tmp_path, settings):
    path = cats(tmp_path / "x.zip")
    (doubt,) = inspect(path, settings).doubts
    assert doubt.code == "one-class"
    with pytest.raises(DatasetError, match=r"only one class, 'cat'.* accept it with `--accept one-class`"):
        stored(path, settings)
    assert stored_names(settings) == ()
    assert stored(path, settings, accept=("one-class",)).facts.classes == ("cat",)
    assert inspect(cats(tmp_path / "y.zip", "dog"), settings).doubts == ()


def test_recordings_have_the_commonest_of_their_rates(tmp_path, settings):
    tone = np.sin(np.arange(1600) * 0.3) * 0.5
    files = {f"{label}/{n}.wav": wav(tone, rate=16_000 if n else 8_000) for label in "ab" for n in range(3)}
    assert stored(zipped(tmp_path / "x.zip", files), settings).facts.sample_rate == 16_000


def test_a_link_in_an_archive_is_refused_as_one(tmp_path, settings):
    path = zipped(
        tmp_path / "x.zip",
        {f"{label}/{n}.png": png(np.full((4, 4, 3), 9 * n)) for label in "ab" for n in range(3)},
    )
    link = zipfile.ZipInfo("a/9.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    kept = stored(path, settings)
    assert [(one.name, one.reason.text()) for one in kept.refused] == [
        ("a/9.png", "it is a link or a device, not a file.")
    ]


def test_arrays_are_stored_and_pickles_are_refused(tmp_path, settings):
    x, y = np.arange(48, dtype=np.uint8).reshape(3, 4, 4), np.array([5, 9, 5])
    np.savez(tmp_path / "x.npz", x_train=x, y_train=y, x_test=x[:1], y_test=y[1:2])
    kept = stored(tmp_path / "x.npz", settings)
    assert kept.facts.kind is DataKind.ARRAY and kept.facts.input_shape == (4, 4, 1)
    assert (kept.facts.train_size, kept.facts.test_size) == (3, 1)
    assert kept.facts.classes == ("5", "9") and kept.targets.tolist() == [0, 1, 0, 1]
    np.testing.assert_array_equal(kept.array[:3, ..., 0], x)
    np.savez(tmp_path / "bad.npz", x=np.array([{}, {}]), y=np.zeros(2))
    with pytest.raises(DatasetError, match="pickled objects"):
        inspect(tmp_path / "bad.npz", settings)


def test_a_folder_of_the_server_is_read_only_under_a_root(tmp_path, settings):
    (tmp_path / "open" / "a").mkdir(parents=True)
    allowing = settings.model_copy(update={"data_roots": (tmp_path / "open",)})
    assert allowed_folder(tmp_path / "open" / "a", allowing) == (tmp_path / "open" / "a").resolve()
    for path in (tmp_path, tmp_path / "open" / ".." / "other"):
        with pytest.raises(DatasetError, match="may not be read from this folder"):
            allowed_folder(path, allowing)
    with pytest.raises(DatasetError, match="may not be read"):
        allowed_folder(tmp_path / "open", settings)


def test_the_real_files_are_what_they_are(shared_data, settings):
    found = inspect(shared_data / "cifar10_images.zip", settings)
    assert found.counts == {"test": (80,) * 10, "train": (400,) * 10}
    found = inspect(shared_data / "sms_spam.csv", settings)
    assert (found.kind, found.classes, found.samples) == (DataKind.TEXT, ("ham", "spam"), 5574)
    found = inspect(shared_data / "spoken_digits.zip", settings)
    assert (found.kind, found.samples, found.group) == (DataKind.AUDIO, 1000, "2_")


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [("train", "val", "test"), ("Training", "dev", "Testing"), ("train ", "valid", "TEST")],
)
def test_a_column_of_a_table_names_parts_in_the_words_that_folders_do(
    tmp_path, settings, train, validation, test
):
    words = [train] * 6 + [validation] * 3 + [test] * 2
    rows = [f"{index},{word},{'ab'[index % 2]}" for index, word in enumerate(words)]
    (tmp_path / "x.csv").write_text("\n".join(["size,split,label", *rows]))

    facts = stored(tmp_path / "x.csv", settings).facts

    assert [column.name for column in facts.columns_of(ColumnRole.PART)] == ["split"]
    assert (facts.train_size, facts.validation_size, facts.test_size) == (6, 3, 2)
