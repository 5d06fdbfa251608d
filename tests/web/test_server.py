"""What surrounds the pages: routes, headers, start-up."""

import asyncio
import logging
import tomllib
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dlcore.errors import StoreError
from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.web import plotly_js
from dlcore.web.server import PlainStart, lifespan, middleware, repeat
from tests.conftest import ROOT
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
    assert "'unsafe-eval'" not in policy  # WebAssembly has a word of its own
    assert "form-action 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    allowed = dict(part.split("=") for part in answer.headers["permissions-policy"].split(", "))
    assert (allowed["microphone"], allowed["camera"], allowed["geolocation"]) == ("(self)", "(self)", "()")


def test_who_has_come_by_tls_comes_by_nothing_else(application, here):
    said = [
        TestClient(application, base_url=f"{scheme}://localhost").get("/healthz").headers
        for scheme in ("https", "http")
    ]
    assert said[0]["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in said[1]


def test_a_form_of_another_site_is_not_taken_for_one_of_ours():
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        server = tomllib.load(file)["server"]
    assert (server["enableXsrfProtection"], server["enableCORS"]) == (True, True)


def curves(client, run, cursor=0, subject=None):
    """The curves of a run after a cursor, by default all over batches."""
    (found,) = client.get(f"/api/feed?ask=curves:{subject or f'{run.id}:batch'}:{cursor}").json()
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
    asked = f"/api/window?run={run.id}&axis=batch&name=loss&low=3330&high=3335"
    (part,) = client.get(asked).json()["runs"][run.id]
    assert part["x"] == [3330.0, 3331.0, 3332.0, 3333.0, 3334.0, 3335.0]
    assert part["y"] == [1.0, 1.0, 1.0, 9.0, 1.0, 1.0]


def test_windows_of_several_runs_come_in_one_answer(client, here, run):
    other = running(here)
    for of, value in ((run, 1.0), (other, 2.0)):
        report(here, of, [Metric(LOSS, x, value) for x in range(1, 51)])
    asked = (
        f"/api/window?run={run.id}&run={other.id}&run=feedbeef&axis=batch&name=loss&low=11&high=30&buckets=5"
    )
    found = client.get(asked).json()
    assert {run_id: [part["y"] for part in parts] for run_id, parts in found["runs"].items()} == {
        run.id: [[1.0] * 10], other.id: [[2.0] * 10],
    }  # fmt: skip
    assert found["gone"] == ["feedbeef"]


def test_a_chart_of_many_runs_asks_for_few_points_of_the_curves_that_it_draws(client, here, run):
    other, validation = (
        SeriesKey("accuracy", Scope.TRAIN, Axis.BATCH),
        SeriesKey("loss", Scope.VALIDATION, Axis.BATCH),
    )
    report(here, run, [Metric(key, x, 0.5) for x in range(1, 101) for key in (LOSS, other, validation)])
    subject = f"{run.id}:batch:10:loss"
    answer = curves(client, run, 0, subject)
    assert {(part["name"], part["scope"]) for part in answer["series"]} == {
        ("loss", "train"),
        ("loss", "validation"),
    }
    assert all(len(part["x"]) <= 20 for part in answer["series"])
    report(here, run, [Metric(key, 101, 0.25) for key in (LOSS, other)])
    (part,) = curves(client, run, answer["cursor"], subject)["series"]
    assert (part["name"], part["x"], part["y"]) == ("loss", [101.0], [0.25])


def test_values_are_sent_with_the_digits_that_a_chart_can_show(client, here, run):
    report(here, run, [Metric(LOSS, 1, 0.1), Metric(LOSS, 2, 1 / 3), Metric(LOSS, 3, 1e300)])
    answer = client.get("/api/feed", params={"ask": f"curves:{run.id}:batch:0"}).text
    assert '"y":[0.1,0.33333334,null]' in answer
    clock = SeriesKey("clock", Scope.SYSTEM, Axis.EPOCH)
    report(here, run, [Metric(clock, 1, 1_700_000_123.25)])
    assert client.get("/api/feed", params={"ask": f"curves:{run.id}:epoch:0"}).json()[0]["series"][0][
        "y"
    ] == [1_700_000_123.25]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/window?run=..%2f..%2fetc&axis=batch&name=loss&low=0&high=1", 400),
        ("/api/window?run=feedbeef&axis=side&name=loss&low=0&high=1", 400),
        ("/api/window?run=feedbeef&axis=batch&name=loss&low=a&high=1", 400),
        ("/api/window?run=feedbeef&axis=batch&name=loss&low=0&high=1", 200),
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
    answer = client.get(plotly_js.OWN)
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
