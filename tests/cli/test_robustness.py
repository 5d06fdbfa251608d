"""`python -m dlcore robustness RUN`: what is asked of the job, and how its answer is printed."""

import json

import pytest
from typer.testing import CliRunner

from dlcore.cli import robustness as robustness_cli
from dlcore.cli.main import app
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records.robustness import Robustness, RobustnessPoint, Unit
from dlcore.settings import Settings
from dlcore.store import Store

POINTS = (RobustnessPoint(0.0, 0.95, 0.9, 0.98), RobustnessPoint(8.0, 0.415, 0.35, 0.48))


@pytest.fixture
def call(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path / "home")
    store = Store.open(settings)
    run = submit(store, example(), owner="local")
    store.close()
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("COLUMNS", "200")
    asked = []

    def here(what, arguments, settings, progress):
        asked.append((what, arguments))
        return Robustness(arguments["kind"], arguments["part"], Unit.LEVELS, True, 200, 359, POINTS).to_dict()

    monkeypatch.setattr(robustness_cli, "run_alone", here)

    def called(*words):
        return CliRunner().invoke(app, ["robustness", run.id[:12], *words]), asked

    return called


def test_the_accuracy_at_each_strength_is_printed(call):
    done, asked = call()
    assert done.exit_code == 0, done.output
    assert [(what, one["kind"], one["strengths"]) for what, one in asked] == [("robustness", "fgsm", [])]
    assert "fgsm on 200 of 359 samples" in done.stdout
    assert "41.5%" in done.stdout and "35.0%" in done.stdout and "48.0%" in done.stdout


def test_several_kinds_and_strengths_come_as_json(call):
    done, asked = call("--json", "--kind", "pgd", "--kind", "noise", "--strength", "8", "--strength", "2")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [one["kind"] for one in said["found"]] == ["pgd", "noise"]
    assert said["found"][0]["points"][1] == {"strength": 8.0, "value": 0.415, "low": 0.35, "high": 0.48}
    assert asked[0][1]["strengths"] == [8.0, 2.0]


def test_what_cannot_be_asked_is_said_before_anything_is_computed(call):
    done, asked = call("--kind", "fog")
    assert done.exit_code != 0 and "there is no disturbance 'fog'" in done.output and asked == []
