"""What stays in view while a page scrolls."""

import pytest
from playwright.sync_api import expect

from dlcore.queue.ready import example
from tests.e2e.conftest import ready
from tests.e2e.looks import faults
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LAYERS = 40
SCROLL = "y => document.querySelector('[data-testid=stMain]').scrollTo(0, y)"
HEADER = 50
"""What the bar at the top covers of the window, in pixels."""


@pytest.fixture(scope="module")
def server(quiet_server):
    return quiet_server


@pytest.fixture
def draft(store):
    """A long network."""
    layers = [{"kind": "Flatten"}, *[{"kind": "Dense", "units": 8}] * LAYERS, {"kind": "Dense"}]
    return store.drafts.create(example().with_values({"model.layers": layers}).to_dict(), owner="local").id


@pytest.fixture
def opened(chromium, server, draft):
    """Opens a page in a window of a size."""
    contexts = []

    def opened(path, width, height):
        contexts.append(
            chromium.new_context(
                base_url=server.url, viewport={"width": width, "height": height}, locale="en-US"
            )
        )
        page = contexts[-1].new_page()
        page.goto(f"{path}?draft={draft}")
        ready(page)
        return page

    yield opened
    for context in contexts:
        context.close()


def scroll(page, y):
    page.evaluate(SCROLL, y)
    page.wait_for_timeout(200)


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
        scroll(page, y)
        assert_in_view(page, page.get_by_text(f"{LAYERS + 2} · Dense dense"))
        assert_in_view(page, page.get_by_role("button", name="Remove", exact=True))


@pytest.mark.parametrize("path", ["/data", "/build", "/train", "/search"])
def test_the_button_that_starts_is_at_the_foot_of_a_phone(opened, path):
    page = opened(path, 390, 700)
    start = page.get_by_role("button", name="Start training")
    for y in (0, 400, 100_000):
        scroll(page, y)
        assert_in_view(page, start)
        assert start.bounding_box()["width"] > 300
    # At its end the page leaves room for it.
    block = page.get_by_test_id("stMainBlockContainer")
    lowest = block.evaluate(
        """room => Math.max(...[...room.querySelectorAll("button, input, p, table")]
            .filter((one) => one.checkVisibility() && !one.closest(".st-key-foot"))
            .map((one) => one.getBoundingClientRect().bottom))"""
    )
    assert lowest <= start.bounding_box()["y"]
    assert faults(page) == []


@pytest.mark.parametrize(
    ("path", "width"),
    [("/data", 1440), ("/build", 1440), ("/train", 820), ("/train", 1440), ("/search", 820)],
)
def test_what_will_run_stays_beside_the_settings(opened, path, width):
    page = opened(path, width, 900)
    for y in (0, 400, 100_000):
        scroll(page, y)
        assert_in_view(page, page.get_by_text("What will run"))
        assert_in_view(page, page.get_by_role("button", name="Start training"))


@pytest.mark.parametrize("path", ["/data", "/build"])
def test_the_button_that_starts_stays_in_view_where_there_is_no_third_column(opened, path):
    page = opened(path, 820, 900)
    for y in (0, 400, 100_000):
        scroll(page, y)
        assert_in_view(page, page.get_by_role("button", name="Start training"))
    assert faults(page) == []


def test_the_buttons_of_the_ready_experiments_are_in_line(opened):
    buttons = opened("/new", 1440, 1000).get_by_role("button", name="Train", exact=True)
    expect(buttons).to_have_count(4)
    assert len({round(one.bounding_box()["y"]) for one in buttons.all()}) == 1


def test_undo_and_drafts_are_in_line_on_a_phone(opened):
    page = opened("/data", 390, 800)
    places = [page.get_by_role("button", name=name).bounding_box()["y"] for name in ("Undo", "Drafts")]
    assert abs(places[0] - places[1]) <= 1


def test_images_have_most_of_a_phones_width(opened):
    page = opened("/data", 390, 800)
    image = page.get_by_test_id("stImage").first
    image.wait_for()
    assert image.bounding_box()["width"] >= 290
