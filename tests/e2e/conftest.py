"""A real server and a real Chromium."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect, sync_playwright

from dlcore.settings import Settings
from dlcore.store import Store
from tests.e2e.looks import WIDTHS
from tests.e2e.sessions import follow, ready
from tests.ports import reserved_port
from tests.waiting import PATIENCE, wait_for

ROW, HEADER = 33, 33
"""Heights in the table of experiments, which is a canvas, in pixels."""
ROOT = Path(__file__).resolve().parents[2]
expect.set_options(timeout=1000 * PATIENCE)  # a machine that trains beside is slow
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""The cheapest first: each new window of a whole browser draws a toolbar, which costs ten times an empty page."""


def browser_path():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        message = "browser tests need a Chromium (Debian: apt-get install chromium-headless-shell)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@dataclass
class Server:
    url: str
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen | None = None

    def start(self):
        port = self.url.rsplit(":", 1)[1]
        settings = {"DLCORE_HOME": str(self.home), "PYTHONWARNINGS": "default", **self.environment}
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", port, "--log-level", "warning"]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log
            )
        wait_for(self._is_up, what=(self.home / "server.log").read_text)

    def _is_up(self):
        assert self.process.poll() is None, (self.home / "server.log").read_text()
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
            return True
        return False

    def end(self):
        """Asks it to end, as whoever restarts it does, and waits."""
        self.process.terminate()
        self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()


@contextmanager
def running(home, **environment):
    """A dashboard in a home of its own."""
    browser_path()
    with reserved_port() as port:
        server = Server(f"http://127.0.0.1:{port}", home, environment)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A dashboard that may not start a supervisor, so that nothing but the test changes its store."""
    with running(tmp_path_factory.mktemp("home"), DLCORE_START_WORKER="false") as server:
        yield server


@contextmanager
def supervised(home, **environment):
    """A dashboard that starts a supervisor, which trains and does jobs."""
    try:
        with running(home, **environment) as server:
            yield server
    finally:  # once no server is there that would start another one
        store = Store.open(Settings(home=home))
        worker = store.workers.current()
        store.close()
        if worker is not None:
            os.kill(worker.pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def supervised_server(tmp_path_factory):
    """A dashboard with a supervisor, for the modules that take it as their `server`."""
    with supervised(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def store(server):
    """The store of the server."""
    opened = Store.open(Settings(home=server.home))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def chromium():
    """A browser for the tests of a module, no longer: while it is open, the process can run no event loop."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    arguments += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=arguments)
        follow(browser)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Adds to the report of a test that fails what its pages show by then."""
    report = yield
    if report.when == "call" and report.failed:
        for context in item.funcargs.get("visited", ()):
            report.sections += [("page", told(page)) for page in context.pages]
    return report


def told(page: Page):
    """The address and the texts of a page."""
    try:
        return f"{page.url}\n{page.locator('body').inner_text(timeout=5000)[:3000]}"
    except PlaywrightError as error:  # it may be what has failed
        return f"{page.url}\n{error}"


@pytest.fixture
def refusals():
    """What the security policy has refused on the pages that a test visits."""
    return []


@pytest.fixture
def visited():
    """The browsers that a test has opened."""
    return []


@pytest.fixture
def visit(chromium, server, refusals, visited):
    """Opens a browser of its own, which nobody has used, in a window of a size and in a language.

    Whatever a test visits, the security policy is one that lets all of it work.
    """

    def listen(message):
        if "Content Security Policy" in message.text:
            refusals.append(message.text)

    def begun(width=1440, height=1000, locale="en-US"):
        viewport = {"width": width, "height": height}
        context = chromium.new_context(base_url=server.url, viewport=viewport, locale=locale)
        context.set_default_timeout(1000 * PATIENCE)
        context.on("console", listen)
        visited.append(context)
        return context

    yield begun
    for context in visited:
        context.close()
    assert refusals == []


@pytest.fixture
def page(visit):
    return visit().new_page()


@pytest.fixture(params=WIDTHS)
def width(request):
    """Of a phone, a tablet and a screen, in pixels."""
    return request.param


@pytest.fixture
def window(visit, width):
    """A page at each width."""
    return visit(width).new_page()


def step(page: Page, name: str):
    """The link to a step of the experiment that a page is about."""
    return page.locator(".st-key-steps").get_by_role("link", name=name)


def choose_row(page: Page, row: int) -> None:
    """Chooses a row of the table of experiments, once that stands; the first is 0."""
    ready(page)
    page.get_by_test_id("stDataFrame").click(position={"x": 15, "y": HEADER + ROW * (row + 0.5)})
    ready(page)


def choose_rows(page: Page, count: int) -> None:
    """Chooses the first rows of the table of experiments."""
    page.goto("/runs")
    for row in range(count):
        choose_row(page, row)


def begin_on(page: Page, dataset: str) -> None:
    """Begins an experiment on a dataset of the gallery, once that stands."""
    use = page.get_by_role("button", name=f"Use {dataset}")
    use.wait_for()
    ready(page)
    use.click()


def expect_step(page: Page, name: str) -> None:
    """Waits until the page is that of a step."""
    expect(page.locator(".st-key-step_here")).to_contain_text(name)
