"""Every text is there in Chinese, and says the same fields."""

import re
import string

import pytest
from babel.messages.pofile import read_po

from dlcore.ui.shared.catalogue import marked_texts, texts
from dlcore.ui.shared.i18n import LOCALE_DIR, catalogue

FIELDS = string.Formatter()


@pytest.fixture(scope="module")
def chinese():
    with (LOCALE_DIR / "zh_CN" / "LC_MESSAGES" / "dlcore.po").open("rb") as file:
        return read_po(file, locale="zh_CN")


def fields(text):
    return {name for _, name, _, _ in FIELDS.parse(text) if name}


def test_every_text_of_the_code_is_in_the_chinese_catalogue(chinese):
    missing = [m.id for m in texts() if m.id and not (chinese.get(m.id) and chinese.get(m.id).string)]
    assert missing == [], "run python -m dlcore.ui.shared.catalogue, then translate what it lists"


def test_the_chinese_catalogue_has_no_text_that_the_code_lacks(chinese):
    known = {message.id for message in texts()}
    assert [message.id for message in chinese if message.id and message.id not in known] == []


def test_a_translation_has_the_same_fields_as_its_original(chinese):
    wrong = [m.id for m in chinese if m.id and "{" in m.id and fields(m.id) != fields(m.string)]
    assert wrong == []


def test_a_sentence_stays_a_sentence(chinese):
    wrong = [m.id for m in chinese if m.id and m.id.endswith(".") != m.string.endswith("。")]
    assert wrong == []


def test_a_translation_keeps_code_and_markup(chinese):
    code = re.compile(r"`[^`]+`")
    wrong = [m.id for m in chinese if m.id and code.findall(m.id) != code.findall(m.string)]
    wrong += [m.id for m in chinese if m.id and m.id.count("**") != m.string.count("**")]
    assert wrong == []


def test_texts_are_found_wherever_they_are_marked(tmp_path):
    page = tmp_path / "page.py"
    page.write_text(
        "st.title(f\"**{_('In an f-string')}**\")\nNAMES = {1: N_('Kept' ' for later')}\nprint('Not marked')\n"
    )
    assert sorted(marked_texts(page)) == ["In an f-string", "Kept for later"]


def test_the_catalogue_is_compiled_without_a_build_step():
    assert catalogue("zh_CN").gettext("Train") == "训练"
    assert catalogue("en").gettext("Train") == "Train"
