"""Every format of every kind of model: written, read by the tool it is for, and compared with the run's own answers."""

import dataclasses
import importlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from dlcore.engine.predictor import Predictor
from dlcore.errors import DlcoreError, SpecError
from dlcore.exports import EXPORTS
from dlcore.exports.writing import export
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.run_import import add_unpacked, unpack_archive
from tests.exports.agreement import check_format
from tests.exports.conftest import KINDS, QUICK_PAIRS

pytestmark = pytest.mark.keras
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sources(home):
    return {kind: home.source(kind) for kind in KINDS}


@pytest.mark.parametrize(("name", "kind"), QUICK_PAIRS)
def test_a_format_is_whole_and_agrees(sources, tmp_path, name, kind):
    check_format(sources[kind], name, tmp_path)


def test_inputs_and_output_carry_their_names(sources, tmp_path):
    onnxruntime = importlib.import_module("onnxruntime")
    source = sources["table"]
    made = export(source, EXPORTS["onnx"], tmp_path)
    with zipfile.ZipFile(tmp_path / made.file) as archive:
        session = onnxruntime.InferenceSession(archive.read("model.onnx"))
    assert {one.name for one in session.get_inputs()} == set(source.preparation.signature.inputs)
    assert len(session.get_inputs()) > 1
    assert [one.name for one in session.get_outputs()] == ["output"]
    about = session.get_modelmeta().custom_metadata_map
    assert json.loads(about["outputs"]) == ["yes"] and about["task"] == "binary classification"


SCRIPTED = {
    "keras": "model.keras",
    "savedmodel": "model/saved_model.pb",
    "onnx": "model.onnx",
    "litert": "model.tflite",
}


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_model_has_a_script_beside_it_that_needs_only_its_runtime(sources, tmp_path, name):
    source = sources["cnn"]
    made = export(source, EXPORTS[name], tmp_path)
    with zipfile.ZipFile(tmp_path / made.file) as archive:
        assert set(archive.namelist()) >= {SCRIPTED[name], "preparation.json", "predict.py"}
        script = archive.read("predict.py").decode()
    imported = set(re.findall(r"(?m)^(?:import|from) ([\w.]+)", script))
    runtime = {
        "keras": "keras",
        "savedmodel": "tensorflow",
        "onnx": "onnxruntime",
        "litert": "ai_edge_litert.interpreter",
    }
    assert imported == {"json", "sys", "pathlib", "numpy", runtime[name]}
    assert len(script.splitlines()) < 60


def test_the_script_of_onnx_answers_for_raw_samples_without_tensorflow(sources, tmp_path):
    source = sources["lstm"]
    made = export(source, EXPORTS["onnx"], tmp_path)
    with zipfile.ZipFile(tmp_path / made.file) as archive:
        archive.extractall(tmp_path)
    texts = ["it was good 3", "it was awful and poor"]
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "new.csv", index=False)
    code = "import runpy, sys; runpy.run_path('predict.py', run_name='__main__'); assert 'tensorflow' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code, "new.csv"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    expected = Predictor.open(source.folder).predict(texts)
    names = source.model.classes
    np.testing.assert_allclose(
        [[one[name] for name in names] for one in found],
        expected.answers[:, [expected.columns.index(name) for name in names]],
        atol=1e-5,
    )


def points(events):
    """What TensorBoard has read, by chart."""
    number = importlib.import_module("tensorboard.util.tensor_util").make_ndarray
    tags = [tag for tag in events.Tags()["tensors"] if tag != "settings"]
    return {tag: [(one.step, number(one.tensor_proto).item()) for one in events.Tensors(tag)] for tag in tags}


def test_tensorboard_reads_every_curve(sources, tmp_path):
    accumulator = importlib.import_module("tensorboard.backend.event_processing.event_accumulator")
    source = sources["cnn"]
    with zipfile.ZipFile(tmp_path / export(source, EXPORTS["tensorboard"], tmp_path).file) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / source.run.id
    train, validation = (
        accumulator.EventAccumulator(str(folder / part)).Reload() for part in ("train", "validation")
    )
    assert points(train) == {
        "epoch_loss": [(1, 0.5), (2, 0.25)],
        "batch_loss": [(1, 3.0), (2, 2.0), (3, 1.0)],
    }
    assert points(validation) == {"epoch_loss": [(2, 0.75)]}
    assert set(train.PluginTagToContent("scalars")) == {"epoch_loss", "batch_loss"}
    assert set(train.PluginTagToContent("text")) == {"settings"}
    (settings,) = train.Tensors("settings")
    assert b"name: digits" in settings.tensor_proto.string_val[0]


def test_events_are_written_without_tensorboard(tmp_path):
    code = """
import sys
sys.modules["tensorboard"] = None
from dlcore.engine.events import write_events
write_events(sys.argv[1], {"epoch_loss": ([1.0], [0.5])}, text="name: digits")
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) == 1


MLFLOW = ROOT / ".mlflow" / "bin" / "python"
READ_BACK = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(tracking_uri="mlruns")
(experiment,) = client.search_experiments()
(run,) = client.search_runs([experiment.experiment_id], "params.dataset = 'digits'")
history = client.get_metric_history(run.info.run_id, sys.argv[1])
print(json.dumps({
    "experiment": experiment.name, "name": run.info.run_name, "status": run.info.status, "id": run.info.run_id,
    "metrics": run.data.metrics, "params": run.data.params, "tags": run.data.tags,
    "history": [(one.step, one.value, one.timestamp) for one in history],
    "files": sorted(one.path for one in client.list_artifacts(run.info.run_id)),
}))
"""


@pytest.fixture
def mlruns(sources, tmp_path):
    """The folder that MLflow reads, of a run on digits."""
    source = sources["cnn"]
    with zipfile.ZipFile(tmp_path / export(source, EXPORTS["mlflow"], tmp_path).file) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "mlruns"


def test_mlflow_gets_parameters_metrics_by_step_tags_and_the_model(sources, mlruns):
    run = sources["cnn"].run
    (folder,) = mlruns.glob(f"*/{run.id}")
    (experiment,) = mlruns.glob("*/meta.yaml")
    assert json.loads(experiment.read_text())["name"] == "digits"
    meta = json.loads((folder / "meta.yaml").read_text())
    assert (meta["run_name"], meta["artifact_uri"]) == (
        run.name,
        f"mlruns/{folder.parent.name}/{run.id}/artifacts",
    )
    curves = {
        path.relative_to(folder / "metrics").as_posix(): [
            line.split(" ")[1:] for line in path.read_text().splitlines()
        ]
        for path in folder.glob("metrics/**/*")
        if path.is_file()
    }
    assert curves == {
        "loss": [["0.5", "1"], ["0.25", "2"]],
        "val_loss": [["0.75", "2"]],
        "batch/loss": [["3.0", "1"], ["2.0", "2"], ["1.0", "3"]],
    }
    assert (folder / "params" / "dataset").read_text() == "digits"
    assert (folder / "params" / "training.batch_size").read_text() == str(run.spec["training"]["batch_size"])
    assert (folder / "tags" / "mlflow.runName").read_text() == run.name
    artifacts = {path.name for path in (folder / "artifacts").iterdir()}
    assert artifacts == {"model.keras", "preparation.json", "evaluation.json", "experiment.yaml"}


@pytest.mark.skipif(not MLFLOW.exists(), reason="needs MLflow: call `make .mlflow/.done`")
@pytest.mark.parametrize("migrated", [False, True], ids=["its files", "its database"])
def test_mlflow_reads_the_run(sources, mlruns, migrated):
    run = sources["cnn"].run
    environment = {**os.environ, "MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
    code = READ_BACK
    if migrated:
        command = [
            MLFLOW.with_name("mlflow"),
            "migrate-filestore",
            "--source",
            "mlruns",
            "--target",
            "sqlite:///x.db",
        ]
        subprocess.run(command, cwd=mlruns.parent, env=environment, check=True, capture_output=True)
        code = code.replace('"mlruns"', '"sqlite:///x.db"').replace(
            "search_experiments()", "search_experiments(filter_string=\"name = 'digits'\")"
        )
    done = subprocess.run(
        [MLFLOW, "-c", code, "batch/loss"], cwd=mlruns.parent, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["experiment"], found["name"], found["id"]) == ("digits", run.name, run.id)
    assert found["metrics"] == {"loss": 0.25, "val_loss": 0.75, "batch/loss": 1.0}
    assert [(step, value) for step, value, _at in found["history"]] == [(1, 3.0), (2, 2.0), (3, 1.0)]
    assert found["params"]["training.batch_size"] == str(run.spec["training"]["batch_size"])
    assert found["tags"]["dlstudio.dataset"] == "digits"
    assert "model.keras" in found["files"]


def test_tables_hold_every_point_and_every_answer(sources, tmp_path):
    source = sources["cnn"]
    for name, read in (
        ("csv", pd.read_csv),
        ("parquet", lambda file: pd.read_parquet(io.BytesIO(file.read()))),
    ):
        made = export(source, EXPORTS[name], tmp_path)
        with zipfile.ZipFile(tmp_path / made.file) as archive:
            tables = {Path(one).stem: read(archive.open(one)) for one in archive.namelist()}
        assert set(tables) == {"metrics_by_epoch", "metrics_by_batch", "predictions"}
        epochs = tables["metrics_by_epoch"]
        assert epochs["epoch"].tolist() == [1, 2]
        assert epochs["train_loss"].tolist() == [0.5, 0.25]
        assert np.isnan(epochs["validation_loss"][0]) and epochs["validation_loss"][1] == 0.75
        assert tables["metrics_by_batch"]["train_loss"].tolist() == [3, 2, 1]
        found = tables["predictions"]
        assert len(found) == source.preparation.facts.test_size
        right = (found["true"].astype(str) == found["predicted"].astype(str)).mean()
        evaluation = json.loads((source.folder / "evaluation.json").read_text())
        assert right == pytest.approx(evaluation["metrics"]["accuracy"])


def test_a_card_says_what_went_in_and_how_good_it_is(sources, tmp_path):
    source = sources["table"]
    text = (tmp_path / export(source, EXPORTS["card"], tmp_path).file).read_text()
    evaluation = json.loads((source.folder / "evaluation.json").read_text())
    assert f"| Accuracy | {evaluation['metrics']['accuracy']:.2%} |" in text
    assert "A neural network for binary classification" in text and f"(run `{source.run.id}`)" in text
    for name in source.preparation.signature.inputs:
        assert f"\n| {name.replace('_', chr(92) + '_')} | " in text
    assert "It answers with the probability of: yes." in text
    assert "- **Samples**: 200" in text


@pytest.mark.parametrize(("kind", "count"), [("lstm", 1), ("cnn", 0)])
def test_a_card_says_what_int8_leaves_as_it_is_in_a_recurrent_network(sources, tmp_path, kind, count):
    text = (tmp_path / export(sources[kind], EXPORTS["card"], tmp_path).file).read_text()
    assert text.count("only its weights are quantized to int8") == count


def words(text):
    """What people see of a file, without the settings."""
    return re.sub(r"(?s)<(script|style|pre)\b.*?</\1>|<[^>]+>", " ", text.rpartition("</head>")[2])


@pytest.mark.parametrize("name", [name for name, one in EXPORTS.items() if one.speaks])
def test_what_people_read_is_in_the_language_that_is_asked_for(sources, tmp_path, name):
    english, chinese = (
        (tmp_path / export(source, EXPORTS[name], tmp_path).file).read_text("utf-8")
        for source in (sources["cnn"], dataclasses.replace(sources["cnn"], language="zh_CN"))
    )
    here = {"card": "## 测试集上的结果", "report": "<html lang='zh-CN'>", "notebook": "按原有设置重新训练"}[
        name
    ]
    assert here in chinese and here not in english
    assert not re.search("[\u4e00-\u9fff]", words(english))


def test_a_card_and_a_report_in_chinese_have_no_english_sentence(sources, tmp_path):
    source = dataclasses.replace(sources["table"], language="zh_CN")
    for name in ("card", "report"):
        text = (tmp_path / export(source, EXPORTS[name], tmp_path).file).read_text("utf-8")
        body = words(text)
        # Names of layers, formats and columns stay; three English words in a row are a sentence.
        assert re.findall(r"[a-z]+ [a-z]+ [a-z]+", body) == []


def test_a_notebook_holds_the_script_cell_by_cell(sources, tmp_path):
    source = sources["cnn"]
    found = nbformat.read(tmp_path / export(source, EXPORTS["notebook"], tmp_path).file, as_version=4)
    nbformat.validate(found)
    script = (tmp_path / export(source, EXPORTS["script"], tmp_path).file).read_text()
    code = [cell.source for cell in found.cells if cell.cell_type == "code"]
    assert len(code) > 3 and "\n\n".join(code) + "\n" == script
    assert source.run.id in found.cells[0].source


def test_a_notebook_says_how_its_arrays_are_made(sources, tmp_path):
    made = export(sources["table"], EXPORTS["notebook"], tmp_path)
    about = nbformat.read(tmp_path / made.file, as_version=4).cells[0].source
    assert f"python -m dlcore data export {sources['table'].run.id} --out data.npz" in about


def test_a_whole_run_answers_elsewhere_as_it_did(sources, tmp_path):
    source = sources["table"]
    made = export(source, EXPORTS["run"], tmp_path)
    elsewhere = Store.open(Settings(home=tmp_path / "elsewhere"))
    folder = elsewhere.settings.runs_dir / "unpacked"
    folder.mkdir(parents=True)
    unpack_archive(tmp_path / made.file, folder, elsewhere.settings)
    found = add_unpacked(elsewhere, folder, owner="someone")
    assert elsewhere.metrics.points(found.id).keys() == source.points.keys() != set()
    there = elsewhere.artifacts.folder(found.id)
    elsewhere.close()
    rows = {"visits": 90, "size": "large", "city": "city 7"}
    ours, theirs = (Predictor.open(one).predict(rows).answers for one in (source.folder, there))
    np.testing.assert_array_equal(ours, theirs)


def test_what_answers_otherwise_is_refused_and_leaves_no_file(sources, tmp_path, monkeypatch):
    source = sources["cnn"]
    monkeypatch.setattr(
        EXPORTS["weights"].__class__, "open", lambda *_: lambda inputs: np.full((64, 10), 0.1)
    )
    with pytest.raises(DlcoreError, match="does not answer as the run's own"):
        export(source, EXPORTS["weights"], tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(
        EXPORTS["weights"].__class__, "open", lambda *_: lambda inputs: np.full((64, 10), np.nan)
    )
    with pytest.raises(DlcoreError, match="differ by inf"):
        export(source, EXPORTS["weights"], tmp_path)


def test_a_model_that_the_file_cannot_hold_is_refused_before_it_is_converted(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(EXPORTS["onnx"].__class__, "most_bytes", 2**10)
    with pytest.raises(DlcoreError, match=r"a file of this format holds at most 9\.54e-07 GB\. Take another"):
        export(sources["cnn"], EXPORTS["onnx"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_clear_word_and_leaves_no_file(sources, tmp_path, monkeypatch):
    def full(source, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(EXPORTS["csv"], "write", full)
    with pytest.raises(DlcoreError, match="cannot be written: No space left on device"):
        export(sources["cnn"], EXPORTS["csv"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_for_tensorflow_is_the_same_clear_word(sources, tmp_path, monkeypatch):
    tensorflow = importlib.import_module("tensorflow")

    def full(*_, **__):
        raise tensorflow.errors.ResourceExhaustedError(
            None, None, f"{tmp_path}/part; No space left on device"
        )

    monkeypatch.setattr(tensorflow.saved_model, "save", full)
    with pytest.raises(DlcoreError, match="cannot be written: No space left on device"):
        export(sources["cnn"], EXPORTS["savedmodel"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_installed_names_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr(EXPORTS["onnx"].__class__, "packages", {"no_such_module": "onnx==1.23.2"})
    with pytest.raises(DlcoreError, match=re.escape("Install it: python -m pip install onnx==1.23.2")):
        EXPORTS.usable("onnx")


def test_an_unknown_format_lists_the_nearest():
    with pytest.raises(SpecError, match="onnx"):
        EXPORTS.usable("onix")


def test_the_file_of_requirements_is_what_the_formats_ask_for():
    lines = (ROOT / "requirements-export.txt").read_text().splitlines()
    pinned = {line for line in lines if "==" in line}
    assert pinned == {name for one in EXPORTS.values() for name in one.packages.values()}
