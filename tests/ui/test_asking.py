"""When a widget may change a draft: a browser sends what all its widgets hold with every act, old ones too."""

from types import SimpleNamespace

import pytest

from dlcore.ui.forms import asking


class Browser:
    """Widgets that keep what they hold under their keys, as those of a browser do."""

    def __init__(self):
        self.held, self.key = {}, ""

    def draw(self, key, shown):
        self.key = key
        return self.held.setdefault(key, shown)

    def type(self, text):
        """A person types into the widget as it stands there now."""
        self.held[self.key] = text


@pytest.fixture
def browser(monkeypatch):
    monkeypatch.setattr(asking, "st", SimpleNamespace(session_state={}))
    speak(monkeypatch, "en")
    return Browser()


def speak(monkeypatch, language):
    monkeypatch.setattr(asking, "language", lambda: language)


@pytest.fixture
def field(browser):
    """A field of a number in hundredths, which its widget shows rounded to whole ones."""

    def field(value, *, fresh=False):
        return asking.ask(
            "field", value, browser.draw, show=lambda value: str(value // 100) if isinstance(value, int) else value,
            read=lambda text: int(text) * 100 if text.isdecimal() else text, fresh=fresh,
        )  # fmt: skip

    return field


def test_an_untouched_field_keeps_what_its_widget_cannot_show(field):
    assert [field(1234), field(1234)] == [1234, 1234]


def test_what_a_person_types_is_taken_and_the_widget_stays(field, browser):
    field(1234)
    key = browser.key
    browser.type("20")
    assert field(1234) == 2000
    assert field(2000) == 2000
    assert browser.key == key


def test_what_was_changed_elsewhere_is_shown_and_the_old_is_not_written_back(field, browser):
    field(1000)
    old = browser.key
    browser.type("20")
    field(1000)
    field(2000)
    assert field(5000) == 5000
    browser.held[old] = "20"  # the browser sends it again
    assert field(5000) == 5000
    assert browser.held[browser.key] == "50"


def test_typing_goes_on_while_the_last_is_saved(field, browser):
    field(1000)
    browser.type("20")
    assert field(1000) == 2000
    browser.type("30")  # the page has not run since the draft was saved
    assert field(2000) == 3000


def test_what_is_wrong_stays_until_the_field_is_changed_elsewhere(field, browser):
    field(1000)
    browser.type("many")
    assert [field(1000), field(1000)] == ["many", "many"]
    assert field(2000) == 2000


def test_a_part_that_is_chosen_again_offers_what_was_typed_for_it_before(field, browser):
    field(1000)
    browser.type("20")
    field(1000)
    field(2000)
    assert field(1000, fresh=True) == 2000
    assert field(2000) == 2000


def test_another_language_begins_anew_and_the_first_one_writes_nothing_back(field, browser, monkeypatch):
    field(1000)
    browser.type("20")
    field(1000)
    field(2000)
    speak(monkeypatch, "zh_CN")
    assert field(2000) == 2000
    browser.type("30")
    assert field(2000) == 3000
    field(3000)
    speak(monkeypatch, "en")
    assert field(3000) == 3000


def test_an_entry_is_another_one_after_each_change_of_what_is_added_to(browser):
    keys = [asking.entry_key("add", content) for content in ((), (), ("a",), ("a",), (), ("a",))]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert len(set(keys)) == 4
