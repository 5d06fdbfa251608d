"""A run is shared in one browser, looked at in another, and gone there once its link was taken back."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from dlcore.access.actors import Actor, Role
from dlcore.access.permissions import Kind
from dlcore.queue.sharing import Visibility, share
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.records.complaints import Ground
from dlcore.records.shares import Thing
from dlcore.store.gate import open_to
from dlcore.store.tables import runs, visitors
from tests.comparison.runs import classified
from tests.e2e.conftest import running
from tests.e2e.sessions import ready

NAME = "shared digits"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A demo that starts no supervisor."""
    with running(tmp_path_factory.mktemp("home"), DLCORE_START_WORKER="false", DLCORE_MODE="demo") as found:
        yield found


def opened(visit, address, **window):
    """A page in a browser of its own."""
    page = visit(**window).new_page()
    page.goto(address)
    ready(page)
    return page


def ended_run(store, owner):
    """A run with curves that took twelve seconds."""
    points = [
        Metric(SeriesKey(name, scope, axis), float(x * step), value / x)
        for axis, step in ((Axis.EPOCH, 1), (Axis.BATCH, 40))
        for scope in (Scope.TRAIN, Scope.VALIDATION)
        for name, value in (("loss", 2.0), ("accuracy", 0.9))
        for x in range(1, 11)
    ]
    return classified(store, NAME, range(10), owner=owner, points=sorted(points, key=lambda one: one.step))


def visitor_of(store):
    """The id of the visitor who came last."""
    query = select(visitors.c.id).order_by(visitors.c.first_seen.desc()).limit(1)
    with store.database.read() as connection:
        return connection.execute(query).scalar_one()


def test_a_run_is_shared_by_a_link_and_gone_once_that_is_taken_back(visit, store):
    mine = opened(visit, "/new")
    run = ended_run(store, visitor_of(store))
    mine.goto(f"/run?run={run.id}")
    ready(mine)
    mine.get_by_role("button", name="More").click()
    mine.get_by_role("button", name="Share", exact=True).click()
    dialog = mine.get_by_role("dialog")
    expect(dialog.get_by_text("No link opens it.")).to_be_visible()
    dialog.get_by_text("Whoever has the link").click()
    address = dialog.locator("code")
    expect(address).to_contain_text("/shared#")
    link = address.inner_text().strip()

    requests = []
    theirs = visit().new_page()
    theirs.on("request", lambda one: requests.append(one))
    theirs.goto(link)
    expect(theirs.get_by_role("heading", name=NAME)).to_be_visible()
    ready(theirs)
    expect(theirs.get_by_text("Shared with you to look at")).to_be_visible()
    expect(theirs.get_by_role("tab")).to_have_text(["Curves", "Evaluation", "Network", "Settings"])
    token = link.partition("#")[2]
    assert len(token) == 22
    assert not any(
        token in one.url.partition("#")[0] or token in one.headers.get("referer", "") for one in requests
    )
    for name in ("Stop", "Resume", "Delete", "Try it", "More"):
        expect(theirs.get_by_role("button", name=name, exact=True)).to_have_count(0)

    dialog.get_by_text("Only you").click()
    expect(address).to_have_count(0)
    theirs.reload()
    ready(theirs)
    expect(theirs.get_by_text("There is no run")).to_be_visible()
    theirs.goto(link)
    expect(theirs.get_by_text("This link leads nowhere any more.")).to_be_visible()


def test_the_first_page_replays_a_public_run(visit, store):
    owner = Actor("somebody", Role.VISITOR)
    run = ended_run(store, owner.id)
    # So long that it is still under way when a slow machine gets to look.
    with store.database.write() as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(seconds=40_000.0))
    share(open_to(store, owner), [Thing(Kind.RUN, run.id)], Visibility.PUBLIC, actor=owner)

    page = opened(visit, "/new")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    place = page.get_by_role("slider", name="Moment of the run")
    assert float(place.input_value()) < 40_000
    expect(page.locator(".dl-live .js-plotly-plot")).to_have_count(1)


def test_whoever_is_shown_a_run_can_report_it(visit, store):
    owner = Actor("somebody", Role.VISITOR)
    run = ended_run(store, owner.id)
    share(open_to(store, owner), [Thing(Kind.RUN, run.id)], Visibility.PUBLIC, actor=owner)

    page = opened(visit, f"/run?run={run.id}", width=390, height=844)
    page.get_by_role("button", name="Report this").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Advertising or spam").click()
    dialog.get_by_role("textbox").fill("They **sell** this.")
    dialog.get_by_role("button", name="Send").click()
    expect(page.get_by_text("It was reported.")).to_be_visible()
    expect(dialog).to_have_count(0)
    (complaint,) = store.complaints.open()
    assert (complaint.thing, complaint.owner, complaint.reporter) == (
        Thing(Kind.RUN, run.id), owner.id, visitor_of(store),
    )  # fmt: skip
    assert (complaint.ground, complaint.words) == (Ground.SPAM, "They **sell** this.")
