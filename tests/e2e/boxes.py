"""Where charts stand on a page, beside the room they have.

Measured in the window as it is: a screenshot with `full_page` resizes it, after which every chart fits.
"""

from tests.waiting import wait_for

WIDTHS = (390, 1280, 1440, 1920)
BOXES = """(selector) => [...document.querySelectorAll(selector)].map((room) => {
    const box = (node) => { const { left, right, top, bottom } = node.getBoundingClientRect(); return { left, right, top, bottom }; };
    const svg = room.querySelector('.main-svg');
    return { room: box(room), svg: svg && box(svg) };
})"""


def is_within(inner, outer):
    return (
        inner["left"] >= outer["left"] - 1
        and inner["right"] <= outer["right"] + 1
        and inner["top"] >= outer["top"] - 1
        and inner["bottom"] <= outer["bottom"] + 1
    )


def do_overlap(one, other):
    return (
        one["left"] < other["right"] - 1
        and other["left"] < one["right"] - 1
        and one["top"] < other["bottom"] - 1
        and other["top"] < one["bottom"] - 1
    )


def width(box):
    return box["right"] - box["left"]


def misplaced(boxes):
    """What is wrong with where the charts stand, in words; empty if nothing is."""
    wrong = []
    for number, box in enumerate(boxes):
        if box["svg"] is None:
            wrong.append(f"chart {number} is not drawn")
            continue
        if not is_within(box["svg"], box["room"]) or width(box["svg"]) < 0.85 * width(box["room"]):
            wrong.append(
                f"chart {number} is {width(box['svg']):.0f} px wide in a room of {width(box['room']):.0f} px"
            )
        wrong += [
            f"chart {number} lies over chart {place}"
            for place, other in enumerate(boxes)
            if place != number and do_overlap(box["svg"], other["room"])
        ]
    return wrong


def assert_charts_fit(page, rooms, *, count, when):
    """Waits until each chart fills its room: it may follow a change a moment later, and is drawn near the view.

    Args:
        rooms: selects the elements that hold one chart each.
        count: how many there should be.
        when: told if it fails.
    """

    def wrong():
        boxes = page.evaluate(BOXES, rooms)
        for number, box in enumerate(boxes):
            if box["svg"] is None:
                page.locator(rooms).nth(number).scroll_into_view_if_needed()
        return [*misplaced(boxes), *([f"{len(boxes)} charts"] if len(boxes) != count else [])]

    wait_for(lambda: not wrong(), what=lambda: f"{when}: {wrong()}")


def collapse_sidebar(page):
    """Gives a page more room without a change of the window."""
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.get_by_test_id("stExpandSidebarButton").wait_for()
