"""`python -m dlcore serve RUN`: JSON in, JSON out, errors in words, and a true description of both."""

import base64
import json
import os
import socket
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from dlcore.cli.main import app as commands
from dlcore.datasets import facts
from dlcore.design.templates import proposal
from dlcore.engine.predictor import Predictor
from dlcore.queue import submit
from dlcore.queue.asked_process import NoAnswerError
from dlcore.queue.wire import Answer
from dlcore.serving import app as serving
from dlcore.settings import Settings
from dlcore.store import Store
from tests.datasets.makers import png, shops, stored
from tests.engine.trained import trained_run

pytestmark = pytest.mark.keras


class Here:
    """Answers in this process; what goes through pipes is tested with the process itself."""

    def __init__(self, settings):
        self._settings, self.trouble = settings, None

    def ask(self, store, run_id, given=None):
        if self.trouble:
            raise self.trouble
        predictor = Predictor.open(store.artifacts.folder(store.runs.get(run_id).id), self._settings)
        return Answer(predictor.predict(given))

    def close(self):
        pass


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a run on digits and one on a table, both trained."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), KERAS_HOME=tmp_path_factory.mktemp("keras"))
    store = Store.open(settings)
    kept = stored(shops(settings.home / "shops.csv"), settings)
    runs = {}
    for name, known in (("digits", facts("digits", settings)), ("it", kept.facts)):
        runs[name] = trained_run(store, known)
    yield settings, store, runs
    store.close()


@pytest.fixture
def client(home):
    settings, store, runs = home

    def made(name):
        process = Here(settings)
        service = serving.Service(runs[name], store, process, settings)
        client = TestClient(service.app(), base_url="http://localhost", raise_server_exceptions=True)
        client.process = process
        return client

    return made


ROW = {"visits": 100.5, "size": "small", "city": "city 1"}


def test_rows_are_answered_as_by_the_run_itself(home, client):
    settings, store, runs = home
    rows = [ROW, {**ROW, "visits": "many"}]
    said = client("it").post("/predict", json={"samples": rows})
    assert said.status_code == 200
    content = said.json()
    own = Predictor.open(store.artifacts.folder(runs["it"].id), settings).predict(rows)
    first, second = content["predictions"]
    assert first["answer"] == list(own[0].chosen)
    assert first["values"] == pytest.approx(own[0].values, abs=1e-6)
    assert second["values"] == {} and "many" in second["problem"]
    assert content["task"] == "binary classification" and content["milliseconds"] > 0


def test_a_picture_is_the_body_or_base64(client):
    digit = png(np.arange(64, dtype=np.uint8).reshape(8, 8) * 3)
    asked = client("digits")
    body = asked.post("/predict", content=digit, headers={"content-type": "image/png"}).json()
    coded = [base64.b64encode(one).decode() for one in (digit, b"no picture", digit)]
    several = asked.post("/predict", json={"samples": coded}).json()
    assert [one["sample"] for one in several["predictions"]] == ["1", "2", "3"]
    assert several["predictions"][0]["values"] == several["predictions"][2]["values"]
    assert several["predictions"][0]["values"] == pytest.approx(body["predictions"][0]["values"])
    assert several["predictions"][1]["values"] == {} and several["predictions"][1]["problem"]


@pytest.mark.parametrize(
    ("name", "request_", "status", "word"),
    [
        ("it", {"content": b"{", "headers": {"content-type": "application/json"}}, 400, "no JSON"),
        ("it", {"json": [1]}, 400, "a list of samples"),
        ("it", {"json": {"samples": []}}, 400, "a list of samples"),
        ("it", {"json": {"samples": ["text"]}}, 400, "rows by the names"),
        ("it", {"json": {"samples": [{"visits": 1}]}}, 400, "missing: size, city"),
        ("it", {"content": b"a,b", "headers": {"content-type": "text/csv"}}, 415, "application/json"),
        ("digits", {"json": {"samples": ["%%%"]}}, 400, "sample 1 is no file in Base64"),
        ("digits", {"json": {"samples": [3]}}, 400, "sample 1 is no file in Base64"),
        ("digits", {"json": {"samples": ["aGVsbG8=", "aGVsbG8="]}}, 400, "none of the samples"),
        ("digits", {"content": b"", "headers": {"content-type": "image/png"}}, 400, ""),
    ],
)
def test_what_is_wrong_is_said(client, name, request_, status, word):
    said = client(name).post("/predict", **request_)
    assert said.status_code == status
    assert word in said.json()["error"]


def test_a_body_that_is_too_long_is_not_read_to_its_end(client, monkeypatch):
    monkeypatch.setattr(serving, "MOST_JSON", 2**20)
    read = []

    def endless():
        for _ in range(1000):
            read.append(1)
            yield b" " * 2**16

    asked = client("it")
    said = asked.post("/predict", content=endless(), headers={"content-type": "application/json"})
    assert said.status_code == 413 and "at most 1 MB" in said.json()["error"]


def test_a_process_that_gives_no_answer_is_another_trouble_than_a_wrong_sample(client):
    asked = client("it")
    asked.process.trouble = NoAnswerError("it ended.")
    said = asked.post("/predict", json={"samples": [ROW]})
    assert (said.status_code, said.json()) == (503, {"error": "it ended."})


def test_a_deleted_run_is_said(home, client):
    settings, store, runs = home
    gone = submit(store, proposal(facts("it", settings)), owner="local")
    folder, own = store.artifacts.folder(gone.id), store.artifacts.folder(runs["it"].id)
    folder.mkdir(parents=True)
    for file in ("model.keras", "preparation.json"):
        (folder / file).write_bytes((own / file).read_bytes())
    service = serving.Service(store.runs.get(gone.id), store, Here(settings), settings)
    assert store.runs.delete(gone)
    said = TestClient(service.app(), base_url="http://localhost").post("/predict", json={"samples": [ROW]})
    assert said.status_code == 404 and gone.id in said.json()["error"]


def test_a_page_of_another_site_is_refused(client):
    said = client("it").post("/predict", json={"samples": [ROW]}, headers={"host": "evil.com"})
    assert said.status_code == 403


def test_the_description_names_what_is_taken_and_given(client):
    asked = client("it")
    described = asked.get("/openapi.json").json()
    assert described == asked.get("/").json()
    assert described["openapi"] == "3.1.0"
    post = described["paths"]["/predict"]["post"]
    row = post["requestBody"]["content"]["application/json"]["schema"]["properties"]["samples"]["items"]
    assert row["required"] == ["visits", "size", "city"]
    assert row["properties"]["visits"]["type"] == ["number", "string", "null"]
    assert row["properties"]["size"]["examples"] == ["large", "middle", "small"]
    answer = post["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["predictions"][
        "items"
    ]
    assert answer["properties"]["answer"]["items"]["enum"] == ["no", "yes"]
    picture = (
        client("digits").get("/openapi.json").json()["paths"]["/predict"]["post"]["requestBody"]["content"]
    )
    assert set(picture) == {"application/json", "image/*"}


def call(home, *arguments):
    environment = {"DLCORE_HOME": str(home.home), "KERAS_HOME": str(home.keras_home)}
    return CliRunner().invoke(commands, ["serve", *arguments], env=environment)


def test_a_port_that_is_taken_is_said_before_anything_is_loaded(home):
    settings, _, runs = home
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = call(settings, runs["it"].id, "--port", str(taken.getsockname()[1]))
    assert done.exit_code == 1 and "cannot listen there" in done.output and "another port" in done.output


def test_a_run_without_a_model_is_said(home):
    settings, store, _ = home
    run = submit(store, proposal(facts("it", settings)), owner="local")
    done = call(settings, run.id, "--port", "0")
    assert done.exit_code == 1 and "error:" in done.output


@pytest.mark.processes
def test_the_command_serves(home):
    settings, _, runs = home
    environment = {**os.environ, "DLCORE_HOME": str(settings.home), "KERAS_HOME": str(settings.keras_home)}
    command = [sys.executable, "-u", "-m", "dlcore", "serve", runs["it"].id, "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as served:
        try:
            line = next(line for line in served.stdout if "/predict" in line)
            address = line.split(" answers at ")[1].split(",")[0]
            content = json.dumps({"samples": [ROW]}).encode()
            request = urllib.request.Request(address, content, {"content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as said:
                assert json.load(said)["predictions"][0]["answer"][0] in ("no", "yes")
        finally:
            served.terminate()
            served.wait(60)
