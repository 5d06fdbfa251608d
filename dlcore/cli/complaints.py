"""`python -m dlcore complaints …`: what was reported of what is shared, and what is done about it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated

import typer

from dlcore.access.permissions import Kind
from dlcore.cli.audit import printable
from dlcore.cli.terminal import Json, act_on_each, host, open_store, plain_errors, print_rows
from dlcore.errors import NotFoundError
from dlcore.queue import complaints
from dlcore.queue.annotations import find_item
from dlcore.records import Run
from dlcore.records.shares import Thing
from dlcore.store import Store

app = typer.Typer(
    help="What was reported of what is shared: list, hide, dismiss, allow.", invoke_without_command=True
)
Names = Annotated[
    list[str], typer.Argument(metavar="THING...", help="Ids of runs or searches, or names of datasets.")
]


@app.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Lists what was reported and not decided on; also: complaints hide, dismiss, allow."""
    if context.invoked_subcommand:
        return
    with plain_errors() as closing:
        settings, store = open_store(closing)
        found = complaints.cases(store, actor=host(settings))
    rows = [
        (
            case.thing.name,
            case.thing.kind.value,
            case.name,
            case.owner,
            one.ground.value,
            one.words,
            one.reporter,
        )
        for case in found
        for one in case.complaints
    ]
    header = ("thing", "kind", "name", "owner", "ground", "words", "reporter")
    if as_json:
        print(json.dumps([dict(zip(header, row, strict=True)) for row in rows]))
        return
    print_rows(header, [[printable(cell) for cell in row] for row in rows])


@app.command()
def hide(names: Names) -> None:
    """Makes things private, and keeps their owners from sharing them again."""
    act_on_each(names, complaints.hide, "hidden", find=_thing)


@app.command()
def dismiss(names: Names) -> None:
    """Drops what was reported of things so far."""
    act_on_each(names, complaints.dismiss, "left as it is", find=_thing)


@app.command()
def allow(names: Names) -> None:
    """Lets owners share again what was hidden."""
    act_on_each(names, complaints.allow, "free to be shared", find=_thing)


def _thing(store: Store, name: str) -> Thing:
    """Returns the run or the search of an id or its beginning, else the dataset of that name."""
    with suppress(NotFoundError):
        item = find_item(store, store.ids.whole(name))
        return Thing(Kind.RUN if isinstance(item, Run) else Kind.STUDY, item.id)
    return Thing(Kind.DATASET, name)
