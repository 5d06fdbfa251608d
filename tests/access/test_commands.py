"""The table of rights at a terminal: who has the machine may do in any mode what an admin may, and no more."""

import json

import pytest
from typer.testing import CliRunner

from dlcore.access.actors import Role
from dlcore.access.permissions import Kind, Verb
from dlcore.cli.main import app
from dlcore.settings import Settings
from dlcore.store import Store
from tests.access.matrix import LOCAL, OTHERS, OWN, verbs
from tests.access.things import make_things

OWNERS = {OWN: "local", OTHERS: "0123456789abcdef0123456789abcdef"}
COMMANDS = {
    (Kind.RUN, Verb.READ): lambda things: ["show", things.ids[Kind.RUN], "--json"],
    (Kind.RUN, Verb.USE): lambda things: ["models", "keep", things.ended, "--name", "kept"],
    (Kind.RUN, Verb.CHANGE): lambda things: ["annotate", things.ids[Kind.RUN], "--notes", "x"],
    (Kind.RUN, Verb.STOP): lambda things: ["stop", things.ids[Kind.RUN]],
    (Kind.STUDY, Verb.READ): lambda things: ["study", things.ids[Kind.STUDY], "--json"],
    (Kind.STUDY, Verb.CHANGE): lambda things: ["annotate", things.ids[Kind.STUDY], "--notes", "x"],
    (Kind.STUDY, Verb.STOP): lambda things: ["study", "stop", things.ids[Kind.STUDY]],
    (Kind.DRAFT, Verb.CHANGE): lambda things: ["annotate", things.ids[Kind.DRAFT], "--notes", "x"],
    (Kind.DRAFT, Verb.DELETE): lambda things: ["drafts", "remove", things.ids[Kind.DRAFT]],
    (Kind.DATASET, Verb.READ): lambda things: ["data", "show", things.ids[Kind.DATASET]],
    (Kind.DATASET, Verb.USE): lambda things: ["new", things.ids[Kind.DATASET]],
    (Kind.DATASET, Verb.DELETE): lambda things: ["data", "remove", things.ids[Kind.DATASET]],
    (Kind.VECTORS, Verb.DELETE): lambda things: ["vectors", "remove", things.ids[Kind.VECTORS]],
}
"""What can be said of somebody's thing, in an order in which all can be done."""


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("dlcore.queue.ensure_worker", lambda *_these: None)
    opened = Store.open(Settings(home=tmp_path / "home"))
    yield opened
    opened.close()


@pytest.mark.parametrize(("mode", "role"), [("demo", Role.ADMIN), ("team", Role.ADMIN), ("local", LOCAL)])
def test_commands_do_what_the_table_says(store, tmp_path, monkeypatch, mode, role):
    monkeypatch.setenv("DLCORE_MODE", mode)
    done, wanted = {}, {}
    for relation, owner in OWNERS.items():
        things = make_things(store, owner, tmp_path, relation.replace("'", ""))
        for (kind, verb), command in COMMANDS.items():
            done[relation, kind, verb] = CliRunner().invoke(app, command(things)).exit_code == 0
            wanted[relation, kind, verb] = verb in verbs(kind, relation, role)

    assert {cell: one for cell, one in done.items() if one != wanted[cell]} == {}


@pytest.mark.parametrize("mode", ["demo", "team"])
def test_lists_of_ones_own_at_a_terminal_hold_nothing_of_strangers(store, tmp_path, monkeypatch, mode):
    monkeypatch.setenv("DLCORE_MODE", mode)
    own, theirs = (make_things(store, OWNERS[one], tmp_path, one.replace("'", "")) for one in (OWN, OTHERS))
    for things, owner in ((own, OWNERS[OWN]), (theirs, OWNERS[OTHERS])):
        store.registry.keep(things.ended, owner=owner, name=f"kept {owner[:3]}")

    drafts, models = (
        json.loads(CliRunner().invoke(app, [what, "--json"]).stdout) for what in ("drafts", "models")
    )
    assert [one["id"] for one in drafts] == [own.ids[Kind.DRAFT]]
    assert [one["run_id"] for one in models] == [own.ended]
