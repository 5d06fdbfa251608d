"""`python -m dlcore audit`: who did what on a dashboard for strangers or a team."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from dlcore.access.audit import audit_lines
from dlcore.cli.terminal import plain_errors, say
from dlcore.settings import Settings


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(audit)


def audit(
    last: Annotated[int, typer.Option(min=1, help="How many of the newest lines.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print all lines, each a JSON object.")] = False,
) -> None:
    """Prints who did what, from where and when; what was refused, too. In the mode `local` nothing is noted."""
    with plain_errors():
        lines = list(audit_lines(Settings.from_environment()))
    if as_json:
        for line in lines:
            print(json.dumps(line))
        return
    if not lines:
        say("nothing was noted: that happens in the modes demo and team alone")
        return
    for line in lines[-last:]:
        print(as_text(line))


def as_text(line: Mapping[str, Any]) -> str:
    """Returns a line for people: when, who, from where, what, to what, and whether it was refused.

    Example:
        >>> as_text({"at": "2026-11-30T09:00:00+00:00", "actor": "ann", "role": "member", "from": "::1", "what": "run.stop"})[10:]
        ' 09:00:00Z  ann (member)  ::1  run.stop'
    """
    when = datetime.fromisoformat(str(line["at"])).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    parts = [when, f"{line['actor']} ({line['role']})", str(line["from"]), str(line["what"])]
    if line.get("name"):
        parts.append(printable(str(line["name"])))
    if line.get("refused"):
        parts.append("REFUSED")
    return "  ".join(parts)


def printable(text: str) -> str:
    r"""Returns a text in which what a terminal would not show as itself is escaped.

    Example:
        >>> printable("cats\n.zip")
        'cats\\n.zip'
    """
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
