"""Folders, files and tables name parts and classes in many ways; what is unclear is asked, never guessed."""

import io
import json
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.ingest.part_words import PART_WORDS, part_of, parts_of
from dlcore.datasets.ingest.single_byte_names import single_byte_encoding
from dlcore.datasets.ingest.trees import layout_of
from dlcore.datasets.stored import stored_names
from dlcore.datasets.summary import random_samples
from dlcore.errors import DatasetError
from dlcore.spec.data import DataKind, Task

from .hostile import workbook
from .makers import png, samples, stored, wav, zipped

DOT = png(np.zeros((4, 4)))


def packed(path, *names, **others):
    """A zip of pictures of those names; of each folder that ends with *3 three."""
    files = {}
    for name in names:
        folder, _, count = name.partition("*")
        for number in range(int(count)) if count else ():
            files[f"{folder}/{number}.png"] = png(np.full((4, 4), len(files)))
        if not count:
            files[name] = png(np.full((4, 4), len(files)))
    return zipped(path, files | {name.replace("__", "."): content for name, content in others.items()})


def codes(proposal):
    return [doubt.code for doubt in proposal.doubts]


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("train", "train"), ("Training", "train"), ("training_set", "train"), ("seg_train", "train"),
        ("train2017", "train"), ("trn", "train"), ("TrainingSet", "train"), ("trainset", "train"),
        ("训练集", "train"), ("训练数据", "train"), ("valid", "validation"), ("val_images", "validation"),
        ("dev", "validation"), ("验证集", "validation"), ("seg_test", "test"), ("test_set", "test"),
        ("eval", "test"), ("hold-out", "test"), ("测试图片", "test"), ("TEST", "test"), ("テスト", "test"),
        ("test_tube", None), ("train station", None), ("contest", None), ("train_test", None), ("cat", None),
        ("", None), ("images", None),
    ],
)  # fmt: skip
def test_a_name_is_a_parts_if_nothing_else_is_in_it(word, part):
    assert part_of(word) == part


@given(st.sampled_from(sorted(PART_WORDS)), st.sampled_from(["{}", "{}_set", "my_{}", "{}-2017", "DATA {}"]))
def test_every_word_of_the_table_is_known_in_company_and_in_capitals(word, form):
    assert part_of(form.format(word).upper()) == PART_WORDS[word]


def test_what_names_side_by_side_share_has_no_meaning():
    assert parts_of(["fruits_train", "fruits_test"]) == {"fruits_train": "train", "fruits_test": "test"}
    assert parts_of(["test_tube", "train_station"]) == {}


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (["train/cat/1", "train/dog/1", "test/cat/1"], ["train cat", "train dog", "test cat"]),
        (["training_set/training_set/cat/1", "training_set/training_set/dog/1", "test_set/test_set/cat/1"],
         ["train cat", "train dog", "test cat"]),
        (["cat/train/1", "cat/test/1", "dog/train/1"], ["train cat", "test cat", "train dog"]),
        (["d/x/cat/Training/1", "d/x/dog/Validation/1"], ["train cat", "validation dog"]),
        (["chest/train/A/1", "chest/chest/train/A/2", "chest/test/B/1", "chest/val/B/1"],
         ["train A", "train A", "test B", "validation B"]),
        (["seg_train/seg_train/sea/1", "seg_test/seg_test/sea/1", "seg_pred/seg_pred/1"],
         ["train sea", "test sea", None]),
        (["train/images/cat/1", "train/images/dog/1", "test/images/cat/1"],
         ["train cat", "train dog", "test cat"]),
        (["train/cat/a/1", "train/cat/b/1", "train/dog/1", "val/dog/1"],
         ["train cat", "train cat", "train dog", "validation dog"]),
        (["训练集/猫/1", "训练集/狗/1", "测试集/猫/1"], ["train 猫", "train 狗", "test 猫"]),
        (["fruits_train/a/1", "fruits_test/a/1"], ["train a", "test a"]),
        (["abc_train/abc_train/A/1", "abc_train/abc_train/B/1", "abc_test/abc_test/1"],
         ["train A", "train B", "test "]),
        (["cat_train/1", "cat_test/1", "big-dog_train/1", "big-dog_test/1"],
         ["train cat", "test cat", "train big_dog", "test big_dog"]),
        (["cat/1", "dog/1"], [" cat", " dog"]),
        (["top/cat/1", "top/dog/1"], [" cat", " dog"]),
        (["all/data/cat/1", "all/data/dog/1"], [" cat", " dog"]),
    ],
)  # fmt: skip
def test_parts_and_classes_are_found_in_folders_at_any_depth(names, places):
    layout = layout_of(names)
    found = [layout.place(name) for name in names]
    assert [place and f"{place.part} {place.label}" for place in found] == places
    assert layout.unknown == ()


def test_a_doubled_tree_of_parts_has_its_classes(tmp_path, settings):
    path = packed(
        tmp_path / "x.zip", "training_set/training_set/cats*4", "training_set/training_set/dogs*4",
        "test_set/test_set/cats*2", "test_set/test_set/dogs*2",
    )  # fmt: skip
    kept = stored(path, settings)
    assert kept.facts.classes == ("cats", "dogs")
    assert (kept.facts.train_size, kept.facts.test_size) == (8, 4)


def test_the_reviews_of_films_are_read_as_they_are_distributed(tmp_path, settings):
    files = {f"aclImdb/{part}/{label}/{n}_7.txt": b"a film" for part in ("train", "test")
             for label in ("pos", "neg") for n in range(3)}  # fmt: skip
    files |= {f"aclImdb/train/unsup/{n}_0.txt": b"a film" for n in range(9)}
    files |= {"aclImdb/README": b"about", "aclImdb/imdb.vocab": b"the", "aclImdb/train/urls_pos.txt": b"http"}
    kept = stored(zipped(tmp_path / "x.zip", files), settings)
    assert kept.facts.kind is DataKind.TEXT and kept.facts.classes == ("neg", "pos")
    assert (kept.facts.train_size, kept.facts.test_size) == (6, 6)
    refused = {one.name: one.reason.text() for one in kept.refused}
    assert refused["aclImdb/train/unsup/0_0.txt"] == "its folder says that it has no class."
    assert refused["aclImdb/train/urls_pos.txt"] == "it is not in the folder of a class."


def test_a_picture_beside_the_parts_is_left_out_by_name(tmp_path, settings):
    path = packed(tmp_path / "x.zip", "train/cat*4", "train/dog*4", "test/cat*2", "test/dog*2", "docs/it.png")
    proposal = inspect(path, settings)
    assert proposal.classes == ("cat", "dog") and proposal.doubts == ()
    assert proposal.counts == {"train": (4, 4), "test": (2, 2)}
    assert "left out: 1, such as docs/it.png" in proposal.warnings[0].text()
    assert [one.name for one in stored(path, settings).refused] == ["docs/it.png"]


def test_a_picture_beside_the_folder_that_holds_the_classes_is_no_class(tmp_path, settings):
    path = packed(tmp_path / "x.zip", "data/cat*9", "data/dog*9", "docs/it.png")
    assert inspect(path, settings).classes == ("cat", "dog")


def test_folders_beside_parts_whose_names_are_no_parts_are_asked_about_and_never_trained_on(
    tmp_path, settings
):
    names = [f"{part}/{label}*3" for part in ("train", "test", "extra") for label in ("cat", "dog")]
    path = packed(tmp_path / "x.zip", *names)
    assert codes(inspect(path, settings)) == ["unknown-part"]
    with pytest.raises(DatasetError, match=r"name no part: extra.* accept it with `--accept unknown-part`"):
        stored(path, settings)
    assert stored_names(settings) == ()
    kept = stored(path, settings, accept=("unknown-part",))
    assert (kept.facts.train_size, kept.facts.test_size, kept.refused_count) == (6, 6, 6)


@pytest.mark.parametrize("names", [("Cat", "cat"), ("sea lion", "sea_lion"), ("caf\u00e9", "cafe\u0301")])
def test_classes_that_differ_only_in_their_spelling_are_asked_about(names, tmp_path, settings):
    path = packed(
        tmp_path / "x.zip", f"train/{names[0]}*2", "train/dog*2", f"test/{names[1]}*2", "test/dog*2"
    )
    assert codes(inspect(path, settings)) == ["alike-classes"]


def test_what_is_to_be_predicted_in_a_competition_is_no_class(tmp_path, settings):
    path = packed(tmp_path / "x.zip", "train/cat*3", "train/dog*3", "test/unknown*3")
    proposal = inspect(path, settings)
    assert (proposal.classes, proposal.samples, codes(proposal)) == (("cat", "dog"), 6, [])
    path = packed(tmp_path / "y.zip", "train/cat*3", "train/unknown*3", "test/unknown*3")
    assert inspect(path, settings).classes == ("cat", "unknown")


def test_a_table_that_names_few_of_the_files_is_asked_about(tmp_path, settings):
    rows = [f"{n},{('cat', 'dog')[n % 2]}" for n in range(6)]
    path = packed(tmp_path / "x.zip", "images*20", labels__csv="\n".join(["id,label", *rows]).encode())
    assert codes(inspect(path, settings)) == ["left-out"]


def test_a_zip_with_backslashes_in_its_names_has_folders(tmp_path, settings):
    files = {f"train\\{label}\\{n}.png": DOT for label in ("cat", "dog") for n in range(2)}
    kept = stored(zipped(tmp_path / "x.zip", {"train\\cat\\": b"", **files}), settings)
    assert (kept.facts.classes, kept.facts.size) == (("cat", "dog"), 4)


def test_what_was_assumed_and_accepted_is_kept_with_the_dataset(tmp_path, settings):
    path = packed(tmp_path / "x.zip", "bus*2", "train*2")
    kept = stored(path, settings, accept=("class-like-part",))
    assert [note.text().split(".")[0] for note in kept.assumed] == [
        "names of parts are taken for classes: train"
    ]


def test_classes_that_are_called_like_parts_are_asked_about(tmp_path, settings):
    path = packed(tmp_path / "x.zip", "bus*2", "train*2")
    assert inspect(path, settings).classes == ("bus", "train")
    assert codes(inspect(path, settings)) == ["class-like-part"]
    assert stored(path, settings, accept=("class-like-part",)).facts.classes == ("bus", "train")


def test_folders_that_all_hold_the_same_folders_are_asked_about(tmp_path, settings):
    names = [f"{outer}/{label}*2" for outer in ("site a", "site b") for label in ("cat", "dog")]
    assert codes(inspect(packed(tmp_path / "x.zip", *names), settings)) == ["nested-classes"]


def test_many_files_that_belong_to_no_class_are_asked_about(tmp_path, settings):
    path = packed(tmp_path / "x.zip", "train/cat*3", "train/dog*3", "test/cat*3", "more*9")
    assert codes(inspect(path, settings)) == ["left-out"]


def test_a_class_that_only_one_part_has_is_said(tmp_path, settings):
    path = packed(tmp_path / "x.zip", "train/cat*3", "train/dog*3", "test/cat*3", "test/owl*3")
    said = [warning.text() for warning in inspect(path, settings).warnings]
    assert said == ["class dog is only in the training part.", "class owl is only in the test part."]


def test_a_folder_of_images_is_no_class(tmp_path, settings):
    proposal = inspect(packed(tmp_path / "x.zip", "images/a.png", "images/b.png"), settings)
    assert proposal.classes == () and proposal.samples == 0
    with pytest.raises(DatasetError, match="the files are not in folders named after their classes"):
        stored(tmp_path / "x.zip", settings)


LABELS = b"filename,label\n" + b"".join(b"%d.png,%s\n" % (n, b"cat" if n % 2 else b"dog") for n in range(6))


@pytest.mark.parametrize(
    "table",
    [
        LABELS,
        LABELS.replace(b".png", b""),
        LABELS.replace(b"filename,label\n", b"").replace(b",", b" "),
        LABELS.replace(b",", b";").replace(b".png", b".png;1.5").replace(b"filename", b"filename;size"),
        LABELS.replace(b"0.png", b"images/0.png").replace(b"label", "类别".encode()),
        b"id,cat,dog\n" + b"".join(b"%d,%d,%d\n" % (n, n % 2, 1 - n % 2) for n in range(6)),
    ],
)
def test_a_table_in_the_archive_names_the_class_of_each_file(table, tmp_path, settings):
    path = packed(tmp_path / "x.zip", "images*6", labels__csv=table)
    proposal = inspect(path, settings)
    assert (proposal.labels, proposal.classes, proposal.doubts) == ("table", ("cat", "dog"), ())
    kept = stored(path, settings)
    assert kept.targets.tolist() == [1, 0, 1, 0, 1, 0]


def test_a_table_names_the_part_of_each_file_and_one_for_each_part_too(tmp_path, settings):
    rows = [f"{n},{'cat' if n % 2 else 'dog'},{'test' if n > 3 else 'train'}" for n in range(6)]
    path = packed(tmp_path / "x.zip", "images*6", meta__csv="\n".join(["id,label,split", *rows]).encode())
    assert stored(path, settings).parts.tolist() == ["train"] * 4 + ["test"] * 2
    halves = {
        f"{part}__csv": "\n".join(["id,label", *(row.rsplit(",", 1)[0] for row in rows[places])]).encode()
        for part, places in (("train", slice(0, 4)), ("test", slice(4, 6)))
    }
    path = packed(tmp_path / "y.zip", "images*6", **halves)
    assert stored(path, settings).parts.tolist() == ["train"] * 4 + ["test"] * 2


@pytest.mark.parametrize(
    "content",
    [{f"{n}.png": ("dog", "cat")[n % 2] for n in range(6)},
     [{"name": f"{n}", "width": 4, "class": ("dog", "cat")[n % 2]} for n in range(6)]],
)  # fmt: skip
def test_a_json_file_may_be_that_table(content, tmp_path, settings):
    path = packed(tmp_path / "x.zip", "images*6", labels__json=json.dumps(content).encode())
    assert inspect(path, settings).labels == "table"
    assert stored(path, settings).targets.tolist() == [1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"nonsense", b"[1]", b"[{}]", b'{"0.png": [1]}', b"[[1]]", b"{}"]
)
def test_json_that_is_no_table_says_nothing(content, tmp_path, settings):
    path = packed(tmp_path / "x.zip", "cat*2", "dog*2", odd__json=content)
    assert inspect(path, settings).labels == "folders"


@pytest.mark.parametrize("ending", ["tsv", "xlsx", "parquet", "feather"])
def test_a_table_of_classes_may_be_in_any_format(ending, tmp_path, settings):
    frame = pd.DataFrame(
        {"file": [f"{n}.png" for n in range(6)], "label": ["cat", "dog"] * 3, "size": range(6)}
    )
    content = io.BytesIO()
    match ending:
        case "tsv":
            frame.to_csv(content, sep="\t", index=False)
        case "xlsx":
            rows = "".join(
                "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
                for row in [frame.columns, *frame.to_numpy()]
            )
            content.write(workbook(rows))
        case "parquet":
            frame.to_parquet(content)
        case "feather":
            frame.to_feather(content)
    path = packed(tmp_path / "x.zip", "images*6", **{f"labels__{ending}": content.getvalue()})
    assert (inspect(path, settings).labels, inspect(path, settings).classes) == ("table", ("cat", "dog"))
    assert stored(path, settings).targets.tolist() == [0, 1] * 3


def test_a_table_of_a_part_means_the_files_in_the_folder_of_that_part(tmp_path, settings):
    rows = [f"{n}.png,{('dog', 'cat')[n % 2]}" for n in range(4)]
    path = packed(tmp_path / "x.zip", "train*4", "test*4", train__csv="\n".join(["id,label", *rows]).encode())
    kept = stored(path, settings)
    assert kept.targets.tolist() == [1, 0, 1, 0] and set(kept.parts) == {"train"}
    assert {one.name for one in kept.refused} == {"train.csv", *(f"test/{n}.png" for n in range(4))}


def test_a_table_that_says_something_else_than_the_folders_is_asked_about(tmp_path, settings):
    rows = "\n".join(f"{place}/{n}.png,{'cat' if n % 2 else 'dog'}" for place in "ab" for n in range(4))
    path = packed(tmp_path / "x.zip", "a*4", "b*4", labels__csv=f"filename,label\n{rows}\n".encode())
    proposal = inspect(path, settings)
    assert (proposal.labels, codes(proposal)) == ("table", ["labels-from-table"])
    assert inspect(path, settings, Choices(labels="folders")).classes == ("a", "b")
    assert codes(inspect(path, settings, Choices(labels="folders"))) == []


def test_a_table_that_says_the_same_as_the_folders_changes_nothing(tmp_path, settings):
    rows = "\n".join(
        f"{place}/{n}.png,{name}" for place, name in (("a", "cat"), ("b", "dog")) for n in range(4)
    )
    path = packed(tmp_path / "x.zip", "a*4", "b*4", labels__csv=f"filename,label\n{rows}\n".encode())
    assert inspect(path, settings).labels == "folders"


@pytest.mark.parametrize(
    "rows",
    [[f"{n},{'cat|dog' if n % 3 == 0 else 'cat' if n % 3 == 1 else 'dog'}" for n in range(6)],
     [f"{n},{name}" for n in range(6) for name in ("cat", "dog")[: 1 + n % 2]]],
)  # fmt: skip
def test_files_of_several_classes_at_once_have_all_of_them(rows, tmp_path, settings):
    path = packed(tmp_path / "x.zip", "images*6", labels__csv="\n".join(["id,label", *rows]).encode())
    proposal = inspect(path, settings)
    assert (proposal.task, proposal.classes, codes(proposal)) == (Task.MULTILABEL, ("cat", "dog"), [])
    assert "files with several classes" in " ".join(note.text() for note in proposal.notes)
    kept = stored(path, settings)
    assert kept.facts.task is Task.MULTILABEL
    wanted = [
        [any(row.startswith(f"{n},") and name in row for row in rows) for name in ("cat", "dog")]
        for n in range(6)
    ]
    assert kept.targets.tolist() == wanted


def test_several_classes_may_become_one_if_that_is_accepted(tmp_path, settings):
    rows = [f"{n},{name}" for n in range(6) for name in (("cat", "dog"), ("cat",), ("dog",))[n % 3]]
    path = packed(tmp_path / "x.zip", "images*6", labels__csv="\n".join(["id,label", *rows]).encode())
    proposal = inspect(path, settings, Choices(task=Task.MULTICLASS))
    assert (proposal.classes, codes(proposal)) == (("cat", "cat|dog", "dog"), ["several-labels"])
    kept = stored(path, settings, task=Task.MULTICLASS, accept=("several-labels",))
    assert kept.targets.tolist() == [1, 0, 2, 1, 0, 2]


def test_a_name_of_two_words_one_of_which_is_a_class_is_asked_about(tmp_path, settings):
    rows = [f"{n},{('hot dog', 'dog', 'cat')[n % 3]}" for n in range(9)]
    path = packed(tmp_path / "x.zip", "images*9", labels__csv="\n".join(["id,label", *rows]).encode())
    assert codes(inspect(path, settings)) == ["lists-of-labels"]
    chosen = inspect(path, settings, Choices(task=Task.MULTICLASS))
    assert (chosen.classes, codes(chosen)) == (("cat", "dog", "hot dog"), [])


def test_a_few_files_of_several_classes_may_be_mistakes_and_are_asked_about(tmp_path, settings):
    rows = [f"{n},{('cat', 'dog')[n % 2]}" for n in range(40)] + ["3,cat"]
    path = packed(tmp_path / "x.zip", "images*40", labels__csv="\n".join(["id,label", *rows]).encode())
    assert codes(inspect(path, settings)) == ["several-labels"]
    assert codes(inspect(path, settings, Choices(task=Task.MULTILABEL))) == []


def test_a_table_with_a_column_of_0_and_1_for_each_class_may_give_several(tmp_path, settings):
    rows = [f"{n}.png,{n % 2},{n // 2 % 2},{int(n > 5)}" for n in range(8)]
    path = packed(tmp_path / "x.zip", "images*8", labels__csv="\n".join(["id,red,round,big", *rows]).encode())
    kept = stored(path, settings)
    assert (kept.facts.task, kept.facts.classes) == (Task.MULTILABEL, ("big", "red", "round"))
    told = dict(zip(kept.frame["name"], kept.targets.tolist(), strict=True))
    # The first and the fifth have no label, and are left out.
    assert len(told) == 6
    assert (told["images/7.png"], told["images/2.png"]) == ([1, 1, 1], [0, 0, 1])


def test_a_file_that_is_in_the_folders_of_several_classes_has_all_of_them(tmp_path, settings):
    pictures = [png(np.full((4, 4, 3), 20 * n)) for n in range(6)]
    files = {f"red/{n}.png": pictures[n] for n in (0, 1, 2, 3)} | {
        f"round/{n}.png": pictures[n] for n in (2, 3, 4, 5)
    }
    kept = stored(zipped(tmp_path / "x.zip", files), settings)
    assert (kept.facts.task, kept.facts.classes) == (Task.MULTILABEL, ("red", "round"))
    told = dict(zip(kept.frame["name"], kept.targets.tolist(), strict=True))
    opened = samples(settings)
    assert {kept.frame["name"][row] for row in random_samples(opened, 9, label=1)} == {
        "red/2.png", "red/3.png", "round/4.png", "round/5.png",
    }  # fmt: skip
    assert told == {
        "red/0.png": [1, 0], "red/1.png": [1, 0], "red/2.png": [1, 1], "red/3.png": [1, 1],
        "round/4.png": [0, 1], "round/5.png": [0, 1],
    }  # fmt: skip
    assert [one.reason.text() for one in kept.refused] == [
        "it is the same as red/2.png, which has its class, too.",
        "it is the same as red/3.png, which has its class, too.",
    ]


def test_many_numbers_in_a_table_may_be_amounts_and_are_asked_about(tmp_path, settings):
    rows = [f"{n},{20 + n % 25}" for n in range(50)]
    path = packed(tmp_path / "x.zip", "images*50", ages__csv="\n".join(["id,age", *rows]).encode())
    assert codes(inspect(path, settings)) == ["labels-from-table"]


def test_of_numbers_and_names_of_the_same_classes_the_names_are_taken(tmp_path, settings):
    rows = [f"{n},{n % 2},{('cat', 'dog')[n % 2]}" for n in range(6)]
    path = packed(tmp_path / "x.zip", "images*6", meta__csv="\n".join(["id,target,category", *rows]).encode())
    assert (inspect(path, settings).classes, codes(inspect(path, settings))) == (("cat", "dog"), [])


def test_names_of_files_that_are_called_like_parts_are_asked_about(tmp_path, settings):
    path = packed(tmp_path / "x.zip", *(f"{part}_{n}.png" for part in ("train", "test") for n in range(3)))
    assert codes(inspect(path, settings)) == ["class-like-part"]


def test_a_set_of_thousands_of_classes_is_laid_out_in_one_pass():
    names = [f"people/person {n}/{n}.jpg" for n in range(20_000)]
    assert len(layout_of(names).classes) == 20_000


def test_the_class_may_be_in_the_name_of_a_file(tmp_path, settings):
    path = packed(tmp_path / "x.zip", *(f"train/{kind}.{n}.png" for kind in ("cat", "dog") for n in range(3)),
                  *(f"test/{n}.png" for n in range(3)))  # fmt: skip
    proposal = inspect(path, settings)
    assert (proposal.classes, proposal.samples, proposal.doubts) == (("cat", "dog"), 6, ())
    assert "taken from the names of the files: cat, dog" in " ".join(note.text() for note in proposal.notes)
    assert {one.reason.text() for one in stored(path, settings).refused} == {"its name tells no class."}


def test_names_that_may_be_understood_in_several_ways_are_asked_about(tmp_path, settings):
    files = {
        f"{digit}_{who}_{n}.wav": wav(np.zeros(80) + n / 9)
        for digit in "01" for who in ("ann", "bob") for n in range(5)
    }  # fmt: skip
    path = zipped(tmp_path / "x.zip", files)
    assert codes(inspect(path, settings)) == ["labels-from-names"]
    assert inspect(path, settings, Choices(labels="1_")).classes == ("0", "1")
    assert codes(inspect(path, settings, Choices(labels="1_"))) == []


@pytest.mark.parametrize("name", ["IMG_{}.png", "{}.png"])
def test_what_a_camera_calls_its_pictures_is_no_class(name, tmp_path, settings):
    path = packed(tmp_path / "x.zip", *(name.format(n) for n in range(9)))
    with pytest.raises(DatasetError, match="not in folders named after their classes"):
        stored(path, settings)


def test_a_rule_that_is_none_is_refused(tmp_path, settings):
    with pytest.raises(DatasetError, match="labels: expected a part of the name"):
        inspect(packed(tmp_path / "x.zip", "a*2", "b*2"), settings, Choices(labels="(a"))


XML = b"<annotation><object><name>cat</name></object></annotation>"
COCO = b'{"images": [], "annotations": [{"bbox": [1, 2, 3, 4]}], "categories": []}'
EXPORTS = {
    "YOLO": {
        f"{part}/labels/{n}.txt": b"0 0.5 0.5 0.25 1e-1\n" for part in ("train", "valid") for n in range(3)
    },
    "Pascal VOC": {f"Annotations/{n}.xml": XML for n in range(3)},
    "COCO": {"annotations/instances_train2017.json": COCO},
    "boxes.csv": {"boxes.csv": b"filename,class,xmin,ymin,xmax,ymax\n0.png,cat,1,2,3,4\n"},
}


@pytest.mark.parametrize("format_", EXPORTS)
def test_an_export_of_boxes_is_refused_by_its_name(format_, tmp_path, settings):
    images = {f"{part}/images/{n}.png": DOT for part in ("train", "valid") for n in range(3)}
    for files in ({**images, **EXPORTS[format_]}, {**EXPORTS[format_], **images}):
        with pytest.raises(DatasetError, match=rf"an export of boxes \({format_}\)"):
            inspect(zipped(tmp_path / "x.zip", files), settings)


def test_images_and_masks_are_refused_by_name_and_pictures_of_masks_are_not(tmp_path, settings):
    with pytest.raises(DatasetError, match="images and their masks"):
        inspect(packed(tmp_path / "x.zip", "images*4", "masks*4"), settings)
    assert inspect(packed(tmp_path / "y.zip", "mask*4", "no_mask*4"), settings).classes == ("mask", "no_mask")


def coded(path, encoding, names):
    """A zip of pictures whose names are in that encoding, without a flag that would say so."""

    class Coded(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):
            return self.filename.encode(encoding), self.flag_bits

    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(Coded(name), png(np.full((4, 4), number)))
    return path


@pytest.mark.parametrize(
    ("encoding", "classes"),
    [
        ("gbk", ("苹果Z", "香蕉Z")),
        ("gbk", ("猫", "狗", "草莓")),
        ("cp932", ("いぬ", "ねこ")),
        ("cp932", ("犬", "猫")),
        ("cp932", ("学校", "検査", "ロケット")),
        ("cp932", ("ﾊﾝｶｸ", "東京")),
        ("cp949", ("강아지", "고양이")),
        ("cp949", ("바나나", "사과", "포도")),
        ("cp949", ("정상", "불량", "남자")),
        ("gbk", ("健康", "玫瑰", "垃圾")),
        ("big5", ("蘋果", "香蕉", "鳳梨")),
        ("big5", ("練習", "圖書", "狗")),
        ("utf-8", ("яблоко", "苹果")),
        ("cp437", ("Mädchen", "Äpfel")),
        ("cp850", ("São Paulo", "maçã", "Mädchen")),
        ("cp1252", ("Mädchen", "Äpfel")),
        ("cp1252", ("café", "crème brûlée", "naïve")),
        ("cp1252", ("smörgås", "ÖL", "niño")),
        ("cp1251", ("кошки", "Собаки")),
        ("cp1251", ("яблоко", "груша", "ёж")),
        ("cp866", ("кошки", "Собаки")),
        ("cp866", ("ЯБЛОКИ", "груши")),
    ],
)
def test_names_in_a_zip_are_decoded_though_it_does_not_say_how(encoding, classes, tmp_path, settings):
    path = coded(tmp_path / "x.zip", encoding, [f"{label}/{n}.png" for label in classes for n in range(3)])
    proposal = inspect(path, settings)
    assert sorted(proposal.classes) == sorted(classes)
    assert "does not say how the names in it are encoded" in proposal.notes[0].text()
    assert sorted(stored(path, settings).facts.classes) == sorted(classes)


@pytest.mark.parametrize(("encoding", "names"), [("cp1250", ["łódź", "žena"]), ("cp1253", ["γάτα"])])
def test_no_encoding_of_single_bytes_is_guessed_where_none_is_clear(encoding, names):
    assert single_byte_encoding([name.encode(encoding) for name in names]) == ""


def test_names_in_a_tar_that_are_not_in_utf_8_are_decoded_by_all_of_them(tmp_path, settings):
    with tarfile.open(tmp_path / "x.tar", "w", encoding="gbk") as archive:
        for number, label in enumerate(("苹果", "香蕉") * 3):
            content = png(np.full((4, 4), number))
            info = tarfile.TarInfo(f"{label}/{number}.png")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    assert stored(tmp_path / "x.tar", settings).facts.classes == ("苹果", "香蕉")


@pytest.mark.skipif(sys.platform != "linux", reason="only here may a file have a name of any bytes")
def test_names_in_a_folder_that_are_not_in_utf_8_are_decoded_by_all_of_them(tmp_path, settings):
    for number, label in enumerate(("犬", "ねこ") * 3):
        place = Path(os.fsdecode(os.fsencode(tmp_path / "x") + b"/" + label.encode("cp932")))
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.png").write_bytes(png(np.full((4, 4), number)))
    assert set(stored(tmp_path / "x", settings).facts.classes) == {"犬", "ねこ"}


def test_the_encoding_of_names_in_a_zip_can_be_chosen(tmp_path, settings):
    path = coded(tmp_path / "x.zip", "cp852", ["łódź/1.png", "žena/2.png"])
    assert stored(path, settings, encoding="cp852").facts.classes == ("łódź", "žena")
    with pytest.raises(DatasetError, match="there is no encoding 'nonsense'"):
        inspect(path, settings, Choices(encoding="nonsense"))


def test_texts_that_are_not_in_utf_8_are_read_in_the_encoding_of_all_of_them(tmp_path, settings):
    texts = ("我喜欢这部电影", "这部电影不好看")
    files = {
        f"{label}/{n}.txt": text.encode("gbk")
        for label, text in zip("ab", texts, strict=True)
        for n in range(3)
    }
    proposal = inspect(zipped(tmp_path / "x.zip", files), settings)
    assert [note.text() for note in proposal.notes] == ["texts that are not in UTF-8 are read as gb18030."]
    kept = stored(tmp_path / "x.zip", settings)
    assert kept.frame["text"].tolist() == [texts[0]] * 3 + [texts[1]] * 3


def test_western_texts_are_read_without_being_told(tmp_path, settings):
    words = ("très bien, ça va", "déçu à la fin", "Größe – nicht schön")
    files = {f"{label}/{n}.txt": words[n].encode("cp1252") for label in "ab" for n in range(3)}
    assert stored(zipped(tmp_path / "x.zip", files), settings).frame["text"].tolist() == [*words, *words]


def test_the_encoding_of_texts_can_be_chosen_and_what_is_not_in_it_is_refused(tmp_path, settings):
    files = {f"{label}/{n}.txt": "déçu à la fin".encode("cp1252") for label in "ab" for n in range(2)}
    path = zipped(tmp_path / "x.zip", files)
    assert set(stored(path, settings, encoding="cp1252").frame["text"]) == {"déçu à la fin"}
    with pytest.raises(DatasetError, match="it is not text in UTF-8, ascii"):
        stored(path, settings, encoding="ascii")
