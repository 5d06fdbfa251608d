"""Every line of a request and of a session says which one, for people and for programs."""

import json
import logging
import re

import pytest
import streamlit.logger
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

from dlcore import log_lines
from dlcore.access.actors import Actor, Role
from dlcore.log_lines import current_request, line_printer
from dlcore.queue import resume, submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.settings import Settings
from dlcore.web.logs import set_up_logs
from dlcore.web.request_ids import RequestIds, request_id

log = logging.getLogger("dlcore.tests")
OF_PROXY = ("192.0.2.7", 0)
"""The client as uvicorn gives it of a proxy that it trusts."""


@pytest.fixture
def as_before(monkeypatch):
    """Leaves the loggers of this process as they were."""
    names = [
        "",
        "dlcore",
        "uvicorn",
        "uvicorn.access",
        "uvicorn.error",
        "uvicorn.asgi",
        *streamlit.logger._loggers,
    ]
    loggers = [logging.getLogger(name) for name in names]
    before = [(list(one.handlers), one.propagate, one.level) for one in loggers]
    monkeypatch.setattr(streamlit.logger, "setup_formatter", streamlit.logger.setup_formatter)
    monkeypatch.setattr(log_lines, "_teller", log_lines._teller)
    yield
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def as_json(as_before, tmp_path):
    """Sets the logs up; to be called within the test, which has another standard error than its fixtures."""
    return lambda: set_up_logs(Settings(home=tmp_path, log_format="json"))


def lines(capfd):
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


async def answer(request):
    log.info("in the route")
    await run_in_threadpool(log.info, "in a thread of it")
    return PlainTextResponse(request_id())


async def session(socket):
    await socket.accept()
    log.info("in the session")
    await socket.send_text(request_id())
    await socket.close()


def asking(**client):
    app = Starlette(
        routes=[Route("/", answer), WebSocketRoute("/socket", session)], middleware=[Middleware(RequestIds)]
    )
    return TestClient(app, **client)


def test_each_line_of_a_request_has_its_id_which_the_answer_tells(as_json, capfd):
    as_json()
    client = asking()
    first, second = client.get("/"), client.get("/")
    log.info("beside them")

    assert re.fullmatch("[0-9a-f]{32}", first.text)
    assert (first.headers["x-request-id"], second.headers["x-request-id"]) == (first.text, second.text)
    assert first.text != second.text
    assert [(line["message"], line.get("request")) for line in lines(capfd)] == [
        ("in the route", first.text),
        ("in a thread of it", first.text),
        ("in the route", second.text),
        ("in a thread of it", second.text),
        ("beside them", None),
    ]


def test_a_session_has_the_id_of_its_websocket(as_json, capfd):
    as_json()
    with asking().websocket_connect("/socket") as socket:
        told = socket.receive_text()
    (line,) = lines(capfd)
    assert (line["message"], line["request"]) == ("in the session", told)


@pytest.mark.parametrize(
    ("client", "given", "taken"),
    [
        (OF_PROXY, "proxy-0123456789.abc", True),
        (("192.0.2.7", 50_000), "proxy-0123456789.abc", False),
        (OF_PROXY, "short", False),
        (OF_PROXY, "x" * 129, False),
        (OF_PROXY, "with a space and more", False),
        (OF_PROXY, 'quoted"0123456789', False),
    ],
)
def test_an_id_is_taken_over_from_a_trusted_proxy_alone_if_it_is_one(client, given, taken):
    told = asking(client=client).get("/", headers={"x-request-id": given}).text
    assert (told == given) is taken
    assert taken or re.fullmatch("[0-9a-f]{32}", told)


def test_a_line_for_people_cannot_be_made_two_by_what_it_names(as_before, tmp_path, capfd):
    set_up_logs(Settings(home=tmp_path, mode="demo"))
    told = asking().get("/").text
    log.warning("named %s", "a\nb\x1b[2J\u2028c")
    log.error("with a cause", exc_info=ValueError("the cause"))
    text = capfd.readouterr().err.splitlines()
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z INFO    dlcore\.tests \[{told}\] in the route", text[0]
    )
    assert text[2].endswith(" WARNING dlcore.tests [-] named a b\ufffd[2J\ufffdc")
    assert (text[3].partition("] ")[2], text[-1]) == ("with a cause", "ValueError: the cause")


def test_lines_of_the_server_and_of_streamlit_have_the_same_form_once(as_json, capfd):
    as_json()
    as_json()
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).warning("said by %s", name)
    for name in ("streamlit.runtime.caching", "streamlit.made.later"):
        streamlit.logger.get_logger(name).warning("said by %s", name)
    logging.getLogger("another.library").warning("said by %s", "another.library")
    assert [(line["logger"], line["level"], line["message"]) for line in lines(capfd)] == [
        (name, "WARNING", f"said by {name}")
        for name in (
            "uvicorn.access", "uvicorn.error", "streamlit.runtime.caching", "streamlit.made.later", "another.library",
        )
    ]  # fmt: skip


def test_at_home_the_log_stays_as_it_is(as_before, tmp_path):
    before = list(logging.getLogger().handlers)
    set_up_logs(Settings(home=tmp_path))
    assert logging.getLogger().handlers == before
    assert current_request() == ""


def test_a_run_says_which_request_it_goes_back_to(store, monkeypatch, caplog):
    monkeypatch.setattr(log_lines, "_teller", lambda: "abc-12345")
    with caplog.at_level(logging.INFO, logger="dlcore"):
        run = submit(store, example(), owner="ann")
    store.runs.move(run, RunState.STOPPED)
    monkeypatch.setattr(log_lines, "_teller", lambda: "def-67890")
    resume(store, run.id, actor=Actor("ann", Role.VISITOR))

    assert [line.text for line in store.logs.tail(run.id, 10)] == [
        "queued by request abc-12345",
        "resumed by request def-67890",
    ]
    assert f"run {run.id} queued" in caplog.text


def test_a_run_of_a_notebook_or_at_home_goes_back_to_no_request(store):
    assert store.logs.tail(submit(store, example(), owner="ann").id, 10) == []


def test_the_supervisor_writes_its_lines_in_the_same_form(capfd):
    line_printer("dlcore.worker", as_json=True)("ready")
    line_printer("dlcore.worker", as_json=False)("ready")
    first, second = capfd.readouterr().out.splitlines()
    said = json.loads(first)
    assert (said["logger"], said["level"], said["message"]) == ("dlcore.worker", "INFO", "ready")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ready", second)
