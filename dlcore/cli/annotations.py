"""`python -m dlcore annotate …`: names, notes, tags, stars and the archive, of runs, studies and drafts."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from dlcore import queue
from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, open_store, plain_errors, say
from dlcore.errors import N_, SpecError
from dlcore.records import Annotation, AnnotationEdit, Draft, Run, Study


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(annotate)


def annotate(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of runs, studies and drafts.")],
    name: Annotated[
        str | None, typer.Option(help="A name; an empty one brings back dataset, template and number.")
    ] = None,
    notes: Annotated[str | None, typer.Option(help="Notes, as Markdown, in place of those there.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Add a tag; may be given several times.")] = None,
    untag: Annotated[list[str] | None, typer.Option(help="Remove a tag; may be given several times.")] = None,
    favorite: Annotated[bool | None, typer.Option(help="Give it a star, or take it away.")] = None,
    archive: Annotated[
        bool | None, typer.Option("--archive/--unarchive", help="Put it away, or take it out again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Names, tags, stars or archives runs, studies and drafts, and writes notes; prints what they say then."""
    with plain_errors() as closing:
        edit = AnnotationEdit(name, notes, tuple(tag or ()), tuple(untag or ()), favorite, archive)
        if name and len(ids) > 1:
            raise SpecError(
                N_("expected one id, got {got}."),
                hint=N_("A name is given to one of them at a time."),
                where="--name",
                got=len(ids),
            )
        settings, store = open_store(closing)
        changed = [
            queue.annotate(store, store.ids.whole(one), edit, actor=machine_owner(settings)) for one in ids
        ]
        if as_json:
            print(json.dumps([describe(one) for one in changed]))
            return
        for one in changed:
            say(f"[bold]{escape(one.name)}[/bold] {one.id}")
            say_annotation(one.annotation)


def describe(item: Run | Study | Draft) -> dict[str, Any]:
    """Returns what a person may change of a run, a study or a draft, as JSON prints it."""
    return {"id": item.id, "name": item.name, **item.annotation.to_dict()}


def say_annotation(annotation: Annotation) -> None:
    """Prints tags, star, archive and notes, if any."""
    words = [f"#{tag}" for tag in annotation.tags]
    words += ["favorite"] * annotation.favorite + ["archived"] * annotation.archived
    if words:
        say(escape(f"  {' '.join(words)}"))
    for line in annotation.notes.splitlines():
        say(escape(f"  {line}"))
