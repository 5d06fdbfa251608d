"""Two experiments kept apart, their runs compared, one tried and taken away: the whole of it in a real browser."""

import math
import re
import zipfile

import numpy as np
import onnx
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import begin_on, choose_rows, expect_step, ready, step
from tests.e2e.test_supervised import LOSS
from tests.e2e.test_trying import stroke

pytestmark = [
    pytest.mark.browser, pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip

RING = [(0.5 + 0.2 * math.sin(turn), 0.5 - 0.32 * math.cos(turn)) for turn in np.linspace(0, 2 * math.pi, 17)]
"""A zero, as shares of the sheet."""
SLOW = 180_000
"""Milliseconds that training or an export may take."""


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


def wait_until_completed(page):
    expect(page.get_by_text("completed", exact=True).first).to_be_visible(timeout=SLOW)


def train_the_example(page):
    """Trains the first net of the article."""
    page.goto("/new")
    ready(page)
    page.get_by_role("button", name="Train the example now").click()
    page.wait_for_url(re.compile(r"/run\?.*run="))
    page.locator(LOSS).wait_for(timeout=SLOW)
    wait_until_completed(page)


def train_another_model(page):
    """Begins a second experiment on the same data, with another template."""
    page.goto("/new")
    ready(page)
    page.get_by_role("link", name="Start your own").click()
    begin_on(page, "digits")
    expect_step(page, "Data")
    step(page, "Network").click()
    expect_step(page, "Network")
    page.get_by_role("combobox", name="Template").click()
    page.get_by_role("option", name=re.compile("MLP|Dense|Fully", re.I)).first.click()
    ready(page)
    page.get_by_role("button", name="Use", exact=True).click()
    ready(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"/run\?.*run="))
    wait_until_completed(page)


def taken(page, name, folder):
    """Exports a format and downloads its file; returns where it is."""
    page.locator(f".st-key-export_{name} button").click()
    link = page.locator(f".st-key-download_{name} a")
    expect(link).to_be_visible(timeout=SLOW)
    with page.expect_download() as download:
        link.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_experiments_are_compared_and_one_is_tried_and_taken_away(page, chromium, tmp_path):
    train_the_example(page)
    first = page.url
    train_another_model(page)
    choose_rows(page, 2)
    page.get_by_role("link", name="Compare 2").click()
    page.wait_for_url(re.compile(r"/compare\?"))
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()

    expect(page.get_by_text(re.compile("cannot be told apart|better by|worse by")).first).to_be_visible()
    expect(page.get_by_text(re.compile("Only .* is right")).first).to_be_visible()

    page.get_by_role("button", name="Choose runs").click()
    form = page.get_by_test_id("stForm")
    form.get_by_role("spinbutton", name="Seeds").fill("1")
    form.get_by_role("combobox", name="Run").click()
    page.get_by_role("option", name=re.compile("cnn")).first.click()
    form.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"group="))
    expect(page.get_by_text("3 runs on").first).to_be_visible()
    page.reload()
    accuracy = page.locator("[data-chart=accuracy]")
    expect(accuracy.locator(".annotation-text").filter(has_text="2 seeds")).to_have_count(1, timeout=SLOW)

    page.get_by_role("combobox", name=re.compile("Baseline")).click()
    page.get_by_role("option").last.click()
    page.wait_for_url(re.compile("baseline="))
    address = page.url
    page.reload()
    expect(
        page.get_by_text(re.compile("higher by|lower by")).first
    ).to_be_visible()  # one run has no deviation
    assert page.url == address

    page.goto(f"{first}&view=try")
    sheet = page.get_by_role("img", name="Draw with the mouse or a finger.")
    sheet.wait_for(timeout=SLOW)
    expect(page.get_by_text("The answer appears here as soon as something is given.")).to_be_visible(
        timeout=SLOW
    )
    stroke(page, RING)
    expect(page.get_by_role("heading", level=2, name="0", exact=True)).to_be_visible(timeout=SLOW)

    page.goto(f"{first}&view=take_away")
    ready(page)
    with zipfile.ZipFile(taken(page, "onnx", tmp_path)) as archive:
        (model,) = (name for name in archive.namelist() if name.endswith(".onnx"))
        onnx.checker.check_model(onnx.load_from_string(archive.read(model)))
    report = taken(page, "report", tmp_path)
    offline = chromium.new_context(offline=True).new_page()
    offline.goto(report.as_uri())
    expect(offline.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    offline.context.close()
