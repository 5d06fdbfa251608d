"""The textbook about a run of one's own: every layer of it, forward and back, and one step."""

import numpy as np
import pytest

from dlcore.analysis.learning.layers import entropy
from dlcore.datasets import facts
from dlcore.queue.mathematics import request_trace, trace_of
from dlcore.records import RunState
from dlcore.records.artifacts import MATHEMATICS_FILE, MODEL_FILE, PREDICTIONS_FILE
from dlcore.store.run_files import read_answers, read_evaluation
from tests.engine.trained import trained_run
from tests.queue.jobs import do_jobs
from tests.ui.conftest import parameter, running, texts

pytestmark = pytest.mark.keras


@pytest.fixture
def run(here):
    """A trained run of the digits that has ended."""
    run = trained_run(here.store, facts("digits", here.settings))
    for state in (RunState.STARTING, RunState.RUNNING, RunState.COMPLETED):
        here.store.runs.move(here.store.runs.get(run.id), state)
    return here.store.runs.get(run.id)


def test_every_layer_of_an_own_run_is_shown_forward_and_back_and_a_step_of_it(open_page, here, run):
    folder = here.store.artifacts.folder(run.id)
    sample = int(read_answers(folder, read_evaluation(folder)).rows[3])
    job = request_trace(here.store, run, "test", sample, owner=here.actor.id)
    do_jobs(here.store)
    trace, numbers = trace_of(here.store, here.store.jobs.get(job.id))
    answer, target = np.array(trace.answer), np.eye(10)[int(trace.target[0])]
    assert entropy(answer, target, from_logits=True)[0] == pytest.approx(trace.loss, abs=1e-5)
    assert numbers.output(len(trace.layers) - 1) == pytest.approx(answer, abs=1e-6)

    for topic in ("forward", "backward"):
        for place in range(len(trace.layers) + 1):
            page = open_page(
                "learn", topic=topic, run=run.id, part="test", sample=str(sample), layer=str(place + 1)
            )
            assert page.get("plotly_chart"), (topic, place)
            assert not page.error
    page = open_page("learn", topic="step", run=run.id, part="test", sample=str(sample))
    assert page.metric[0].value == f"{trace.loss:.6g}"
    assert page.number_input(key="learn_sample").value == sample
    back = [one.proto.query_string for one in page.get("page_link") if one.proto.label == "In the lab"]
    assert back == [f"run={run.id}&part=test&sample={sample}"]


def test_a_number_that_the_part_lacks_leads_to_the_next_sample_that_it_has(open_page, here, run):
    file = here.store.artifacts.folder(run.id) / PREDICTIONS_FILE
    with np.load(file) as kept:
        arrays = dict(kept)
    np.savez(file, **{**arrays, "rows": 3 * np.arange(len(arrays["rows"]))[::-1] + 30})
    page = open_page("learn", topic="forward", run=run.id, part="test", sample="36")
    page.number_input(key="learn_sample").set_value(37).run()
    assert parameter(page, "sample") == "39"
    page.number_input(key="learn_sample").set_value(38).run()
    assert parameter(page, "sample") == "36"


@pytest.mark.parametrize("crafted", ["²", "9" * 5_000, "-1", "../..", "1e9"])
def test_a_sample_or_layer_that_no_address_can_mean_is_the_first(open_page, here, run, crafted):
    folder = here.store.artifacts.folder(run.id)
    first = int(read_answers(folder, read_evaluation(folder)).rows.min())
    request_trace(here.store, run, "test", first, owner=here.actor.id)
    do_jobs(here.store)
    page = open_page("learn", topic="forward", run=run.id, part="test", sample=crafted, layer=crafted)

    assert page.number_input(key="learn_sample").value == first
    assert page.selectbox(key="learn_stage_forward").value == 0


def test_numbers_that_were_swept_away_can_be_requested_again(open_page, here, run):
    folder = here.store.artifacts.folder(run.id)
    first = int(read_answers(folder, read_evaluation(folder)).rows[0])
    job = request_trace(here.store, run, "test", first, owner=here.actor.id)
    do_jobs(here.store)
    (here.store.jobs.folder(job.id) / MATHEMATICS_FILE).unlink()
    page = open_page("learn", topic="forward", run=run.id, part="test", sample=str(first))

    assert "this result is no longer kept" in page.error[0].value
    assert page.button(key="learn_retry")


def test_a_run_of_somebody_else_is_not_offered(open_page, here):
    other = running(here, owner="somebody")
    here.store.runs.move(other, RunState.COMPLETED)
    (here.store.artifacts.create(other.id) / MODEL_FILE).write_bytes(b"model")

    page = open_page("learn", topic="forward", run=other.id)

    assert "you have none yet" in texts(page)
    assert not page.selectbox
