"""`python -m dlcore data add keras:NAME`: one clear line, or a dataset that is stored."""

import json

import pytest
from typer.testing import CliRunner

from dlcore.cli.main import app
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.ingest.keras_sets import KERAS_SETS
from dlcore.datasets.stored import open_stored, stored_names
from dlcore.spec.data import ColumnRole
from tests.datasets.fixtures import settings_in
from tests.datasets.keras_makers import small_california, small_imdb
from tests.network import cut_off


@pytest.fixture
def settings(tmp_path, monkeypatch):
    found = settings_in(tmp_path)
    monkeypatch.setenv("DLCORE_HOME", str(found.home))
    monkeypatch.setenv("KERAS_HOME", str(found.keras_home))
    monkeypatch.setenv("COLUMNS", "200")
    cut_off(monkeypatch)
    return found


@pytest.fixture
def small(settings, monkeypatch):
    """Small files under the names of Keras, and registered as what they are."""
    for entry in (small_imdb(settings.datasets_dir), small_california(settings.datasets_dir)):
        monkeypatch.setitem(KERAS_SETS, entry.name, entry)


def call(*arguments):
    return CliRunner().invoke(app, ["data", *arguments])


@pytest.mark.usefixtures("jobs_here")
def test_a_dataset_of_keras_is_stored_as_what_it_is(settings, small):
    done = call("add", "keras:imdb", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["name"], said["kind"], said["task"]) == ("imdb", "text", "binary classification")
    assert (said["train_size"], said["test_size"], said["classes"]) == (3, 2, ["negative", "positive"])
    assert stored_names(settings) == ("imdb",)


@pytest.mark.usefixtures("jobs_here")
def test_its_licence_and_what_to_cite_are_shown(settings, small):
    shown = call("add", "keras:imdb").stdout
    assert "licence: No license stated; the authors ask to be cited." in shown
    assert "cite: A. L. Maas" in shown


@pytest.mark.usefixtures("jobs_here")
def test_another_name_title_and_target_are_taken(settings, small):
    chosen = ["--name", "homes", "--title", "Homes", "--target", "median_income"]
    done = call("add", "keras:california_housing", *chosen)
    assert done.exit_code == 0, done.output
    facts = open_stored("homes", settings).facts
    assert (facts.title, facts.targets) == ("Homes", ("median_income",))
    assert [column.name for column in facts.columns_of(ColumnRole.PART)] == ["part"]
    assert facts.licence == "No license stated."


def test_what_comes_with_the_program_is_not_added_again(settings):
    done = call("add", "keras:mnist")
    assert done.exit_code == 2
    assert done.stderr == (
        "error: keras:mnist: this dataset is built in, under the name 'mnist'. "
        "Use it by that name; there is nothing to upload.\n"
    )


def test_a_name_that_keras_lacks_lists_the_nearest(settings):
    done = call("add", "keras:router")
    assert done.exit_code == 2
    assert done.stderr == "error: keras.datasets: there is no dataset 'router'. Nearest: reuters.\n"


def test_no_network_is_one_line_that_says_what_to_do(settings):
    done = call("add", "keras:imdb")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: imdb.npz could not be downloaded from https://")
    assert f"put the file at {settings.datasets_dir / 'imdb.npz'} yourself." in done.stderr
    assert stored_names(settings) == ()


def test_the_help_says_what_can_be_had_from_keras():
    done = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["data", "add", "--help"])
    said = " ".join(done.stdout.replace("│", " ").split())  # wherever its lines end
    assert "keras:NAME" in said
    assert "imdb, reuters, california_housing, boston_housing" in said


@pytest.mark.usefixtures("jobs_here")
def test_a_damaged_dataset_is_named_in_one_line_the_others_are_listed_and_it_can_be_removed(settings, small):
    call("add", "keras:imdb")
    call("add", "keras:california_housing")
    (manifest,) = (settings.home / "datasets" / "imdb").glob("*/manifest.json")
    manifest.write_text("{")
    listed = call("list")
    assert listed.exit_code == 0
    assert "california" in listed.stdout
    (line,) = listed.stderr.splitlines()
    assert line.startswith(f"error: imdb/{manifest.parent.name}: this stored dataset is damaged: ")
    assert [row["name"] for row in json.loads(call("list", "--json").stdout)][-1] == "california_housing"
    assert call("remove", "imdb").exit_code == 0
    assert call("list").stderr == ""


@pytest.mark.usefixtures("jobs_here")
def test_an_example_is_stored_by_its_name(settings):
    done = call("add", "example:breast_cancer", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["name"], said["kind"], said["task"]) == ("breast_cancer", "table", "binary classification")
    assert call("add", "example:sine", "--name", "wave").exit_code == 0
    assert stored_names(settings) == ("breast_cancer", "wave")
    unknown = call("add", "example:breast")
    assert unknown.exit_code == 2
    assert "Nearest: breast_cancer" in unknown.output


def test_a_name_is_whole_in_the_narrowest_terminal(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    name = "a-dataset-whose-name-is-as-long-as-it-may-be-for-a-terminal-x"
    file = tmp_path / "x.csv"
    file.write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(30)))
    ingest(file, settings, Choices(name=name), owner="local")
    assert name in call("list").stdout


def test_a_file_is_inspected_stored_and_previewed(settings, tmp_path):
    file = tmp_path / "prices.csv"
    rows = "".join(f'{n};{n},5;"$1,{n:03}.00";{"ab"[n % 2]}\n' for n in range(1, 40))
    file.write_text("id;size;price;kind\n" + rows)
    seen = call("inspect", str(file), "--target", "price")
    assert seen.exit_code == 0, seen.output
    assert "column id is not used" in seen.output
    assert "thousands separated by ','" in seen.output
    assert stored_names(settings) == ()
    assert call("add", str(file), "--target", "price", "--type", "kind=category").exit_code == 0
    assert "thousands separated by ','" in call("show", "prices").output
    assert "1001" in call("preview", "prices", "--rows", "1").output
    wrong = call("add", str(file), "--type", "kind:category")
    assert "expected COLUMN=WORD, got 'kind:category'" in wrong.output.replace("\n", " ")
