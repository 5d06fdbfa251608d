"""`python -m dlcore models`: models that are kept under a name."""

import json

import pytest
from typer.testing import CliRunner

import dlcore
from dlcore.cli.main import app
from dlcore.records import RunState
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.registry import UseKind
from dlcore.settings import Settings
from dlcore.store import Store
from tests.store.samples import in_state


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    opened = Store.open(Settings(home=tmp_path / "home"))
    yield opened
    opened.close()


def trained(store):
    run = in_state(store, RunState.STOPPED, owner="local")
    (store.artifacts.create(run.id) / MODEL_FILE).write_bytes(b"weights")
    return run.id


def call(*arguments):
    return CliRunner().invoke(app, ["models", *arguments])


def said(*arguments):
    done = call(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_model_is_kept_staged_listed_and_removed(store):
    first, second = trained(store), trained(store)
    assert said("keep", first, "--name", "digits", "--notes", "[b]")["reference"] == "digits@1"
    assert (
        call("keep", second, "--name", "digits").stdout == f"the model of run {second} is kept as digits@2\n"
    )
    assert call("stage", "digits@1", "production").stdout == "digits@1: production\n"
    store.registry.note_use(first, UseKind.EXPORT, "onnx")
    assert [(one["reference"], one["stage"], one["exported"]) for one in said()] == [
        ("digits@2", "none", []),
        ("digits@1", "production", ["onnx"]),
    ]
    table = call().stdout
    assert "digits@1" in table and "production" in table and "onnx" in table
    assert call("remove", "digits@2").stdout == f"digits@2 is removed; run {second} stays\n"
    assert [one["run_id"] for one in said()] == [first]


def test_what_cannot_be_done_is_one_clear_line(store):
    run = trained(store)
    said("keep", run, "--name", "digits")
    for arguments, reason in (
        (("keep", "nothing", "--name", "x"), "there is no run 'nothing'"),
        (("keep", run, "--name", "digits"), f"digits: the model of run {run} is its version 1 already"),
        (("stage", "digits", "live"), "there is no stage 'live'"),
        (("remove", "other"), "there is no model 'other'"),
    ):
        done = call(*arguments)
        assert done.exit_code in (1, 2) and reason in done.stderr


def test_python_says_the_same(store):
    run = trained(store)
    settings = Settings.from_environment()
    found = dlcore.run(run, settings=settings)
    assert found.keep("digits").reference == "digits@1"
    found.store.close()
    again = dlcore.run("digits@latest", settings=settings)
    assert again.run.id == run
    again.store.close()
    (model,) = dlcore.registered_models(settings=settings)
    assert (model.name, [one.run_id for one in model.versions]) == ("digits", [run])


def test_a_model_is_renamed_and_noted(store):
    call("keep", trained(store), "--name", "digits")
    assert call("rename", "digits", "numerals").stdout == "digits is called numerals now\n"
    assert call("note", "numerals", "of **all**").stdout == "numerals: noted\n"
    assert call("note", "numerals@1", "of this one").stdout == "numerals@1: noted\n"
    (row,) = said()
    assert (row["reference"], row["model_notes"], row["notes"]) == ("numerals@1", "of **all**", "of this one")
    gone = call("rename", "digits", "letters")
    assert (gone.exit_code, "there is no model 'digits'" in gone.output) == (1, True)
