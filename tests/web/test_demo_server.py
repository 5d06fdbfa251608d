"""A demo as it is hosted: page, websocket and routes of one browser are one visitor."""

import json
import urllib.error
import urllib.request

import httpx2
import pytest
from websockets.sync.client import connect

from benchmarks.session import PROTOCOLS, SOCKET, Session, open_page
from benchmarks.viewers import dashboard
from dlcore.datasets.uploads import new_upload
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.web.identity import COOKIE
from tests.ports import reserved_port

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def port(home):
    with (
        reserved_port() as found,
        dashboard(
            home, found, DLCORE_MODE="demo", DLCORE_RATE_LOGINS="1/hour", DLCORE_RATE_NETWORK_FACTOR="1"
        ),
    ):
        yield found


@pytest.fixture
def store(home, port):
    opened = Store.open(Settings(home=home))
    yield opened
    opened.close()


def cookie_of(headers):
    """The cookie that an answer gives, as a browser sends it back."""
    return next(
        one.partition(";")[0] for one in headers.get_all("set-cookie") if one.startswith(f"{COOKIE}=")
    )


def page_cookie(port):
    """The cookie of a browser that has asked for a page."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/build", headers={"accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        return cookie_of(answer.headers)


def visit(port, page, cookie="", **query):
    """Opens a page over the websocket as Streamlit's own script does; returns the cookie of the connection."""
    headers, session = {"Cookie": f"lang=en; {cookie}"} if cookie else {}, Session()
    url = f"ws://127.0.0.1:{port}{SOCKET}"
    with connect(url, subprotocols=PROTOCOLS, max_size=None, additional_headers=headers) as socket:
        given = cookie or cookie_of(socket.response.headers)
        socket.send(open_page(page, **query))
        while not session.finished:
            session.take(socket.recv())
    assert session.failed == ""
    return given


def sign_in_from(port, address):
    """The status of an attempt to sign in that a proxy on this machine passes on."""
    url = f"http://127.0.0.1:{port}/auth/login"
    return httpx2.get(url, headers={"x-forwarded-for": address}).status_code


def test_behind_a_proxy_on_this_machine_each_browser_counts_by_its_own_address(port):
    tried = [sign_in_from(port, address) for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]

    assert tried == [302, 429, 302]


def owner(cookie):
    return cookie.partition("=")[2].split(".")[0]


def test_a_page_knows_the_visitor_by_the_cookie_that_its_html_has_brought(port, store):
    cookie = page_cookie(port)
    visit(port, "build", cookie)

    assert len(store.drafts.list(owner=owner(cookie))) == 1
    visit(port, "build", cookie)
    assert len(store.drafts.list(owner=owner(cookie))) == 1


def test_a_websocket_without_a_cookie_is_a_visitor_of_its_own(port, store):
    mine = page_cookie(port)
    visit(port, "build", mine)
    (draft,) = store.drafts.list(owner=owner(mine))

    other = visit(port, "build", draft=draft.id)

    assert owner(other) != owner(mine)
    assert store.drafts.list(owner=owner(other)) == []
    visit(port, "build", other)
    (begun,) = store.drafts.list(owner=owner(other))
    assert begun.id != draft.id
    assert store.visitors.find(owner(other)) is not None
    assert store.drafts.list(owner="local") == []


def test_beside_pages_and_their_websocket_streamlit_serves_nothing(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
        assert answer.read() == b"ok"
    for path in ("metrics", "agent/openapi.json", "agent/mcp"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/{path}")


@pytest.fixture
def second(home, port):
    """Another process on the same store, as a proxy has it behind the same address."""
    with reserved_port() as found, dashboard(home, found, DLCORE_MODE="demo"):
        yield found


def send(port, token, cookie, offset, piece, size):
    """Sends a piece of an upload; returns the status, and where the upload stands."""
    headers = {
        "cookie": cookie, "x-dl-studio": "1", "upload-name": "cats.csv", "upload-modified": "7",
        "upload-offset": str(offset), "upload-size": str(size),
    }  # fmt: skip
    url = f"http://127.0.0.1:{port}/api/uploads/{token}"
    request = urllib.request.Request(url, data=piece, headers=headers, method="PUT")
    with urllib.request.urlopen(request) as answer:
        return answer.status, json.load(answer)["offset"]


def test_two_processes_on_one_store_have_the_same_visitors_drafts_and_uploads(port, second, store):
    cookie = page_cookie(port)
    visit(port, "build", cookie)
    (draft,) = store.drafts.list(owner=owner(cookie))

    visit(second, "build", cookie, draft=draft.id)

    assert [one.id for one in store.drafts.list(owner=owner(cookie))] == [draft.id]
    token = new_upload(store.settings, owner=owner(cookie)).token
    assert send(port, token, cookie, 0, b"a,b\n", 8) == (200, 4)
    assert send(second, token, cookie, 4, b"1,2\n", 8) == (200, 8)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        send(second, token, page_cookie(port), 8, b"", 8)
