"""Every text is there in Chinese, and says the same fields."""

import re
import string

import pytest
from babel.messages.pofile import read_po

from dlcore.languages import LOCALE_DIR, catalogue
from dlcore.ui.shared import format as show
from dlcore.ui.shared.catalogue import marked_texts, texts
from dlcore.ui.shared.i18n import _n, use_language
from dlcore.ui.shared.markdown import escape_markdown

FIELDS = string.Formatter()


@pytest.fixture(scope="module")
def chinese():
    with (LOCALE_DIR / "zh_CN" / "LC_MESSAGES" / "dlcore.po").open("rb") as file:
        return read_po(file, locale="zh_CN")


def fields(text):
    return {name for _, name, _, _ in FIELDS.parse(text) if name}


def forms(message):
    """The text of a message with its translation; of one with a number the form for many, which has all fields."""
    if isinstance(message.id, str):
        return message.id, message.string
    return message.id[1], message.string[0]


def test_every_text_of_the_code_is_in_the_chinese_catalogue(chinese):
    missing = [m.id for m in texts() if m.id and not (chinese.get(m.id) and forms(chinese.get(m.id))[1])]
    assert missing == [], "run python -m dlcore.ui.shared.catalogue, then translate what it lists"


def test_the_chinese_catalogue_has_no_text_that_the_code_lacks(chinese):
    known = {message.id for message in texts()}
    assert [message.id for message in chinese if message.id and message.id not in known] == []


def test_a_translation_has_the_same_fields_as_its_original(chinese):
    said = [forms(m) for m in chinese if m.id]
    assert [one for one, chinese in said if "{" in one and fields(one) != fields(chinese)] == []


def test_a_sentence_stays_a_sentence(chinese):
    said = [forms(m) for m in chinese if m.id]
    assert [one for one, chinese in said if one.endswith(".") != chinese.endswith("。")] == []


def test_a_translation_keeps_code_and_markup(chinese):
    code = re.compile(r"`[^`]+`")
    said = [forms(m) for m in chinese if m.id]
    assert [one for one, chinese in said if code.findall(one) != code.findall(chinese)] == []
    assert [one for one, chinese in said if one.count("**") != chinese.count("**")] == []


def test_texts_are_found_wherever_they_are_marked(tmp_path):
    page = tmp_path / "page.py"
    page.write_text(
        "st.title(f\"**{_('In an f-string')}**\")\nNAMES = {1: N_('Kept' ' for later')}\nprint('Not marked')\n"
        "_n('{n} file', '{n} files', count)\n"
    )
    assert set(marked_texts(page)) == {"In an f-string", "Kept for later", ("{n} file", "{n} files")}


def test_the_catalogue_is_compiled_without_a_build_step():
    assert catalogue("zh_CN").gettext("Train") == "训练"
    assert catalogue("en").gettext("Train") == "Train"


def test_a_number_goes_with_the_right_form():
    with use_language("en"):
        assert [_n("{n} layer", "{n} layers", n).format(n=n) for n in (0, 1, 2)] == [
            "0 layers",
            "1 layer",
            "2 layers",
        ]
    with use_language("zh_CN"):
        assert [_n("{n} layer", "{n} layers", n).format(n=n) for n in (0, 1)] == ["0 层", "1 层"]


def test_durations_are_in_the_units_of_the_language():
    with use_language("en"):
        assert [show.duration(n) for n in (1.2, 41, 70, 3_725)] == [
            "1.2 s",
            "41 s",
            "1 min 10 s",
            "1 h 02 min",
        ]
    with use_language("zh_CN"):
        assert [show.duration(n) for n in (41, 70, 3_725)] == ["41 秒", "1 分钟 10 秒", "1 小时 02 分钟"]
        assert show.rough_duration(4_000) == "1 小时 10 分钟"


COUNTED = re.compile(r"\{\w+\} (?:[a-z]*[a-rt-z] )?(?P<things>[a-z]+s)\b")
NO_THINGS = frozenset(
    ["acts", "appears", "as", "comes", "compares", "divides", "does", "has", "holds", "is", "its", "leaves", "makes", "mixes",
     "names", "needs", "optimizes", "refers", "takes", "tells", "was"]
)  # fmt: skip
SEVERAL = (
    "{most} seconds", "{height} pixels", "{smallest} pixels", "{count} different values", "{count} values",
    "more than {limit} ", "{fewest} complete trials", "the {limit} seconds",
    "the grid has {size} combinations", "{most} different metrics", "{count} parameters, more than", "{key} steps",
    "{count} coefficients", "a window needs {needed} rows", "at most {max_length} characters", "= {total} parameters",
    "{side} pixels", "{n} parameters, pretrained", "{n} parameters, takes", "{low} to {high} times", "Delete {n} runs?",
    "Delete {n} studies?", "{n} of {count} lines", "killed {count} times", "{count} trials in a row",
    "ended {count} times", "{times} times better", "{times} times worse", "{points} percentage points",
    "{margin} points", "{difference} points", "{n} times with replacement", "{n} values", "of {total} runs", "of {total} trials",
    "the last {rows} rows", "in {count} rows", "the last {count} epochs", "{gained} percentage points", "{ratio} times that",
    "now {growth} times", "of {epochs} epochs", "in {epochs} epochs", "{total} test samples", "{samples} test samples",
    "{folds} folds", "{most} folds", "{axes} axes", "{repeats} times", "{steps} steps", "{distance} times",
    "{score} deviations", "{folds} trainings", "trained {folds} times", "of {total} channels",
    "of {total} samples;", "of {total} classes",
)  # fmt: skip
"""Where a text with a number before its things can stay one: there are always several, or one has a text of its own."""


def test_a_text_that_counts_things_has_two_forms():
    """Marked by `_n`; the sentence of an error is worded so that no thing follows its number."""
    single = [message.id for message in texts() if isinstance(message.id, str)]
    wrong = [
        text
        for text in single
        for found in COUNTED.finditer(text)
        if found["things"] not in NO_THINGS and not any(part in text for part in SEVERAL)
    ]
    assert wrong == []
    assert [part for part in SEVERAL if not any(part in text for text in single)] == []


def test_a_text_means_the_same_in_markdown_and_without(chinese):
    """Outside of code and bold words nothing has a meaning in Markdown: errors are said on the command line, too."""
    marked_up = re.compile(r"`[^`]+`|\*\*|\{\w+[^}]*\}")
    for message in chinese:
        for text in forms(message) if message.id else ():
            for line in text.splitlines():
                rest = marked_up.sub("x", line.replace("{{", "").replace("}}", "")).strip()
                # Something follows: alone, a colon might begin an icon.
                assert escape_markdown(f"{rest} x") == f"{rest} x".strip()


def test_bold_words_stand_alone(chinese):
    """Markdown takes two asterisks for bold only beside a blank, a sign, or the end: a name may begin with any sign."""
    bold = re.compile(r"(?P<before>.?)\*\*[^*]+\*\*(?P<behind>.?)", re.DOTALL)
    for message in chinese:
        for text in forms(message) if message.id else ():
            for found in bold.finditer(text):
                assert not found["before"].isalnum() and not found["behind"].isalnum(), text
