"""`python -m dlcore doctor`: one line for whatever is damaged, and a way out."""

from contextlib import closing

import pytest
from typer.testing import CliRunner

from dlcore.cli.main import app
from dlcore.models.storing import store_model
from dlcore.store import Store
from tests.datasets.makers import colours, stored
from tests.models.samples import keras_file
from tests.store.samples import queued


@pytest.fixture
def home(settings, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("KERAS_HOME", str(settings.keras_home))
    with closing(Store.open(settings)) as store:
        queued(store)
    return settings.home


def call(*arguments):
    return CliRunner().invoke(app, ["doctor", *arguments])


def line_of(done, start):
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(start)]
    return line


def test_a_damaged_store_is_one_line_and_the_rest_is_looked_at(home):
    (home / "store.sqlite").write_bytes(b"nonsense " * 9_999)
    done = call()
    assert done.exit_code == 1
    assert line_of(done, "no  store: ") == "no  store: damaged: file is not a database"
    assert "`python -m dlcore doctor --repair`" in done.stdout
    assert line_of(done, "ok  dataset digits: ")


def test_a_repair_says_what_it_will_do_and_what_it_did(home):
    (home / "optuna.sqlite").write_bytes(b"nonsense " * 9_999)
    assert line_of(call(), "no  searches: ").startswith("no  searches: what the samplers know is damaged")
    done = call("--repair")
    assert line_of(done, "will: ").startswith(
        "will: what the samplers know is damaged (file is not a database)"
    )
    assert line_of(done, "done: ").startswith("done: the old file is ")
    assert call("--repair").stdout.startswith("nothing to repair")


def test_a_deep_look_reads_every_byte(home, settings, tmp_path):
    dataset = stored(colours(tmp_path / "x.zip"), settings)
    data = bytearray((dataset.folder / "samples.bin").read_bytes())
    data[100] ^= 1
    (dataset.folder / "samples.bin").write_bytes(data)
    (settings.runs_dir / "abcd1234").mkdir(parents=True)
    (settings.runs_dir / "abcd1234" / "checkpoint.npz").write_bytes(b"PK no zip")
    assert "samples.bin" not in call().stdout
    deep = call("--deep")
    assert "changed since it was stored: samples.bin" in deep.stdout
    assert line_of(deep, "no  run abcd1234: ") == "no  run abcd1234: checkpoint.npz is damaged"


def test_a_damaged_manifest_is_named(home, settings, tmp_path):
    dataset = stored(colours(tmp_path / "x.zip"), settings)
    (dataset.folder / "manifest.json").write_text("{")
    done = call()
    assert line_of(done, "no  own dataset: ") == f"no  own dataset: it/{dataset.facts.version}"
    assert "Add the same data again or restore a backup" in done.stdout


@pytest.mark.parametrize("file", ["manifest.json", "config.json"])
def test_a_damaged_model_is_named(home, settings, tmp_path, file):
    model = store_model(keras_file(tmp_path / "net.keras"), settings, name="Mine", owner="ann")
    (model.folder / file).write_bytes(b"no JSON")
    done = call()
    assert done.exit_code == 1
    assert line_of(done, "no  model: ") == f"no  model: {model.id}"
    assert f"the uploaded model '{model.id}' is damaged: {file}" in done.stdout.replace("\n", " ")
