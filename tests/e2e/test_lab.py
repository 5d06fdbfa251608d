"""A run's errors are looked into, explained and corrected, and it is trained again: all of it in a real browser."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.store.run_files import read_evaluation
from tests.e2e.conftest import ready
from tests.waiting import wait_for

pytestmark = [
    pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip

SLOW = 180_000
"""Milliseconds that a training or a job may take."""


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


@pytest.fixture
def run(store, page):
    """A short run on digits, which errs often."""
    run = submit(store, example().with_values({"training.epochs": 1}), owner=store.settings.owner)
    page.goto(f"/run?run={run.id}")  # its server starts the supervisor
    wait_for(lambda: store.runs.get(run.id).state is RunState.COMPLETED)
    return store.runs.get(run.id)


def most_confused(store, run):
    """The class that was most often taken for another one, and that."""
    counts = np.array(read_evaluation(store.artifacts.folder(run.id)).confusion)
    np.fill_diagonal(counts, 0)
    assert counts.max() > 0
    return (int(place) for place in np.unravel_index(counts.argmax(), counts.shape))


def test_from_an_error_to_a_run_on_corrected_data(page, store, run):
    true, predicted = most_confused(store, run)
    page.goto(f"/run?run={run.id}&view=evaluation")
    ready(page)
    page.get_by_role("link", name="Open the evaluation lab").click()
    expect(page.get_by_role("heading", name="Evaluation lab")).to_be_visible()
    ready(page)

    cells = page.locator("[class*=st-key-lab_matrix] .scatterlayer .point")
    expect(cells).to_have_count(100)
    cells.nth(10 * true + predicted).click(force=True)
    ready(page)
    expect(page).to_have_url(re.compile(f"true={true}&predicted={predicted}"))
    card = page.locator(".st-key-lab_card")
    expect(card.get_by_text(f"Answered {predicted}, is {true}")).to_be_visible()

    card.get_by_role("button", name="Explain", exact=True).click()
    expect(card.get_by_text("Orange raised the answer, blue lowered it.")).to_be_visible(timeout=SLOW)
    ready(page)

    card.get_by_role("button", name="Relabel", exact=True).click()
    ready(page)
    expect(card.get_by_text(f"{true} → {predicted}")).to_be_visible()

    page.get_by_role("tab", name="Labels").click()
    ready(page)
    page.get_by_role("button", name="Make a corrected version").click()
    again = page.get_by_role("button", name="Train again on the corrected data")
    expect(again).to_be_visible(timeout=SLOW)
    ready(page)
    again.click()
    compare = page.get_by_role("link", name="Compare", exact=True)
    expect(compare).to_be_visible(timeout=SLOW)
    (other,) = [one for one in store.runs.list() if one.id != run.id]
    wait_for(lambda: store.runs.get(other.id).state is RunState.COMPLETED)
    assert store.runs.get(other.id).dataset == "digits-corrected"

    compare.click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    ready(page)
    expect(page.get_by_text("digits-corrected").first).to_be_visible()
