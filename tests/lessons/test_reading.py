"""Lessons are read from files that a teacher writes; what is wrong in one is said with its place."""

import os

import pytest

from dlcore.errors import SpecError
from dlcore.languages import Language
from dlcore.lessons.checks import Page
from dlcore.lessons.library import FILES, find_lesson, lesson_files
from dlcore.lessons.reading import read_lesson, translate_lesson
from dlcore.settings import Settings

WHOLE = """---
title: A first network
summary: Layers, one by one.
minutes: 5
start: {dataset: digits, values: {training.epochs: 5}}
hide: [advanced, training.schedule]
---
What this is about.

```python
## no step, but a line of code
```
## Build it
```step
page: build
check:
  draft:
    layers: [Flatten, {kind: Dense, units: 10}]
```
Add **two** layers.

### In short
Two.
## Think
"""
CHINESE = """---
title: 第一个网络
---
讲的是什么。
## 搭建
添加两层。
## 想一想
"""


def test_a_file_becomes_a_lesson_with_its_steps():
    lesson = read_lesson(WHOLE, "first.md")

    assert (lesson.title, lesson.minutes, lesson.language) == ("A first network", 5, "en")
    assert (lesson.start.dataset, lesson.start.values) == ("digits", {"training.epochs": 5})
    assert lesson.hide == ("advanced", "training.schedule")
    assert lesson.text == "What this is about.\n\n```python\n## no step, but a line of code\n```"
    build, think = lesson.steps
    assert (build.title, build.page, think.title) == ("Build it", Page.NETWORK, "Think")
    assert build.text == "Add **two** layers.\n\n### In short\nTwo."
    assert build.check is not None and think.check is None and think.page is None


def test_a_translation_has_its_own_texts_and_the_steps_of_the_lesson():
    lesson = read_lesson(WHOLE, "first.md")
    found = translate_lesson(lesson, CHINESE, "first.zh_CN.md", Language.CHINESE)

    assert (found.title, found.summary, found.text) == ("第一个网络", "", "讲的是什么。")
    assert [step.title for step in found.steps] == ["搭建", "想一想"]
    assert found.steps[0].check == lesson.steps[0].check and found.steps[0].page is Page.NETWORK
    assert (found.language, found.minutes, found.hide) == (Language.CHINESE, 5, lesson.hide)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Flatten,", "Flaten,", r"first.md, line 15, step 1: check.draft.layers\[0\].kind: there is no layer 'Flaten'"),
        ("units: 10", "units: -3", r"check.draft.layers\[1\].units: expected a number of at least 1, got -3"),
        ("draft:", "graft:", "check.graft: there is no field 'graft'. Nearest: draft"),
        ("page: build", "page: biuld", "step 1: page: expected one of .* Did you mean 'build'"),
        ("minutes: 5", "minutes: soon", "first.md, line 2: minutes: expected a whole number, got 'soon'"),
        ("title: A first network\n", "", "title: this field is required"),
        ("[advanced,", "[advances,", "hide.0.: there is no control 'advances'. Nearest: advanced"),
        ("{dataset: digits,", "{data: digits,", "start.data: there is no field 'data'"),
        ("layers: [", "layers: [[", "line 19 cannot be read"),
        ("page: build", "page: *a", "line 15 refers to another place with"),
        ("page: build", "page: !!python/name:os.system", "line 15 names a type"),
        ("page: build\n", "```\n```step\npage: run\n", "line 16: this step has two blocks"),
        ("What this", "```step\npage: run\n```\nWhat this", "this block `step` belongs to no step"),
        ("Two.", "```\nTwo.", "this block has no end. Write a line ````` behind it"),
        ("---\ntitle", "title", "expected the lesson's title and the like first"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(old, new, said):
    text = WHOLE.replace(old, new, 1)
    with pytest.raises(SpecError, match=said):
        read_lesson(text, "first.md")


def test_a_check_that_asks_for_nothing_is_refused():
    with pytest.raises(SpecError, match="step 1: check: this check asks for nothing"):
        read_lesson(
            WHOLE.replace("  draft:\n    layers: [Flatten, {kind: Dense, units: 10}]", "  {}"), "a.md"
        )


def test_a_lesson_needs_a_step_and_has_no_more_than_sixty():
    head = WHOLE.partition("## Build")[0]
    with pytest.raises(SpecError, match="steps: too few values: expected at least 1"):
        read_lesson(head, "a.md")
    assert len(read_lesson(head + "## One\n" * 60, "a.md").steps) == 60
    with pytest.raises(SpecError, match="the number of steps may be at most 60"):
        read_lesson(head + "## One\n" * 61, "a.md")


def test_a_file_as_long_as_a_book_is_refused_unread():
    with pytest.raises(SpecError, match="characters may be at most 200000"):
        read_lesson(WHOLE + "x" * 200_000, "a.md")


@pytest.mark.parametrize("line", ["## " + " #\t" * 60_000 + "x", "##" + " " * 190_000, "```" + " " * 190_000])
def test_a_line_as_long_as_a_file_may_be_is_refused_at_once(line):
    with pytest.raises(SpecError):
        read_lesson(WHOLE.replace("## Think", line), "first.md")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## 想一想\n", "", "first.zh_CN.md: expected as many steps as the lesson has, 2, got 1"),
        ("添加两层。", "```step\npage: run\n```", "line 7, step 1: a translation holds texts alone"),
        ("---\n讲", "minutes: 9\n---\n讲", "minutes: there is no field 'minutes'"),
    ],
)
def test_a_translation_that_is_none_is_refused(old, new, said):
    with pytest.raises(SpecError, match=said):
        translate_lesson(
            read_lesson(WHOLE, "first.md"), CHINESE.replace(old, new), "first.zh_CN.md", Language.CHINESE
        )


def test_a_teachers_folder_adds_lessons_and_replaces_those_of_the_same_name(tmp_path):
    settings = Settings(home=tmp_path / "home", lessons=tmp_path / "own")
    (tmp_path / "own").mkdir()
    for name in ("first.md", "Not a name.md", "pixels.md"):
        (tmp_path / "own" / name).write_text(WHOLE)
    (tmp_path / "own" / "first.zh_CN.md").write_text(CHINESE)

    files = lesson_files(settings)

    own = {name for name, file in files.items() if file.path.parent != FILES}
    assert own == {"first", "pixels"}
    first = find_lesson("first", settings)
    assert [first.read(language).title for language in ("en", "zh_CN")] == ["A first network", "第一个网络"]
    assert files["pixels"].read("zh_CN").title == "A first network"
    with pytest.raises(SpecError, match=r"there is no lesson 'firs'\. Nearest: first"):
        find_lesson("firs", settings)
    with pytest.raises(SpecError, match="there is no lesson"):
        find_lesson("../first", settings)


def test_a_lesson_that_is_changed_is_read_anew(tmp_path):
    settings = Settings(home=tmp_path / "home", lessons=tmp_path)
    path = tmp_path / "first.md"
    path.write_text(WHOLE)
    assert find_lesson("first", settings).read("en").minutes == 5
    path.write_text(WHOLE.replace("minutes: 5", "minutes: 50"))
    assert find_lesson("first", settings).read("en").minutes == 50
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match=r"first\.md: the file cannot be read"):
        find_lesson("first", settings).read("en")


@pytest.mark.parametrize("name", sorted(lesson_files(Settings())))
def test_each_lesson_that_comes_along_is_there_in_both_languages(name):
    file = find_lesson(name, Settings())
    english, chinese = file.read("en"), file.read("zh_CN")

    assert chinese.language is Language.CHINESE and chinese.title != english.title
    assert len(english.steps) == len(chinese.steps) >= 5
    for step in (*english.steps, *chinese.steps):
        assert 20 <= len(step.text) <= 700, step.title


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")
def test_what_is_no_file_in_a_teachers_folder_is_no_lesson(tmp_path):
    os.mkfifo(tmp_path / "endless.md")
    (tmp_path / "folder.md").mkdir()
    files = lesson_files(Settings(home=tmp_path / "home", lessons=tmp_path))
    assert not {"endless", "folder"} & set(files)
