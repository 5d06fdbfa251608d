"""`python -m dlcore compare`, and the same from Python."""

import json

import pytest
from typer.testing import CliRunner

import dlcore
from dlcore.cli.main import app
from dlcore.errors import NotFoundError
from tests.comparison.runs import classified


def call(*arguments):
    return CliRunner().invoke(app, list(arguments))


def rows(table):
    """The cells of the rows of printed tables by the first one."""
    cells = [
        [cell.strip() for cell in line.strip("│").split("│")] for line in table.splitlines() if "│" in line
    ]
    return {first: others for first, *others in cells}


@pytest.fixture
def two(store, settings, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("COLUMNS", "200")
    base = classified(store, "base", range(40))
    return base, classified(store, "better", range(10), **{"training.batch_size": 64})


def test_runs_are_compared_in_words(two):
    base, better = two
    said = call("compare", base.id, better.id)
    assert said.exit_code == 0
    assert "better against base: accuracy: better by 15.0 ± 5.0 points" in said.stdout
    assert "settings that differ: 1 of" in said.stdout
    assert "training.batch_size" in said.stdout
    assert "80% ± 5.5" in said.stdout


def test_runs_are_compared_as_json(two):
    base, better = two
    data = json.loads(call("compare", base.id, better.id, "--baseline", better.id, "--json").stdout)
    assert data["baseline"] == better.id
    found = data["runs"][0]["scores"]["accuracy"]["difference"]
    assert found["sentence"] == "worse by 15.0 ± 5.0 points"
    assert data["settings"] == {"training.batch_size": [32, 64]}


def test_a_run_that_is_gone_is_named(two):
    said = call("compare", two[0].id, "gone")
    assert said.exit_code == 1
    assert "there is no run 'gone'" in said.stderr


def test_python_holds_the_same(two, settings):
    base, better = two
    found = dlcore.compare(base.id, dlcore.run(better.id, settings=settings), settings=settings)
    difference = found.of(better.id).scores["accuracy"].difference
    assert difference.sentence("accuracy").text() == "better by 15.0 ± 5.0 points"
    with pytest.raises(NotFoundError):
        dlcore.compare(base.id, "gone", settings=settings)


def test_runs_are_grouped(two):
    said = call("runs", "--group", "training.batch_size", "--json")
    assert [one["group"] for one in json.loads(said.stdout)] == [
        {"training.batch_size": 64},
        {"training.batch_size": 32},
    ]
    assert "training.batch_size" in call("runs", "--group", "training.batch_size").stdout
    wrong = call("runs", "--group", "batch")
    assert wrong.exit_code == 2
    assert "there is no field 'batch'" in wrong.stderr


def test_a_run_is_repeated_with_other_seeds(two, settings, monkeypatch):
    monkeypatch.setattr("dlcore.queue.ensure_worker", lambda *_: None)
    monkeypatch.setattr("dlcore.api.ensure_worker", lambda *_: None)
    said = call("repeat", two[0].id, "--seeds", "2", "--json")
    assert [one["seed"] for one in json.loads(said.stdout)] == [1, 2]
    (more,) = dlcore.run(two[0].id, settings=settings).repeat(seeds=1)
    assert more.run.spec["seed"] == 3
    assert "seed 4" in call("repeat", two[0].id, "--seeds", "1").stdout


def test_the_spread_of_seeds_is_said(two, store):
    again = classified(store, "again", range(60), seed=1)
    said = call("compare", two[0].id, again.id)
    # 80 % and 70 %: 5 · √2 / √2 times 12.706, Student's t of one degree of freedom.
    assert rows(said.stdout)["base"] == ["2", "75% ± 64", ""]


def test_groups_are_compared_in_words_and_as_json(two, store):
    again = classified(store, "again", range(42), seed=1)
    other = classified(store, "third", range(12), seed=1, **{"training.batch_size": 64})
    ids = [run.id for run in (*two, again, other)]
    said = call("compare", *ids, "--group", "training.batch_size")
    assert said.exit_code == 0
    # 79.5 ± 0.7 % and 94.5 ± 0.7 %: their difference varies by 0.007 with two degrees of freedom.
    assert rows(said.stdout)["64"] == ["2", "94.5% ± 6.4", "better by 15.0 ± 3.0 points"]
    data = json.loads(call("compare", "--where", "not name ~ nothing", "--json").stdout)
    assert (len(data["runs"]), data["total"], len(data["groups"])) == (4, 4, 2)
    wrong = call("compare", "--where", "accurcy > 1")
    assert wrong.exit_code == 2
    assert "there is no field 'accurcy'" in wrong.stderr and "^^^^^^^" in wrong.stderr
    assert "there is no field 'batch'" in call("compare", *ids, "--group", "batch").stderr
    assert "expected runs to compare, got none" in call("compare").stderr
    found = dlcore.compare(where="name ~ base", by=["seed"], settings=store.settings)
    assert [group.values for group in found.groups] == [(0,)]
