"""A person defines a search by switches, runs it, pauses it, lets it go on, and takes the best further."""

from contextlib import suppress

import pytest
from playwright.sync_api import expect

from dlcore.queue.studies import change
from dlcore.records import StudyState
from dlcore.settings import Settings
from dlcore.store import Store
from tests.e2e.conftest import ready, step
from tests.waiting import wait_for

pytestmark = [pytest.mark.keras, pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(280)]

TRIALS = 5_000
"""More than any machine gets done before somebody pauses the search."""


@pytest.fixture
def store(server):
    opened = Store.open(Settings(home=server.home))
    yield opened
    opened.close()


def switch(page, path):
    """The switch beside a field."""
    return page.locator(f"[class*='-space-{path.replace('.', '-')}-on'] button:visible")


def press(page, name, done):
    """Presses a button as a person does: again, if the page was just about to change under the click."""
    for _ in range(12):
        ready(page)
        if page.get_by_role("button", name=name).count():
            page.get_by_role("button", name=name).click()
        with suppress(AssertionError):
            return wait_for(done, 5)
    raise AssertionError(f"{name} had no effect")


def test_a_search_is_defined_by_switches_run_paused_and_taken_further(page, store):
    page.goto("/train")
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
    press(page, "Pause", lambda: store.studies.get(study.id).state is StudyState.PAUSED)
    wait_for(lambda: not any(not run.state.final for run in store.runs.list(study=study.id)))
    done = store.studies.get(study.id).finished
    assert 1 <= done < TRIALS
    drawn = "() => document.querySelector('.dl-study').data?.[0].x.length ?? 0"
    page.wait_for_function(f"({drawn})() === {done}")

    change(store, study.id, actor="local", max_trials=done + 3)
    press(page, "Continue", lambda: store.studies.get(study.id).state is not StudyState.PAUSED)
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
