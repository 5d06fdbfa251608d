"""A preview made by a real supervisor, seen in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ready

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_a_chosen_step_shows_at_once_what_it_makes_of_the_samples(page):
    page.goto("/data")
    ready(page)
    page.get_by_role("tab", name="Augmentation").click()
    expect(page.get_by_text("Choose a step")).to_be_visible()
    page.get_by_role("combobox", name="Add augmentation").click()
    page.keyboard.type("RandomRotation")
    page.get_by_role("option", name="RandomRotation").click()
    explained = page.get_by_text("Left: the sample as it is.")
    explained.wait_for(timeout=60_000)
    picture = page.get_by_test_id("stImage").locator("img")
    first = picture.get_attribute("src")

    factor = page.get_by_role("spinbutton", name="Factor")
    factor.fill("0.5")
    factor.press("Enter")
    expect(picture).not_to_have_attribute("src", first, timeout=60_000)
    expect(explained).to_be_visible()
