"""`python -m dlcore export RUN --format F`: the file, what is said of it, and `run.export` in Python."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import dlcore
from dlcore.cli import export as export_cli
from dlcore.cli.main import app
from dlcore.datasets import facts
from dlcore.design.templates import proposal
from dlcore.errors import SpecError
from dlcore.exports import EXPORTS
from dlcore.processes import alone
from dlcore.processes.jobs import JOBS
from dlcore.queue import submit
from dlcore.settings import Settings
from dlcore.store import Store
from tests.browser.here import needs_runtime
from tests.engine.trained import trained_run

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a trained run on digits."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), KERAS_HOME=tmp_path_factory.mktemp("keras"))
    store = Store.open(settings)
    run = trained_run(store, facts("digits", settings))
    store.close()
    return settings, run.id


@pytest.fixture
def job(tmp_path):
    """Does a job here: its own process takes ten seconds to begin, and one test starts one."""

    def here(what, arguments, settings, progress):
        folder = tmp_path / "job"
        folder.mkdir(exist_ok=True)
        handle = SimpleNamespace(settings=settings, folder=folder, progress=progress)
        return json.loads(json.dumps(alone.do_here(JOBS[what], arguments, handle)))

    return here


@pytest.fixture
def call(home, job, monkeypatch):
    settings, _ = home
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("KERAS_HOME", str(settings.keras_home))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(export_cli, "run_alone", job)
    return lambda *arguments: CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_a_file_is_written_and_how_well_it_agrees_is_said(home, call, tmp_path):
    done = call(home[1], "--format", "weights", "--output", tmp_path / "w.weights.h5")
    assert done.exit_code == 0, done.output
    size = (tmp_path / "w.weights.h5").stat().st_size
    assert f"w.weights.h5 is written: {size:,} bytes" in done.stdout
    assert "checked on 64 test samples: differs by at most" in done.stdout and "accuracy" in done.stdout


def test_json_says_the_same(home, call, tmp_path):
    done = call(home[1], "--format", "csv", "--output", tmp_path / "t.zip", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said == {
        "format": "csv",
        "file": str(tmp_path / "t.zip"),
        "bytes": (tmp_path / "t.zip").stat().st_size,
        "agreement": None,
    }


def test_a_card_can_be_in_another_language(home, call, tmp_path):
    done = call(home[1], "--format", "card", "--language", "zh_CN", "--output", tmp_path / "card.md")
    assert done.exit_code == 0, done.output
    assert "## 测试集上的结果" in (tmp_path / "card.md").read_text("utf-8")
    found = dlcore.run(home[1], settings=home[0])
    with pytest.raises(SpecError, match=r"there is no language .zh.\. Nearest: zh_CN"):
        found.export("card", tmp_path / "card.md", language="zh")
    found.store.close()


@needs_runtime
def test_a_report_can_hold_the_model_and_no_other_format(home, call, tmp_path):
    done = call(home[1], "--format", "report", "--try", "--output", tmp_path / "it.html", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["agreement"]["samples"] == 64
    assert 'id="try-model"' in (tmp_path / "it.html").read_text("utf-8")
    refused = call(home[1], "--format", "card", "--try")
    assert refused.exit_code == 2 and "card: this format holds no model to try." in refused.stderr


def test_without_a_format_all_are_listed(call):
    said = json.loads(call("--json").stdout)
    assert [one["format"] for one in said] == list(EXPORTS)
    assert all(one["summary"] for one in said)
    assert "litert-int8" in call().stdout


def test_what_cannot_be_done_is_one_clear_line(home, call, tmp_path):
    assert "there is no format 'onix'" in call(home[1], "--format", "onix").stderr
    assert call("nothing", "--format", "csv").exit_code == 1
    done = call(home[1], "--format", "csv", "--output", tmp_path / "no" / "such" / "t.zip")
    assert done.exit_code == 1 and "the file cannot be written: No such file or directory" in done.stderr


def test_a_run_that_has_no_model_says_so(home, call, tmp_path):
    settings, _ = home
    store = Store.open(settings)
    run = submit(store, proposal(facts("digits", settings)), owner="local")
    store.close()
    done = call(run.id, "--format", "keras", "--output", tmp_path / "m.zip")
    assert done.exit_code == 1 and "there is no trained model" in done.stderr
    assert not (tmp_path / "m.zip").exists()


def test_a_run_is_exported_from_python(home, job, tmp_path, monkeypatch):
    monkeypatch.setattr(alone, "run_alone", job)
    settings, run = home
    found = dlcore.run(run, settings=settings)
    assert found.export("keras", tmp_path / "m.zip") == tmp_path / "m.zip"
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        assert archive.testzip() is None and "predict.py" in archive.namelist()
    found.store.close()


def test_the_command_writes_beside_where_it_is_called(home, tmp_path):
    settings, run = home
    done = subprocess.run(
        [sys.executable, "-m", "dlcore", "export", run, "--format", "onnx", "--json"],
        env={
            **os.environ,
            "DLCORE_HOME": str(settings.home),
            "KERAS_HOME": str(settings.keras_home),
            "PYTHONPATH": str(Path.cwd()),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    assert said["file"] == str(tmp_path / f"{run}.onnx.zip") and said["agreement"]["difference"] <= 1e-4
    assert [one.name for one in tmp_path.iterdir()] == [f"{run}.onnx.zip"]
    assert done.stderr == ""
