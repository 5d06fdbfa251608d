"""The commands by which a host looks after a dashboard that others use, as the page Administration does."""

from __future__ import annotations

import typer

from dlcore.cli.complaints import app as complaints_app
from dlcore.cli.members import app as members_app
from dlcore.cli.order import app as order_app
from dlcore.cli.usage import app as usage_app


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(members_app, name="members")
    app.add_typer(order_app, name="queue")
    app.add_typer(usage_app, name="usage")
    app.add_typer(complaints_app, name="complaints")
