"""A person draws a digit, and the run's model says which one it is."""

import re

import pytest
from playwright.sync_api import expect

from dlcore.datasets import facts
from tests.e2e.conftest import ready
from tests.e2e.looks import WIDTHS, faults
from tests.engine.trained import trained_run
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keras, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def run(quiet_server):
    """A run on digits, trained for a few epochs."""
    from dlcore.settings import Settings
    from dlcore.store import Store

    settings = Settings(home=quiet_server.home)
    store = Store.open(settings)
    made = trained_run(store, facts("digits", settings), epochs=8)
    store.close()
    return made.id


@pytest.fixture
def tab(chromium, quiet_server, run):
    """The run's page with the tab Try it, and the model loaded."""
    context = chromium.new_context(
        base_url=quiet_server.url, viewport={"width": 1440, "height": 1000}, locale="en-US"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"/run?run={run}&view=try")
    ready(page)
    expect(page.get_by_text("The answer appears here as soon as something is given.")).to_be_visible(
        timeout=120_000
    )
    yield page
    context.close()


def stroke(page, points):
    """Draws with the mouse on the sheet; points are shares of its side."""
    box = page.get_by_role("img", name="Draw with the mouse or a finger.").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_drawn_digit_is_answered_at_once_with_what_the_model_saw(tab):
    stroke(tab, [(0.5, 0.2), (0.5, 0.8)])

    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    expect(tab.get_by_role("heading", level=2, name="1", exact=True)).to_be_visible()
    expect(tab.get_by_text("What the model sees").first).to_be_visible()
    expect(tab.get_by_text("8 × 8")).to_be_visible()


def test_a_picture_can_be_pasted(tab):
    tab.get_by_role("radio", name="Upload").click()
    ready(tab)  # a page that is still being drawn would begin the upload again
    expect(tab.locator(".up-title")).not_to_be_empty()
    tab.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement("canvas"), {width: 8, height: 8});
            const pen = canvas.getContext("2d");
            pen.fillRect(0, 0, 8, 8);
            pen.fillStyle = "white";
            pen.fillRect(3, 1, 2, 6);
            const blob = await new Promise((resolve) => canvas.toBlob(resolve));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([blob], "copied.png", {lastModified: 1}));
            document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }"""
    )

    expect(tab.get_by_text("copied.png")).to_be_visible()
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()


def test_a_photograph_is_answered_and_a_recording_may_be_read(tab):
    tab.get_by_role("radio", name="Camera").click()
    expect(tab.locator("video")).to_have_js_property("readyState", 4)  # it has a picture to take
    take = tab.get_by_role("button", name="Take Photo")

    def is_taken():
        # The field forgets a click that comes before it knows of its picture.
        if take.is_visible():
            take.click()
            tab.wait_for_timeout(500)
        return not take.is_visible()

    wait_for(is_taken)
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    read = "async () => (await fetch(URL.createObjectURL(new Blob(['sound'])))).text()"
    assert tab.evaluate(read) == "sound"  # as the microphone's field does


def test_an_answer_fits_every_width_and_can_be_read(tab):
    tab.get_by_role("radio", name="Sample").click()
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 1000})
        # Charts follow the window a moment later.
        wait_for(lambda: faults(tab) == [], what=lambda: faults(tab))


def test_what_was_drawn_can_be_taken_back(tab):
    stroke(tab, [(0.5, 0.2), (0.5, 0.8)])
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    tab.get_by_role("button", name="Undo").click()

    expect(tab.get_by_text("The answer appears here as soon as something is given.")).to_be_visible()
    expect(tab.get_by_role("button", name="Clear")).to_be_disabled()
