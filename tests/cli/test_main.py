"""The command line: one clear line or one object, and an exit status to rely on."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dlcore.cli import terminal
from dlcore.cli.main import app
from dlcore.errors import Message
from dlcore.models.keras_file import read_model_file
from dlcore.queue.processes import own_identity
from dlcore.records import Anomaly, Baseline, ClassScore, Evaluation, RunState, Threshold
from dlcore.records.alerts import AlertKind, Sign
from dlcore.settings import Settings
from dlcore.spec.model import ModelSpec
from dlcore.spec.reading import read_text
from dlcore.store import PROGRAM, Store
from tests.models.samples import keras_file, layer, sequential
from tests.store.samples import SPEC, at_work, in_state, moved, queued
from tests.waiting import PATIENCE, wait_for

ROOT = Path(__file__).resolve().parents[2]
KEYS = [
    "archived", "baselines", "comparison", "dataset", "epochs", "favorite", "metrics", "name", "notes",
    "reason", "run_id", "seconds", "state", "tags", "template",
]  # fmt: skip


@pytest.fixture
def home(settings, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(settings.home))
    monkeypatch.setenv("KERAS_HOME", str(settings.keras_home))
    # Not by COLUMNS: a console that was made where it is set keeps to that one.
    monkeypatch.setattr(terminal.out, "_width", 200)
    return settings.home


@pytest.fixture
def store(home, settings):
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(json.dumps({"name": "from a file", **SPEC}))
    return str(path)


def call(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_a_run_is_shown_with_its_reason_its_metrics_and_its_spec(store):
    run = at_work(store, owner="local", name="[bold]odd[/name]")
    store.reports.write(run.id, 1, {"summary": {"test": {"accuracy": 0.9}}, "epoch": 2})
    moved(store, run, RunState.COMPLETED)
    done = call("show", run.id)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"[bold]odd[/name] {run.id}: completed\n  test: accuracy 0.9000\n")
    assert "Flatten" in done.stdout


def test_what_the_log_of_a_run_warns_of_is_shown(store):
    run = at_work(store, owner="local")
    lines = [(1.0, "words: 0 of 4 words have a vector (0 %)"), (2.0, "warning: words: hardly any [word]")]
    store.reports.write(run.id, 1, {"epoch": 2}, lines=lines)
    said = call("show", run.id).stdout
    assert "  warning: words: hardly any [word]\n" in said
    assert "0 of 4" not in said


def test_the_alerts_of_a_run_are_shown(store):
    run = at_work(store, owner="local")
    store.alerts.add(run.id, Sign(AlertKind.PLATEAU, 12))
    said = "Its training loss has not fallen since epoch 12."
    assert said in call("show", run.id).stdout
    (alert,) = json.loads(call("show", run.id, "--json").stdout)["alerts"]
    assert (alert["kind"], alert["epoch"], alert["text"], alert["seen"]) == ("plateau", 12, said, False)


def test_the_samples_that_came_back_worst_are_named(store):
    run = at_work(store, owner="local")
    anomalies = tuple(Anomaly(index, row, score) for index, row, score in ((3, 41, 7.25), (0, 6, 0.5)))
    limit = Threshold(0.75, 0.01, samples=200, validated=True, tested=120, above=1)
    record = Evaluation(
        {"rmse": 1.0}, (), (), (), (), task="reconstruction", anomalies=anomalies, threshold=limit
    )
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(record.to_dict()))
    said = call("show", run.id).stdout
    assert "highest anomaly scores: 41 (7.25), 6 (0.5)" in said
    assert (
        "above a score of 0.75, a sample counts as unusual, as at most 1% of the validation samples do."
        in said
    )
    assert "Test samples above it: 1 of 120." in said
    assert json.loads(call("show", run.id, "--json").stdout)["anomalies"][0] == {
        "index": 3, "row": 41, "score": 7.25,
    }  # fmt: skip
    (folder / "evaluation.json").write_text("{")
    assert call("show", run.id).exit_code == 0


def test_a_run_is_one_object_for_programs(store):
    run = at_work(store)
    store.reports.write(run.id, 1, {"summary": {"test": {"accuracy": 0.9}}, "epoch": 2, "seconds": 1.25})
    found = json.loads(call("show", run.id, "--json").stdout)
    assert (found.pop("alerts"), found.pop("spec")) == ([], SPEC)
    assert found == {
        "run_id": run.id, "name": "a run", "dataset": "digits", "template": "", "notes": "", "tags": [],
        "favorite": False, "archived": False, "state": "running", "reason": None, "seconds": 1.25, "epochs": 2,
        "metrics": {"train": {}, "validation": {}, "test": {"accuracy": 0.9}}, "baselines": [], "comparison": [],
    }  # fmt: skip


def test_a_run_stands_beside_what_it_is_compared_with(store):
    run = at_work(store)
    store.reports.write(run.id, 1, {"summary": {"test": {"accuracy": 0.9}}, "epoch": 2, "seconds": 1.25})
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True)
    baseline = Baseline(Message("always the most common class"), {"accuracy": 0.4}, fitted=False, samples=50)
    found = Evaluation(
        {"accuracy": 0.9}, ("a",), (), (ClassScore("a", 1, 1, 1, 50),), (), baselines=(baseline,)
    )
    (folder / "evaluation.json").write_text(json.dumps(found.to_dict()))

    said = call("show", run.id).stdout
    assert "  always the most common class: accuracy 0.4000\n" in said
    assert "  50.0 percentage points better than always the most common class.\n" in said
    printed = json.loads(call("show", run.id, "--json").stdout)
    assert printed["baselines"] == [
        {"name": "always the most common class", "fitted": False, "metrics": {"accuracy": 0.4}}
    ]
    assert printed["comparison"] == ["50.0 percentage points better than always the most common class."]

    (folder / "evaluation.json").write_text("{")
    damaged = call("show", run.id)
    assert damaged.exit_code == 0
    assert "evaluation.json: this file of the run is damaged." in damaged.stderr
    assert "Flatten" in damaged.stdout


def test_runs_and_studies_are_named_tagged_and_put_away(store):
    run, other = queued(store, owner="local"), queued(store, owner="local", name="other")
    done = call("annotate", run.id, other.id, "--tag", "paper", "--tag", "two words", "--favorite", "--json")
    assert [(one["id"], one["tags"], one["favorite"]) for one in json.loads(done.stdout)] == [
        (run.id, ["paper", "two words"], True),
        (other.id, ["paper", "two words"], True),
    ]
    said = call("annotate", run.id, "--name", "best [so far]", "--notes", "see *page 3*", "--untag", "paper")
    assert said.stdout == f"best [so far] {run.id}\n  #two words favorite\n  see *page 3*\n"
    assert "  #two words favorite\n  see *page 3*\n" in call("show", run.id).stdout
    call("annotate", other.id, "--archive")
    assert [one["run_id"] for one in json.loads(call("runs", "--json").stdout)] == [run.id]
    assert [one["run_id"] for one in json.loads(call("runs", "archived = true", "--json").stdout)] == [
        other.id
    ]
    assert "two words" in call("runs").stdout


def test_one_name_is_not_given_to_two_runs(store):
    runs = [queued(store, owner="local").id for _ in range(2)]
    done = call("annotate", *runs, "--name", "same")
    assert (done.exit_code, done.stderr[:33]) == (2, "error: --name: expected one id, g")
    assert {run.name for run in store.runs.list()} == {"a run"}


def test_nobody_names_the_run_of_somebody_else(store):
    done = call("annotate", queued(store, owner="ann").id, "--name", "mine")
    assert done.exit_code == 1
    assert "this belongs to another user" in done.stderr


def test_runs_are_listed_newest_first_as_a_table_and_as_objects(store):
    first, second = queued(store, name="[one]"), queued(store, name="two")
    table = call("runs").stdout
    assert table.index(second.id[:10]) < table.index(first.id[:10])
    assert "[one]" in table
    assert [run["run_id"] for run in json.loads(call("runs", "--json").stdout)] == [second.id, first.id]


def test_runs_are_filtered_and_sorted_by_a_line(store):
    runs = {}
    for name, accuracy in (("low", 0.5), ("high", 0.9), ("none", None)):
        run = runs[name] = at_work(store, name=name)
        summary = {} if accuracy is None else {"test": {"accuracy": accuracy}}
        store.reports.write(run.id, 1, {"summary": summary})
    assert [one["name"] for one in json.loads(call("runs", "accuracy > 0.8", "--json").stdout)] == ["high"]
    for sort, names in (("accuracy", ["high", "low", "none"]), ("+accuracy", ["low", "high", "none"])):
        assert [one["name"] for one in json.loads(call("runs", "--sort", sort, "--json").stdout)] == names


def test_an_error_of_a_filter_points_at_the_word(home):
    done = call("runs", "state = failed and accurcy > 0.8")
    assert done.exit_code == 2
    marked, marks, message = done.stderr.splitlines()
    assert marked == "state = failed and accurcy > 0.8"
    assert marks == "                   ^^^^^^^"
    assert message.startswith("error: filter:20: there is no field 'accurcy'. Nearest: accuracy, ")
    assert call("runs", "--sort", "accurcy").stderr.startswith("error: sort: there is no field 'accurcy'.")


@pytest.mark.parametrize("command", ["show", "stop", "resume"])
def test_an_unknown_run_is_one_line_and_exit_status_1(home, command):
    done = call(command, "abcdef")
    assert done.exit_code == 1
    assert done.stderr == "error: there is no run 'abcdef'. List them with `dlcore runs`.\n"
    assert done.stdout == ""


def test_a_run_is_asked_to_stop_and_the_way_back_is_told(store):
    run = queued(store, owner="local")
    done = call("stop", run.id)
    assert (done.exit_code, store.runs.get(run.id).stop_requested) == (0, True)
    assert f"python -m dlcore resume {run.id}" in done.stdout


def test_a_run_is_listed_and_named_by_the_beginning_of_its_id(store):
    run = queued(store, owner="local")

    listed = call("runs").stdout
    assert run.id[:10] in listed
    assert run.id not in listed
    assert f" {run.id}: queued\n" in call("show", run.id[:10]).stdout
    assert call("stop", run.id[:10]).exit_code == 0
    assert store.runs.get(run.id).stop_requested


def test_the_owner_of_the_machine_stops_the_run_of_somebody_else_but_does_not_resume_it(store):
    run = queued(store, owner="ann")
    assert call("stop", run.id).exit_code == 0
    assert store.runs.get(run.id).stop_requested
    done = call("resume", run.id)
    assert done.exit_code == 1
    assert "this belongs to another user" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "dataset.name=nope"], "error: dataset.name: there is no dataset 'nope'. Nearest: "),
        (["--set", "training.epochs=-1"], "error: training.epochs: expected "),
        (["--set", "training.epochs"], "error: --set: expected PATH=VALUE, got 'training.epochs'.\n"),
        (["--set", "training.epoch=3"], "error: training.epoch: "),
        (["--set", "seed=2001-99-99"], "error: seed: expected a whole number, got '2001-99-99'.\n"),
    ],
)
def test_a_bad_spec_is_one_line_exit_status_2_and_leaves_no_run(store, spec, arguments, says):
    for as_json in (False, True):
        done = call("train", spec, *arguments, *(["--json"] if as_json else []))
        assert done.exit_code == 2
        assert done.stderr.startswith(says)
        assert done.stderr.count("\n") == 1
        assert bool(done.stdout) is as_json
    found = json.loads(done.stdout)
    assert sorted(found) == KEYS
    assert (found["run_id"], found["state"]) == (None, None)
    assert f"error: {found['reason']}\n" == done.stderr
    assert store.runs.count() == 0


@pytest.mark.parametrize("content", [None, "name: [", "- 1\n- 2\n"])
def test_a_file_that_is_no_spec_is_one_line_and_exit_status_2(home, tmp_path, content):
    path = tmp_path / "odd.yaml"
    if content is not None:
        path.write_text(content)
    done = call("train", str(path))
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_resuming_what_has_not_ended_is_one_object_too(store):
    done = call("resume", at_work(store, owner="local").id, "--json")
    assert done.exit_code == 1
    assert "only one that has ended can be resumed" in json.loads(done.stdout)["reason"]


def test_a_setting_that_makes_no_sense_is_named(home, monkeypatch):
    monkeypatch.setenv("DLCORE_SLOTS", "many")
    done = call("runs")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: DLCORE_SLOTS: this setting cannot be used: ")


def test_datasets_and_layers_are_listed(home):
    found = json.loads(call("data", "list", "--json").stdout)
    assert [(entry["name"], entry["available"]) for entry in found][:2] == [
        ("digits", True),
        ("mnist", False),
    ]
    assert "digits" in call("data", "list").stdout
    table = call("layers").stdout
    assert all(name in table for name in ("Conv2D", "SpatialDropout2D", "Concatenate"))


def test_the_keras_script_of_a_spec_is_printed_and_is_python(home, spec):
    done = call("code", spec, "--set", "training.epochs=7")
    assert done.exit_code == 0
    compile(done.stdout, "script.py", "exec")
    assert "epochs=7" in done.stdout.replace(" ", "").replace("EPOCHS", "epochs")


def test_the_doctor_looks_at_everything(home):
    done = call("doctor")
    for what in ("Python", "tensorflow", "GPUs", "free disk", "store", "worker", "dataset digits"):
        assert f"{what}: " in done.stdout
    assert "store: 0 runs in sqlite:///" in done.stdout


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (PROGRAM.version, f"ok  worker: alive, version {PROGRAM.version}\n"),
        ("0.0.1", f"no  worker: alive, version 0.0.1, older than this program ({PROGRAM.version})\n"),
        ("99.0", f"no  worker: alive, version 99.0, newer than this program ({PROGRAM.version})\n"),
    ],
)
def test_the_doctor_tells_which_version_supervises(store, version, says):
    program = replace(PROGRAM, version=version)
    assert store.workers.acquire(
        own_identity(), program=program, slots=1, lost_seconds=9, is_gone=lambda who: False
    )
    assert says in call("doctor").stdout


def test_the_doctor_sees_what_keeps_the_searches_from_going_on(store):
    me = own_identity()
    store.workers.acquire(me, slots=1, lost_seconds=9.0, is_gone=lambda who: False)
    assert "searches" not in call("doctor").stdout
    store.workers.renew(me.id, ready=True, trouble=Message("the disk is full."))
    done = call("doctor")
    assert done.exit_code == 1
    assert "no  searches: not driven now: the disk is full.\n" in done.stdout
    assert "worker.log in DLCORE_HOME has the details." in done.stdout


def test_the_doctor_says_what_is_wrong_and_what_to_do(home):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    done = call("doctor")
    assert done.exit_code == 1
    assert "no  store: cannot be used" in done.stdout
    assert "Set DLCORE_HOME" in done.stdout


def test_values_are_read_as_yaml_and_numbers_as_people_write_them(home, spec):
    settings = ["--set", "training.optimizer.learning_rate=1e-4", "--set", "name=true story"]
    assert "1e-4" in call("code", spec, *settings).stdout.replace("0.0001", "1e-4")


def run_cli(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "dlcore", *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Ctrl-C is ignored by what a shell starts in the background, these tests perhaps among it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def supervised(tmp_path_factory):
    """The settings of a home whose supervisor the first command starts, and the others find."""
    folder = tmp_path_factory.mktemp("supervised")
    settings = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    store = Store.open(settings)
    yield settings
    with suppress(ProcessLookupError, AttributeError):
        os.killpg(store.workers.current().pid, signal.SIGKILL)
    store.close()


@pytest.fixture
def supervised_store(supervised, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(supervised.home))
    monkeypatch.setenv("KERAS_HOME", str(supervised.keras_home))
    opened = Store.open(supervised)
    yield opened
    opened.close()


@pytest.mark.keras
@pytest.mark.processes
def test_a_run_is_trained_from_the_command_line_followed_left_and_resumed(supervised_store, spec):
    store = supervised_store
    first = run_cli("train", spec, "--json", "--name", "mine")
    out, err = first.communicate(timeout=PATIENCE)
    found = json.loads(out)
    assert (first.returncode, err) == (0, "")
    assert sorted(found) == KEYS
    assert (found["state"], found["name"], found["epochs"], found["reason"]) == (
        "completed",
        "mine",
        3,
        None,
    )
    assert found["metrics"]["test"]["accuracy"] > 0.5
    assert store.runs.get(found["run_id"]).state is RunState.COMPLETED

    second = run_cli("train", spec, "--set", "training.epochs=100000")
    wait_for(lambda: any(run.epoch for run in store.runs.list(states=[RunState.RUNNING])))
    run = store.runs.list(states=[RunState.RUNNING])[0]
    second.send_signal(signal.SIGINT)
    out, err = second.communicate(timeout=PATIENCE)
    assert second.returncode == 130
    assert f"{run.id} goes on; stop it with: python -m dlcore stop {run.id}" in err

    assert call("stop", run.id).exit_code == 0
    wait_for(lambda: store.runs.get(run.id).state is RunState.STOPPED)
    goal = store.runs.get(run.id).epoch + 1
    third = run_cli("resume", run.id, "--epochs", str(goal))
    out, err = third.communicate(timeout=PATIENCE)
    assert third.returncode == 0
    assert out.startswith(f"{run.id} completed after ")


@pytest.mark.processes
def test_a_run_that_fails_is_one_object_and_exit_status_1(supervised_store, spec):
    in_state(supervised_store, RunState.FAILED)
    process = run_cli("train", spec, "--json", "--set", "training.device=gpu:7")
    out, _ = process.communicate(timeout=PATIENCE)
    found = json.loads(out)
    assert (process.returncode, found["state"]) == (1, "failed")
    assert "asks for gpu:7" in found["reason"]


@pytest.mark.usefixtures("jobs_here")
def test_a_keras_model_is_printed_as_the_model_of_a_spec(tmp_path):
    path = keras_file(tmp_path / "net.keras")
    done = call("import-model", str(path), "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "model": {
            "layers": [
                {"kind": "Flatten", "name": "flatten"},
                {"kind": "Dense", "name": "dense", "units": 2},
            ]
        }
    }
    assert ModelSpec.model_validate(read_text(call("import-model", str(path)).stdout)["model"]) == (
        read_model_file(path).model
    )


def test_a_keras_model_with_code_in_it_is_refused_in_one_line(tmp_path):
    path = keras_file(tmp_path / "net.keras", sequential(layer("Lambda", function="x", name="evil")))
    done = call("import-model", str(path))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: evil: a Lambda layer holds program code, which is never run here.")
