"""`python -m dlcore backup` and `restore`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.cli.terminal import plain_errors, say
from dlcore.errors import N_, StoreError
from dlcore.queue.processes import programs_using
from dlcore.settings import Settings
from dlcore.store.backup import back_up, restore
from dlcore.store.database import Database
from dlcore.store.database_copies import STORE, PostgresCopies


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(name="backup")(_backup)
    app.command(name="restore")(_restore)


def _backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A folder that does not exist yet.")],
) -> None:
    """Copies the store, the searches, the runs' files, the datasets, the models and the key of cookies;
    runs may continue meanwhile.
    """
    with plain_errors():
        made = back_up(Settings.from_environment(), target, lambda line: say(escape(line)))
        say(escape(f"{made} is written; bring it back with: python -m dlcore restore {made}"))


def _restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder written by `backup`.")],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Move the content of the home folder aside first; nothing is deleted."
        ),
    ] = False,
) -> None:
    """Puts a backup into the home folder."""
    with plain_errors():
        settings = Settings.from_environment()
        refuse_in_use(settings)
        restore(settings, source, lambda line: say(escape(line)), replace=replace)


def refuse_in_use(settings: Settings) -> None:
    """Makes sure that no other program works in the home folder.

    Raises:
        StoreError: one does; which.
    """
    if settings.database_url.startswith("postgresql"):
        with closing(Database(settings.database_url)) as database:
            others = PostgresCopies(database).others()
        if others:
            raise StoreError(
                N_("other programs are connected to the database (connections: {count})."),
                hint=N_("Close the dashboards and stop the worker first."),
                where="DLCORE_DATABASE_URL",
                count=others,
            )
    if pids := programs_using(settings.home_dir / STORE):
        raise StoreError(
            N_("other programs are at work here (pid {pids})."),
            hint=N_("Close the dashboard and stop the worker first."),
            where=str(settings.home_dir),
            pids=", ".join(map(str, pids)),
        )
