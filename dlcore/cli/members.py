"""`python -m dlcore members …`: who has signed in to a hosted dashboard, and who may not any more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from dlcore.cli.terminal import Json, act_on_each, host, open_store, plain_errors, print_rows
from dlcore.queue import members as queue
from dlcore.store.members import Member

app = typer.Typer(help="Members: list, sign out, block and unblock.", invoke_without_command=True)
Ids = Annotated[list[str], typer.Argument(metavar="MEMBER...", help="Ids of members.")]


@app.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Lists the members, who signed in last first; also: members sign-out, block, unblock."""
    if context.invoked_subcommand:
        return
    with plain_errors() as closing:
        settings, store = open_store(closing)
        found = queue.members(store, actor=host(settings))
    if as_json:
        print(json.dumps([_summary(one) for one in found]))
        return
    header = ("member", "name", "e-mail", "role", "last seen", "")
    print_rows(
        header,
        (
            (
                one.actor.id,
                one.name,
                one.email,
                one.actor.role,
                _day(one.last_seen),
                "blocked" * one.is_blocked,
            )
            for one in found
        ),
    )


@app.command("sign-out")
def sign_out(ids: Ids) -> None:
    """Signs members out in all browsers; they can sign in again."""
    act_on_each(ids, queue.sign_out, "signed out")


@app.command()
def block(ids: Ids) -> None:
    """Signs members out and keeps them out; what they made stays."""
    act_on_each(ids, partial(queue.block, blocked=True), "blocked")


@app.command()
def unblock(ids: Ids) -> None:
    """Lets members in again."""
    act_on_each(ids, partial(queue.block, blocked=False), "unblocked")


def _summary(member: Member) -> dict[str, object]:
    return {
        "id": member.actor.id,
        "name": member.name,
        "email": member.email,
        "role": member.actor.role.value,
        "first_seen": member.first_seen,
        "last_seen": member.last_seen,
        "blocked": member.is_blocked,
    }


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%MZ")
