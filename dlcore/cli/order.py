"""`python -m dlcore queue …`: everybody's runs that wait, and where they are put among them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from dlcore.cli.terminal import Json, host, open_store, plain_errors, print_rows, say
from dlcore.queue import order
from dlcore.queue.forecasts import Forecasts
from dlcore.queue.slots import slots_here
from dlcore.records import Run
from dlcore.store.ids import short_id
from dlcore.store.queue import Spot

app = typer.Typer(help="The queue: list, front, back, usual.", invoke_without_command=True)
Runs = Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids of runs, or their beginnings.")]


@app.callback()
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """Lists whose runs are at work and wait, the next one first; also: queue front, back, usual."""
    if context.invoked_subcommand:
        return
    with plain_errors() as closing:
        settings, store = open_store(closing)
        forecasts = Forecasts(store, slots_here(settings))
        found = order.whole_queue(store, forecasts, actor=host(settings))
    rows = [_row(run) for run in found.at_work]
    rows += [_row(one.run, one) for one in found.waiting]
    if as_json:
        print(json.dumps([dict(zip(_NAMES, row, strict=True)) for row in rows]))
        return
    header = ("run", "name", "owner", "state", "place", "wait, s", "priority")
    print_rows(header, [["" if cell is None else cell for cell in row] for row in rows])


_NAMES = ("run", "name", "owner", "state", "place", "wait", "priority")


def _row(run: Run, one: order.Waiting | None = None) -> Sequence[object]:
    """Returns the cells of a run; what is about its place is empty if it does not wait."""
    about = (short_id(run.id), run.name, run.owner, run.state.value)
    if one is None:
        return (*about, None, None, None)
    return (*about, one.place, None if one.wait is None else round(one.wait.expected, 1), one.priority)


@app.command()
def front(runs: Runs) -> None:
    """Puts runs before all others that wait, in this order."""
    _put(runs, Spot.FRONT, "next")


@app.command()
def back(runs: Runs) -> None:
    """Puts runs behind all others that wait, in this order."""
    _put(runs, Spot.BACK, "last")


@app.command()
def usual(runs: Runs) -> None:
    """Puts runs back where they would be had nobody moved them."""
    _put(runs, Spot.USUAL, "where it would be")


def _put(runs: list[str], spot: Spot, where: str) -> None:
    with plain_errors() as closing:
        settings, store = open_store(closing)
        ids = [store.ids.whole(run) for run in runs]
        order.put(store, ids, spot, actor=host(settings))
        for run_id in ids:
            say(f"{short_id(run_id)} is {where} in the queue")
