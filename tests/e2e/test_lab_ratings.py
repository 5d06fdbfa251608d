"""The lab on ratings, with what a user would be shown, up to a run on corrected data: in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.lab_walk import (
    SLOW,
    card,
    choose_listed,
    compare,
    correct,
    exclude,
    open_lab,
    open_view,
    packaged_example,
    train_again,
    trained,
)

pytestmark = [
    pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


def test_a_rating_is_seen_with_its_user_and_item_and_left_out(page, store):
    run = trained(page, store, packaged_example(store, "ratings", **{"training.epochs": 1}))
    open_lab(page, run)
    choose_listed(page, 1)
    expect(page).to_have_url(re.compile("sample="))
    for name in ("User", "Item", "rating"):
        expect(card(page).get_by_test_id("stMetricLabel").get_by_text(name, exact=True)).to_be_visible()
    expect(card(page).get_by_text("Look at the errors by user and by item.")).to_be_visible()
    exclude(page)

    open_view(page, "Top items")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(2, timeout=SLOW)

    correct(page)
    train_again(page, store)
    expect(page.get_by_text("1 of the earlier test part are left out")).to_be_visible()
    compare(page)
