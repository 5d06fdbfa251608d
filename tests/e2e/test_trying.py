"""A person draws a digit, and the run's model says which one it is."""

import re
from urllib.parse import urlencode

import psutil
import pytest
from playwright.sync_api import expect

from dlcore.datasets import facts, open_samples
from dlcore.datasets.drawing import drawn_pixels
from dlcore.datasets.summary import dataset_style
from dlcore.queue.exports import exported_file, request_export
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec
from dlcore.store import Store
from dlcore.ui.components.data_address import read_address
from tests.browser.here import needs_runtime
from tests.e2e.conftest import ready
from tests.e2e.looks import WIDTHS, faults
from tests.engine.trained import trained_run
from tests.queue.jobs import do_jobs
from tests.waiting import wait_for

pytestmark = pytest.mark.keras
SHEET = "Draw with the mouse or a finger."


@pytest.fixture(scope="module")
def run(server):
    """A run on digits, trained for a few epochs."""
    settings = Settings(home=server.home)
    store = Store.open(settings)
    made = trained_run(store, facts("digits", settings), epochs=8)
    store.close()
    return made.id


@pytest.fixture(scope="module")
def other(server):
    """Another one, of which no browser has asked anything."""
    settings = Settings(home=server.home)
    store = Store.open(settings)
    made = trained_run(store, facts("digits", settings))
    store.close()
    return made.id


def opened(page, run, **query):
    """The run's page with the tab Try it, and the model loaded."""
    page.goto(f"/run?{urlencode({'run': run, 'view': 'try', **query})}")
    expect(page.get_by_text("The answer appears here as soon as something is given.").first).to_be_visible()
    ready(page)
    return page


@pytest.fixture
def tab(page, run):
    return opened(page, run)


def stroke(page, points):
    """Draws with the mouse on the sheet; points are shares of its side."""
    box = page.get_by_role("img", name=SHEET).bounding_box()
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
    tab.get_by_role("radio", name="Open a picture").click()
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
    tab.get_by_role("button", name="Take a photo").click()  # it can be pressed once there is a picture
    expect(tab.get_by_role("img", name="The photo")).to_be_visible()
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    tab.get_by_role("button", name="Take another one").click()
    expect(tab.get_by_text("The answer appears here as soon as something is given.")).to_be_visible()
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


def make_ready(server, run):
    """Does what a browser waits for: the run's export, made once."""
    store = Store.open(Settings(home=server.home))
    request_export(store, store.runs.get(run), "onnx", owner="local")
    do_jobs(store)
    store.close()


@pytest.fixture(scope="module")
def in_onnx(server, run):
    make_ready(server, run)


PICTURE = """([width, height]) => new Promise((resolve) => {
    const canvas = Object.assign(document.createElement("canvas"), {width, height});
    const pen = canvas.getContext("2d");
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = "white";
    pen.fillRect(width * 3 / 8, height / 8, width / 4, height * 6 / 8);
    canvas.toBlob(async (blob) => resolve(Array.from(new Uint8Array(await blob.arrayBuffer()))));
})"""
"""An upright stroke, light on dark."""


def picture_file(page, name, *size):
    return {"name": name, "mimeType": "image/png", "buffer": bytes(page.evaluate(PICTURE, list(size)))}


@needs_runtime
def test_what_is_given_stays_while_the_model_is_made_ready_and_is_answered_then(page, server, other):
    """The server has no supervisor: the job waits until the test does it."""
    tab = opened(page, other)
    tab.get_by_role("radio", name="Open a picture").click()
    ready(tab)  # a page that is still being drawn would begin the upload again
    tab.locator("input[type=file]").set_input_files(picture_file(tab, "mine.png", 8, 8))
    expect(tab.get_by_text("mine.png")).to_be_visible()
    tab.get_by_role("radio", name="Draw it").click()
    stroke(tab, [(0.5, 0.2), (0.5, 0.8)])
    expect(tab.get_by_text(re.compile(r"Answered in \d+ ms\.$"))).to_be_visible()
    paper = tab.locator(".sheet-paper")
    drawn = paper.evaluate("(canvas) => canvas.toDataURL()")
    handle = paper.element_handle()
    tab.get_by_role("radio", name="In this browser").click()
    expect(tab.get_by_text("Making the model ready for browsers")).to_be_visible()
    expect(tab.get_by_text("Until then, the server answers.")).to_be_visible()
    expect(tab.get_by_text(re.compile(r"Answered in \d+ ms\.$"))).to_be_visible()
    assert handle.evaluate("(canvas) => canvas.isConnected && canvas.toDataURL()") == drawn

    make_ready(server, other)
    expect(tab.get_by_text("Answered in this browser in")).to_be_visible()
    assert handle.evaluate("(canvas) => canvas.isConnected && canvas.toDataURL()") == drawn
    # The picture that was sent to the server before is there, too, and what was drawn when one comes back to it.
    tab.get_by_role("radio", name="Open a picture").click()
    expect(tab.get_by_text("mine.png")).to_be_visible()
    expect(tab.get_by_text("8 × 8")).to_be_visible()
    expect(tab.get_by_text("Answered in this browser in")).to_be_visible()
    tab.get_by_role("radio", name="Draw it").click()
    expect(tab.get_by_role("button", name="Clear")).to_be_enabled()
    tab.get_by_role("button", name="Clear").click()
    expect(tab.locator(".answer").get_by_text("The answer appears here")).to_be_visible()


@needs_runtime
def test_photographs_samples_and_several_runs_are_answered_in_the_browser(page, server, run, other, in_onnx):
    make_ready(server, other)
    tab = opened(page, run, on="browser", beside=other)
    expect(tab.locator(".answer").get_by_text("The answer appears here")).to_have_count(2)
    answered = tab.get_by_text("Answered in this browser in")
    tab.get_by_role("radio", name="Sample").click()
    expect(answered).to_have_count(2)
    expect(tab.get_by_text(re.compile(r"^They (agree|differ)\.$"))).to_be_visible()
    for _ in range(2):
        tab.get_by_role("button", name="Ask the server, too").first.click()
        ready(tab)
    expect(tab.get_by_text("The server gives the same answer")).to_have_count(2)
    tab.get_by_role("radio", name="Camera").click()
    expect(answered).to_have_count(0)
    tab.get_by_role("button", name="Take a photo").click()
    expect(answered).to_have_count(2)
    # It stays where the other place answers.
    tab.get_by_role("radio", name="On the server").click()
    expect(tab.get_by_text(re.compile(r"Answered in \d+ ms\.$"))).to_have_count(2)
    expect(tab.get_by_role("img", name="The photo")).to_be_visible()


@needs_runtime
def test_a_browser_answers_as_the_server_does_and_asks_it_nothing(tab, in_onnx):
    tab.get_by_role("radio", name="In this browser").click()
    # It is said once the model is loaded.
    expect(tab.locator(".answer").get_by_text("The answer appears here")).to_be_visible()
    ready(tab)
    sent = []
    tab.on("websocket", lambda one: sent.append(one.url))
    tab.on("request", lambda one: sent.append(one.url) if "/api/feed" not in one.url else None)
    stroke(tab, [(0.5, 0.2), (0.5, 0.8)])
    expect(tab.get_by_role("heading", level=2, name="1", exact=True)).to_be_visible()
    expect(tab.get_by_text("Answered in this browser in")).to_be_visible()
    assert sent == []
    tab.get_by_role("button", name="Ask the server, too").click()
    said = tab.get_by_text("The server gives the same answer; the values differ by at most")
    expect(said).to_be_visible()
    assert float(said.inner_text().rstrip(".").rsplit(" ", 1)[1]) < 1e-4
    # What is drawn stays where the other place answers.
    tab.get_by_role("radio", name="On the server").click()
    expect(tab.get_by_text(re.compile(r"Answered in \d+ ms\.$"))).to_be_visible()


@needs_runtime
def test_a_picture_is_answered_in_the_browser_at_every_width(tab, in_onnx):
    tab.get_by_role("radio", name="In this browser").click()
    tab.get_by_role("radio", name="Open a picture").click()
    tab.locator(".picture-input").set_input_files(picture_file(tab, "mine.png", 30, 20))
    expect(tab.get_by_text("mine.png")).to_be_visible()
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    tab.get_by_role("button", name="Ask the server, too").click()
    expect(tab.get_by_text("The server gives the same answer")).to_be_visible()
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 1000})
        wait_for(lambda: faults(tab) == [], what=lambda: faults(tab))


@pytest.mark.acceptance
def test_a_process_that_is_killed_in_mid_answer_is_said_and_the_next_question_is_answered(tab, server):
    children = psutil.Process(server.process.pid).children()
    (predictor,) = [one for one in children if "dlcore.processes.predictor" in one.cmdline()]
    predictor.suspend()
    stroke(tab, [(0.5, 0.2), (0.5, 0.8)])
    expect(tab.locator("[data-test-script-state=running]").first).to_be_visible()
    predictor.kill()
    expect(tab.get_by_text("The process that answers ended unexpectedly")).to_be_visible()
    stroke(tab, [(0.4, 0.2), (0.6, 0.2)])
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    expect(tab.get_by_text("The process that answers ended unexpectedly")).to_have_count(0)


@pytest.fixture(scope="module")
def report(server, run, tmp_path_factory):
    """A report that holds the run's model, as it was downloaded."""
    store = Store.open(Settings(home=server.home))
    job = request_export(store, store.runs.get(run), "report", owner="local", holds_model=True)
    do_jobs(store)
    path = tmp_path_factory.mktemp("disk") / "report.html"
    path.write_bytes(exported_file(store, job).path.read_bytes())
    store.close()
    return path


def answered_by_server(server, run, png):
    """The shares that the server says, the highest first, as the report writes them."""
    from dlcore.engine.predictor import Predictor

    folder = Settings(home=server.home).runs_dir / run
    asked = Predictor.open(folder)
    style = dataset_style(open_samples(DatasetSpec(name="digits"), Settings(home=server.home)))
    (one,) = asked.predict(drawn_pixels(png, style, asked.preparation.facts))
    best = sorted(one.values.items(), key=lambda pair: -pair[1])[:5]
    return [f"{name} {value:.1%}" for name, value in best]


@needs_runtime
def test_a_report_answers_from_the_disk_without_a_network_as_the_server_does(chromium, server, run, report):
    context = chromium.new_context(offline=True, viewport={"width": 1200, "height": 900}, locale="en-US")
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda one: asked.append(one.url) if not one.url.startswith("blob:") else None)
    page.on("console", lambda line: said.append(line.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    stroke(page, [(0.3, 0.25), (0.7, 0.25), (0.45, 0.85)])

    expect(page.get_by_text(re.compile(r"Answered in this browser in \d+ ms"))).to_be_visible()
    shown = [" ".join(line.inner_text().split()) for line in page.locator(".answer-bars li").all()]
    drawing = page.locator(".sheet-paper").evaluate("(canvas) => canvas.toDataURL('image/png')")
    assert shown == answered_by_server(server, run, read_address(drawing, most=10**6))
    assert asked == [report.as_uri()] and said == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # Charts follow the window a moment later.
        wait_for(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    context.close()
