"""What runs models in a browser is served with its type, compressed, and kept by the browser."""

import gzip

import pytest
from starlette.testclient import TestClient

from dlcore.browser.runtime import SCRIPT, WASM
from dlcore.web import runtime
from dlcore.web.runtime import runtime_urls


@pytest.fixture
def client(here):
    from app import app

    return TestClient(app, base_url="http://localhost")


def test_the_files_are_served_as_browsers_need_them(client, monkeypatch):
    kept = {SCRIPT: gzip.compress(b"script"), WASM: gzip.compress(b"wasm")}
    monkeypatch.setattr(runtime, "read_runtime", lambda folder: kept)
    for part, content, kind in (
        ("script", b"script", "text/javascript"),
        ("wasm", b"wasm", "application/wasm"),
    ):
        answer = client.get(runtime_urls()[part])
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-type"].startswith(kind)
        assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"{runtime_urls()['script']}.map").status_code == 404


def test_what_was_not_fetched_is_not_there(client, monkeypatch):
    monkeypatch.setattr(runtime, "read_runtime", lambda folder: None)
    assert client.get(runtime_urls()["wasm"]).status_code == 404


def test_pages_may_compile_webassembly_but_run_no_text(client):
    policy = client.get("/healthz").headers["content-security-policy"]
    assert "'wasm-unsafe-eval'" in policy and "'unsafe-eval'" not in policy
