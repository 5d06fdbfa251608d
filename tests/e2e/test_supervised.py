"""What a supervisor at work makes of what a person does: runs, a search, a preview, a model of their own."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from dlcore.access.actors import Actor
from dlcore.queue.ready import example
from dlcore.queue.studies import change
from dlcore.records import StudyState
from tests.e2e.conftest import begin_on, expect_step, ready, step
from tests.models.samples import dense, keras_file, layer, sequential, weights
from tests.waiting import wait_for

pytestmark = [pytest.mark.keras, pytest.mark.processes]


@pytest.fixture(scope="module")
def server(supervised_server):
    """One for all: its supervisor takes longer to start than most of these tests."""
    return supervised_server


@pytest.fixture
def draft(store):
    """A draft of this test's own."""
    return store.drafts.create(example().to_dict(), owner="local").id


LOSS = "[data-chart=loss]"
POINTS = "document.querySelector('[data-chart=loss]').data[0].x.length"
RANGE = "document.querySelector('[data-chart=loss]').layout.xaxis.range"


def wait_for_points(page, more_than):
    """Not `wait_for_function`: the page's own security policy forbids it to evaluate strings."""
    wait_for(lambda: page.evaluate(POINTS) > more_than, what=lambda: page.evaluate(POINTS))


def test_a_person_goes_from_a_dataset_to_an_evaluated_network(page):
    page.goto("/")
    ready(page)
    page.get_by_role("link", name="Start your own").click()
    begin_on(page, "digits")
    expect_step(page, "Data")
    expect(page.get_by_text("1,438 + 359")).to_be_visible()

    step(page, "Network").click()
    expect_step(page, "Network")
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.get_by_text("38,602").first).to_be_visible()
    page.locator(".st-key-layer_conv2d button").click()
    filters = page.get_by_role("spinbutton", name="Filters")
    filters.fill("16")
    filters.press("Enter")
    expect(page.get_by_text("38,602")).to_have_count(0)

    step(page, "Training").click()
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill("90000")
    epochs.press("Enter")
    expect(page.get_by_text(re.compile("90000 × "))).to_be_visible()
    # What is proposed would stop by itself before anybody does.
    patience = page.get_by_role("spinbutton", name="Patience")
    patience.fill("10000")
    patience.press("Enter")
    ready(page)
    page.get_by_role("button", name="Start training").click()

    page.wait_for_url(re.compile(r"/run\?.*run="))
    page.locator(LOSS).wait_for()
    wait_for_points(page, more_than=3)
    before = page.evaluate(POINTS)
    page.evaluate(f"Plotly.relayout(document.querySelector('{LOSS}'), {{'xaxis.range': [1, 50]}})")
    wait_for_points(page, more_than=before + 3)
    assert page.evaluate(RANGE) == [1, 50]

    page.reload()
    page.locator(LOSS).wait_for()
    wait_for_points(page, more_than=before)

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("stopped", exact=True).first).to_be_visible()
    done = int(re.search(r"(\d+) of 90000 epochs", page.inner_text("body")).group(1))
    page.get_by_role("button", name="More", exact=True).click()
    resume_epochs = page.get_by_role("spinbutton", name="Epochs in all")
    resume_epochs.fill(str(done + 3))
    resume_epochs.press("Enter")
    ready(page)
    page.get_by_role("button", name="Train to there").click()
    expect(page.get_by_text("completed", exact=True).first).to_be_visible()
    expect(page.get_by_text(f"{done + 3} epochs")).to_be_visible()

    page.get_by_role("tab", name="Evaluation").click()
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    expect(page.get_by_role("heading", name="By class")).to_be_visible()


def test_a_deep_link_to_a_run_works_on_a_cold_server(page, server):
    page.goto("/new")
    ready(page)
    page.get_by_role("button", name="Train the example now").click()
    page.wait_for_url(re.compile(r"/run\?.*run="))
    address = page.url
    server.kill()
    server.start()

    page.goto(address)

    expect(page.get_by_role("heading", name=re.compile("digits · cnn"))).to_be_visible()
    expect(page.get_by_role("link", name="Data", exact=True)).to_be_visible()
    expect(page.get_by_text("completed", exact=True).first).to_be_visible()


TRIALS = 5_000
"""More than any machine gets done before somebody pauses the search."""


def switch(page, path):
    """The switch beside a field."""
    return page.locator(f"[class*='-space-{path.replace('.', '-')}-on'] button:visible")


def test_a_search_is_defined_by_switches_run_paused_and_taken_further(page, store, draft):
    page.goto(f"/train?draft={draft}")
    ready(page)
    page.get_by_role("radio", name="Search").click()
    ready(page)
    for field in ("training.optimizer.learning_rate", "training.batch_size"):
        expect(switch(page, field)).to_have_count(1)
        switch(page, field).click()
        ready(page)
    page.get_by_role("spinbutton", name="Epochs").fill("3")
    page.get_by_role("spinbutton", name="Epochs").press("Enter")
    ready(page)
    expect(page.get_by_role("row", name="Dimensions 2")).to_be_visible()

    step(page, "Search").click()
    ready(page)
    trials = page.get_by_role("spinbutton", name="Trials", exact=True)
    trials.fill(str(TRIALS))
    trials.press("Enter")
    ready(page)
    page.get_by_role("button", name="Start the search").click()
    page.wait_for_url("**/study?study=*")
    (study,) = store.studies.list()
    assert set(study.spec["space"]) == {"training.optimizer.learning_rate", "training.batch_size"}
    assert study.max_trials == TRIALS

    wait_for(lambda: store.studies.get(study.id).finished >= 1)
    page.locator(".dl-study .main-svg").first.wait_for()
    page.get_by_role("button", name="Pause").click()
    wait_for(lambda: store.studies.get(study.id).state is StudyState.PAUSED)
    wait_for(lambda: not any(not run.state.final for run in store.runs.list(study=study.id)))
    done = store.studies.get(study.id).finished
    assert 1 <= done < TRIALS
    drawn = "() => document.querySelector('.dl-study').data?.[0].x.length ?? 0"
    page.wait_for_function(f"({drawn})() === {done}")

    change(store, study.id, actor=Actor("local"), max_trials=done + 3)
    page.get_by_role("button", name="Continue").click()
    wait_for(lambda: store.studies.get(study.id).state is not StudyState.PAUSED)
    wait_for(lambda: store.studies.get(study.id).state is StudyState.COMPLETED)
    page.wait_for_function(f"({drawn})() >= {done + 1}")
    expect(page.get_by_text("completed").first).to_be_visible()
    ended = store.studies.get(study.id)
    assert (ended.finished, len(store.studies.trials(study.id))) == (done + 3, done + 3)

    page.get_by_role("button", name="Use these parameters").first.click()
    page.wait_for_url("**/build*")
    ready(page)
    best = store.studies.trial(study.id, ended.best)
    draft = store.drafts.latest(owner="local").spec
    assert draft["training"]["optimizer"]["learning_rate"] == best.params["training.optimizer.learning_rate"]
    assert draft["training"]["batch_size"] == best.params["training.batch_size"]


def test_a_chosen_step_shows_at_once_what_it_makes_of_the_samples(page, draft):
    page.goto(f"/data?draft={draft}")
    ready(page)
    page.get_by_role("tab", name="Augmentation").click()
    expect(page.get_by_text("Choose a step")).to_be_visible()
    page.get_by_role("combobox", name="Add augmentation").click()
    page.keyboard.type("RandomRotation")
    page.get_by_role("option", name="RandomRotation").click()
    explained = page.get_by_text("Left: the sample as it is.")
    explained.wait_for()
    picture = page.get_by_test_id("stImage").locator("img")
    ready(page)
    first = picture.get_attribute("src")

    factor = page.get_by_role("spinbutton", name="Factor")
    factor.fill("0.5")
    factor.press("Enter")
    expect(picture).not_to_have_attribute("src", first)
    expect(explained).to_be_visible()


UNITS = 900_000
"""So many that the file takes 58 MB."""


def large_model(path):
    def grow(file):
        del file["layers/dense/vars/0"], file["layers/dense/vars/1"]
        file["layers/dense/vars/0"] = np.ones((16, UNITS), np.float32)

    network = sequential(layer("Flatten"), dense(units=UNITS, use_bias=False), shape=(4, 4, 1))
    return keras_file(path, network, weights(grow))


def test_a_large_model_is_sent_found_after_a_reload_and_fine_tuned(page, store, draft, tmp_path):
    page.goto(f"/build?draft={draft}&view=file")
    ready(page)
    page.locator(".up-input").set_input_files(large_model(tmp_path / "large.keras"))
    expect(page.get_by_text("2 layers · 14.4 M parameters · Input 4 × 4 × 1")).to_be_visible()

    page.reload()
    expect(page.get_by_text("large.keras · 57.6 MB")).to_be_visible()
    ready(page)
    page.get_by_role("button", name="Fine-tune").click()

    def tuned():
        draft = store.drafts.latest(owner="local")
        return draft is not None and draft.spec.get("fine_tuning")

    wait_for(tuned)
    assert tuned()["source"]["kind"] == "FromModel"
