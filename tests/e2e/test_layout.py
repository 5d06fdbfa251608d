"""What stays in view while a page scrolls."""

import pytest
from playwright.sync_api import expect

from dlcore.queue.ready import example
from tests.e2e.conftest import ready
from tests.e2e.looks import faults, lasting
from tests.waiting import wait_for

LAYERS = 40
SCROLL = """y => new Promise((done) => {
    document.querySelector('[data-testid=stMain]').scrollTo(0, y);
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""
LOWEST = """room => Math.max(...[...room.querySelectorAll("button, input, p, table")]
    .filter((one) => one.checkVisibility() && !one.closest(".st-key-foot"))
    .map((one) => one.getBoundingClientRect().bottom))"""
HEADER = 50
"""What the bar at the top covers of the window, in pixels."""


@pytest.fixture
def draft(store):
    """A long network."""
    layers = [{"kind": "Flatten"}, *[{"kind": "Dense", "units": 8}] * LAYERS, {"kind": "Dense"}]
    return store.drafts.create(example().with_values({"model.layers": layers}).to_dict(), owner="local").id


@pytest.fixture
def opened(visit, draft):
    """Opens a page in a window of a size."""

    def opened(path, width, height):
        page = visit(width, height).new_page()
        page.goto(f"{path}?draft={draft}")
        ready(page)
        return page

    return opened


def assert_in_view(page, place):
    """Below the bar at the top, and above the end of the window, once the page stands still."""

    def is_in_view():
        box = place.bounding_box()
        return box["y"] >= HEADER and box["y"] + box["height"] <= page.viewport_size["height"]

    wait_for(is_in_view, 20, what=place.bounding_box)


@pytest.mark.parametrize("width", [820, 1440])
def test_the_form_of_a_layer_stays_beside_a_long_network(opened, width):
    page = opened("/build", width, 700)
    last = page.get_by_role("button", name=f"{LAYERS + 2} · Dense")
    last.scroll_into_view_if_needed()
    last.click()
    ready(page)
    expect(page.get_by_role("button", name="Remove", exact=True)).to_be_visible()
    for y in (250, 450):
        page.evaluate(SCROLL, y)
        assert_in_view(page, page.get_by_text(f"{LAYERS + 2} · Dense dense"))
        assert_in_view(page, page.get_by_role("button", name="Remove", exact=True))


@pytest.mark.parametrize("path", ["/data", "/build", "/train", "/search"])
def test_the_button_that_starts_is_at_the_foot_of_a_phone(opened, path):
    page = opened(path, 390, 700)
    start = page.get_by_role("button", name="Start training")
    for y in (0, 400, 100_000):
        page.evaluate(SCROLL, y)
        assert_in_view(page, start)
        assert start.bounding_box()["width"] > 300
    # At its end, which moves while the page still grows, the page leaves room for it.
    block = page.get_by_test_id("stMainBlockContainer")

    def is_free_at_the_end():
        page.evaluate(SCROLL, 100_000)
        return block.evaluate(LOWEST) <= start.bounding_box()["y"]

    wait_for(is_free_at_the_end)
    assert lasting(page, faults) == []


@pytest.mark.parametrize(
    ("path", "width"),
    [("/data", 1440), ("/build", 1440), ("/train", 820), ("/train", 1440), ("/search", 820)],
)
def test_what_will_run_stays_beside_the_settings(opened, path, width):
    page = opened(path, width, 900)
    for y in (0, 400, 100_000):
        page.evaluate(SCROLL, y)
        assert_in_view(page, page.get_by_text("What will run"))
        assert_in_view(page, page.get_by_role("button", name="Start training"))


@pytest.mark.parametrize("path", ["/data", "/build"])
def test_the_button_that_starts_stays_in_view_where_there_is_no_third_column(opened, path):
    page = opened(path, 820, 900)
    for y in (0, 400, 100_000):
        page.evaluate(SCROLL, y)
        assert_in_view(page, page.get_by_role("button", name="Start training"))
    assert lasting(page, faults) == []


def test_the_buttons_of_the_ready_experiments_are_in_line(opened):
    buttons = opened("/new", 1440, 1000).get_by_role("button", name="Train", exact=True)
    expect(buttons).to_have_count(4)
    wait_for(lambda: len({round(one.bounding_box()["y"]) for one in buttons.all()}) == 1)


def test_undo_and_drafts_are_in_line_on_a_phone(opened):
    page = opened("/data", 390, 800)
    undo, drafts = (page.get_by_role("button", name=name) for name in ("Undo", "Drafts"))
    wait_for(lambda: abs(undo.bounding_box()["y"] - drafts.bounding_box()["y"]) <= 1)


def test_images_have_most_of_a_phones_width(opened):
    page = opened("/data", 390, 800)
    image = page.get_by_test_id("stImage").first
    image.wait_for()
    wait_for(lambda: image.bounding_box()["width"] >= 290, what=image.bounding_box)
