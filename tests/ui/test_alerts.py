"""Alerts on the pages: counted until they are seen, each person's own, and told to the browser."""

import pytest
from starlette.testclient import TestClient

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.records.alerts import AlertKind, Sign
from tests.store.samples import of_trial
from tests.store.test_annotations import STUDY
from tests.ui.conftest import running, texts, view

OVERFITS = Sign(AlertKind.OVERFITTING, 7)
SENTENCE = "It overfits: its validation loss has risen since epoch 7, its training loss has not."


@pytest.fixture
def run(here):
    """A run of one's own with an alert."""
    made = submit(here.store, example(), owner=here.actor.id)
    here.store.alerts.add(made.id, OVERFITS)
    return made


def opened(page):
    """The page with the list of alerts open."""
    page.session_state["alerts"] = True
    page.run()
    assert not page.exception, page.exception
    return page


def test_the_list_of_alerts_leads_to_their_runs_and_is_emptied_by_a_click(open_page, here, run):
    page = opened(open_page("data"))
    assert SENTENCE in texts(page)
    assert f"run={run.id}" in [link.proto.query_string for link in page.get("page_link")]
    page.button(key="alerts_seen").click().run()
    assert here.store.alerts.count_unseen(owner=here.actor.id) == 0
    page = opened(page)
    assert "alerts_seen" not in [button.key for button in page.button]
    assert SENTENCE in texts(page)


def test_without_alerts_the_list_says_what_would_stand_there(open_page):
    assert "Here it says when a run or a search has ended" in texts(opened(open_page("data")))


def test_a_run_wears_its_alert_and_counts_as_seen_once_its_owner_has_opened_it(open_page, here, run):
    before = view(open_page("data"), "status")["page"]
    badges = view(open_page("run", run=run.id), "run")["badges"]
    assert [(badge["text"], badge["help"]) for badge in badges] == [("queued", ""), ("overfits", SENTENCE)]
    assert here.store.alerts.count_unseen(owner=here.actor.id) == 0
    assert view(open_page("data"), "status")["page"] != before


def test_somebody_elses_alerts_are_neither_counted_nor_seen(open_page, here):
    foreign = submit(here.store, example(), owner="eve")
    here.store.alerts.add(foreign.id, OVERFITS)
    assert SENTENCE not in texts(opened(open_page("data")))
    open_page("run", run=foreign.id)
    assert here.store.alerts.count_unseen(owner="eve") == 1


def test_what_trials_show_is_one_line_that_leads_to_their_search(open_page, here):
    study = here.store.studies.create(**{**STUDY, "owner": here.actor.id}, name="widths")
    for number in range(3):
        here.store.alerts.add(of_trial(here.store, study, number).id, Sign(AlertKind.NAN, 2))
    page = opened(open_page("data"))
    assert texts(page).count("Trials whose loss was no longer a finite number: 3.") == 1
    assert f"study={study.id}" in [link.proto.query_string for link in page.get("page_link")]
    badges = view(open_page("study", study=study.id), "study")["badges"]
    assert "not a number: 3" in [badge["text"] for badge in badges]
    assert here.store.alerts.count_unseen(owner=here.actor.id) == 0


def test_how_a_run_ended_is_told_by_its_state_alone(open_page, here):
    run = running(here)
    here.store.runs.move(run, RunState.COMPLETED)
    here.store.alerts.add(run.id, Sign(AlertKind.FINISHED))
    assert [badge["text"] for badge in view(open_page("run", run=run.id), "run")["badges"]] == ["completed"]


def test_the_browser_is_told_of_ones_own_unseen_alerts_in_ones_language(here, run):
    from app import app

    foreign = submit(here.store, example(), owner="eve")
    here.store.alerts.add(foreign.id, OVERFITS)
    client = TestClient(app, base_url="http://localhost")
    (news,) = client.get("/api/feed?ask=alerts::&lang=en").json()
    (told,) = news["view"]
    assert (told["address"], told["title"], told["text"]) == (f"/run?run={run.id}", run.name, SENTENCE)
    assert client.get(f"/api/feed?ask=alerts::{news['tag']}&lang=en").status_code == 204
    (chinese,) = client.get("/api/feed?ask=alerts::&lang=zh_CN").json()
    assert "过拟合" in chinese["view"][0]["text"]
