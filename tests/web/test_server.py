"""What surrounds the pages: routes, headers, start-up."""

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dlcore.errors import StoreError
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.web.server import PlainStart, lifespan, middleware, repeat
from tests.ui.conftest import report, running

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


def test_the_server_says_that_it_is_up_with_headers_that_keep_others_out(client):
    answer = client.get("/healthz")
    assert answer.json() == {"status": "ok"}
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def curves(client, run, cursor=0):
    """The curves of a run after a cursor, over batches."""
    (found,) = client.get(f"/api/feed?ask=curves:{run.id}:batch:{cursor}").json()
    return found


def test_who_has_missed_much_gets_all_curves_anew(client, here, run):
    report(here, run, [Metric(LOSS, 1, 2.0)])
    first = curves(client, run)
    assert first["whole"] is True
    report(here, run, [Metric(LOSS, x, 1.0) for x in range(2, 2_101)])
    answer = curves(client, run, first["cursor"])
    assert answer["whole"] is True
    assert (answer["series"][0]["x"][0], answer["series"][0]["x"][-1]) == (1.0, 2_100.0)
    report(here, run, [Metric(LOSS, 2_101, 1.0)])
    again = curves(client, run, answer["cursor"])
    assert (again["whole"], again["series"][0]["x"]) == (False, [2_101.0])


def test_a_long_curve_comes_thinned_and_a_window_of_it_in_full(client, here, run):
    report(here, run, [Metric(LOSS, x, 9.0 if x == 3_333 else 1.0) for x in range(1, 5_001)])
    (whole,) = curves(client, run)["series"]
    assert len(whole["means"]["x"]) == len(whole["means"]["y"]) == len(whole["x"]) / 2
    assert len(whole["x"]) <= 2_002
    assert max(whole["y"]) == 9.0
    (part,) = client.get(f"/api/runs/{run.id}/window?axis=batch&name=loss&low=3330&high=3335").json()[
        "series"
    ]
    assert part["x"] == [3330.0, 3331.0, 3332.0, 3333.0, 3334.0, 3335.0]
    assert part["y"] == [1.0, 1.0, 1.0, 9.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/runs/..%2f..%2fetc/window?axis=batch", 400),
        ("/api/runs/feedbeef/window?axis=side&name=loss&low=0&high=1", 400),
        ("/api/runs/feedbeef/window?axis=batch&name=loss&low=a&high=1", 400),
        ("/api/runs/feedbeef/window?axis=batch&name=loss&low=0&high=1", 200),
    ],
)
def test_a_wrong_request_gets_a_plain_answer(client, path, status):
    assert client.get(path).status_code == status


def test_what_pages_ask_each_second_does_not_fill_the_log_of_accesses(here, caplog):
    access = logging.getLogger("uvicorn.access")

    async def serve():
        async with lifespan(None):
            for path, status in (("/api/feed?ask=x", 200), ("/api/feed?ask=x", 400), ("/run", 200)):
                access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:9", "GET", path, "1.1", status)

    with caplog.at_level(logging.INFO, logger=access.name):
        asyncio.run(serve())
    logged = [record.args[2:5:2] for record in caplog.records if record.name == access.name]
    assert logged == [("/api/feed?ask=x", 400), ("/run", 200)]


def test_plotly_is_served_by_ourselves(client):
    import plotly

    answer = client.get(f"/vendor/plotly-{plotly.__version__}.min.js")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) > 1_000_000


def test_a_background_task_tells_of_a_bug_and_goes_on(caplog):
    troubles = iter([ZeroDivisionError("a bug"), StoreError("the disk is full."), OSError("gone")])
    calls = 0

    def action():
        nonlocal calls
        calls += 1
        trouble = next(troubles, None)
        if trouble:
            raise trouble

    async def until_the_fifth_call():
        task = asyncio.create_task(repeat(action, 0.0))
        while calls < 5:
            assert not task.done()
            await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(asyncio.wait_for(until_the_fifth_call(), 60))
    told = [(record.levelname, record.exc_info is not None) for record in caplog.records]
    assert told == [("ERROR", True), ("WARNING", False), ("ERROR", True)]
    assert "a bug" in caplog.text
    assert "the disk is full." in caplog.text


def test_a_setting_that_cannot_be_used_ends_the_server_in_one_line(monkeypatch):
    monkeypatch.setenv("DLCORE_ALLOWED_HOSTS", "https://dl.example.com")
    with pytest.raises(SystemExit, match=r"^error: DLCORE_ALLOWED_HOSTS: this setting cannot be used"):
        middleware(lambda header: ("en", str))


def test_a_store_that_cannot_be_opened_ends_the_server_in_one_line():
    damage = StoreError("the store is damaged.", where="store.sqlite", hint="Restore a backup.")
    told = []

    @asynccontextmanager
    async def failing(app):
        raise damage
        yield

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        told.append(message)

    app = Starlette(lifespan=failing, middleware=[Middleware(PlainStart)])
    with pytest.raises(StoreError):
        asyncio.run(app({"type": "lifespan"}, receive, send))
    assert told == [{"type": "lifespan.startup.failed", "message": str(damage)}]
