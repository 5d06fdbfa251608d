"""A report opens from the disk with the network off, and nothing in it is run that a name holds."""

import dataclasses
import json
from functools import partial

import pytest
from playwright.sync_api import expect

from dlcore.datasets import facts
from dlcore.datasets.prepare.saved import Preparation
from dlcore.design.templates import proposal
from dlcore.durable import write_json
from dlcore.errors import Message
from dlcore.exports import EXPORTS, ExportedRun
from dlcore.exports.writing import export
from dlcore.queue import submit
from dlcore.records import Axis, Baseline, ClassScore, Evaluation, Scope, SeriesKey
from dlcore.records.artifacts import EVALUATION_FILE, PREPARATION_FILE
from dlcore.store import Store
from dlcore.store.run_records import read_records
from tests.exports.curves import add_curves
from tests.waiting import wait_for

NAME = "<script>document.title = 'run by a name'</script>"


@pytest.fixture
def report(settings, tmp_path):
    """The report of a run whose files are written by hand."""
    known, store = facts("digits", settings), Store.open(settings)
    spec = proposal(known)
    run = submit(store, spec, owner="local", name=NAME)
    folder = store.artifacts.create(run.id)
    write_json(folder / PREPARATION_FILE, Preparation(spec, known, {}, {"cleaning": []}, {}).to_dict())
    found = Evaluation(
        metrics={"accuracy": 0.9375},
        classes=known.classes,
        confusion=tuple(tuple(int(row == column) for column in range(10)) for row in range(10)),
        scores=tuple(ClassScore(name, 1.0, 1.0, 1.0, 1) for name in known.classes),
        mistakes=(),
        task=known.task.value,
        baselines=(Baseline(Message("the most common class"), {"accuracy": 0.125}, False, 9),),
    )
    (folder / EVALUATION_FILE).write_text(json.dumps(found.to_dict()))
    curves = [
        SeriesKey(name, scope, Axis.EPOCH)
        for name in ("loss", "accuracy")
        for scope in (Scope.TRAIN, Scope.VALIDATION)
    ]
    add_curves(store, run.id, {key: {1: 0.5, 2: 0.4, 3: 0.3} for key in curves})
    records = read_records(store, run.id)
    records = dataclasses.replace(records, run=dataclasses.replace(run, epoch=3))
    source = ExportedRun(records, folder, None, settings)
    yield tmp_path / export(source, EXPORTS["report"], tmp_path).file
    store.close()


def is_in_card(chart):
    card, plot = chart.bounding_box(), chart.locator(".main-svg").first.bounding_box()
    return card["x"] <= plot["x"] and plot["x"] + plot["width"] <= card["x"] + card["width"]


def test_a_report_opens_from_the_disk_without_a_network(chromium, report):
    context = chromium.new_context(offline=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    expect(page.locator("h1")).to_have_text(NAME)
    expect(page).to_have_title(NAME)
    # Two curves and the confusion matrix, each drawn.
    for place in range(3):
        expect(page.locator(".js-plotly-plot").nth(place).locator(".main-svg").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    for place in range(3):
        chart = page.locator(".chart").nth(place)
        wait_for(partial(is_in_card, chart))
    expect(page.get_by_text("81.2 percentage points better than the most common class.")).to_be_visible()
    expect(page.locator("pre")).to_contain_text("dataset:")
    assert [url for url in asked if url != report.as_uri()] == []
    assert said == []
    context.close()


def test_a_report_fits_a_phone(chromium, report):
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(report.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    wait_for(lambda: page.evaluate("document.documentElement.scrollWidth") <= 390)
    context.close()
