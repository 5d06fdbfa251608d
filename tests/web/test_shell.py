"""The HTML around all pages."""

import re

import pytest
from starlette.testclient import TestClient

from dlcore.web import plotly_js
from dlcore.web.modules import module_url
from dlcore.web.shell import with_first_script

OURS = f'<script type="module" src="{module_url("first.js")}"></script>'


@pytest.fixture
def client(here):
    from app import app

    accept = "text/html,application/xhtml+xml,*/*;q=0.8"
    return TestClient(app, base_url="http://localhost", headers={"accept": accept})


@pytest.mark.parametrize("path", ["/", "/data", "/run?run=abc"])
def test_our_script_runs_before_streamlits(client, path):
    answer = client.get(path)
    assert answer.text.count(OURS) == 1
    assert answer.text.index(OURS) < answer.text.index("static/js/index.")
    assert answer.text.rstrip().endswith("</html>")
    assert int(answer.headers["content-length"]) == len(answer.content)
    # A browser that keeps it would ask whether Streamlit's file has changed.
    assert "etag" not in answer.headers
    assert client.get(module_url("first.js")).status_code == 200


def test_what_is_no_page_is_left_as_it_is(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.head("/").status_code == 200
    assert with_first_script(b"<html>refused</html>", "run") == b"<html>refused</html>"


def test_a_page_of_charts_has_plotly_fetched_while_it_starts(client):
    found = re.findall(
        '<link rel="modulepreload" crossorigin href="([^"]*PlotlyChart[^"]*)">',
        client.get("/compare?runs=abc").text,
    )
    assert found == [plotly_js.STREAMLITS]
    script = client.get(found[0])
    assert (script.status_code, "window.Plotly=" in script.text) == (200, True)
    assert "PlotlyChart" not in client.get("/datasets").text
