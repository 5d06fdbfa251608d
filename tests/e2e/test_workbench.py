"""Two experiments kept apart, their runs compared, one tried and taken away: the whole of it in a real browser."""

import math
import re
import zipfile

import numpy as np
import onnx
import pytest
from playwright.sync_api import expect

from tests.browser.here import needs_runtime
from tests.e2e.conftest import begin_on, choose_rows, expect_step, ready, step
from tests.e2e.test_supervised import LOSS
from tests.e2e.test_trying import SHEET, stroke

pytestmark = [
    pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip

RING = [(0.5 + 0.2 * math.sin(turn), 0.5 - 0.32 * math.cos(turn)) for turn in np.linspace(0, 2 * math.pi, 17)]
"""A zero, as shares of the sheet."""
READING, PLAIN = "Reading digits", "A plain net"
SLOW = 180_000
"""Milliseconds that training or an export may take."""


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


def wait_until_completed(page):
    expect(page.get_by_text("completed", exact=True).first).to_be_visible(timeout=SLOW)


def begin(page, name, template=None):
    """Begins an experiment on digits under a name; returns the address of its draft."""
    page.goto("/new")
    ready(page)
    page.get_by_role("link", name="Start your own").click()
    begin_on(page, "digits")
    expect_step(page, "Data")
    step(page, "Network").click()
    expect_step(page, "Network")
    if template is not None:
        page.get_by_role("combobox", name="Template").click()
        page.get_by_role("option", name=template).first.click()
        ready(page)
    page.get_by_role("button", name="Use", exact=True).click()
    ready(page)
    page.get_by_role("button", name="Name, tags, notes").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    ready(page)
    return page.url


def train(page, draft, name):
    """Starts the experiment of a draft, and waits until it is done; returns the address of its run."""
    page.goto(draft)
    ready(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"/run\?.*run="))
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.locator(LOSS).wait_for(timeout=SLOW)
    wait_until_completed(page)
    return page.url


def keep_two_experiments_apart(page):
    """Begins two experiments, one after the other; returns the addresses of their drafts."""
    reading = begin(page, READING)
    plain = begin(page, PLAIN, re.compile("MLP|Dense|Fully", re.I))
    for draft, name, convolutions in ((reading, READING, 1), (plain, PLAIN, 0)):
        page.goto(draft)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        ready(page)
        expect(page.locator(".st-key-layer_conv2d")).to_have_count(convolutions)
    page.goto("/runs")
    expect(page.get_by_text("2 drafts")).to_be_visible()
    return reading, plain


def compare_and_train_another_seed(page):
    """Compares the two runs, trains the first again with another seed, and pins a baseline."""
    choose_rows(page, 2)
    page.get_by_role("link", name="Compare 2").click()
    page.wait_for_url(re.compile(r"/compare\?"))
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(page.get_by_text(re.compile("cannot be told apart|better by|worse by")).first).to_be_visible()
    expect(page.get_by_text(re.compile("Only .* is right")).first).to_be_visible()
    expect(page.get_by_test_id("stImage").locator("img").last).to_be_visible()

    page.get_by_role("button", name="Choose runs").click()
    form = page.get_by_test_id("stForm")
    form.get_by_role("spinbutton", name="Seeds").fill("1")
    form.get_by_role("combobox", name="Run").click()
    page.get_by_role("option", name=re.compile(READING)).first.click()
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


def try_it_in_both_places(page, run):
    """Draws a digit, which the server recognises, and then the browser without another stroke."""
    page.goto(f"{run}&view=try")
    page.get_by_role("img", name=SHEET).wait_for(timeout=SLOW)
    expect(page.get_by_text("The answer appears here as soon as something is given.")).to_be_visible(
        timeout=SLOW
    )
    stroke(page, RING)
    zero = page.get_by_role("heading", level=2, name="0", exact=True)
    expect(zero).to_be_visible(timeout=SLOW)
    page.get_by_role("radio", name="In this browser").click()
    expect(page.get_by_text("Answered in this browser in")).to_be_visible(timeout=SLOW)
    expect(zero).to_be_visible()


def taken(page, name, folder, *, made=False):
    """Downloads the file of a format, which is exported first unless it was made before; returns where it is."""
    if not made:
        page.locator(f".st-key-export_{name} button").click()
    link = page.locator(f".st-key-download_{name} a")
    expect(link).to_be_visible(timeout=SLOW)
    with page.expect_download() as download:
        link.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def open_from_disk(chromium, report):
    """Opens a report without a network, and draws a digit there."""
    context = chromium.new_context(offline=True, locale="en-US")
    page = context.new_page()
    asked = []
    page.on("request", lambda one: asked.append(one.url) if not one.url.startswith("blob:") else None)
    page.goto(report.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    stroke(page, RING)
    expect(page.get_by_text("Answered in this browser in")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="0", exact=True)).to_be_visible()
    assert asked == [report.as_uri()]
    context.close()


@needs_runtime
def test_experiments_are_kept_apart_compared_and_one_is_tried_and_taken_away(page, chromium, tmp_path):
    reading, plain = keep_two_experiments_apart(page)
    first = train(page, reading, READING)
    train(page, plain, PLAIN)
    compare_and_train_another_seed(page)
    try_it_in_both_places(page, first)

    page.goto(f"{first}&view=take_away")
    ready(page)
    with zipfile.ZipFile(taken(page, "onnx", tmp_path, made=True)) as archive:  # for the browser
        (model,) = (name for name in archive.namelist() if name.endswith(".onnx"))
        onnx.checker.check_model(onnx.load_from_string(archive.read(model)))
    page.get_by_text("With the model to try").click()
    ready(page)
    open_from_disk(chromium, taken(page, "report", tmp_path))
