"""The one route that pages ask while they are watched."""

import math

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import Axis, Metric, RunState, Scope, SeriesKey
from dlcore.web.feed import MOST_ASKS, Ask
from dlcore.web.parameters import ParameterError
from tests.ui.conftest import ROUTER, report, running, view

LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)


@pytest.fixture(scope="module")
def application():
    from app import app

    return app


@pytest.fixture
def client(application, here):
    return TestClient(application, base_url="http://localhost")


@pytest.fixture
def run(here):
    return running(here)


def ask(client, *asks, lang="en"):
    """The answers, each in the place of its ask; all null where nothing is new."""
    answer = client.get("/api/feed", params={"ask": asks, "lang": lang})
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.status_code == 200 else [None] * len(asks)


@pytest.mark.parametrize("text", ["", "run", "run:a", "run:a b:c", "run:a\0:c", "run::", ":a:b", "x" * 99])
def test_only_some_texts_are_asks(text):
    if text == "run::":
        assert Ask.parse(text) == Ask("run", "", "")
        return
    with pytest.raises(ParameterError, match="topic:subject:since"):
        Ask.parse(text)


def test_a_chart_gets_what_is_new_since_its_cursor(client, here, run):
    report(here, run, [Metric(LOSS, 1, 2.0), Metric(LOSS, 2, 1.0)])
    (first,) = ask(client, f"curves:{run.id}:batch:0")
    assert first["series"] == [
        {"name": "loss", "scope": "train", "x": [1.0, 2.0], "y": [2.0, 1.0], "means": None}
    ]
    report(here, run, [Metric(LOSS, 3, 0.5)])
    (second,) = ask(client, f"curves:{run.id}:batch:{first['cursor']}")
    assert second["series"][0]["x"] == [3.0]
    assert second["live"] is True
    assert ask(client, f"curves:{run.id}:batch:{second['cursor']}") == [None]


def test_what_is_not_a_number_is_sent_as_none(client, here, run):
    report(here, run, [Metric(LOSS, 1, math.nan)])
    assert ask(client, f"curves:{run.id}:batch:0")[0]["series"][0]["y"] == [None]


def test_a_chart_learns_that_its_run_has_ended(client, here, run):
    here.store.runs.move(run, RunState.STOPPED)
    assert ask(client, f"curves:{run.id}:batch:0")[0]["live"] is False


def test_a_log_begins_with_its_end_and_goes_on(client, here, run):
    lines = [(1_000.0 + n, f"line {n}") for n in range(1, 701)]
    here.store.reports.write(run.id, run.attempt, {}, lines=lines)
    (first,) = ask(client, f"log:{run.id}:0")
    texts = [text for _at, text in first["lines"]]
    assert (texts[0], texts[-1], len(texts), first["cursor"]) == ("line 201", "line 700", 500, 700)
    here.store.reports.write(run.id, run.attempt, {}, lines=[(2_000.0, "one more")])
    (second,) = ask(client, f"log:{run.id}:700")
    assert [text for _at, text in second["lines"]] == ["one more"]
    assert ask(client, f"log:{run.id}:701") == [None]


def test_state_numbers_and_curves_come_in_one_answer(client, here, run):
    report(here, run, [Metric(LOSS, 1, 2.0)])
    status, view, curves = ask(client, "status::", f"run:{run.id}:", f"curves:{run.id}:batch:0")
    assert [badge["text"] for badge in view["view"]["badges"]] == ["running"]
    assert view["view"]["cards"][0]["value"] == "0 / 10"
    assert curves["cursor"] > 0
    assert status["view"]["badges"]


def test_who_has_all_gets_an_empty_answer(client, here, run):
    report(here, run, [Metric(LOSS, 1, 2.0)])
    view, curves = ask(client, f"run:{run.id}:", f"curves:{run.id}:batch:0")
    query = {"ask": [f"run:{run.id}:{view['tag']}", f"curves:{run.id}:batch:{curves['cursor']}"]}
    answer = client.get("/api/feed", params=query)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_view_speaks_the_language_that_is_asked_for(client, run):
    (english,), (chinese,), (unknown,) = (
        ask(client, f"run:{run.id}:", lang=lang) for lang in ("en", "zh_CN", "../../x")
    )
    words = [one["view"]["badges"][0]["text"] for one in (english, chinese, unknown)]
    assert words == ["running", "运行中", "running"]


def test_however_many_watch_a_run_is_read_once_in_a_moment(client, here, run, monkeypatch):
    reads = []
    get, progress = here.store.runs.get, here.store.runs.progress
    kind = type(here.store.runs)
    monkeypatch.setattr(kind, "get", lambda _runs, run_id: (reads.append(run_id), get(run_id))[1])
    monkeypatch.setattr(kind, "progress", lambda _runs, ids: (reads.append(ids), progress(ids))[1])
    monkeypatch.setattr(here.moments, "_clock", lambda: 5.0)
    for _viewer in range(20):
        assert ask(client, f"run:{run.id}:", f"curves:{run.id}:batch:0")[0]["tag"]
    assert reads == [run.id, {run.id}]  # once for the view, once for the curves


def test_the_curves_of_all_runs_of_a_comparison_come_in_one_answer(client, here):
    runs = [running(here) for _ in range(3)]
    for place, one in enumerate(runs):
        report(here, one, [Metric(LOSS, 1, float(place))])
    asks = [
        f"curves:{run_id}:batch:100:loss:0" for run_id in (runs[2].id, "feedbeef", runs[0].id, runs[1].id)
    ]
    first, gone, second, third = ask(client, *asks)
    assert gone == {"gone": True}
    assert [one["series"][0]["y"] for one in (first, second, third)] == [[2.0], [0.0], [1.0]]


@pytest.mark.parametrize(
    "topic", ["run:feedbeef", "study:feedbeef", "curves:feedbeef:batch", "trials:feedbeef", "log:feedbeef"]
)
def test_what_is_gone_is_said_to_be(client, topic):
    assert ask(client, "status::x", f"{topic}:0")[1] == {"gone": True}


@pytest.mark.parametrize(
    "asks",
    [
        ["nothing:a:b"],
        ["curves:a:side:0"],
        ["curves:a:batch:x"],
        ["log:a:-1"],
        ["run"],
        ["run:a:b"] * (MOST_ASKS + 1),
    ],
)
def test_what_no_page_would_ask_is_refused(client, asks):
    answer = client.get("/api/feed", params={"ask": asks})
    assert answer.status_code == 400
    assert "expected" in answer.json()["error"]


def test_whoever_asks_after_a_page_was_drawn_sees_at_least_what_the_page_showed(client, here, monkeypatch):
    monkeypatch.setattr(here.moments, "_clock", lambda: 5.0)
    run = submit(here.store, example(), owner="local")
    (before,) = ask(client, f"run:{run.id}:")
    here.store.runs.request_stop(run.id)
    page = AppTest.from_file(str(ROUTER), default_timeout=120).run().switch_page("../../pages/run.py")
    page.query_params["run"] = run.id
    drawn = view(page.run(), "run")
    # Without that second: what was kept for others would make the script of the new page run again.
    (after,) = ask(client, f"run:{run.id}:")
    assert before["view"]["page"] != drawn["page"] == after["view"]["page"]
