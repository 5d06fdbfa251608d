"""`python -m dlcore import-run FILE`: a run that was exported elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.cli.terminal import Json, open_store, plain_errors, say
from dlcore.durable import begin_folder
from dlcore.errors import N_, DlcoreError, StoreError
from dlcore.processes.alone import run_alone
from dlcore.records import Run, no_progress
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="import-run")(import_run)


def import_run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `export RUN --format run` has written.")],
    as_json: Json = False,
) -> None:
    """Adds a run that was exported elsewhere, under a new id if another run here has its own."""
    # Not at import time: SQLAlchemy would be loaded with every command.
    from dlcore.store.run_import import add_unpacked

    with plain_errors() as closing:
        settings, store = open_store(closing)
        folder = _begin(settings)
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        arguments = {"path": str(file.expanduser().absolute()), "to": str(folder)}
        run_alone("run_unpacking", arguments, settings, no_progress)
        run = add_unpacked(store, folder, owner=settings.owner)
        missing = _missing_data(run, settings)
        if as_json:
            print(json.dumps({"run_id": run.id, "name": run.name, "dataset_is_here": not missing}))
            return
        say(f"{escape(run.name)} is run {run.id}; show it with: python -m dlcore show {run.id}")
        if missing:
            say(
                f"  its dataset is not here, so it cannot be resumed, nor its model exported: {escape(missing)}"
            )


def _begin(settings: Settings) -> Path:
    try:
        return begin_folder(settings.runs_dir)
    except OSError as error:
        raise StoreError(
            N_("the folder cannot be made: {reason}."),
            hint=N_("Free disk space, or check the permissions of that path."),
            where=str(settings.runs_dir),
            reason=error.strerror or str(error),
        ) from error


def _missing_data(run: Run, settings: Settings) -> str:
    """Returns why the dataset of a run cannot be read here; empty if it can."""
    from dlcore.datasets import dataset_facts

    try:
        dataset_facts(ExperimentSpec.from_dict(run.spec).dataset, settings)
    except DlcoreError as error:
        return str(error)
    return ""
