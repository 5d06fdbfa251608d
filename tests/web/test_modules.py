"""The scripts of our components are ES modules that a browser fetches once."""

import re

import pytest
from starlette.testclient import TestClient

from dlcore.ui.components.scripts import script
from dlcore.web.modules import FOLDERS, module_url

IMPORT = re.compile(r'^import .* from "\./([\w.]+)";$', re.MULTILINE)


@pytest.fixture
def client(here):
    from app import app

    return TestClient(app, base_url="http://localhost")


def test_each_script_is_served_with_what_it_imports_beside_it(client):
    paths = [path for folder in FOLDERS for path in folder.glob("*.js")]
    names = [path.name for path in paths]
    assert {"live_chart.js", "study_chart.js", "uploader.js", "model.js"} <= set(names)
    assert len(names) == len(set(names))  # they are served as of one folder
    for path in paths:
        url = module_url(path.name)
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.text == path.read_text(encoding="utf-8")
        for imported in IMPORT.findall(answer.text):
            assert client.get(url.rsplit("/", 1)[0] + "/" + imported).status_code == 200


def test_a_component_imports_its_module_from_the_server_alone(client):
    text = script("live_chart.js")
    assert module_url("live_chart.js") in text
    policy = client.get("/healthz").headers["content-security-policy"]
    assert "script-src 'self'" in policy


def test_a_page_of_another_version_gets_the_script_and_does_not_keep_it(client):
    answer = client.get("/modules/0123456789ab/feed.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["nothing.js", "..%2fscripts.py", "uploader.css", "scripts.py"])
def test_nothing_but_scripts_is_served(client, name):
    assert client.get(f"/modules/0123456789ab/{name}").status_code in (400, 404)


def test_a_script_that_is_not_there_is_noticed_when_the_page_is_made():
    with pytest.raises(KeyError):
        module_url("nothing.js")
