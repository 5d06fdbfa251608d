"""Texts of people where Streamlit reads Markdown; how a browser shows them is in tests/e2e/test_plain_text.py."""

import re

from hypothesis import given
from hypothesis import strategies as some

from dlcore.errors import DlcoreError, Message
from dlcore.text import visible_text
from dlcore.ui.shared.i18n import say, say_beside, use_language
from dlcore.ui.shared.markdown import MOST_VALUE, escape_markdown, escape_name, format_sentence

PIECES = some.sampled_from(
    [*"\\`*_[](){}:$#<>~|&!@.-+=/ \nxA1é中", "http", "https", "www", "smile", "material/home", "streamlit", "red", "color",
     "-->", "<->", ">=", "~~", "**", "```", "lt;", "a@b.c", "1. ", "- "]
)  # fmt: skip
TEXTS = some.one_of(some.lists(PIECES, max_size=12).map("".join), some.text(max_size=30))
TOKEN = re.compile(r":color\[\\?(?P<apart>.)\]|\\(?P<escaped>[!-/:-@\[-`{-~])|(?P<bare>.)", re.DOTALL)
READ_LATER = re.compile(
    # What Streamlit's plugins look for in each piece of text once the escapes are gone.
    r":[\w+-]+:|:material_|(https?://|www\.)|[-.\w+]@[-\w]|->|<-|--|>=|<=|~="
)
SIGNS = set("\\`*[]{}$#<~|&")


def read(markdown):
    """The text as Markdown's escapes have it, in the pieces that the directives make of it."""
    pieces, bare = [""], []
    for token in TOKEN.finditer(markdown):
        if token["apart"]:
            pieces += [token["apart"], ""]
            continue
        pieces[-1] += token["escaped"] or token["bare"]
        bare += [token["bare"]] if token["bare"] else []
    return pieces, bare


@given(TEXTS)
def test_no_sign_of_a_text_has_a_meaning(text):
    pieces, bare = read(escape_markdown(text))
    assert "".join(pieces) == visible_text(re.sub(r"[\x00-\x20\x7f]+", " ", text).strip(" "))
    assert [piece for piece in pieces if READ_LATER.search(piece)] == []
    assert SIGNS.isdisjoint(bare)


def test_ordinary_names_are_left_as_they_are():
    for name in ("learning_rate", "Ängste (2024)", "0.5", "a, b: c", "3 × 3", "-1.5", "运行"):
        assert escape_markdown(name) == name


def test_what_begins_a_block_is_escaped():
    assert [escape_markdown(text) for text in ("1. x", "- x", "+ x", "> x", "# x", "=", "2)")] == [
        "1\\. x", "\\- x", "\\+ x", "\\> x", "\\# x", "\\=", "2\\)",
    ]  # fmt: skip


def test_advice_keeps_its_underscores():
    assert (
        format_sentence("Set DLCORE_HOME, or block1_* for all.")
        == "Set DLCORE_HOME, or block1\\_\\* for all."
    )
    assert format_sentence("Call `pip install a_b`.") == "Call `pip install a_b`."


def test_a_value_makes_no_code_of_a_sentence():
    error = DlcoreError("there is no '{name}'.", hint="Call `drop {name}`.", where="a`b", name="x`*y")
    with use_language("en"):
        assert say(error) == "a\\`b: there is no 'x\\`\\*y'. Call ``drop x`*y``."
        assert say_beside(error) == "There is no 'x\\`\\*y'. Call ``drop x`*y``."


def test_numbers_of_a_message_keep_their_format():
    with use_language("en"):
        assert say(Message("at most {n:,}.", params={"n": 12_345})) == "At most 12,345."


def test_a_value_of_any_length_is_shortened():
    with use_language("en"):
        said = say(Message("no column {name}.", params={"name": "x" * 9_000}))
    assert said.startswith("No column xxx")
    assert len(said) == MOST_VALUE + len("No column .")
    assert escape_name("*" * 9_000, 9) == "\\*" * 4 + "…" + "\\*" * 4
