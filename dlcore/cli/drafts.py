"""`python -m dlcore drafts …`: experiments begun on a page and not started yet."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from dlcore import queue
from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, open_store, plain_errors, print_rows, say
from dlcore.records import Draft
from dlcore.store.ids import short_id

app = typer.Typer(help="Drafts: list, remove and sweep.", invoke_without_command=True)


@app.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Lists your drafts, the most recently changed first; also: drafts remove, drafts sweep."""
    if context.invoked_subcommand:
        return
    with plain_errors() as closing:
        settings, store = open_store(closing)
        found = [_summary(draft) for draft in store.drafts.list(owner=settings.owner)]
        if as_json:
            print(json.dumps(found))
            return
        print_rows(
            ("draft", "name", "dataset", "searched", "tags", "changed"),
            (
                (
                    short_id(one["id"]),
                    one["name"],
                    one["dataset"],
                    one["searched"] or "",
                    ", ".join(one["tags"]),
                    one["changed"].replace("T", " ")[:16],
                )
                for one in found
            ),
        )
        if found:
            say(f"Open the first in the dashboard under /build?draft={found[0]['id']}")


@app.command()
def remove(
    drafts: Annotated[list[str], typer.Argument(metavar="DRAFT...", help="Ids of drafts.")],
) -> None:
    """Removes drafts; what was started from them stays."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        for draft in drafts:
            store.drafts.delete(store.ids.whole(draft), actor=machine_owner(settings))
            say(f"{escape(draft)} is removed")


@app.command()
def sweep() -> None:
    """Removes drafts that have not changed for a week; the dashboard does this by itself."""
    with plain_errors() as closing:
        _, store = open_store(closing)
        say(f"removed drafts: {queue.sweep_drafts(store)}")


def _summary(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "name": draft.name,
        "dataset": draft.dataset,
        "searched": len(draft.search.get("space", {})),
        "tags": list(draft.annotation.tags),
        "notes": draft.annotation.notes,
        "changed": draft.updated_at.astimezone().isoformat(timespec="seconds"),
    }
