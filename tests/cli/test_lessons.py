"""The lessons on the command line: what there is, and what is wrong with a file."""

import json

import pytest
from typer.testing import CliRunner

from dlcore.cli.main import app

LESSON = """---
title: A first network
minutes: 5
start: {dataset: letters, values: {training.epochs: 7}}
---
## Flatten
```step
page: build
check: {draft: {layers: Flatten}}
```
## Read on
"""
CHINESE = """---
title: 第一个网络
---
## 展平
## 继续阅读
"""


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DLCORE_LESSONS", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, ["lessons", *map(str, arguments)])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "my-lesson.md"
    path.write_text(LESSON)
    path.with_suffix(".zh_CN.md").write_text(CHINESE)
    return path


def test_a_lesson_that_can_be_taken_is_told_and_its_example_is_not_stored(call, file, tmp_path):
    done = call("check", file)
    assert done.exit_code == 0, done.output
    assert "A first network can be taken; steps: 2, with a check: 1" in done.stdout
    assert "/learn?lesson=my-lesson" in done.stdout
    assert json.loads(call("check", file, "--json").stdout)["languages"] == ["en", "zh_CN"]
    assert not list((tmp_path / "home").glob("datasets/letters*"))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("layers: Flatten", "layers: Flaten", "my-lesson.md, line 8, step 1: check.draft.layers[0].kind: there is no"),
        ("training.epochs", "training.epohs", "there is no field 'epohs'. Nearest: epochs."),
        ("dataset: letters", "dataset: leters", "leters"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_lesson_is_named_with_its_place(call, file, right, wrong, said):
    file.write_text(LESSON.replace(right, wrong))
    done = call("check", file)
    assert done.exit_code in (1, 2)
    assert said in done.stderr


def test_a_translation_with_other_steps_is_named(call, file):
    file.with_suffix(".zh_CN.md").write_text(CHINESE.replace("## 继续阅读\n", ""))
    done = call("check", file)
    assert done.exit_code == 2 and "my-lesson.zh_CN.md" in done.stderr


@pytest.mark.parametrize("name", ["My lesson.md", "my-lesson.txt", "my-lesson.zh_CN.md"])
def test_a_file_that_is_not_called_as_a_lesson_is_says_so(call, tmp_path, name):
    done = call("check", tmp_path / name)
    assert done.exit_code == 2 and "this is no name of a lesson" in done.stderr


def test_all_lessons_are_listed_with_what_is_wrong(call, file):
    file.with_name("broken.md").write_text("no front matter")
    found = {one["name"]: one for one in json.loads(call("--json").stdout)}
    assert {"first-cnn", "fine-tuning", "my-lesson", "broken"} <= set(found)
    assert found["my-lesson"]["steps"] == 2 and "broken.md" in found["broken"]["problem"]
    assert "A first network" in call().stdout
