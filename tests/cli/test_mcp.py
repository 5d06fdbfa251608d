"""`python -m dlcore mcp`: what a coding agent finds, over the protocol itself."""

import asyncio
import builtins
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from mcp import Client, StdioServerParameters
from typer.testing import CliRunner

from dlcore.cli import mcp as mcp_cli
from dlcore.cli.main import app
from dlcore.cli.tools import Reading, Writing
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.records.artifacts import MODEL_FILE
from dlcore.store import Store
from tests.store.samples import in_state

READING = {
    "check_experiment", "compare_runs", "list_datasets", "list_models", "list_runs", "list_studies", "predict",
    "propose_experiment", "run_history", "run_log", "show_dataset", "show_run", "show_study",
}  # fmt: skip
WRITING = {
    "annotate_run", "keep_model", "resume_run", "search", "stage_model", "stop_run", "stop_study", "train",
}  # fmt: skip


@pytest.fixture
def store(settings, monkeypatch):
    monkeypatch.setattr("dlcore.queue.ensure_worker", lambda *_: None)
    opened = Store.open(settings)
    yield opened
    opened.close()


def run_apart(talk):
    """Runs it in a thread of its own: in this one Playwright's loop goes on once a browser test has begun."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, talk).result()


def session(toolbox, *calls):
    """Returns what a client gets for each call, a tool and its arguments: its content, or its error."""

    async def talk():
        async with Client(mcp_cli.serve(toolbox)) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    answers = run_apart(talk())
    return [
        (one.is_error, one.structured_content, "".join(part.text for part in one.content)) for one in answers
    ]


def result(toolbox, tool, /, **arguments):
    ((failed, content, text),) = session(toolbox, (tool, arguments))
    assert not failed, text
    return content["result"] if set(content) == {"result"} else content


def tools(toolbox):
    async def talk():
        async with Client(mcp_cli.serve(toolbox)) as client:
            return (await client.list_tools()).tools

    return {one.name: one for one in run_apart(talk())}


def test_without_leave_nothing_can_be_changed(store, settings):
    found = tools(Reading(store, settings))
    assert set(found) == READING
    assert all(tool.annotations.read_only_hint and tool.description for tool in found.values())


def test_with_leave_there_are_more_which_say_that_they_change_something(store, settings):
    found = tools(Writing(store, settings))
    assert set(found) == READING | WRITING
    assert {name for name, tool in found.items() if not tool.annotations.read_only_hint} == WRITING


def test_the_way_from_a_dataset_to_a_run(store, settings):
    box = Writing(store, settings)
    digits = next(one for one in result(box, "list_datasets") if one["name"] == "digits")
    proposed = result(box, "propose_experiment", dataset=digits["name"], template="mlp")
    checked = result(box, "check_experiment", spec=proposed["spec"])
    assert "mlp" in proposed["templates"]
    assert checked["layers"][-1]["output_shape"] == [10]
    assert checked["parameters"] == sum(layer["parameters"] for layer in checked["layers"])
    run = result(box, "train", spec=proposed["spec"], name="from an agent")
    assert store.runs.get(run["run_id"]).name == "from an agent"
    result(box, "annotate_run", run=run["run_id"], add_tags=["agent"], notes="first")
    (listed,) = result(box, "list_runs", filter="tag:agent")
    assert listed["run_id"] == run["run_id"] and listed["notes"] == "first"
    assert result(box, "show_run", run=run["run_id"])["spec"]["dataset"]["name"] == "digits"


def test_what_is_wrong_is_the_tools_answer_and_the_session_goes_on(store, settings):
    box = Reading(store, settings)
    wrong, unknown, fine = session(
        box,
        ("check_experiment", {"spec": json.dumps({**example().to_dict(), "model": {"layers": ["Nothing"]}})}),
        ("show_run", {"run": "nowhere"}),
        ("list_runs", {}),
    )
    assert wrong[0] and "model.layers[0]" in wrong[2]
    assert unknown[0] and "nowhere" in unknown[2]
    assert not fine[0] and fine[1] == {"result": []}


def test_a_finished_run_is_compared_as_the_command_does(store, settings):
    first, second = (in_state(store, RunState.COMPLETED) for _ in range(2))
    compared = result(Reading(store, settings), "compare_runs", runs=[first.id, second.id])
    done = CliRunner().invoke(
        app, ["compare", first.id, second.id, "--json"], env={"DLCORE_HOME": str(settings.home)}
    )
    assert compared == json.loads(done.stdout)
    assert result(Reading(store, settings), "compare_runs", where="state = completed")["total"] == 2


@pytest.mark.processes
def test_a_client_starts_the_command_itself(settings):
    environment = {**os.environ, "DLCORE_HOME": str(settings.home), "KERAS_HOME": str(settings.keras_home)}
    server = StdioServerParameters(command=sys.executable, args=["-m", "dlcore", "mcp"], env=environment)

    async def talk():
        async with Client(server) as client:
            return await client.call_tool("show_dataset", {"name": "digits"})

    assert run_apart(talk()).structured_content["name"] == "digits"


def test_without_the_package_the_line_that_installs_it_is_said(settings, monkeypatch):
    real = builtins.__import__

    def absent(name, *rest):
        if name.startswith("mcp"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    done = CliRunner().invoke(app, ["mcp"], env={"DLCORE_HOME": str(settings.home)})
    assert done.exit_code == 1 and "pip install -r requirements-mcp.txt" in done.output


def test_models_are_kept_staged_and_listed(store, settings):
    run = in_state(store, RunState.STOPPED, owner="local")
    (store.artifacts.create(run.id) / MODEL_FILE).write_bytes(b"weights")
    tools = Writing(store, settings)
    assert result(tools, "keep_model", run=run.id, name="digits")["reference"] == "digits@1"
    assert result(tools, "stage_model", model="digits", stage="production")["stage"] == "production"
    (found,) = result(Reading(store, settings), "list_models")
    assert (found["reference"], found["run_id"], found["stage"]) == ("digits@1", run.id, "production")
    ((failed, _, said),) = session(tools, ("stage_model", {"model": "digits", "stage": "live"}))
    assert failed and "there is no stage 'live'" in said
