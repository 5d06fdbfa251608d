"""`python -m dlcore models …`: the models that you keep under a name."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, RunId, open_store, plain_errors, print_rows, say
from dlcore.queue.registry import edit_model, keep_model, note_version, remove_version, set_stage
from dlcore.records.registry import ModelVersion, split_reference
from dlcore.store.ids import short_id

app = typer.Typer(
    help="Models kept under a name: list, keep, stage, rename, note and remove. `predict`, `serve` and `export` take NAME@VERSION or "
    "NAME@STAGE in the place of a run.",
    invoke_without_command=True,
)

Reference = Annotated[
    str, typer.Argument(metavar="MODEL", help="NAME@VERSION; without a version, the newest one.")
]


@app.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Lists your models, each version with its stage, its run, exports, and where it was tried."""
    if context.invoked_subcommand:
        return
    with plain_errors() as closing:
        settings, store = open_store(closing)
        models = store.registry.list(owner=settings.owner)
        found = [{**one.to_dict(), "model_notes": model.notes} for model in models for one in model.versions]
        if as_json:
            print(json.dumps(found))
            return
        print_rows(
            ("model", "stage", "run", "kept", "exported", "tried", "notes"),
            (
                (
                    one["reference"],
                    one["stage"],
                    short_id(one["run_id"]),
                    one["created"].replace("T", " ")[:16],
                    ", ".join(one["exported"]),
                    ", ".join(one["tried"]),
                    one["notes"],
                )
                for one in found
            ),
        )


@app.command()
def keep(
    run: RunId,
    name: Annotated[str, typer.Option(help="Of the model, new or one that there is.")],
    notes: Annotated[str, typer.Option(help="Free text.")] = "",
    as_json: Json = False,
) -> None:
    """Keeps a run's model under a name, as its next version; the run cannot be resumed or deleted meanwhile."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        made = keep_model(store, store.ids.whole(run), name, actor=machine_owner(settings), notes=notes)
        _tell(made, f"the model of run {run} is kept as {escape(made.reference)}", as_json)


@app.command()
def stage(
    model: Reference,
    to: Annotated[str, typer.Argument(metavar="STAGE", help="none, staging, production or archived.")],
    as_json: Json = False,
) -> None:
    """Moves a version to a stage; what was in production before it is archived."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        made = set_stage(store, model, to, actor=machine_owner(settings))
        _tell(made, f"{escape(made.reference)}: {made.stage.value}", as_json)


@app.command()
def rename(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the model, as it is.")],
    to: Annotated[str, typer.Argument(metavar="NEW", help="As it shall be.")],
) -> None:
    """Renames a model; its versions keep their numbers."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        made = edit_model(store, name, actor=machine_owner(settings), to=to)
        say(f"{escape(name)} is called {escape(made.name)} now")


@app.command()
def note(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="NAME, or NAME@VERSION for that version alone.")
    ],
    notes: Annotated[str, typer.Argument(metavar="TEXT", help="As Markdown, in place of the notes there.")],
) -> None:
    """Writes the notes on a model, or on one version of it."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        if split_reference(model) is None:
            edit_model(store, model, actor=machine_owner(settings), notes=notes)
        else:
            note_version(store, model, notes, actor=machine_owner(settings))
        say(f"{escape(model)}: noted")


@app.command()
def remove(model: Reference, as_json: Json = False) -> None:
    """Removes a version; its run stays, and can be resumed or deleted again."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        gone = remove_version(store, model, actor=machine_owner(settings))
        _tell(gone, f"{escape(gone.reference)} is removed; run {gone.run_id} stays", as_json)


def _tell(version: ModelVersion, text: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps(version.to_dict()))
    else:
        say(text)
