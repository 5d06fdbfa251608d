"""A real server and a real Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from dlcore.settings import Settings
from dlcore.store import Store
from tests.e2e.looks import WIDTHS

ROW, HEADER = 33, 33
"""Heights in the table of experiments, which is a canvas, in pixels."""
ROOT = Path(__file__).resolve().parents[2]
expect.set_options(timeout=60_000)  # a machine that trains beside is slow
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        message = "no Chromium found: install it (Debian: apt-get install chromium) to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@dataclass
class Server:
    url: str
    home: Path
    process: subprocess.Popen | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def start(self):
        port = self.url.rsplit(":", 1)[1]
        settings = {"DLCORE_HOME": str(self.home), "PYTHONWARNINGS": "default", **self.environment}
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", port, "--log-level", "warning"]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:
                assert self.process.poll() is None, (self.home / "server.log").read_text()
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end_worker(self):
        worker = Store.open(Settings(home=self.home)).workers.current()
        if worker is not None:
            os.kill(worker.pid, signal.SIGTERM)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    browser_path()
    running = Server(f"http://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("home"))
    running.start()
    yield running
    running.kill()
    running.end_worker()


@pytest.fixture(scope="module")
def quiet_server(tmp_path_factory):
    """A dashboard that may not start a supervisor, so that runs stay as a test put them."""
    browser_path()
    home = tmp_path_factory.mktemp("home")
    running = Server(f"http://127.0.0.1:{free_port()}", home, environment={"DLCORE_START_WORKER": "false"})
    running.start()
    yield running
    running.kill()


@pytest.fixture
def quiet_store(quiet_server):
    """A store that no supervisor works on, so that nothing but the test changes it."""
    store = Store.open(Settings(home=quiet_server.home))
    yield store
    store.close()


@pytest.fixture(scope="module")
def store(server):
    """The store of the server."""
    opened = Store.open(Settings(home=server.home))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def chromium():
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    arguments += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, server):
    context = chromium.new_context(
        base_url=server.url, viewport={"width": 1440, "height": 1000}, locale="en-US"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture(params=WIDTHS)
def width(request):
    """Of a phone, a tablet and a screen, in pixels."""
    return request.param


@pytest.fixture
def window(chromium, server, width):
    """A page at each width."""
    context = chromium.new_context(
        base_url=server.url, viewport={"width": width, "height": 1000}, locale="en-US"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def step(page: Page, name: str):
    """The link to a step of the experiment that a page is about."""
    return page.locator(".st-key-steps").get_by_role("link", name=name)


def choose_rows(page: Page, count: int) -> None:
    """Chooses the first rows of the table of experiments."""
    page.goto("/runs")
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    ready(page)
    box = table.bounding_box()
    for row in range(count):
        page.mouse.click(box["x"] + 15, box["y"] + HEADER + ROW * (row + 0.5))
        ready(page)


def begin_on(page: Page, dataset: str) -> None:
    """Begins an experiment on a dataset of the gallery, once that stands."""
    use = page.get_by_role("button", name=f"Use {dataset}")
    use.wait_for()
    ready(page)
    use.click()


def expect_step(page: Page, name: str) -> None:
    """Waits until the page is that of a step."""
    expect(page.locator(".st-key-step_here")).to_contain_text(name)


def ready(page: Page) -> None:
    """Waits until the script has run to its end."""
    page.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]").wait_for()
    page.wait_for_timeout(150)
    page.locator("[data-test-script-state=notRunning]").first.wait_for()
