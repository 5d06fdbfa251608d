"""What a host does at a terminal: the same as on the page Administration, and it is noted."""

import json

import pytest
from typer.testing import CliRunner

from dlcore.access.actors import Actor, Role
from dlcore.access.audit import audit_lines
from dlcore.access.claims import Identity
from dlcore.access.permissions import Kind
from dlcore.cli.main import app
from dlcore.cli.terminal import COMMAND_LINE
from dlcore.queue import submit
from dlcore.queue.complaints import complain
from dlcore.queue.ready import example
from dlcore.queue.sharing import Visibility, share
from dlcore.records.complaints import Ground
from dlcore.records.shares import Thing
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.gate import open_to

ANN, EVE = Actor("ann"), Actor("eve")
MAX = Identity("https://id.example.com", "max", "Max", "")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path))
    monkeypatch.setenv("DLCORE_MODE", "demo")
    opened = Store.open(Settings())
    for actor in (ANN, EVE):
        opened.visitors.add(actor)
    yield opened
    opened.close()


def said(*command):
    found = CliRunner().invoke(app, list(command))
    assert found.exit_code == 0, found.output
    return found.stdout


def noted(store):
    return [
        (line["what"], line["name"]) for line in audit_lines(store.settings) if line["from"] == COMMAND_LINE
    ]


def test_the_queue_is_listed_and_put_in_order(store):
    ids = [submit(open_to(store, ANN), example(), owner="ann", name=name).id for name in ("one", "two")]
    said("queue", "front", ids[1][:8])

    rows = json.loads(said("queue", "--json"))
    assert [(row["name"], row["owner"], row["place"], row["priority"] > 0) for row in rows] == [
        ("two", "ann", 1, True), ("one", "ann", 2, False),
    ]  # fmt: skip
    said("queue", "back", ids[1])
    assert [run.name for run in store.queue.waiting()] == ["one", "two"]
    said("queue", "usual", ids[1])
    assert "two" in said("queue") and store.queue.priorities() == {}
    said("stop", ids[0])
    assert noted(store) == [
        ("queue.front", ids[1]), ("queue.back", ids[1]), ("queue.usual", ids[1]), ("run.stop", ids[0]),
    ]  # fmt: skip


def test_usage_is_listed_and_a_budget_set(store):
    submit(open_to(store, ANN), example(), owner="ann")
    said("usage", "budget", "ann", "minutes=7")

    (row,) = json.loads(said("usage", "--json"))
    assert (row["owner"], row["role"], row["runs"], row["budget"]) == ("ann", Role.VISITOR, 1, "minutes=7")
    assert "ann may use what others" in said("usage", "budget", "ann", "") and store.own_budgets.all() == {}
    wrong = CliRunner().invoke(app, ["usage", "budget", "ann", "hours=7"])
    assert wrong.exit_code == 1 and "expected one of minutes" in wrong.output


def test_what_was_reported_is_listed_hidden_and_allowed(store):
    run = submit(open_to(store, ANN), example(), owner="ann", name="seen")
    thing = Thing(Kind.RUN, run.id)
    share(open_to(store, ANN), [thing], Visibility.PUBLIC, actor=ANN)
    complain(open_to(store, EVE), thing, Ground.SPAM, "\x1b[31mbuy", actor=EVE)

    (row,) = json.loads(said("complaints", "--json"))
    assert (row["thing"], row["owner"], row["ground"], row["reporter"]) == (run.id, "ann", "spam", "eve")
    assert "\x1b" not in said("complaints")
    said("complaints", "hide", run.id[:8])
    assert store.complaints.is_hidden(thing, owner="ann") and json.loads(said("complaints", "--json")) == []
    said("complaints", "allow", run.id)
    assert not store.complaints.is_hidden(thing, owner="ann")
    assert CliRunner().invoke(app, ["complaints", "hide", "nothing"]).exit_code != 0
    assert ("complaints.hide", run.id) in noted(store)


def test_members_are_listed_blocked_and_let_in_again(store):
    store.members.sign_in(MAX, Role.MEMBER, ends_at=4e9)
    said("members", "block", MAX.member_id)
    assert [row["blocked"] for row in json.loads(said("members", "--json"))] == [True]
    said("members", "unblock", MAX.member_id)
    said("members", "sign-out", MAX.member_id)
    assert noted(store) == [
        (f"members.{what}", MAX.member_id) for what in ("block", "unblock", "sign-out")
    ]  # fmt: skip
    assert CliRunner().invoke(app, ["members", "block", "nobody"]).exit_code == 1


def test_at_home_nothing_is_noted(store, monkeypatch):
    monkeypatch.setenv("DLCORE_MODE", "local")
    run = submit(store, example(), owner="local")
    said("queue", "front", run.id)

    assert list(audit_lines(store.settings)) == []
