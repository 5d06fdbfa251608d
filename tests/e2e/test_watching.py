"""A live page in a real browser: one request a second, no script, none while it is hidden, and it comes back."""

import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from benchmarks.viewers import LiveRun, live_run
from dlcore.records import RunState
from tests.e2e.conftest import ready
from tests.waiting import wait_for

HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def run(store):
    """A run that is trained by a thread of the test."""
    made = live_run(store)
    writer = LiveRun(store, made)
    writer.start()
    yield made
    writer.stop()
    left = store.runs.get(made.id)
    if not left.state.final:
        store.runs.move(left, RunState.STOPPED)


class Traffic:
    """What a page asks of the server from now on."""

    def __init__(self, page):
        self.page, self.feeds, self.sent, self._more = page, [], 0, threading.Event()
        page.on("request", self._request)
        page.on("websocket", lambda socket: socket.on("framesent", self._frame))

    def _request(self, request):
        parts = urlsplit(request.url)
        if parts.path == "/api/feed":
            self.feeds.append([ask.partition(":")[0] for ask in parse_qs(parts.query)["ask"]])

    def _frame(self, _payload):
        self.sent += 1

    def wait_for_ticks(self, count):
        """Until so many more requests were sent."""
        goal = len(self.feeds) + count
        while len(self.feeds) < goal:
            with self.page.expect_request(lambda request: "/api/feed" in request.url):
                pass


def test_a_live_page_asks_once_a_second_and_runs_no_script_until_the_state_changes(page, store, run):
    traffic = Traffic(page)
    page.goto(f"/run?run={run.id}")
    ready(page)
    page.locator("[data-chart=loss] .main-svg").first.wait_for()
    # Numbers, curves, the machine's meters and the sidebar's status in each request.
    every = ["curves", "curves", "run", "status"]
    wait_for(
        lambda: traffic.wait_for_ticks(1) or sorted(traffic.feeds[-1]) == every, what=lambda: traffic.feeds
    )
    ready(page)
    step = page.get_by_text("Step").first
    before, sent, asked = step.inner_text(), traffic.sent, len(traffic.feeds)

    traffic.wait_for_ticks(5)
    assert traffic.sent == sent  # nothing went to Streamlit: no script ran
    assert all(sorted(topics) == every for topics in traffic.feeds[asked:])
    expect(step).not_to_have_text(before)

    state = page.get_by_role("status").get_by_text("running", exact=True)
    expect(state).to_be_visible()
    assert store.runs.move(store.runs.get(run.id), RunState.COMPLETED)
    expect(page.get_by_role("button", name="Duplicate as a new experiment")).to_be_visible()
    expect(page.get_by_role("status").get_by_text("completed", exact=True)).to_be_visible()
    assert traffic.sent > sent


def test_a_hidden_page_asks_nothing_and_catches_up_when_it_is_shown(page, run):
    traffic = Traffic(page)
    page.goto(f"/run?run={run.id}")
    ready(page)
    traffic.wait_for_ticks(2)
    page.evaluate(HIDE, True)
    page.wait_for_timeout(1_500)  # what was on its way arrives
    asked = len(traffic.feeds)
    page.wait_for_timeout(3_500)
    assert len(traffic.feeds) == asked
    page.evaluate(HIDE, False)
    traffic.wait_for_ticks(2)


def test_a_live_page_goes_on_when_the_server_comes_back(page, server, store, run):
    page.goto(f"/run?run={run.id}")
    ready(page)
    step = page.get_by_text("Step").first
    step.wait_for()
    # What the page is made of comes in pieces; none may be missing when nobody can send it any more.
    page.wait_for_load_state("networkidle")
    server.kill()
    page.wait_for_timeout(3_000)  # in which it asks in vain
    before = step.inner_text()
    server.start()
    expect(step).not_to_have_text(before)
    # And the page still follows: its session is another one, but its buttons change with the state.
    assert store.runs.move(store.runs.get(run.id), RunState.STOPPED)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_the_list_of_runs_moves_by_itself(page, store, run):
    traffic = Traffic(page)
    page.goto("/runs")
    ready(page)
    step = page.get_by_text("Step").first
    before = step.inner_text()
    sent = traffic.sent
    expect(step).not_to_have_text(before)
    assert traffic.sent == sent
    expect(page.get_by_text("1 running")).to_be_visible()
    assert store.runs.move(store.runs.get(run.id), RunState.STOPPED)
    expect(page.get_by_text("1 running")).to_have_count(0)
    expect(step).to_have_count(0)
