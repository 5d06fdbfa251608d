"""Alerts are posted as one JSON each; an address that fails hurts nothing."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from dlcore.errors import Message
from dlcore.records import AnnotationEdit, RunState, StudyState, TrialState
from dlcore.records.alerts import AlertKind, Sign
from dlcore.worker.webhook import Webhook, payload
from tests.store.samples import in_state, queued
from tests.store.test_annotations import STUDY

OVERFITS = Sign(AlertKind.OVERFITTING, 3)


class Receiver:
    """A server that keeps what is posted, and answers what it is told to."""

    def __init__(self, *answers):
        self.posts, self.answers = [], list(answers)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/services/secret"


@pytest.fixture
def receive():
    made = []

    def receiving(*answers):
        made.append(Receiver(*answers))
        return made[-1]

    yield receiving
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def post(url, run, sign=OVERFITS):
    """Posts an alert; returns the lines of the log."""
    lines = []
    hook = Webhook(url, log=lines.append, pauses=(0.0, 0.0))
    hook.send(run, sign)
    hook.join()
    return lines


def test_an_alert_is_posted_as_slack_takes_it_with_its_facts_in_fields(store, receive):
    receiver = receive()
    run = queued(store, name="digits · cnn · 1")
    assert post(receiver.url, replace(run, summary={"validation": {"loss": 0.5}})) == []
    ((path, kind, content),) = receiver.posts
    assert (path, kind) == ("/services/secret", "application/json")
    assert content == {
        "text": "digits · cnn · 1: It overfits: its validation loss has risen since epoch 3, "
        "its training loss has not.",
        "kind": "overfitting",
        "epoch": 3,
        "run": run.id,
        "name": "digits · cnn · 1",
        "state": "queued",
        "dataset": "digits",
        "tags": [],
        "metrics": {"validation": {"loss": 0.5}},
    }


def test_a_name_calls_nobody_in_slack(store):
    run = queued(store, name="<!channel> & more")
    assert payload(run, OVERFITS)["text"].startswith("&lt;!channel&gt; &amp; more: It overfits")
    assert payload(run, OVERFITS)["name"] == "<!channel> & more"


def test_a_failed_run_says_why(store):
    run = replace(in_state(store, RunState.FAILED), reason=Message("its process was killed."))
    assert payload(run, Sign(AlertKind.FAILED))["text"] == "a run: It has failed. its process was killed."


def test_a_search_has_its_own_field_and_counts_its_trials(store):
    study = store.studies.create(**STUDY, name="widths")
    study = replace(study, counts={TrialState.COMPLETE: 17, TrialState.FAIL: 3}, best_value=0.25)
    content = payload(study, Sign(AlertKind.NAN, trials=1))
    assert content == {
        "text": "widths: Trials whose loss was no longer a finite number: 1.", "kind": "nan", "epoch": None,
        "search": study.id, "name": "widths", "state": "running", "dataset": "digits", "tags": [],
        "metrics": {"validation": {"loss": 0.25}}, "trials": {"complete": 17, "fail": 3},
    }  # fmt: skip


def test_a_search_that_paused_says_why(store):
    study = store.studies.create(**STUDY, name="widths")
    study = replace(study, state=StudyState.PAUSED, reason=Message("its dataset is gone."))
    said = payload(study, Sign(AlertKind.PAUSED))["text"]
    assert said == "widths: It has paused: it cannot go on by itself. its dataset is gone."


def test_tags_are_among_the_fields(store):
    run = queued(store)
    tagged = replace(run, annotation=AnnotationEdit(add_tags=("paper",)).applied_to(run.annotation))
    assert payload(tagged, OVERFITS)["tags"] == ["paper"]


def test_an_address_that_is_away_for_a_moment_is_tried_again(store, receive):
    receiver = receive(503, 429)
    assert post(receiver.url, queued(store)) == []
    assert len(receiver.posts) == 3


def test_an_address_that_stays_away_is_logged_without_its_secret(store, receive):
    receiver = receive(500, 500, 500)
    run = queued(store)
    assert post(receiver.url, run) == [f"{run.id}: the webhook at 127.0.0.1 failed: it answered 500"]
    assert len(receiver.posts) == 3


def test_an_address_that_refuses_is_not_asked_again(store, receive):
    receiver = receive(404)
    (line,) = post(receiver.url, queued(store))
    assert line.endswith("it answered 404")
    assert len(receiver.posts) == 1


def test_an_address_where_nobody_listens_hurts_nothing(store, receive):
    receiver = receive()
    receiver.server.shutdown()
    receiver.server.server_close()
    (line,) = post(receiver.url, queued(store))
    assert line.endswith("failed: URLError")


def test_a_name_turns_nothing_round_in_an_alert(store):
    run = replace(in_state(store, RunState.RUNNING), name="photo\u202egpj.exe")
    assert payload(run, OVERFITS)["text"].startswith("photo\ufffdgpj.exe: ")
