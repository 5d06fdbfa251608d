"""`python -m dlcore robustness RUN`: how good a model is on disturbed samples."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, RunOrModel, open_store, plain_errors, print_rows, say
from dlcore.processes.alone import run_alone
from dlcore.queue.registry import find_run
from dlcore.queue.robustness import RobustnessRequest, check_robustness
from dlcore.records import no_progress
from dlcore.records.robustness import DISTURBANCES, FGSM, Robustness


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(robustness)


def robustness(
    run: RunOrModel,
    kind: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(DISTURBANCES)}; may be repeated. By default {FGSM.name}."),
    ] = None,
    strength: Annotated[
        list[float] | None,
        typer.Option(
            help="May be repeated, at most 6: levels of 255 of pictures, of all else standard deviations, of blur and "
            "shift pixels, of rotation degrees. By default five from weak to strong."
        ),
    ] = None,
    part: Annotated[str, typer.Option(help="The part to disturb: validation or test.")] = "test",
    as_json: Json = False,
) -> None:
    """Says how good a run's model is where its samples are attacked, noisy, blurred, brighter, shifted or turned.

    At most 1,000 samples of the part, evenly drawn; the values are shares of right answers, or errors (RMSE), with the
    range that holds the true one in 95 of 100 cases.
    """
    with plain_errors() as closing:
        settings, store = open_store(closing)
        asked = find_run(store, run, actor=machine_owner(settings))
        requests = [RobustnessRequest(one, part, tuple(strength or ())) for one in kind or [FGSM.name]]
        for request in requests:
            check_robustness(store, asked, request)
        found = [
            Robustness.from_dict(
                run_alone("robustness", {"run": asked.id, **request.to_dict()}, settings, no_progress)
            )
            for request in requests
        ]
        if as_json:
            print(json.dumps({"run_id": asked.id, "found": [one.to_dict() for one in found]}))
            return
        for one in found:
            _show(one)


def _show(found: Robustness) -> None:
    form = "{:.1%}".format if found.is_share else "{:.6g}".format
    said = "right" if found.is_share else "error (RMSE)"
    say(f"\n[bold]{found.kind}[/bold] on {found.samples:,} of {found.total:,} samples ({found.part})")
    print_rows(
        (found.unit.value, said, "from", "to"),
        [(f"{one.strength:g}", form(one.value), form(one.low), form(one.high)) for one in found.points],
    )
