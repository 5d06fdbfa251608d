"""`python -m dlcore vectors`: add, list, remove."""

import json

import pytest
from typer.testing import CliRunner

from dlcore.cli.main import app
from tests.datasets.fixtures import settings_in


@pytest.fixture
def settings(tmp_path, monkeypatch):
    found = settings_in(tmp_path)
    monkeypatch.setenv("DLCORE_HOME", str(found.home))
    monkeypatch.setenv("COLUMNS", "200")
    return found


def call(*arguments):
    return CliRunner().invoke(app, ["vectors", *map(str, arguments)])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "glove.6B.2d.txt"
    path.write_text("".join(f"w{n} {n} 1\n" for n in range(1_200)) + "w0 3 4\nbad 1\n")
    return path


@pytest.mark.usefixtures("jobs_here")
def test_vectors_are_added_listed_and_removed(settings, file):
    done = call("add", file)
    assert done.exit_code == 0, done.output
    assert "glove-6b-2d: 1,201 words, 2 numbers each" in done.stdout
    assert (
        "note: lines that are not a word with a vector of length 2: 1, the first is line 1,202" in done.stdout
    )
    assert "note: words that come more than once: 1; the first vector counts" in done.stdout

    assert all(word in call("list").stdout for word in ("glove-6b-2d", "1,201", "glove.6B.2d.txt", "local"))
    assert call("remove", "glove-6b-2d").stdout == "glove-6b-2d is removed\n"
    assert json.loads(call("list", "--json").stdout) == []


@pytest.mark.usefixtures("jobs_here")
def test_json_says_all_that_is_known(settings, file):
    said = json.loads(call("add", file, "--name", "mine", "--json").stdout)

    assert (said["name"], said["words"], said["dimension"], said["owner"]) == ("mine", 1_201, 2, "local")
    assert (said["origin"], len(said["sha256"]), len(said["notes"])) == ("glove.6B.2d.txt", 64, 2)
    assert json.loads(call("list", "--json").stdout) == [said]


def test_what_is_refused_is_one_line_and_a_status(settings, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("name,age\nAnn,3\n")

    for arguments, said in [
        (("add", table), "these are no word vectors; its first line is: name,age"),
        (("add", tmp_path / "none.txt"), "the file cannot be read"),
        (("remove", "none"), "there are no word vectors 'none'"),
    ]:
        done = call(*arguments)
        assert done.exit_code != 0
        assert said in done.stderr.replace("\n", " ")
