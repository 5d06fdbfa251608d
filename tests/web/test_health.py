"""What a proxy asks of a server: that it is up, and that it can work."""

import asyncio

import pytest
from starlette.testclient import TestClient

from dlcore.queue.processes import own_identity
from dlcore.web import health
from dlcore.web.latest import Latest


@pytest.fixture
def client(here):
    from app import app

    return TestClient(app, base_url="http://localhost")


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    """The routes of `app` are there for all tests: each asks for itself."""
    monkeypatch.setattr(Latest, "get", lambda self: asyncio.to_thread(self._make))


def test_a_server_that_is_ready_says_so(client, here):
    here.whole.workers.acquire(own_identity(), slots=1, lost_seconds=60.0, is_gone=lambda _who: False)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "store": "ok", "supervisor": "ok", "disk": "ok"},
    )
    assert answer.headers["cache-control"] == "no-store"


def test_one_that_is_not_names_what_is_amiss_with_503(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"ready": False, "store": "ok", "supervisor": "none is alive", "disk": "ok"},
    )
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_store_that_hangs_is_not_waited_for(client, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(Latest, "get", lambda self: asyncio.sleep(30))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "store": "no answer within 0.05 s"})
