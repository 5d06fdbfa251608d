"""A team as it is hosted, with a real provider: nothing is there for anybody who has not signed in, or no longer is."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from benchmarks.session import PROTOCOLS, SOCKET, Session, open_page
from benchmarks.viewers import dashboard
from dlcore.access.audit import audit_lines
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.web.members import COOKIE, KNOWN_SECONDS
from tests.ports import reserved_port
from tests.waiting import wait_for

pytestmark = pytest.mark.processes

PAGE = {"accept": "text/html"}
PEOPLE = (
    {"sub": "ann", "name": "Ann <b>", "groups": ["lab"]},
    {"sub": "root", "email": "root@example.com", "groups": ["lab", "admins"]},
    {"sub": "eve", "groups": ["others"]},
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def provider():
    """The address of a provider that knows some people."""
    with reserved_port() as port:
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
        known = [f"--user-claims={json.dumps(one)}" for one in PEOPLE]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen([*command, *known], **silent) as process:
            try:
                url = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
                wait_for(lambda: answers(url))
                yield url
            finally:
                process.kill()


def answers(url):
    try:
        return httpx2.get(url).status_code == 200
    except httpx2.TransportError:
        return False


@pytest.fixture(scope="module")
def url(home, provider):
    with reserved_port() as port:
        found = f"http://localhost:{port}"
        settings = {
            "DLCORE_MODE": "team",
            "DLCORE_PUBLIC_URL": found,
            "DLCORE_OIDC_URL": provider,
            "DLCORE_OIDC_CLIENT": "dl-studio",
            "DLCORE_OIDC_SECRET": "not a secret",
            "DLCORE_ADMIN_GROUPS": "admins",
            "DLCORE_MEMBER_GROUPS": "lab",
        }
        with dashboard(home, port, **settings):
            yield found


@pytest.fixture
def store(home, url):
    opened = Store.open(Settings(home=home))
    yield opened
    opened.close()


@pytest.fixture
def new_browser():
    """Opens browsers."""
    with ExitStack() as closing:
        yield lambda: closing.enter_context(httpx2.Client(follow_redirects=True, headers=PAGE))


@pytest.fixture
def sign_in(url, new_browser):
    """Makes a browser in which somebody has signed in, coming from a page, and the last answer."""

    def signed_in(who, page="/runs"):
        browser = new_browser()
        form = browser.get(f"{url}/sign-in", headers={"referer": f"{url}{page}"})
        assert "Authorize Client" in form.text
        return browser, browser.post(form.url, data={"sub": who})

    return signed_in


def cookie_of(browser):
    (value,) = [one.value for one in browser.cookies.jar if one.name == COOKIE]
    return value


def visit(url, page, cookie):
    """Opens a page over the websocket as Streamlit's own script does."""
    session, headers = Session(), {"Cookie": f"{COOKIE}={cookie}"}
    address = f"{url.replace('http', 'ws')}{SOCKET}"
    with connect(address, subprotocols=PROTOCOLS, max_size=None, additional_headers=headers) as socket:
        socket.send(open_page(page))
        while not session.finished:
            session.take(socket.recv())
    assert session.failed == ""


def is_in(url, cookie):
    """Whether pages, routes and sessions are open to whoever has that cookie: all of them, or none."""
    headers = {"cookie": f"{COOKIE}={cookie}"}
    found = {
        httpx2.get(f"{url}/runs", headers={**headers, **PAGE}).status_code == 200,
        httpx2.get(f"{url}/api/feed", headers=headers).status_code == 204,
        httpx2.get(f"{url}/static/favicon.png", headers=headers).status_code != 401,
    }
    try:
        visit(url, "new", cookie)
        found.add(True)
    except InvalidStatus:
        found.add(False)
    (answer,) = found
    return answer


def test_who_has_not_signed_in_gets_a_page_to_do_so_and_nothing_else(url):
    page = httpx2.get(f"{url}/run?run=1", headers={**PAGE, "accept-language": "zh"})

    assert (page.status_code, 'href="/sign-in"' in page.text, "script" in page.text) == (401, True, False)
    assert page.headers["cache-control"] == "no-store"
    assert "登录" in page.text
    assert httpx2.get(f"{url}/api/feed").json() == {"error": "sign in"}
    assert not is_in(url, "")
    assert not is_in(url, "made-up")
    assert httpx2.get(f"{url}/healthz").status_code == 200


def test_signing_in_leads_back_to_where_somebody_wanted_to_go(url, store, sign_in):
    browser, last = sign_in("ann", "/runs?q=state%3Arunning")

    assert (last.status_code, str(last.url)) == (200, f"{url}/runs?q=state%3Arunning")
    assert {one.name for one in browser.cookies.jar} & {"_streamlit_user", "_streamlit_user_tokens"} == set()
    member = store.members.find(cookie_of(browser))
    assert (member.name, member.actor.role) == ("Ann <b>", "member")
    visit(url, "build", cookie_of(browser))
    assert len(store.drafts.list(owner=member.actor.id)) == 1
    assert is_in(url, cookie_of(browser))


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(url, sign_in):
    browser, _last = sign_in("ann")
    (cookie,) = [one for one in browser.cookies.jar if one.name == COOKIE]

    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "lax"
    assert 0 < cookie.expires - time.time() <= 12 * 3600


def test_who_is_in_a_group_of_admins_is_one(url, store, sign_in):
    browser, _last = sign_in("root")

    assert store.members.find(cookie_of(browser)).actor.role == "admin"
    visit(url, "runs", cookie_of(browser))


def test_who_is_in_no_group_of_members_is_told_so(url, store, sign_in):
    browser, last = sign_in("eve")

    assert (last.status_code, COOKIE in browser.cookies) == (403, False)
    assert "This account may not use DL Studio here." in last.text
    assert httpx2.get(f"{url}/runs", headers=PAGE, cookies=dict(browser.cookies)).status_code == 401


def test_who_lets_the_provider_refuse_is_told_so(url, new_browser):
    browser = new_browser()
    form = browser.get(f"{url}/sign-in")
    last = browser.post(form.url, data={"action": "deny"})

    assert last.status_code == 403 and "signing in did not work" in last.text.lower()


def test_signing_out_acts_at_once_also_for_a_copied_cookie(url, sign_in):
    browser, _last = sign_in("ann")
    copied = cookie_of(browser)
    assert is_in(url, copied)
    other = httpx2.get(
        f"{url}/auth/logout", headers={"sec-fetch-site": "cross-site", "cookie": f"{COOKIE}={copied}"}
    )
    assert other.status_code == 303 and is_in(url, copied)

    left = browser.get(f"{url}/auth/logout", follow_redirects=False)

    assert "/oauth2/end_session" in left.headers["location"]
    assert COOKIE not in browser.cookies
    assert not is_in(url, copied)


def test_who_is_blocked_is_out_within_a_second(url, store, sign_in):
    browser, _last = sign_in("ann")
    copied = cookie_of(browser)
    assert is_in(url, copied)
    store.members.block(store.members.find(copied).actor.id, blocked=True)
    time.sleep(KNOWN_SECONDS)

    assert not is_in(url, copied)
    _browser, last = sign_in("ann")
    assert last.status_code == 403 and "This account is blocked." in last.text
    (ann,) = [one for one in store.members.list() if one.name == "Ann <b>"]
    store.members.block(ann.actor.id, blocked=False)
    assert is_in(url, cookie_of(sign_in("ann")[0]))


@pytest.mark.parametrize("page", ["//evil.example.com", "/\\evil.example.com", "/sign-in"])
def test_nobody_is_led_out_of_the_site(url, page, sign_in):
    _browser, last = sign_in("root", page)

    assert str(last.url) == f"{url}/"


def test_an_answer_of_the_provider_counts_for_the_browser_that_asked_for_it_alone(url, new_browser):
    browser, victim = new_browser(), new_browser()
    form = browser.get(f"{url}/sign-in")
    answer = browser.post(form.url, data={"sub": "root"}, follow_redirects=False)

    assert victim.get(answer.headers["location"]).status_code == 403
    assert COOKIE not in victim.cookies


def test_signing_in_and_out_is_noted_without_any_secret(url, home, sign_in):
    browser, _last = sign_in("root")
    cookie = cookie_of(browser)
    browser.get(f"{url}/auth/logout", follow_redirects=False)

    lines = list(audit_lines(Settings(home=home)))
    assert [(one["what"], one["role"]) for one in lines[-2:]] == [("sign-in", "admin"), ("sign-out", "admin")]
    assert cookie not in "".join(path.read_text() for path in home.glob("audit.jsonl*"))
