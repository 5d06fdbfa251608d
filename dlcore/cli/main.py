"""`python -m dlcore …`: the same calls as the pages, for a terminal and for scripts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from dlcore import datasets as data
from dlcore import queue
from dlcore.access.actors import machine_owner
from dlcore.cli import administration as administration_cli
from dlcore.cli import annotations as annotations_cli
from dlcore.cli import audit as audit_cli
from dlcore.cli import backup as backup_cli
from dlcore.cli import browser as browser_cli
from dlcore.cli import comparison as comparison_cli
from dlcore.cli import diagnosis as diagnosis_cli
from dlcore.cli import explain as explain_cli
from dlcore.cli import export as export_cli
from dlcore.cli import history as history_cli
from dlcore.cli import import_run as import_cli
from dlcore.cli import labels as labels_cli
from dlcore.cli import mcp as mcp_cli
from dlcore.cli import predict as predict_cli
from dlcore.cli import robustness as robustness_cli
from dlcore.cli import search as search_cli
from dlcore.cli import serve as serve_cli
from dlcore.cli import supervision as supervision_cli
from dlcore.cli.annotations import say_annotation
from dlcore.cli.data import app as data_app
from dlcore.cli.doctor import examine
from dlcore.cli.drafts import app as drafts_app
from dlcore.cli.groups import list_groups
from dlcore.cli.lessons import app as lessons_app
from dlcore.cli.models import app as models_app
from dlcore.cli.results import compare, describe_run, say_metrics, summarize
from dlcore.cli.terminal import (
    FAILED,
    Json,
    RunId,
    Spec,
    Values,
    apply_overrides,
    err,
    follow_to_end,
    host,
    marked,
    open_store,
    out,
    plain_errors,
    print_rows,
    say,
)
from dlcore.cli.vectors import app as vectors_app
from dlcore.datasets import facts
from dlcore.design.code import keras_script
from dlcore.design.templates import proposal
from dlcore.models import InspectedModel
from dlcore.processes.alone import run_alone
from dlcore.queue.client import follow_run
from dlcore.records import Run, no_progress
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.layers import LAYERS
from dlcore.spec.metrics import judging_metric
from dlcore.store import Store
from dlcore.store.filters import RunQuestion
from dlcore.store.ids import short_id
from dlcore.store.repair import repairs

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Deep-learning experiments.",
)
app.add_typer(data_app, name="data")
app.add_typer(vectors_app, name="vectors")
app.add_typer(drafts_app, name="drafts")
app.add_typer(models_app, name="models")
app.add_typer(lessons_app, name="lessons")
administration_cli.register(app)
search_cli.register(app)
predict_cli.register(app)
serve_cli.register(app)
export_cli.register(app)
import_cli.register(app)
history_cli.register(app)
audit_cli.register(app)
mcp_cli.register(app)
backup_cli.register(app)
annotations_cli.register(app)
comparison_cli.register(app)
labels_cli.register(app)
diagnosis_cli.register(app)
browser_cli.register(app)
supervision_cli.register(app)
explain_cli.register(app)
robustness_cli.register(app)

PACKAGE = Path(__file__).resolve().parents[1]


@app.command()
def train(
    spec: Spec,
    values: Values = None,
    name: Annotated[str | None, typer.Option(help="A name for the run.")] = None,
    as_json: Json = False,
) -> None:
    """Queues a run and follows it; exit status 0 only when it completed."""
    with plain_errors(as_json=as_json) as closing:
        wanted = apply_overrides(ExperimentSpec.load(spec), values or [])
        settings, store = open_store(closing)
        run = queue.submit(store, wanted, owner=settings.owner, name=name)
        _follow(store, settings, run.id, as_json)


@app.command()
def new(
    dataset: Annotated[str, typer.Argument(help="A dataset's name, as `data list` shows it.")],
    template: Annotated[
        str | None, typer.Option(help="A model to start from; by default the one that fits the data.")
    ] = None,
) -> None:
    """Prints an experiment that fits a dataset, as YAML: the proposal of the pages."""
    with plain_errors():
        spec = proposal(facts(dataset, Settings.from_environment()), template)
        print(spec.to_yaml(), end="")


@app.command()
def dashboard(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8501,
) -> None:
    """Serves the dashboard, also where the package is installed and there is no checkout."""
    entry = PACKAGE / "app.py" if (PACKAGE / "app.py").is_file() else PACKAGE.parent / "app.py"
    options = ["--server.address", host, "--server.port", str(port)]
    raise typer.Exit(subprocess.call([sys.executable, "-m", "streamlit", "run", str(entry), *options]))


@app.command()
def resume(
    run: RunId,
    epochs: Annotated[int | None, typer.Option(help="The total number of epochs.")] = None,
    as_json: Json = False,
) -> None:
    """Resumes a run that has ended, and follows it."""
    with plain_errors(as_json=as_json) as closing:
        settings, store = open_store(closing)
        resumed = queue.resume(store, store.ids.whole(run), actor=machine_owner(settings), epochs=epochs)
        _follow(store, settings, resumed.id, as_json)


@app.command()
def stop(run: RunId) -> None:
    """Asks a run to save its state and stop."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        queue.request_stop(store, store.ids.whole(run), actor=host(settings))
        out.print(f"{run} will stop; resume it with: python -m dlcore resume {run}")


@app.command()
def runs(
    line: Annotated[
        str, typer.Argument(metavar="[FILTER]", help="Such as 'accuracy > 0.95 and tag:baseline'.")
    ] = "",
    sort: Annotated[
        str, typer.Option(help="A field to sort by, the highest first; +FIELD: the lowest first.")
    ] = "",
    group: Annotated[
        list[str] | None, typer.Option(help="Group by a field; may be given several times.")
    ] = None,
    as_json: Json = False,
    limit: Annotated[int, typer.Option(help="The maximum number to list.")] = 50,
) -> None:
    """Lists runs, newest first, or those that a filter lets through; or groups of them, the best first.

    Of a group the test metrics' mean, deviation and best are said. Trials of studies, and what is archived, are
    listed only where the filter asks about `study`, `trial` or `archived`.
    """
    with plain_errors() as closing:
        with marked(line):
            asked = RunQuestion.read(line, sort)
        _, store = open_store(closing)
        if group:
            list_groups(store, asked, group, limit=limit, as_json=as_json)
            return
        found = store.runs.list(**asked.filters, **asked.order, limit=limit)
        if as_json:
            print(json.dumps([summarize(run) for run in found]))
            return
        print_rows(
            ("run", "name", "state", "dataset", "epochs", "result", "seconds", "tags"), map(_row, found)
        )


def _row(run: Run) -> tuple[str, ...]:
    measured = run.summary.get("test", run.summary.get("validation", {}))
    metric = judging_metric(measured)
    result = f"{metric} {measured[metric]:.4f}" if metric else ""
    epochs, seconds = f"{run.epoch}/{run.epochs}", f"{run.seconds:.1f}"
    tags = " ".join(["*"] * run.annotation.favorite + list(run.annotation.tags))
    return short_id(run.id), run.name, run.state.value, run.dataset, epochs, result, seconds, tags


@app.command()
def show(run: RunId, as_json: Json = False) -> None:
    """Shows one run: its state, its metrics, its spec."""
    with plain_errors() as closing:
        _, store = open_store(closing)
        found = store.runs.get(store.ids.whole(run))
        if as_json:
            print(json.dumps(describe_run(store, found)))
            return
        say(f"[bold]{escape(found.name)}[/bold] {found.id}: {found.state.value}")
        if found.reason:
            say(escape(found.reason.text()))
        say_annotation(found.annotation)
        for alert in store.alerts.of_run(found.id):
            say(escape(alert.sign.sentence.text()))
        say_metrics(store, found)
        say(escape(ExperimentSpec.from_dict(found.spec).to_yaml()))


@app.command(name="import-model")
def import_model(
    file: Annotated[Path, typer.Argument(help="A .keras file, an older .h5 file, or the JSON of a config.")],
    as_json: Json = False,
) -> None:
    """Prints a Keras model as the `model` of a spec; nothing in the file is run."""
    with plain_errors():
        arguments = {"path": str(file.absolute())}
        found = InspectedModel.from_dict(
            run_alone("model_inspection", arguments, Settings.from_environment(), no_progress)
        )
        layers = [layer.model_dump(mode="json", exclude_defaults=True) for layer in found.model.layers]
        content = {"model": {"layers": layers}}
        for note in found.notes:
            err.print(f"note: {escape(note.text())}", highlight=False, soft_wrap=True)
        if as_json:
            print(json.dumps(content))
        else:
            print(yaml.safe_dump(content, sort_keys=False), end="")


@app.command()
def layers() -> None:
    """Lists the layers a model can be built from."""
    table = Table("layer", "group", "what it does")
    for layer in LAYERS:
        table.add_row(layer.__name__, layer.group, layer.summary)
    out.print(table)


@app.command()
def code(spec: Spec, values: Values = None) -> None:
    """Prints the equivalent Keras script."""
    with plain_errors():
        wanted = apply_overrides(ExperimentSpec.load(spec), values or [])
        print(keras_script(wanted, data.dataset_facts(wanted.dataset, Settings.from_environment())), end="")


@app.command()
def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Check every byte of the data against its checksum.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Repair what can be repaired, after saying how; a copy is kept.")
    ] = False,
) -> None:
    """Reports what is installed and what is wrong."""
    with plain_errors():
        settings = Settings.from_environment()
        if repair:
            _repair(settings)
        findings = examine(settings, deep=deep)
    for finding in findings:
        mark = "[green]ok[/green]  " if finding.fine else "[red]no[/red]  "
        say(f"{mark}{finding.what}: {escape(finding.found)}")
        if finding.advice:
            say(f"      {escape(finding.advice)}")
    if not all(finding.fine for finding in findings):
        raise typer.Exit(FAILED)


def _repair(settings: Settings) -> None:
    """Says what it will do, does it, and says what was done."""
    backup_cli.refuse_in_use(settings)
    planned = repairs(settings)
    if not planned:
        say("nothing to repair")
    for one in planned:
        say(escape(f"will: {one.plan}"))
    for one in planned:
        say(escape(f"done: {one.do()}"))


def _follow(store: Store, settings: Settings, run_id: str, as_json: bool) -> None:
    """Waits for the end of a run with a progress bar; Ctrl-C leaves it running."""
    queue.ensure_worker(settings, store)
    follow_to_end(
        run_id,
        lambda: _watched(store, run_id, quiet=as_json),
        lambda: _result(store, run_id),
        lambda: _show_end(store, store.runs.get(run_id)),
        stop="stop",
        as_json=as_json,
    )


def _show_end(store: Store, run: Run) -> None:
    reason = f": {run.reason.text()}" if run.reason else ""
    say(escape(f"{run.id} {run.state.value} after {run.seconds:.1f} s{reason}"))
    say_metrics(store, run)


def _result(store: Store, run_id: str) -> dict[str, Any]:
    run = store.runs.get(run_id)
    return {**summarize(run), **compare(store, run)}


def _watched(store: Store, run_id: str, *, quiet: bool) -> Run:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[last]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, disable=quiet or not sys.stderr.isatty()) as progress:
        task = progress.add_task(run_id, total=1.0, last="")

        def tell(run: Run) -> None:
            logs = run.summary.get("validation") or run.summary.get("train") or {}
            last = " ".join(f"{name} {value:.4f}" for name, value in logs.items())
            what = f"{run.state.value} {run.epoch}/{run.epochs}"
            progress.update(task, completed=run.progress, description=what, last=last)

        return follow_run(store, run_id, tell)
