"""Of Streamlit's own routes only those answer which a browser needs."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dlcore.web.closed import is_closed


@pytest.fixture
def client(here):
    from app import app

    return TestClient(app, base_url="http://localhost")


CLOSED = (
    "/_stcore/metrics",
    "/_stcore/metrics?families=session_events_total",
    "/_stcore/metrics/",
    "/%5fstcore/metrics",
    "/_stcore/%6detrics",
    "/_stcore//metrics",
    "/build/_stcore/metrics",
    "/_stcore/agent/openapi.json",
    "/_stcore/agent/interact",
    "/_stcore/agent/mcp",
    "/_stcore/agent/mcp/",
    "/_stcore/script-health-check",
    "/_stcore/whatever-comes-next",
    "/_stcore",
)


@pytest.mark.parametrize("path", CLOSED)
def test_what_no_browser_asks_for_is_not_there(client, path):
    for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE"):
        answer = client.request(method, path, follow_redirects=False)
        assert (answer.status_code, answer.text) == (404, "" if method == "HEAD" else "not found"), method
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_what_a_browser_asks_for_reaches_streamlit(client):
    assert client.get("/_stcore/health").status_code == 200
    assert client.get("/_stcore/host-config").json()
    assert client.get("/build", headers={"accept": "text/html"}).status_code == 200


def test_no_other_websocket_than_that_of_pages_is_taken(client):
    with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/_stcore/agent/stream"):
        pass
    assert closed.value.code == 1008


@pytest.mark.parametrize(
    "name", ["health", "host-config", "stream", "upload_file/a/b", "bidi-components/x/y.js"]
)
def test_what_a_browser_asks_for_is_open(name):
    assert not is_closed(f"/_stcore/{name}")
    assert not is_closed(f"/base/_stcore/{name}")


@pytest.mark.parametrize("path", ["/", "/data", "/my_stcore/metrics", "/metrics", "/api/feed"])
def test_what_is_not_streamlits_own_is_open(path):
    assert not is_closed(path)
