"""What controls, hides or turns round a text is shown as such wherever a name of somebody's goes."""

import pytest

from dlcore.errors import N_, Message
from dlcore.exports.card import _plain
from dlcore.log_lines import line_printer
from dlcore.plots.layout import figure_names, figure_text
from dlcore.text import html_text, on_one_line, visible_text
from dlcore.ui.shared.markdown import (
    escape_markdown,
    escape_name,
    escape_values,
    format_code,
    format_sentence,
)

HIDDEN = "\u202e\u2066\u200f\u200b\ufeff\x1b\x9b\u2028\U000e0041"
NAME = f"photo{HIDDEN}gpj.exe"


def in_a_message(name):
    return format_sentence(escape_values(Message(N_("there is no run '{id}'."), params={"id": name})).text())


@pytest.mark.parametrize(
    "show",
    [
        escape_markdown, escape_name, format_code, in_a_message, figure_text, lambda name: figure_names([name])[0],
        html_text, _plain, on_one_line, visible_text,
    ],
)  # fmt: skip
def test_hidden_signs_are_seen_wherever_a_name_is_shown(show):
    shown = show(NAME)
    assert not set(shown) & set(HIDDEN)
    assert "photo" in shown
    assert "exe" in shown


@pytest.mark.parametrize("name", ["नमस्ते", "👩‍💻", "می‌خواهم", "שלום", "a\tb\nc"])
def test_what_belongs_to_a_script_stays(name):
    assert visible_text(name) == name


def test_a_name_is_no_line_of_the_log_of_its_own(capsys):
    line_printer("dlcore.worker", as_json=False)(
        "1f3a failed: there is no\n2026-01-01 00:00:00 everything is fine\x1b[2K"
    )
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("1f3a failed: there is no 2026-01-01 00:00:00 everything is fine\ufffd[2K")
