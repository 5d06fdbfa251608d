"""From a dataset to an evaluated network, in a real browser."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import begin_on, expect_step, ready, step

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LOSS = "[data-chart=loss]"
POINTS = "document.querySelector('[data-chart=loss]').data[0].x.length"
RANGE = "document.querySelector('[data-chart=loss]').layout.xaxis.range"


def wait_for_points(page, more_than):
    """Not `wait_for_function`: the page's own security policy forbids it to evaluate strings."""
    deadline = time.monotonic() + 60
    while page.evaluate(POINTS) <= more_than:
        assert time.monotonic() < deadline, "the curve does not grow"
        page.wait_for_timeout(200)


def test_a_person_goes_from_a_dataset_to_an_evaluated_network(page):
    page.goto("/")
    ready(page)
    page.get_by_role("link", name="Start your own").click()
    begin_on(page, "digits")
    expect_step(page, "Data")
    expect(page.get_by_text("1,438 + 359")).to_be_visible()

    step(page, "Network").click()
    expect_step(page, "Network")
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.get_by_text("38,602").first).to_be_visible()
    page.locator(".st-key-layer_conv2d button").click()
    filters = page.get_by_role("spinbutton", name="Filters")
    filters.fill("16")
    filters.press("Enter")
    expect(page.get_by_text("38,602")).to_have_count(0)

    step(page, "Training").click()
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill("90000")
    epochs.press("Enter")
    expect(page.get_by_text(re.compile("90000 of"))).to_be_visible()
    # What is proposed would stop by itself before anybody does.
    patience = page.get_by_role("spinbutton", name="Patience")
    patience.fill("10000")
    patience.press("Enter")
    ready(page)
    page.get_by_role("button", name="Start training").click()

    page.wait_for_url(re.compile(r"/run\?.*run="))
    page.locator(LOSS).wait_for()
    wait_for_points(page, more_than=3)
    before = page.evaluate(POINTS)
    page.evaluate(f"Plotly.relayout(document.querySelector('{LOSS}'), {{'xaxis.range': [1, 50]}})")
    wait_for_points(page, more_than=before + 3)
    assert page.evaluate(RANGE) == [1, 50]

    page.reload()
    page.locator(LOSS).wait_for()
    wait_for_points(page, more_than=before)

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("stopped", exact=True).first).to_be_visible(timeout=60_000)
    done = int(re.search(r"(\d+) of 90000 epochs", page.inner_text("body")).group(1))
    page.get_by_role("button", name="More", exact=True).click()
    resume_epochs = page.get_by_role("spinbutton", name="Epochs in all")
    resume_epochs.fill(str(done + 3))
    resume_epochs.press("Enter")
    ready(page)
    page.get_by_role("button", name="Train to there").click()
    expect(page.get_by_text("completed", exact=True).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text(f"{done + 3} epochs")).to_be_visible()

    page.get_by_role("tab", name="Evaluation").click()
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    expect(page.get_by_role("heading", name="By class")).to_be_visible()


def test_a_deep_link_to_a_run_works_on_a_cold_server(page, server):
    page.goto("/new")
    ready(page)
    page.get_by_role("button", name="Train the example now").click()
    page.wait_for_url(re.compile(r"/run\?.*run="))
    address = page.url
    server.kill()
    server.start()

    page.goto(address)

    expect(page.get_by_role("heading", name=re.compile("digits · cnn"))).to_be_visible()
    expect(page.get_by_role("link", name="Data", exact=True)).to_be_visible()
    expect(page.get_by_text("completed", exact=True).first).to_be_visible(timeout=60_000)


def test_no_page_asks_another_host_for_anything(page, server):
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2] if "://" in request.url else ""))
    for path in ("/", "/new", "/datasets", "/data", "/build", "/train", "/runs", "/run"):
        page.goto(path)
        ready(page)
    assert {host for host in hosts if host} == {server.url.removeprefix("http://")}
