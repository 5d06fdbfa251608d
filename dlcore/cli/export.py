"""`python -m dlcore export …`: a run in a format to take away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, open_store, plain_errors, print_rows, say
from dlcore.languages import Language
from dlcore.processes.alone import run_alone
from dlcore.queue.registry import find_run
from dlcore.records import no_progress

if TYPE_CHECKING:
    from dlcore.exports import Agreement


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(export)


def export(
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="The run's id, or a kept model: NAME@VERSION, NAME@STAGE."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--format", help="The format; without one, the formats are listed.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The file to write; by default named after the run, in this folder.")
    ] = None,
    language: Annotated[
        Language, typer.Option(help="Of the texts in reports, cards and notebooks.")
    ] = Language.ENGLISH,
    holds_model: Annotated[
        bool,
        typer.Option(
            "--try", help="Let a report hold the model, to be tried in a browser without a network."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Writes a run in a format to take away; a model is first run where it will be used, and must answer alike."""
    # Not at import time: pandas and Plotly would be loaded with every command.
    from dlcore.exports import EXPORTS, Export, check_holds_model

    with plain_errors() as closing:
        if run is None or name is None:
            _list(as_json)
            return
        settings, store = open_store(closing)
        made = EXPORTS.usable(name)
        check_holds_model(made, holds_model)
        found = find_run(store, run, actor=machine_owner(settings))
        target = (output or Path(f"{found.id}{made.suffix}")).absolute()
        arguments = {
            "run": found.id,
            "format": name,
            "language": language.value,
            "try": holds_model,
            "to": str(target),
        }
        done = Export.from_dict(run_alone("export", arguments, settings, no_progress))
        if as_json:
            print(json.dumps({**done.to_dict(), "file": str(target)}))
            return
        say(f"{escape(str(target))} is written: {done.bytes:,} bytes")
        if done.agreement is not None:
            say(f"  {_said(done.agreement)}")


def _list(as_json: bool) -> None:
    from dlcore.exports import EXPORTS

    if as_json:
        rows = [
            {"format": one.name, "title": one.title, "summary": one.summary, "install": one.install}
            for one in EXPORTS.values()
        ]
        print(json.dumps(rows))
        return
    print_rows(
        ("format", "what it is", "install first"),
        [(one.name, one.summary, one.install) for one in EXPORTS.values()],
    )


def _said(found: Agreement) -> str:
    """Returns how the exported model compares with the run's own."""
    metrics = ", ".join(
        f"{name} {value:.4f} → {found.after[name]:.4f}" for name, value in found.before.items()
    )
    return (
        f"checked on {found.samples} test samples: differs by at most {found.difference:.2g}, {metrics}; "
        f"{found.milliseconds:.2g} ms a sample"
    )
