"""A person draws a digit, and the run's model says which one it is."""

import re

import pytest
from playwright.sync_api import expect

from dlcore.datasets import facts, open_samples
from dlcore.datasets.drawing import drawn_pixels
from dlcore.datasets.summary import dataset_style
from dlcore.queue.exports import exported_file, request_export
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec
from dlcore.store import Store
from dlcore.ui.components.sheet import read_png
from tests.browser.here import needs_runtime
from tests.e2e.conftest import ready
from tests.e2e.looks import WIDTHS, faults
from tests.engine.trained import trained_run
from tests.queue.jobs import do_jobs
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.keras]


@pytest.fixture(scope="module")
def run(server):
    """A run on digits, trained for a few epochs."""
    settings = Settings(home=server.home)
    store = Store.open(settings)
    made = trained_run(store, facts("digits", settings), epochs=8)
    store.close()
    return made.id


@pytest.fixture
def tab(page, run):
    """The run's page with the tab Try it, and the model loaded."""
    page.goto(f"/run?run={run}&view=try")
    expect(page.get_by_text("The answer appears here as soon as something is given.")).to_be_visible()
    ready(page)
    return page


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


@pytest.fixture(scope="module")
def in_onnx(server, run):
    """The run's export for browsers, made once."""
    store = Store.open(Settings(home=server.home))
    request_export(store, store.runs.get(run), "onnx", owner="local")
    do_jobs(store)
    store.close()


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
    picture = """() => new Promise((resolve) => {
        const canvas = Object.assign(document.createElement("canvas"), {width: 30, height: 20});
        canvas.getContext("2d").fillRect(3, 1, 9, 6);
        canvas.toBlob(async (blob) => resolve(Array.from(new Uint8Array(await blob.arrayBuffer()))));
    })"""
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": bytes(tab.evaluate(picture))}
    tab.locator(".picture-input").set_input_files(file)
    expect(tab.get_by_text("mine.png")).to_be_visible()
    expect(tab.get_by_text(re.compile(r"\d+% confident"))).to_be_visible()
    tab.get_by_role("button", name="Ask the server, too").click()
    expect(tab.get_by_text("The server gives the same answer")).to_be_visible()
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 1000})
        wait_for(lambda: faults(tab) == [], what=lambda: faults(tab))


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
    assert shown == answered_by_server(server, run, read_png(drawing))
    assert asked == [report.as_uri()] and said == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # Charts follow the window a moment later.
        wait_for(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
    context.close()
