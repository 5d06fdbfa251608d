"""`python -m dlcore predict …`: what a run's model answers for the samples in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, RunOrModel, err, open_store, plain_errors, print_rows, say
from dlcore.errors import not_written
from dlcore.processes.alone import run_alone
from dlcore.queue.registry import find_run
from dlcore.records import no_progress
from dlcore.records.predictions import Prediction, Predictions
from dlcore.records.registry import TryPlace, UseKind

SHOWN = 50


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(predict)


def predict(
    run: RunOrModel,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A picture, a recording, a text, arrays or a table; or a folder, zip or tar of pictures, recordings "
            "or texts.",
        ),
    ],
    to: Annotated[Path | None, typer.Option("--out", help="Write all answers to this CSV file.")] = None,
    as_json: Json = False,
) -> None:
    """Answers for new samples with a run's model; where the right answers are beside them, also says how good it is."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        asked = find_run(store, run, actor=machine_owner(settings))
        arguments = {"folder": str(store.artifacts.folder(asked.id)), "path": str(file.absolute())}
        found = Predictions.from_dict(run_alone("prediction", arguments, settings, no_progress))
        store.registry.note_use(asked.id, UseKind.TRY, TryPlace.COMMAND_LINE)
        if to is not None:
            _write(found, to)
        if as_json:
            print(json.dumps(found.as_json()))
            return
        for note in found.notes:
            err.print(f"note: {escape(note.text())}", highlight=False, soft_wrap=True)
        _show(found, to)


def _write(found: Predictions, to: Path) -> None:
    """Writes one row for each sample, in UTF-8 with a mark, which Excel needs.

    Raises:
        DlcoreError: it cannot be written there.
    """
    try:
        found.to_frame().to_csv(to, index=False, encoding="utf-8-sig")
    except OSError as error:
        raise not_written(error, to) from error


def _show(found: Predictions, to: Path | None) -> None:
    header = ("sample", "answer", "probability") if found.task.classifies else ("sample", *found.columns)
    rows = [(found[place].name, *_cells(found[place], found)) for place in range(min(len(found), SHOWN))]
    print_rows(header, rows)
    if len(found) > SHOWN and to is None:
        say(f"… and {len(found) - SHOWN:,} more; --out answers.csv writes all")
    if to is not None:
        say(f"{escape(str(to))} is written")
    if found.refused:
        say(f"  not answered: {len(found.refused):,} of {len(found):,}")
    if found.metrics:
        say("  " + ", ".join(f"{name} {value:.4f}" for name, value in found.metrics.items()))


def _cells(one: Prediction, found: Predictions) -> tuple[str, ...]:
    """Returns the answer as it is shown; why there is none in the place of the first value."""
    if one.problem is not None:
        width = 2 if found.task.classifies else len(found.columns)
        return (one.problem.text(), *[""] * (width - 1))
    if found.task.classifies:
        return ", ".join(one.chosen), ", ".join(f"{one.values[name]:.4f}" for name in one.chosen)
    return tuple(f"{value:.6g}" for value in one.values.values())
