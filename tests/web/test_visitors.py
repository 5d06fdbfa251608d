"""A demo knows each browser by a cookie that nobody can make, and a visit that was ended is over."""

import re
import time

import pytest
from itsdangerous import TimestampSigner
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dlcore.access.actors import Actor, Role
from dlcore.access.rates import Rates
from dlcore.access.secret import secret_key
from dlcore.errors import PermissionDeniedError, StoreError
from dlcore.settings import Settings
from dlcore.ui.shared.i18n import texts
from dlcore.web.asking import SESSION_ACTOR
from dlcore.web.context import context
from dlcore.web.identity import (
    COOKIE,
    KEPT_SECONDS,
    KNOWN_SECONDS,
    LIFE_SECONDS,
    RENEWED_SECONDS,
    Identities,
)
from dlcore.web.visitors import TRY_LATER, Identify

HOUR, DAY = 3600, 24 * 3600
PAGE = {"accept": "text/html"}
KEY = "k" * 32
PER_HOUR = 3


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """The context of a demo."""
    monkeypatch.setenv("DLCORE_MODE", "demo")
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    context.cache_clear()
    yield context()
    context().whole.close()
    context.cache_clear()


@pytest.fixture
def clock(demo, monkeypatch):
    """The time by which the demo's cookies are signed and looked up, which the test sets."""

    class Clock:
        now = time.time()

    monkeypatch.setattr("time.time", lambda: Clock.now)
    rates = Rates(Settings(visitors_per_hour=PER_HOUR))
    demo.__dict__["identities"] = Identities(demo.whole.visitors, KEY, rates, clock=lambda: Clock.now)
    return Clock


async def who(request):
    """Who asks, as a thread sees it that answers."""
    return JSONResponse(await run_in_threadpool(lambda: context().actor.id))


async def listen(websocket):
    """Who asks, as a thread would see it, and the cookie that a page would read."""
    await websocket.accept()
    actors = websocket.headers.getlist(SESSION_ACTOR)
    await websocket.send_json([context().actor.id, websocket.cookies[COOKIE], *actors])
    await websocket.close()


def browser(here, url="http://localhost", address="192.0.2.1"):
    """A browser with cookies of its own."""
    routes = [
        Route("/who", who),
        Route("/auth/login", lambda _request: Response("a form")),
        Route("/page", lambda _request: Response("a page")),
        WebSocketRoute("/ws", listen),
    ]
    identify = Middleware(Identify, identities=lambda: here.identities, texts=texts)
    return TestClient(Starlette(routes=routes, middleware=[identify]), base_url=url, client=(address, 1))


def enter(client):
    """Opens a session, as a page does; returns who that is."""
    with client.websocket_connect("ws://localhost/ws") as socket:
        return socket.receive_json()[0]


def test_a_browser_is_the_same_visitor_in_pages_routes_and_websockets(demo):
    client = browser(demo)
    client.get("/page", headers=PAGE)

    mine = client.get("/who").json()
    with client.websocket_connect("ws://localhost/ws") as socket:
        assert socket.receive_json() == [mine, client.cookies[COOKIE], mine]
    assert demo.whole.visitors.find(mine).actor == Actor(mine, Role.VISITOR)
    assert re.fullmatch(r"[0-9a-f]{32}", mine)


def test_two_browsers_are_two_visitors(demo):
    first, second = browser(demo), browser(demo)
    for client in (first, second):
        client.get("/page", headers=PAGE)

    assert first.get("/who").json() != second.get("/who").json()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(demo):
    plain = browser(demo).get("/page", headers=PAGE).headers
    secure = browser(demo, "https://localhost").get("/page", headers=PAGE).headers

    told = f"HttpOnly; Max-Age={LIFE_SECONDS}; Path=/; SameSite=lax"
    assert re.fullmatch(rf"{COOKIE}=[\w.-]+; {told}", plain["set-cookie"])
    assert re.fullmatch(rf"{COOKIE}=[\w.-]+; {told}; Secure", secure["set-cookie"])
    assert plain["cache-control"] == "no-store"


def test_a_known_browser_gets_no_other_cookie(demo):
    client = browser(demo)
    client.get("/page", headers=PAGE)

    assert "set-cookie" not in client.get("/page", headers=PAGE).headers
    assert "set-cookie" not in client.get("/who").headers


def test_a_websocket_without_a_cookie_brings_one(demo):
    client = browser(demo)
    with client.websocket_connect(
        "ws://localhost/ws", headers={"cookie": f"lang=de; {COOKIE}=forged; x=1"}
    ) as socket:
        actor, cookie, _told = socket.receive_json()

    assert demo.identities.find(cookie).id == actor
    assert dict(socket.extra_headers)[b"set-cookie"].startswith(f"{COOKIE}={cookie};".encode())


def test_who_asks_for_no_page_and_has_no_cookie_is_nobody_who_is_remembered(demo):
    client = browser(demo)

    assert client.get("/who").json() != client.get("/who").json()
    assert COOKIE not in client.cookies


def test_who_opens_no_session_leaves_nothing_behind(demo):
    client = browser(demo)
    for _page in range(3):
        client.get("/page", headers=PAGE)
        browser(demo).get("/page", headers=PAGE)
    client.get("/who")
    assert demo.whole.visitors.sweep(before=2e9) == 0

    enter(client)
    enter(client)
    assert demo.whole.visitors.sweep(before=2e9) == 1


def test_one_address_brings_so_many_new_visitors_an_hour_and_keeps_nobody_out_who_was_there(demo, clock):
    inside = [browser(demo) for _one in range(PER_HOUR)]
    for client in inside:
        client.get("/page", headers=PAGE)
        enter(client)
    late = browser(demo)
    refused = late.get("/page", headers={**PAGE, "accept-language": "zh"})

    assert (refused.status_code, COOKIE in late.cookies) == (429, False)
    assert "1 小时内最多 3 位" in refused.text
    assert 0 < int(refused.headers["retry-after"]) <= HOUR
    with pytest.raises(WebSocketDisconnect) as closed:
        enter(late)
    assert closed.value.code == TRY_LATER
    assert inside[0].get("/page", headers=PAGE).status_code == 200
    enter(inside[0])
    enter(browser(demo, address="192.0.2.2"))
    assert demo.whole.visitors.sweep(before=2e9) == PER_HOUR + 1
    clock.now += 2 * HOUR
    enter(late)


@pytest.mark.parametrize(("trusted", "statuses"), [("192.0.2.1", [200, 200]), ("192.0.2.99", [200, 429])])
def test_the_address_that_a_proxy_names_counts_only_if_the_proxy_is_trusted(demo, trusted, statuses):
    demo.__dict__["rates"] = Rates(Settings(rate_logins="1/hour", rate_network_factor=1))
    here = ProxyHeadersMiddleware(browser(demo).app, trusted_hosts=trusted)
    browsers = [TestClient(here, base_url="http://localhost", client=("192.0.2.1", 1)) for _one in range(2)]
    answers = [
        one.get("/auth/login", headers={"x-forwarded-for": f"198.51.100.{n}"})
        for n, one in enumerate(browsers)
    ]

    assert [one.status_code for one in answers] == statuses


def test_a_visit_that_was_ended_stays_over_until_no_cookie_of_it_counts(demo, clock):
    client = browser(demo)
    client.get("/page", headers=PAGE)
    enter(client)
    copied = client.cookies[COOKIE]
    demo.whole.visitors.end(client.get("/who").json())
    for _day in range(LIFE_SECONDS // DAY):
        clock.now += DAY
        demo.whole.visitors.sweep(before=clock.now - KEPT_SECONDS)
        assert demo.identities.find(copied) is None


@pytest.mark.parametrize(
    "forge",
    [
        lambda mine, other: "",
        lambda mine, other: "x" * 5_000,
        lambda mine, other: mine.replace(mine.split(".")[0], other.split(".")[0]),
        # Not its last letter, of which some bits count for nothing.
        lambda mine, other: mine[:-10] + ("A" if mine[-10] != "A" else "B") + mine[-9:],
        lambda mine, other: other.split(".")[0],
        lambda mine, other: TimestampSigner("another key", salt="dl-studio visitor").sign(other.split(".")[0]).decode(),
        lambda mine, other: ".".join([other.split(".")[0], "AAAAAA", other.split(".")[2]]),
    ],
)  # fmt: skip
def test_a_forged_cookie_makes_a_new_visitor(demo, forge):
    (mine, me), (other, owner) = demo.identities.welcome(), demo.identities.welcome()
    client = browser(demo)
    forged = {"cookie": f"{COOKIE}={forge(mine, other)}"}

    assert client.get("/who", headers=forged).json() not in (me.id, owner.id)
    client.get("/page", headers={**PAGE, **forged})
    assert client.get("/who").json() not in (me.id, owner.id)


def test_a_cookie_of_another_home_counts_for_nothing_here(demo, tmp_path):
    cookie = TimestampSigner(secret_key(Settings(home=tmp_path / "other")), salt="dl-studio visitor").sign(
        "ann"
    )

    assert demo.identities.find(cookie.decode()) is None


def test_a_cookie_expires_unless_its_browser_comes_again(demo, clock):
    client = browser(demo)
    client.get("/page", headers=PAGE)
    mine = client.get("/who").json()
    for _visit in range(3):
        clock.now += LIFE_SECONDS - RENEWED_SECONDS
        client.get("/page", headers=PAGE)
        assert client.get("/who").json() == mine
    clock.now += LIFE_SECONDS + 1

    client.get("/page", headers=PAGE)
    assert client.get("/who").json() != mine


def test_a_visit_that_was_ended_is_over_in_seconds_also_for_a_copied_cookie(demo, clock):
    client = browser(demo)
    client.get("/page", headers=PAGE)
    enter(client)
    mine, copied = client.get("/who").json(), client.cookies[COOKIE]
    demo.whole.visitors.end(mine)
    clock.now += KNOWN_SECONDS

    assert demo.identities.find(copied) is None
    client.get("/page", headers=PAGE)
    assert client.get("/who").json() != mine


def test_nobody_says_themselves_whose_session_theirs_is(demo):
    with browser(demo).websocket_connect("ws://localhost/ws", headers={SESSION_ACTOR: "x"}) as socket:
        actor, _cookie, *told = socket.receive_json()

    assert told == [actor]


def test_who_comes_often_is_looked_up_once_in_a_while(demo, clock, monkeypatch):
    cookie, actor = demo.identities.welcome()
    looked = []
    find = demo.whole.visitors.find
    monkeypatch.setattr(type(demo.whole.visitors), "find", lambda _self, one: looked.append(one) or find(one))
    for _request in range(100):
        clock.now += KNOWN_SECONDS / 50
        assert demo.identities.find(cookie) == actor

    assert looked == [actor.id]


def test_outside_of_a_request_and_a_page_nobody_asks(demo):
    with pytest.raises(PermissionDeniedError, match="this visit has ended"):
        _ = demo.actor


def test_at_home_the_owner_of_the_machine_asks(here):
    assert here.actor == Actor("local", Role.ADMIN)
    assert not (here.settings.home_dir / "secret.key").exists()


def test_the_key_is_made_once_for_its_owner_alone(settings):
    first = secret_key(settings)
    file = settings.home_dir / "secret.key"

    assert len(first) == 64
    assert secret_key(settings) == first
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(StoreError, match="others may read the key"):
        secret_key(settings)


def test_a_given_key_is_used_and_none_is_kept(tmp_path):
    settings = Settings(home=tmp_path / "home", secret_key=KEY)

    assert secret_key(settings) == KEY
    assert not settings.home_dir.exists()
    assert KEY not in repr(settings)
