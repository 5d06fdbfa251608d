"""Each page at three widths, light and dark: nothing scrolls sideways, is cut, lacks a name or is hard to read."""

import pytest
from playwright.sync_api import expect

from dlcore.settings import Settings
from tests.e2e.conftest import ready
from tests.e2e.filled import fill
from tests.e2e.looks import THEMES, WIDTHS, faint, faults, lasting, switch
from tests.waiting import wait_for

LOOKS = [*((width, "light") for width in reversed(WIDTHS)), (WIDTHS[0], "dark")]
"""Dark changes colours, and no room."""
STATUS = "[data-testid=stSidebar] .dl-view *"


@pytest.fixture(scope="module")
def paths(server):
    """Every page, none of them empty."""
    filled = fill(Settings(home=server.home))
    views = ("curves", "evaluation", "network", "log", "settings")
    return [
        *("/new", "/datasets", "/data", "/upload", "/build", "/train", "/search", "/runs", "/models"),
        f"/run?run={filled.live}",
        *(f"/run?run={filled.done}&view={view}" for view in views),
        f"/study?study={filled.study}",
        f"/studies?studies={filled.study},{filled.study}",
        f"/compare?runs={','.join((*filled.compared, filled.done))}",
        f"/build?draft={filled.texts}&view=vectors",
    ]


def test_every_page_fits_at_any_width_and_asks_and_says_nothing_it_should_not(page, server, paths):
    said, asked, found = [], [], {}
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    ready(page)
    for path in paths:
        page.set_viewport_size({"width": WIDTHS[-1], "height": 1000})
        page.goto(path)
        ready(page)
        # Charts and tables follow the script a moment later.
        page.wait_for_load_state("networkidle")
        for width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 1000})
            switch(page, theme)
            if wrong := lasting(page, faults):
                found[path, width, theme] = wrong
    assert found == {}
    ours = (server.url, server.url.replace("http", "ws", 1), "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []
    assert said == []


def test_the_status_in_the_sidebar_can_be_read(window, paths):
    window.goto("/runs")
    ready(window)
    if window.viewport_size["width"] < 768:
        window.get_by_test_id("stExpandSidebarButton").get_by_role("button").or_(
            window.get_by_test_id("stExpandSidebarButton")
        ).first.click()
    window.locator("[data-testid=stSidebar] .dl-badge").first.wait_for()
    for theme in THEMES:
        switch(window, theme)
        assert lasting(window, lambda page: faint(page, STATUS)) == []


def test_the_table_of_experiments_begins_within_the_first_screen_of_a_phone(visit, paths):
    page = visit(390, 844).new_page()
    page.goto("/runs")
    ready(page)
    table, cards = page.get_by_test_id("stDataFrame"), page.locator(".st-key-at_work")
    expect(cards.get_by_text("running").first).to_be_visible()  # above it, as a strip
    wait_for(lambda: table.bounding_box()["y"] < 844 * 0.7, what=table.bounding_box)
    expect(page.get_by_role("button", name="Columns", exact=True)).to_be_visible()


def test_what_is_open_can_be_read_on_a_dark_ground(visit, paths):
    page = visit(1280).new_page()
    page.goto("/models")
    ready(page)
    switch(page, "dark")
    page.get_by_role("button", name="Name and notes").first.click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    icons = "[data-testid=stPopoverButton][aria-expanded=true] [data-testid=stIconMaterial]"
    expect(page.locator(icons).first).to_be_visible()
    assert lasting(page, lambda page: faint(page, icons)) == []


@pytest.mark.parametrize("path", ["/new", "/datasets", "/train", "/runs"])
def test_chinese_fits_a_phone_too(visit, paths, path):
    page = visit(390, 844, "zh-CN").new_page()
    page.goto(path)
    ready(page)
    assert lasting(page, faults) == []


WRONG = """<body style="margin: 0; background: #fff; color: #000"><main data-testid="stApp">
<p style="width: 60px; overflow: hidden; white-space: nowrap">a text that is cut</p>
<p style="width: 60px; overflow: hidden">a text that is not</p>
<div style="width: 60px; overflow: hidden; white-space: nowrap"><b>one in a line that is cut</b></div>
<button><svg></svg></button><button aria-label="named"></button><a href="#">named</a><a href="#"> </a>
<section style="background: #eee; opacity: .5"><i style="color: #333">faint</i> <i style="opacity: .2">fainter</i></section>
<section style="background: #222; color: #ddd">plain</section>
{wide}</main></body>"""


def test_the_measures_notice_what_is_wrong(chromium):
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.set_content(WRONG.format(wide=""))
    cut, inner, *controls = faults(page)
    assert (cut, inner) == ("cut: a text that is cut", "cut: one in a line that is cut")
    assert [name.rsplit(" ", 1)[0] for name in controls] == [
        "without a name: button",
        "without a name: link",
    ]
    assert [text.partition(":")[0] for text in faint(page, "section, section *")] == ["faint", "fainter"]
    page.set_content(WRONG.format(wide="<p style='width: 500px'>wide</p>"))
    assert faults(page)[0] == "the page scrolls sideways: 500 px in 390"
    page.close()
