"""What others may be shown: words of a list in any spelling that looks the same, or what a host's own filter finds."""

import sys
from types import ModuleType

import pytest

from dlcore.access.blocklist import Blocklist, blocklist
from dlcore.access.content import Content, ContentKind, check_names, content_filter
from dlcore.errors import ContentError, SettingsError
from dlcore.settings import Settings

WORDS = """# the words of these tests
grumble
two  words
nasty*
*ish   # an ending
坏话
เลว
"""


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "words.txt"
    found.write_text(WORDS, encoding="utf-8")
    return found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a grumble", "grumble"),
        ("my_GRUMBLE_2", "grumble"),
        ("ｇｒｕｍｂｌｅ", "grumble"),
        ("gru\u200bmble", "grumble"),
        ("grümble", "grumble"),
        ("grumbles", None),
        ("agrumble", None),
        ("gr umble", None),
        ("Two\nWords!", "two words"),
        ("two other words", None),
        ("nastyness", "nasty"),
        ("overnasty", None),
        ("reddish", "ish"),
        ("isham", None),
        ("这是坏话吗", "坏话"),
        ("坏 话", None),
        ("คนเลวมาก", "เลว"),
        ("the words of these tests", None),
        ("", None),
        ("x" * 100_000 + " grumble", "grumble"),
    ],
)
def test_a_word_is_found_as_a_whole_however_it_is_written(path, text, word):
    assert Blocklist(path).find(text) == word


def test_a_list_is_read_again_once_it_has_changed(path):
    words = Blocklist(path)
    assert words.find("mumble") is None
    path.write_text("mumble, mumble\n", encoding="utf-8-sig")
    assert (words.find("mumble, mumble"), words.find("grumble")) == ("mumble, mumble", None)
    path.write_text("# nothing\n\n*\n")
    assert words.find("*") is None


def test_a_list_that_cannot_be_read_lets_nothing_through(path):
    words = Blocklist(path)
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(SettingsError, match="cannot be read"):
        words.find("anything")
    path.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        words.find("anything")


def test_a_list_of_ten_thousand_words_is_searched_at_once(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("\n".join(f"word{n}x" for n in range(10_000)))

    assert Blocklist(path).find("is word9999x among them") == "word9999x"


def test_nothing_is_filtered_at_home_or_where_no_list_is_named(path):
    assert content_filter(Settings(blocklist=path)) is None
    assert content_filter(Settings(mode="demo")) is None
    assert content_filter(Settings(mode="demo", blocklist=path)) is not None


def test_a_name_is_refused_with_the_word_and_where_it_stands(path):
    settings = Settings(mode="team", blocklist=path)

    check_names(settings, {"name": "pleasant", "spec.name": ""})
    with pytest.raises(
        ContentError, match=r"^layers\[0\].name: this may not be shown to others here: grumble"
    ):
        check_names(settings, {"name": "pleasant", "layers[0].name": "grumble_1"})


def test_the_list_of_words_leaves_files_alone(path):
    asked = blocklist(Settings(mode="demo", blocklist=path))

    assert asked(Content(ContentKind.FILE, data=b"grumble")) is None
    assert asked(Content(ContentKind.TEXT, "so nasty")) == "nasty"


def test_a_host_names_a_filter_of_their_own(path, monkeypatch):
    mine = ModuleType("mine")
    mine.make = lambda settings: lambda content: "a colour" if "red" in content.text else None
    monkeypatch.setitem(sys.modules, "mine", mine)
    asked = content_filter(Settings(mode="demo", blocklist=path, content_filter="mine:make"))

    assert asked(Content(ContentKind.NAME, "red grumble")) == "a colour"
    assert asked(Content(ContentKind.NAME, "grumble")) is None


@pytest.mark.parametrize("entry", ["nowhere:make", "os:nothing", "dlcore.access.blocklist:blocklist"])
def test_a_filter_that_is_not_there_is_named_when_it_is_needed(entry):
    with pytest.raises(SettingsError):
        content_filter(Settings(mode="demo", content_filter=entry))


def test_a_setting_that_is_no_entry_is_refused(monkeypatch):
    monkeypatch.setenv("DLCORE_CONTENT_FILTER", "rm -rf /")
    with pytest.raises(SettingsError, match="DLCORE_CONTENT_FILTER"):
        Settings.from_environment()
