"""The formats on a run's page: what can be exported, what was, and how well it agrees."""

import dataclasses

import pytest

from dlcore.datasets import facts
from dlcore.datasets.prepare.saved import Preparation
from dlcore.design.templates import proposal
from dlcore.durable import write_json
from dlcore.errors import Message
from dlcore.exports import EXPORTS, Agreement, Export, in_browser
from dlcore.queue.exports import find_export, request_export
from dlcore.records import JobState
from dlcore.records.artifacts import MODEL_FILE, PREPARATION_FILE, RESULT_FILE

from .conftest import running, texts


@pytest.fixture
def run(here):
    """A run with a model."""
    run = running(here)
    folder = here.store.artifacts.create(run.id)
    (folder / MODEL_FILE).write_bytes(b"model")
    return run


@pytest.fixture
def page(open_page, run):
    def opened(run=run, language="en"):
        page = open_page("run", language, run=run.id)
        page.session_state["view"] = {"en": "Take away", "zh_CN": "导出"}[language]
        page.run()
        assert not page.exception
        return page

    return opened


def exported(here, run, made):
    """A finished export of a run, its file as long as it says."""
    job = request_export(here.store, run, made.format, owner=here.actor.id)
    assert here.store.jobs.start(job)
    job = here.store.jobs.get(job.id)
    folder = here.store.jobs.folder(job.id)
    folder.mkdir(parents=True)
    (folder / made.file).write_bytes(b"x" * made.bytes)
    write_json(folder / RESULT_FILE, made.to_dict())
    assert here.store.jobs.finish(job.id, job.attempt)
    return job


AGREES = Agreement(64, 2.5e-7, 0.75, {"accuracy": 0.96875}, {"accuracy": 0.953125})


def test_every_format_is_listed_with_a_button(page):
    shown = page()
    said = texts(shown)
    for made in EXPORTS.values():
        assert made.summary in said
        assert shown.button(key=f"export_{made.name}").label == "Export"


def test_export_requests_a_job_once(page, here, run):
    shown = page()
    shown.button(key="export_csv").click().run()
    job = find_export(here.store, run, "csv", owner=here.actor.id)
    assert job.state is JobState.QUEUED
    assert "Exporting …" in texts(shown)
    assert "export_csv" not in {button.key for button in shown.button}
    assert "export_onnx" in {button.key for button in shown.button}


def test_what_was_exported_is_offered_with_its_size_agreement_and_time(page, here, run):
    job = exported(here, run, Export("onnx", f"{run.id}.onnx", 1_500, AGREES))
    shown = page()
    (link,) = shown.get("link_button")
    assert (link.proto.label, link.proto.url) == ("Download", f"/api/exports/{job.id}")
    (line,) = [text for text in (one.value for one in shown.markdown) if "1.5 kB" in text]
    assert "differs by at most 2.5e-07 on 64 test samples" in line and "0.75 ms for one sample" in line
    assert "Accuracy 96.88% → 95.31%" in line


def test_a_metric_that_is_the_same_is_not_said(page, here, run):
    same = dataclasses.replace(AGREES, after=AGREES.before)
    exported(here, run, Export("onnx", "it.onnx", 1_500, same))
    (line,) = [one.value for one in page().markdown if "1.5 kB" in one.value]
    assert "→" not in line


def test_an_export_that_was_swept_away_is_offered_again(page, here, run):
    job = exported(here, run, Export("csv", "it.csv.zip", 10))
    (here.store.jobs.folder(job.id) / "it.csv.zip").unlink()
    shown = page()
    assert not shown.get("link_button")
    shown.button(key="export_csv").click().run()
    assert here.store.jobs.get(job.id).state is JobState.QUEUED


def test_why_one_failed_is_said_beside_its_button(page, here, run):
    job = request_export(here.store, run, "onnx", owner=here.actor.id)
    here.store.jobs.start(job)
    here.store.jobs.finish(job.id, 1, Message("the disk is full."))
    shown = page()
    assert ["The disk is full." in one.value for one in shown.error] == [True]
    assert shown.button(key="export_onnx").label == "Export"


def test_what_is_not_installed_says_the_line_instead_of_a_button(page, monkeypatch):
    monkeypatch.setattr(EXPORTS["onnx"].__class__, "packages", {"no_such_module": "onnx==1.23.2"})
    shown = page()
    assert "export_onnx" not in {button.key for button in shown.button}
    assert "Install on this server first: `python -m pip install onnx==1.23.2`" in texts(shown)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The model has 2.24 GB of weights, and a file of this format holds at most 1.98 GB."),
        ("zh_CN", "模型的权重有 2.24 GB，而该格式的文件最多容纳 1.98 GB。"),
    ],
)
def test_a_model_of_two_gigabytes_is_refused_where_the_file_cannot_hold_it(page, run, here, language, said):
    known = facts(run.dataset, here.settings)
    wide = [{"kind": "Flatten"}, *({"kind": "Dense", "units": units} for units in (20_000, 30_000)), "Dense"]
    spec = proposal(known).with_values({"model.layers": wide})
    how = Preparation(spec, known, {}, {"cleaning": []}, {})
    write_json(here.store.artifacts.folder(run.id) / PREPARATION_FILE, how.to_dict())
    shown = page(language=language)

    offered = {button.key for button in shown.button}
    assert said in texts(shown)
    assert {"export_keras", "export_savedmodel"} <= offered
    assert not {"export_onnx", "export_litert", "export_litert-int8"} & offered


def test_a_run_without_a_model_has_nothing_to_take_away_yet(page, here):
    shown = page(running(here))
    assert "Available once an epoch is done." in texts(shown)
    assert not [one for one in shown.button if (one.key or "").startswith("export_")]


def test_a_report_is_exported_in_the_language_of_the_page(page, here, run):
    shown = page(language="zh_CN")
    shown.button(key="export_report").click().run()
    chinese = find_export(here.store, run, "report", owner=here.actor.id, language="zh_CN")
    assert chinese.arguments["language"] == "zh_CN"
    assert find_export(here.store, run, "report", owner=here.actor.id) is None
    # A model is the same in every language.
    exported(here, run, Export("csv", "it.csv.zip", 10))
    assert find_export(here.store, run, "csv", owner=here.actor.id, language="zh_CN") is not None


def test_a_resumed_run_is_exported_anew(here, run):
    exported(here, run, Export("csv", "it.csv.zip", 10))
    longer = dataclasses.replace(run, epoch=run.epoch + 1)
    assert find_export(here.store, longer, "csv", owner=here.actor.id) is None


@pytest.fixture
def prepared(run, here):
    """The run's preparation, as its process leaves it."""
    known = facts(run.dataset, here.settings)
    how = Preparation(proposal(known), known, {}, {"cleaning": []}, {})
    write_json(here.store.artifacts.folder(run.id) / PREPARATION_FILE, how.to_dict())


def test_a_report_holds_the_model_where_that_is_chosen(page, here, run, prepared, monkeypatch):
    monkeypatch.setattr(in_browser, "read_runtime", lambda folder: {})
    shown = page()
    shown.checkbox(key="take_away_model").check().run()
    shown.button(key="export_report").click().run()
    (job,) = here.store.jobs.unfinished()
    assert (job.arguments["format"], job.arguments["try"]) == ("report", True)
    # The report without it is another file.
    assert find_export(here.store, run, "report", owner=here.actor.id) is None
    assert find_export(here.store, run, "report", owner=here.actor.id, holds_model=True).id == job.id


def test_why_a_report_can_hold_no_model_is_said_beside_the_choice(page, prepared, monkeypatch):
    monkeypatch.setattr(in_browser, "read_runtime", lambda folder: None)
    shown = page()
    assert shown.checkbox(key="take_away_model").disabled
    assert "Fetch it: `python -m dlcore browser-inference`" in texts(shown)
