"""The download of what was exported."""

import zipfile

import pytest
from starlette.testclient import TestClient

from dlcore.exports import Export
from tests.ui.conftest import running
from tests.ui.test_take_away import exported


@pytest.fixture
def client(here):
    from app import app

    return TestClient(app, base_url="http://localhost")


def test_an_export_is_sent_as_a_file_of_its_name(client, here):
    run = running(here)
    job = exported(here, run, Export("csv", f"{run.id}.csv.zip", 10))
    answer = client.get(f"/api/exports/{job.id}")
    assert answer.status_code == 200 and answer.content == b"x" * 10
    assert answer.headers["content-disposition"] == f'attachment; filename="{run.id}.csv.zip"'


def test_only_an_export_of_your_own_that_is_kept_is_sent(client, here, monkeypatch):
    run = running(here)
    job = exported(here, run, Export("csv", "it.csv.zip", 10))
    other = here.store.jobs.request("download", {"name": "mnist"}, owner=here.actor.id)
    assert client.get("/api/exports/nothing").status_code == 404
    assert client.get(f"/api/exports/{other.id}").status_code == 404
    (here.store.jobs.folder(job.id) / "it.csv.zip").unlink()
    assert client.get(f"/api/exports/{job.id}").status_code == 404
    someone = here.store.jobs.request("export", {"run": run.id, "format": "csv"}, owner="someone else")
    assert client.get(f"/api/exports/{someone.id}").status_code == 404


def test_the_model_alone_is_sent_to_a_browser_of_its_owner(client, here):
    run = running(here)
    job = exported(here, run, Export("onnx", f"{run.id}.onnx.zip", 10))
    with zipfile.ZipFile(here.store.jobs.folder(job.id) / f"{run.id}.onnx.zip", "w") as archive:
        archive.writestr("model.onnx", b"a model")
    answer = client.get(f"/api/exports/{job.id}/model.onnx")
    assert (answer.status_code, answer.content) == (200, b"a model")
    assert answer.headers["cache-control"].startswith("private")

    other = exported(here, run, Export("csv", "it.csv.zip", 10))
    someone = here.store.jobs.request("export", {"run": run.id, "format": "onnx"}, owner="someone else")
    for wrong in (other.id, someone.id, "nothing"):
        assert client.get(f"/api/exports/{wrong}/model.onnx").status_code == 404
