"""`python -m dlcore history RUN`: a run's curves as numbers."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import pandas as pd
import typer

from dlcore.cli.terminal import Json, RunId, open_store, plain_errors, print_rows, say
from dlcore.exports.tables import metrics_frame
from dlcore.records import Axis

SHOWN = 50


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(history)


def history(
    run: RunId,
    by: Annotated[Axis, typer.Option(help="What the rows are.")] = Axis.EPOCH,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all rows as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Prints a run's metrics, a row for each epoch, batch or moment; the last rows, if it is for people."""
    with plain_errors() as closing:
        _, store = open_store(closing)
        frame = metrics_frame(store.metrics.points(store.runs.get(store.ids.whole(run)).id, by), by)
    if as_json:
        print(json.dumps(rows_of(frame)))
    elif as_csv:
        frame.to_csv(sys.stdout, index=False, lineterminator="\n")
    else:
        if len(frame) > SHOWN:
            say(f"the last {SHOWN} of {len(frame):,} rows; --csv prints all")
        shown = frame.tail(SHOWN).itertuples(index=False)
        print_rows(tuple(frame.columns), (["" if pd.isna(v) else f"{v:.6g}" for v in row] for row in shown))


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Returns the rows of a table of metrics, JSON-ready: without what a row does not have."""
    return [
        {str(name): value for name, value in row.items() if not pd.isna(value)}
        for row in frame.to_dict("records")
    ]
