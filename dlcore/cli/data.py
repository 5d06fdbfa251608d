"""`python -m dlcore data …`: datasets, built in and your own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from dlcore import datasets as data
from dlcore import queue
from dlcore.access.actors import machine_owner
from dlcore.cli.data_options import Accept, DataPath, Name, takes_choices
from dlcore.cli.results import describe_dataset, describe_datasets, describe_stored, known_datasets
from dlcore.cli.terminal import Json, err, open_store, plain_errors, print_rows, say
from dlcore.datasets.export import export_arrays
from dlcore.datasets.ingest import Choices, Proposal
from dlcore.datasets.ingest.examples import example_file, example_set
from dlcore.datasets.ingest.keras_files import keras_source
from dlcore.datasets.ingest.keras_sets import keras_set
from dlcore.datasets.prepare.cache import Tell
from dlcore.datasets.preview import first_samples
from dlcore.datasets.stored import (
    StoredDataset,
    open_stored,
    stored_damage,
)
from dlcore.errors import N_, Message, SpecError
from dlcore.processes.alone import run_alone
from dlcore.queue.registry import find_run
from dlcore.queue.sources import source_path
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import ColumnRole, DatasetFacts

app = typer.Typer(no_args_is_help=True, help="Datasets: add, list, show, export and remove.")

SHOWN_REFUSED = 20


@app.command()
@takes_choices
def add(
    path: DataPath,
    said: Choices,
    name: Annotated[str, typer.Option(help="The dataset's name; by default from the file's name.")] = "",
    title: Annotated[str, typer.Option(help="A title for display.")] = "",
    accept: Accept = None,
    as_json: Json = False,
) -> None:
    """Stores a dataset; options that are not given are guessed, and what was assumed is printed."""
    with plain_errors() as closing:
        settings = Settings.from_environment()
        said = replace(said, name=name, title=title, accept=tuple(accept or ()))
        place, chosen = _place(path, settings, said, closing)
        kept = _stored(place, settings, chosen)
        if as_json:
            print(json.dumps(describe_stored(kept)))
        else:
            _show(kept)


@app.command()
@takes_choices
def inspect(path: DataPath, said: Choices, as_json: Json = False) -> None:
    """Shows what a file seems to be, and what would be assumed; stores nothing."""
    with plain_errors() as closing:
        settings = Settings.from_environment()
        place, chosen = _place(path, settings, said, closing)
        arguments = {"path": str(place), "origin": place.name, "choices": chosen.to_dict()}
        with telling() as tell:
            found = run_alone(
                "inspection", arguments, settings, lambda done, total, unit: tell("reading", done, total)
            )
        if as_json:
            print(json.dumps(found))
        else:
            _show_proposal(Proposal.from_dict(found))


def _show_proposal(proposal: Proposal) -> None:
    about = "" if proposal.exact else "at least "
    say(f"[bold]{escape(proposal.title)}[/bold]: {proposal.kind.value}, {proposal.task.value}")
    say(f"  samples: {about}{proposal.samples:,}")
    for part, counts in proposal.counts.items():
        named = ", ".join(f"{name} {count:,}" for name, count in zip(proposal.classes, counts, strict=True))
        say(f"  {part or 'classes'}: " + escape(named[:2_000]))
    for column in proposal.columns:
        say(f"  {escape(column.name)}: {column.type.value}, {column.role.value}, {column.missing} missing")
    _say_messages("assumed", proposal.notes)
    _say_messages("warning", proposal.warnings)
    if proposal.refused_count:
        say(f"  refused: {proposal.refused_count:,}")
    for doubt in proposal.doubts:
        say(f"  [red]in doubt[/red] ({escape(doubt.code)}): {escape(doubt.message.text())}")
    if proposal.problem is not None:
        say(f"  [red]cannot be stored like this:[/red] {escape(proposal.problem.text())}")


def _say_messages(what: str, messages: Iterable[Message]) -> None:
    for message in messages:
        say(f"  {what}: {escape(message.text())}")


def _place(path: str, settings: Settings, said: Choices, closing: ExitStack) -> tuple[Path, Choices]:
    """Returns where the data is, downloading or making it if needed, and what is known of it;
    options come first.
    """
    if example := example_set(path):
        place, known = closing.enter_context(example_file(example)), example.choices
    elif entry := keras_set(path):
        with telling() as tell:
            place = keras_source(entry, settings, lambda done, total: tell("downloading", done, total))
        known = entry.choices
    else:
        return Path(path), said
    unsaid = vars(Choices())
    roles = {n: r for n, r in known.roles.items() if r is not ColumnRole.TARGET or not said.roles}
    said = replace(said, roles={**roles, **said.roles})
    return place, replace(known, **{k: v for k, v in vars(said).items() if v != unsaid[k]})


def _stored(path: Path, settings: Settings, choices: Choices) -> StoredDataset:
    """Stores the data in a limited process, as the supervisor would for a page."""
    arguments = {
        "path": str(path), "origin": path.name, "choices": choices.to_dict(), "owner": settings.owner,
    }  # fmt: skip
    with telling() as tell:
        result = run_alone(
            "ingestion", arguments, settings, lambda done, total, unit: tell("storing", done, total)
        )
    return open_stored(result["name"], settings, result["version"])


@contextmanager
def telling() -> Iterator[Tell]:
    """Yields what shows progress as a bar, if the output is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=err, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("", total=None)
        yield lambda what, done, total: progress.update(
            bar, description=what, completed=done, total=total or None
        )


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists all datasets, whether their files are here, and which are damaged."""
    with plain_errors():
        settings = Settings.from_environment()
        for error in stored_damage(settings):
            err.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        if as_json:
            print(json.dumps(describe_datasets(settings)))
            return
        known = known_datasets(settings)
        print_rows(
            ("name", "kind", "task", "classes", "samples", "owner", "here"),
            (
                (
                    facts.name,
                    facts.kind,
                    facts.task,
                    len(facts.classes) or "",
                    f"{facts.size:,}",
                    facts.owner,
                    "yes" if data.is_available(facts.name, settings) else "no",
                )
                for facts in known
            ),
        )


@app.command()
def show(name: Name, version: Annotated[str, typer.Option()] = "", as_json: Json = False) -> None:
    """Shows a dataset: what it is, what was refused, and why."""
    with plain_errors():
        settings = Settings.from_environment()
        if as_json:
            print(json.dumps(describe_dataset(name, settings, version)))
        elif name in data.CATALOGUE:
            _show_facts(data.facts(name, settings))
        else:
            known = data.facts(name, settings, version)
            _show(open_stored(name, settings, known.version))


def _show_facts(facts: DatasetFacts) -> None:
    say(f"[bold]{escape(facts.name)}[/bold] {escape(facts.version)}: {facts.kind.value}, {facts.task.value}")
    parts = f"{facts.train_size:,} + {facts.validation_size:,} + {facts.test_size:,}"
    say(f"  samples (training, validation, test): {parts}")
    if facts.classes:
        say("  classes: " + escape(", ".join(facts.classes[:50])))
    for what, said in (("licence", facts.licence), ("cite", facts.citation), ("about", facts.description)):
        if said:
            say(f"  {what}: {escape(said)}")
    for column in facts.columns:
        say(f"  {escape(column.name)}: {column.type.value}, {column.role.value}, {column.missing} missing")


def _show(dataset: StoredDataset) -> None:
    _show_facts(dataset.facts)
    _say_messages("assumed", dataset.assumed)
    if dataset.refused_count:
        say(f"  refused: {dataset.refused_count}")
    for one in dataset.refused[:SHOWN_REFUSED]:
        say(escape(f"    {one.name}: {one.reason.text()}"))


@app.command()
def preview(
    name: Name,
    version: Annotated[str, typer.Option()] = "",
    rows: Annotated[int, typer.Option(min=1, max=1_000, help="How many samples.")] = 10,
) -> None:
    """Prints the first samples of one of your own datasets, as they are stored."""
    with plain_errors():
        settings = Settings.from_environment()
        if name in data.CATALOGUE:
            raise SpecError(N_("'{name}' is built in."), where=name, name=name)
        header, found = first_samples(open_stored(name, settings, version), rows)
        print_rows(header, found)


@app.command()
def export(
    experiment: Annotated[
        str, typer.Argument(metavar="SPEC|RUN", help="An experiment as YAML or JSON, or the id of a run.")
    ],
    to: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("data.npz"),
) -> None:
    """Exports the arrays an experiment trains on, in the form its Keras script reads."""
    with plain_errors() as closing:
        if Path(experiment).suffix or Path(experiment).is_file():
            spec = ExperimentSpec.load(Path(experiment))
        else:
            _, store = open_store(closing)
            spec = ExperimentSpec.from_dict(
                find_run(store, experiment, actor=machine_owner(store.settings)).spec
            )
        _export(spec, to, closing)
        say(f"{escape(str(to))} is written")


def _export(spec: ExperimentSpec, to: Path, closing: ExitStack) -> None:
    """Writes the arrays; where weights of another model belong to them, in a process that has Keras."""
    source = spec.fine_tuning.source if spec.fine_tuning else None
    with telling() as tell:
        if source is None:
            export_arrays(spec, Settings.from_environment(), to, tell)
            return
        settings, store = open_store(closing)
        weights = source_path(store, source, owner=settings.owner)
        arguments = {"spec": spec.to_dict(), "path": str(to.absolute()), "weights": str(weights)}
        run_alone("arrays", arguments, settings, lambda done, total, unit: tell("writing", done, total))


@app.command()
def remove(name: Name, version: Annotated[str, typer.Option(help="Remove only this version.")] = "") -> None:
    """Removes one of your own datasets."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        if name in data.CATALOGUE:
            raise SpecError(N_("'{name}' is built in."), where=name, name=name)
        queue.remove_dataset(store, name, actor=machine_owner(settings), version=version)
        say(f"{escape(name)} is removed")
