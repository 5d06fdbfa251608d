"""The numbers for Prometheus: right, and told to nobody else."""

import logging

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dlcore.queue.devices import Gpu
from dlcore.queue.processes import own_identity
from dlcore.records import RunState
from dlcore.web import metrics
from dlcore.web.context import context
from dlcore.web.feed import Feed
from dlcore.web.metrics import Metrics
from dlcore.web.tally import Durations, Errors
from tests.store.samples import in_state, queued, queued_at

TOKEN = "t" * 32


@pytest.fixture
def client(here):
    """Asks from this machine; `from_elsewhere` from another one."""
    route = Metrics(Durations(), Errors())
    app = Starlette(routes=[Route("/metrics", route.answer)])
    opened = TestClient(app, client=("127.0.0.1", 50_000))
    opened.from_elsewhere = TestClient(app, client=("192.0.2.7", 50_000))
    opened.route = route
    return opened


@pytest.fixture
def set_up(here, monkeypatch):
    """Opens the context with other settings."""

    def again(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        context().whole.close()
        context.cache_clear()
        return context()

    return again


def numbers(client, **headers):
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_numbers_of_the_store_are_those_of_all_owners(client, here, monkeypatch):
    for owner, state in (("ann", RunState.RUNNING), ("bob", RunState.RUNNING), ("bob", RunState.FAILED)):
        in_state(here.whole, state, owner=owner)
    queued_at(here.whole, 1_500.0, 1_000.0)
    here.whole.jobs.request("preview", {"of": 1}, owner="ann")
    here.whole.workers.acquire(own_identity(), slots=3, lost_seconds=60.0, is_gone=lambda _who: False)
    monkeypatch.setattr(metrics, "now", lambda: 1_600.0)

    found = numbers(client)

    assert {state: found[("dlstudio_runs", state)] for state in RunState} == {
        "queued": 2, "starting": 0, "running": 2, "completed": 0, "stopped": 0, "pruned": 0, "failed": 1, "lost": 0,
    }  # fmt: skip
    assert (found[("dlstudio_queue_length",)], found[("dlstudio_queue_oldest_wait_seconds",)]) == (2, 600)
    assert found[("dlstudio_jobs", "queued")] == 1
    assert (found[("dlstudio_supervisor_up",)], found[("dlstudio_slots",)]) == (1, 3)
    assert found[("dlstudio_store_up",)] == 1
    assert found[("dlstudio_sessions",)] == 0


def test_an_empty_queue_waits_for_nothing_and_without_a_supervisor_there_is_no_room(client):
    found = numbers(client)
    assert found[("dlstudio_queue_oldest_wait_seconds",)] == 0
    assert (found[("dlstudio_supervisor_up",)], found[("dlstudio_slots",)]) == (0, 0)


def test_the_numbers_of_the_machine(client, here, monkeypatch):
    gpu = Gpu(index=1, name="H100", memory_total=80, memory_used=20, use_percent=75)
    monkeypatch.setattr(metrics, "gpus", lambda: [gpu])
    found = numbers(client)
    assert found[("dlstudio_gpu_use_ratio", "1")] == 0.75
    assert (
        found[("dlstudio_gpu_memory_used_bytes", "1")],
        found[("dlstudio_gpu_memory_total_bytes", "1")],
    ) == (20, 80)
    assert 0 < found[("dlstudio_disk_free_bytes",)] <= found[("dlstudio_disk_total_bytes",)]
    assert found[("process_resident_memory_bytes",)] > 2**20


def test_a_machine_that_tells_nothing_of_its_processes_or_gpus_has_the_other_numbers(client, monkeypatch):
    monkeypatch.setattr(metrics, "gpus", lambda: ())
    assert ("dlstudio_store_up",) in numbers(client)


def test_a_store_that_fails_is_said_to_be_down(client, here):
    here.whole.close()
    for path in here.settings.home.glob("store.sqlite*"):
        path.unlink()
    (here.settings.home / "store.sqlite").write_bytes(b"nonsense" * 1_000)
    found = numbers(client)
    assert found[("dlstudio_store_up",)] == 0
    assert ("dlstudio_disk_free_bytes",) in found


def test_ticks_and_errors_are_counted(client):
    ticks, errors = client.route._ticks, client.route._errors
    for seconds in (0.002, 0.004, 0.2):
        ticks.add(seconds)
    errors.in_script(ValueError())
    errors.listen()
    try:
        logging.getLogger("dlcore.web.server").error("a bug")
        logging.getLogger("dlcore.web.server").warning("no bug")
        logging.getLogger("uvicorn.error").error("an exception of a route")
    finally:
        for name in ("dlcore", "uvicorn.error"):
            logging.getLogger(name).removeHandler(errors)

    found = numbers(client)

    assert found[("dlstudio_errors_total", "script")] == 1
    assert found[("dlstudio_errors_total", "server")] == 2
    assert (
        found[("dlstudio_tick_seconds_bucket", "0.0025")],
        found[("dlstudio_tick_seconds_bucket", "0.005")],
    ) == (1, 2)
    assert found[("dlstudio_tick_seconds_count",)] == 3
    assert found[("dlstudio_tick_seconds_sum",)] == pytest.approx(0.206)


def test_the_numbers_are_read_once_in_a_while_whoever_asks(client, here):
    first = numbers(client)
    queued(here.whole)
    assert numbers(client)[("dlstudio_queue_length",)] == first[("dlstudio_queue_length",)] == 0


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-host"])
def test_at_home_they_are_told_to_this_machine_alone(client, header):
    assert client.get("/metrics").status_code == 200
    assert client.from_elsewhere.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={header: "192.0.2.7"}).status_code == 404


def test_a_demo_tells_them_to_nobody_without_a_token(client, set_up):
    set_up(DLCORE_MODE="demo")
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_with_a_token_they_are_told_to_who_has_it(client, set_up):
    set_up(DLCORE_MODE="demo", DLCORE_METRICS_TOKEN=TOKEN)
    for wrong in (
        {},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": TOKEN},
        {"authorization": b"Bearer \xe9"},
    ):
        refused = client.get("/metrics", headers=wrong)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "dlstudio" not in refused.text
    assert (
        client.from_elsewhere.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    )


def test_an_answer_of_the_feed_is_a_tick(here):
    feed = Feed({}, {})
    app = TestClient(Starlette(routes=[Route("/api/feed", feed.answer)]))
    assert app.get("/api/feed").status_code == 204
    assert app.get("/api/feed?ask=nonsense").status_code == 400
    assert feed.ticks.up_to()[-1] == ("+Inf", 2)
    assert feed.ticks.total > 0
