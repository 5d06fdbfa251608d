"""A run's errors are looked into, explained and corrected, and it is trained again: all of it in a real browser."""

import pytest
from playwright.sync_api import expect

from dlcore.queue.ready import example
from tests.e2e.lab_walk import (
    card,
    choose_cell,
    compare,
    correct,
    explain,
    most_confused,
    open_lab,
    relabel,
    train_again,
    trained,
)

pytestmark = [
    pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


@pytest.fixture
def run(store, page):
    """A short run on digits, which errs often."""
    return trained(page, store, example().with_values({"training.epochs": 1}))


def test_from_an_error_to_a_run_on_corrected_data(page, store, run):
    true, predicted = most_confused(store, run)
    open_lab(page, run)
    choose_cell(page, true, predicted, classes=10)
    expect(card(page).get_by_text(f"Answered {predicted}, is {true}")).to_be_visible()
    explain(page)
    relabel(page, str(true), str(predicted))

    correct(page)
    assert train_again(page, store).dataset == "digits-corrected"

    compare(page)
    expect(page.get_by_text("digits-corrected").first).to_be_visible()
