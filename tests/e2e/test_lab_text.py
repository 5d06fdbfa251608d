"""From a text that is misread to a run on corrected texts, in a real browser."""

import csv

import pytest
from playwright.sync_api import expect

from tests.e2e.lab_walk import (
    card,
    choose_cell,
    compare,
    correct,
    explain,
    most_confused,
    open_lab,
    open_view,
    relabel,
    sample_number,
    stored_example,
    train_again,
    trained,
)

pytestmark = [
    pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip

CLASSES = ["ham", "spam"]


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


@pytest.fixture(scope="module")
def messages(shared_data):
    """The texts of the file, in its order."""
    with (shared_data / "sms_spam.csv").open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


@pytest.fixture
def run(store, page, shared_data):
    """Two epochs on messages, of which some are still misread."""
    spec = stored_example(store, "sms_spam", shared_data / "sms_spam.csv", **{"training.epochs": 2})
    return trained(page, store, spec)


def plain(text):
    """A text with single blanks, as a page shows it."""
    return " ".join(text.split())


def test_from_a_misread_text_to_a_run_on_corrected_texts(page, store, run, messages):
    true, predicted = most_confused(store, run)
    open_lab(page, run)
    choose_cell(page, true, predicted, classes=2)
    expect(card(page).get_by_text(f"Answered {CLASSES[predicted]}, is {CLASSES[true]}")).to_be_visible()
    text = plain(messages[sample_number(page) - 1])
    expect(card(page).get_by_test_id("stText")).to_have_text(text)

    explain(page)
    # The model looks at characters; its words are read as they are written, as far as it sees them.
    marked = card(page).get_by_test_id("stMarkdown").filter(has_text=text[:60])
    expect(marked).to_be_visible()
    expect(marked.locator("[class*=stMarkdownColoredBackground]").first).to_be_visible()
    relabel(page, CLASSES[true], CLASSES[predicted])

    open_view(page, "Slices")
    expect(page.get_by_text("Each slice with the share of right answers")).to_be_visible()
    correct(page)
    other = train_again(page, store)
    assert other.dataset == "sms_spam"
    assert other.spec["dataset"]["version"] != run.spec["dataset"]["version"]

    compare(page)
    expect(page.get_by_text("sms_spam").first).to_be_visible()
