"""`python -m dlcore drafts`: what was begun and not started, and how it goes away."""

import json
import time

import pytest
from typer.testing import CliRunner

from dlcore.access.actors import Actor
from dlcore.cli.main import app
from dlcore.queue import sweep_drafts
from dlcore.queue.ready import example
from dlcore.settings import Settings
from dlcore.store import Store

WEEK = 7 * 24 * 3600


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    opened = Store.open(Settings(home=tmp_path / "home"))
    yield opened
    opened.close()


def call(*arguments):
    return CliRunner().invoke(app, ["drafts", *arguments])


def begun(store, name="", **search):
    return store.drafts.create(example().updated(name=name).to_dict(), owner="local", search=search).id


def test_drafts_are_listed_with_what_they_are_about(store):
    first = begun(store, "[red]mine[/red]", space={"seed": [1, 2]})
    second = begun(store, "other")
    table = call()
    assert table.exit_code == 0, table.output
    assert "[red]mine[/red]" in table.stdout
    assert first[:10] in table.stdout and first not in table.stdout
    assert f"/build?draft={second}" in table.stdout
    rows = json.loads(call("--json").stdout)
    assert [(row["id"], row["name"], row["dataset"], row["searched"]) for row in rows] == [
        (second, "other", "digits", 0),
        (first, "[red]mine[/red]", "digits", 1),
    ]


def test_a_draft_that_no_version_can_read_is_listed_too(store):
    draft = store.drafts.create({"schema": 99}, owner="local").id
    assert json.loads(call("--json").stdout)[0]["id"] == draft
    assert call().exit_code == 0


def test_drafts_are_removed_by_their_ids(store):
    first, second, third = begun(store), begun(store), begun(store)
    assert call("remove", first, third).exit_code == 0
    assert [one.id for one in store.drafts.list(owner="local")] == [second]
    gone = call("remove", first)
    assert gone.exit_code == 1
    assert "there is no draft" in gone.output


def test_somebody_elses_draft_is_neither_listed_nor_removed(store):
    foreign = store.drafts.create(example().to_dict(), owner="eve").id
    assert json.loads(call("--json").stdout) == []
    assert call("remove", foreign).exit_code == 1
    assert store.drafts.get(foreign, actor=Actor("eve"))


def test_a_week_later_a_sweep_takes_what_nobody_changed(store):
    begun(store)
    changed, searched = begun(store, "mine"), begun(store, space={"seed": [1, 2]})
    assert sweep_drafts(store, at=time.time() + WEEK - 60) == 0
    assert sweep_drafts(store, at=time.time() + WEEK + 60) == 1
    assert {one.id for one in store.drafts.list(owner="local")} == {changed, searched}
    assert "removed drafts: 0" in call("sweep").stdout
