"""Who asks under somebody else's name, or from somebody else's page, gets no answer."""

import base64
import http.client
import os
import socket
import subprocess
import sys
from contextlib import suppress

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dlcore.settings import Settings
from dlcore.ui.shared.i18n import texts
from dlcore.web.hosts import HostCheck, hostname
from tests.conftest import ROOT
from tests.waiting import wait_for

MACHINE = socket.gethostname().lower()
OWN = (
    "localhost",
    "LOCALHOST:8501",
    "localhost.:8501",
    "127.0.0.1:8501",
    "[::1]:8501",
    "192.168.1.5:8501",
    "0.0.0.0:8501",
    "[fd00::17]",
    f"{MACHINE}:8501",
    f"{MACHINE}.local",
)
FOREIGN = (
    "evil.com",
    "evil.com:8501",
    "localhost.evil.com",
    "127.0.0.1.evil.com",
    "evil-localhost",
    "notdl.example.com",
    "",
    "localhost:x",
    "localhost:99999",
    "evil.com@localhost",
    "localhost/evil.com",
    "localhost?evil.com",
    "[::1",
    "local host",
)


def answering(allowed=()):
    """A server behind the check that answers every request and takes every websocket."""

    async def listen(websocket):
        await websocket.accept()
        await websocket.close()

    inner = Starlette(
        routes=[
            Route("/", lambda request: PlainTextResponse("answered"), methods=["GET", "POST"]),
            WebSocketRoute("/", listen),
        ]
    )
    return TestClient(HostCheck(inner, allowed=allowed, texts=texts))


def is_connected(client, path="/", **headers):
    try:
        with client.websocket_connect(path, headers=headers):
            return True
    except WebSocketDisconnect as closed:
        assert closed.code == 1008
        return False


def answers(client, host, **headers):
    """Whether a request and a websocket get an answer; they must agree."""
    answered = client.get("/", headers={"host": host, **headers}).status_code == 200
    assert is_connected(client, host=host, **headers) == answered
    return answered


@pytest.mark.parametrize("host", OWN)
def test_the_machines_own_names_and_every_address_are_answered(host):
    assert answers(answering(), host)


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_name_is_refused(host):
    assert not answers(answering(["dl.example.com"]), host)


def test_two_host_headers_are_refused():
    headers = [("host", "localhost"), ("host", "evil.com")]
    assert answering().get("/", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("allowed", "host", "answered"),
    [
        ("dl.example.com", "dl.example.com", True),
        ("DL.Example.com.", "dl.example.com:443", True),
        ("dl.example.com", "example.com", False),
        ("*.example.com", "dl.example.com", True),
        ("*.example.com", "a.dl.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "evilexample.com", False),
        ("*", "evil.com", True),
        ("*", "evil.com/", False),
    ],
)
def test_further_names_are_answered_as_they_are_listed(allowed, host, answered):
    assert answers(answering([allowed]), host) is answered


@pytest.mark.parametrize(
    ("origin", "answered"),
    [
        ("http://localhost:8501", True),
        ("https://localhost:8501", True),
        ("http://LOCALHOST:8501", True),
        ("http://localhost:9999", False),
        ("http://localhost", False),
        ("http://127.0.0.1:8501", False),
        ("http://evil.com", False),
        ("http://evil.com:8501", False),
        ("http://localhost:8501.evil.com", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_a_page_of_another_origin_is_refused(origin, answered):
    assert answers(answering(), "localhost:8501", origin=origin) is answered
    posted = answering().post("/", headers={"host": "localhost:8501", "origin": origin})
    assert (posted.status_code == 200) is answered


def test_any_allowed_name_does_not_mean_any_origin():
    assert not answers(answering(["*"]), "dl.example.com", origin="https://evil.com")
    assert answers(answering(["*"]), "dl.example.com", origin="https://dl.example.com")


def test_the_refusal_says_what_to_set_and_shows_the_name_as_text():
    page = answering().get("/", headers={"host": "<b>.evil.com"})
    assert page.status_code == 403
    assert "DLCORE_ALLOWED_HOSTS" in page.text
    assert "&lt;b&gt;.evil.com" in page.text
    assert "<b>" not in page.text
    assert '<html lang="en">' in page.text
    # What it advises is what the setting takes.
    page = answering().get("/", headers={"host": "dl.example.com:8501"})
    assert "&#x27;dl.example.com&#x27;" in page.text


def test_the_refusal_is_written_in_the_readers_language():
    page = answering().get("/", headers={"host": "evil.com", "accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-CN">' in page.text
    assert "DLCORE_ALLOWED_HOSTS" in page.text
    assert "does not accept requests" not in page.text


def test_a_name_to_allow_is_written_without_protocol_and_port():
    assert Settings(allowed_hosts="dl.example.com, *.lab.example.com").allowed_hosts == (
        "dl.example.com",
        "*.lab.example.com",
    )
    for wrong in ("https://dl.example.com", "dl.example.com:8501", "dl.*.com", "*example.com", "a b"):
        with pytest.raises(ValidationError, match=r"without https:// or port"):
            Settings(allowed_hosts=wrong)


@pytest.mark.parametrize("wrong", ["http://x", "a@b", "[", "x\tz", "x#y", ""])
def test_what_is_no_host_has_no_name(wrong):
    assert hostname(wrong) is None


ROUTES = (
    "/",
    "/healthz",
    "/_stcore/health",
    "/_stcore/host-config",
    "/api/runs/x/curves?axis=batch",
    "/data",
)


@pytest.fixture
def whole(here):
    from app import app

    return TestClient(app, base_url="http://localhost")


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_of_the_dashboard_is_guarded(whole, path):
    refused = whole.get(path, headers={"host": "evil.com", "origin": "http://evil.com"})
    assert refused.status_code == 403
    assert "DLCORE_ALLOWED_HOSTS" in refused.text
    assert "default-src 'self'" in refused.headers["content-security-policy"]
    assert whole.get(path).status_code != 403


def test_no_script_runs_for_a_page_of_another_site(whole):
    stream = "/_stcore/stream"
    assert not is_connected(whole, stream, host="evil.com", origin="http://evil.com")
    assert not is_connected(whole, stream, host="localhost", origin="http://evil.com")
    assert not is_connected(whole, stream, host="localhost:8501", origin="http://localhost:3000")


def start(command, tmp_path, port):
    environment = {**os.environ, "DLCORE_HOME": str(tmp_path), "DLCORE_START_WORKER": "false"}
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def is_up():
        assert process.poll() is None, (tmp_path / "server.log").read_text()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True

    wait_for(is_up, what=(tmp_path / "server.log").read_text)
    return process


def status(port, path, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse().status
    connection.close()
    return answer


def handshake(host, origin):
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    return {"Host": host, "Origin": origin, "Sec-WebSocket-Key": key, **upgrade}


@pytest.mark.processes
@pytest.mark.parametrize("server", ["uvicorn", "streamlit"])
def test_under_both_servers_a_rebound_name_gets_neither_page_nor_websocket(tmp_path, free_port, server):
    command = {
        "uvicorn": ["uvicorn", "app:app", "--port", str(free_port)],
        "streamlit": [
            "streamlit",
            "run",
            "app.py",
            "--server.port",
            str(free_port),
            "--server.headless",
            "true",
        ],
    }[server]
    process = start([sys.executable, "-m", *command], tmp_path, free_port)
    try:
        own, evil = f"127.0.0.1:{free_port}", f"evil.com:{free_port}"
        assert status(free_port, "/", {"Host": own}) == 200
        assert status(free_port, "/_stcore/stream", handshake(own, f"http://{own}")) == 101
        assert status(free_port, "/", {"Host": evil}) == 403
        assert status(free_port, "/_stcore/stream", handshake(evil, f"http://{evil}")) == 403
        assert status(free_port, "/_stcore/stream", handshake(own, f"http://{evil}")) == 403
    finally:
        process.kill()
        process.wait()
