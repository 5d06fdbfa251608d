"""How the command line prints what it lists."""

import pytest

from dlcore.cli.terminal import print_rows

NAMES = ["owner", "role", "minutes today", "disk, MB"]


@pytest.mark.parametrize("columns", ["20", "80", "300"])
def test_a_table_is_as_wide_as_what_it_lists_whatever_the_terminal(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    print_rows(NAMES, [["e" * 32, "visitor", "0.1", "[bold]1,234,567.8"]])
    said = capsys.readouterr().out

    assert "…" not in said
    for word in ("e" * 32, "visitor", "minutes", "today", "[bold]1,234,567.8"):
        assert word in said


def test_a_table_of_nothing_has_its_head(capsys):
    print_rows(NAMES, [])

    assert "minutes" in capsys.readouterr().out
