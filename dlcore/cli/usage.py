"""`python -m dlcore usage …`: who uses how much of a hosted dashboard, and what they may use."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.cli.terminal import Json, host, open_store, plain_errors, print_rows, say
from dlcore.queue import own_budgets
from dlcore.queue.usage import disk_uses, usage

app = typer.Typer(help="Who uses how much, and what they may use: list, budget.", invoke_without_command=True)


@app.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Lists what each owner has, and has used in the last 24 hours, who has used most first; also: usage budget."""
    if context.invoked_subcommand:
        return
    with plain_errors() as closing:
        settings, store = open_store(closing)
        actor = host(settings)
        found, disk = usage(store, actor=actor), disk_uses(store, actor=actor)
        own = own_budgets.own_budgets(store, actor=actor)
    sizes = {one.owner: disk[one.owner].total if one.owner in disk else 0 for one in found}
    if as_json:
        print(
            json.dumps(
                [{**asdict(one), "disk": sizes[one.owner], "budget": own.get(one.owner, "")} for one in found]
            )
        )
        return
    header = (
        "owner",
        "role",
        "name",
        "runs",
        "searches",
        "waiting",
        "at work",
        "minutes today",
        "disk, MB",
        "own budget",
    )
    rows = (
        (
            one.owner, one.role or "", one.name, one.runs, one.searches, one.waiting, one.at_work,
            f"{one.seconds / 60:.1f}", f"{sizes[one.owner] / 1e6:.1f}", own.get(one.owner, ""),
        )
        for one in found
    )  # fmt: skip
    print_rows(header, rows)


@app.command()
def budget(
    owner: Annotated[str, typer.Argument(help="Whose: as `usage` lists them.")],
    changes: Annotated[
        str,
        typer.Argument(
            help="What differs from others of their role, such as minutes=60,epochs=none; '': nothing."
        ),
    ],
) -> None:
    """Lets an owner use something else than others of their role."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        own_budgets.set_budget(store, owner, changes, actor=host(settings))
        say(f"{escape(owner)} may use {escape(changes) or 'what others of their role may'}")
