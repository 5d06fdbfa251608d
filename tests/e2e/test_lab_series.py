"""The lab on forecasts, each beside its series, up to a run on corrected data: in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.lab_walk import (
    card,
    choose_listed,
    compare,
    correct,
    exclude,
    explain,
    open_lab,
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


def test_a_bad_forecast_is_seen_in_its_series_explained_and_no_longer_asked_for(page, store):
    run = trained(page, store, packaged_example(store, "sine", **{"training.epochs": 1}))
    open_lab(page, run)
    choose_listed(page, 1)
    expect(page).to_have_url(re.compile("sample="))
    for line in ("value", "What came then", "Forecast"):
        expect(card(page).locator(".legendtext").get_by_text(line, exact=True)).to_be_visible()
    explain(page)
    exclude(page)

    correct(page)
    train_again(page, store)
    expect(page.get_by_text("1 of the earlier test part are left out")).to_be_visible()
    compare(page)
