"""`python -m dlcore compare RUN RUN …` and `repeat RUN`: runs side by side, and once more with other seeds."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from dlcore import queue
from dlcore.cli.terminal import Json, open_store, plain_errors, print_rows, say
from dlcore.comparison import Comparison, RunScores, compare_runs
from dlcore.spec.metrics import METRICS


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(compare)
    app.command()(repeat)


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids of runs.")],
    baseline: Annotated[
        str, typer.Option(help="The run that the others are compared with; by default the first one.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Compares runs: their test metrics with intervals of 95 %, and the settings and layers in which they differ.

    A difference has an interval where both were tested on the same samples: those are drawn again, many times.
    """
    with plain_errors() as closing:
        _, store = open_store(closing)
        found = compare_runs(store, [store.runs.get(one) for one in dict.fromkeys(runs)], baseline=baseline)
        if as_json:
            print(json.dumps(found.to_dict()))
            return
        _show(found)


def repeat(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")],
    seeds: Annotated[int, typer.Option(help="How many new runs, each with a seed of its own.")] = 2,
    as_json: Json = False,
) -> None:
    """Queues a run again with other seeds, to tell its settings from chance; does not wait for the new runs.

    Group them afterwards: `runs --group training.batch_size`, or whatever differs from the others.
    """
    with plain_errors() as closing:
        settings, store = open_store(closing)
        found = queue.repeat_run(store, store.runs.get(run), seeds=seeds, actor=settings.owner)
        queue.ensure_worker(settings, store)
        if as_json:
            print(
                json.dumps([{"run_id": one.id, "name": one.name, "seed": one.spec["seed"]} for one in found])
            )
            return
        for one in found:
            say(f"[bold]{escape(one.name)}[/bold] {one.id}: seed {one.spec['seed']}")


def _show(found: Comparison) -> None:
    print_rows(("run", "name", "state", *found.metrics), [_row(found, one) for one in found.results])
    base = found.of(found.baseline)
    for one in found.results:
        if one.problem is not None:
            say(escape(f"{one.run.name}: {one.problem.text()}"))
        elif one is not base:
            for sentence in _sentences(found, one):
                say(escape(f"{one.run.name} against {base.run.name}: {sentence}"))
    for spread in found.seeds:
        metric = next((name for name in found.metrics if name in spread.means), "")
        scale, unit = _scale(metric)
        name, count = found.of(spread.ids[0]).run.name, len(spread.ids)
        mean, deviation = scale * spread.means[metric], scale * spread.deviations[metric]
        say(
            escape(f"{name} and its other seeds, {count} in all: {metric} {mean:.4g}{unit} ± {deviation:.2g}")
        )
    names = [one.run.name for one in found.results]
    if found.settings:
        say(f"\n[bold]settings that differ[/bold]: {len(found.settings)} of {found.settings_total}")
        rows = [(row.path, *map(_cell, row.values)) for row in found.settings]
        print_rows(("setting", *names), rows)
    if found.layers:
        say(f"\n[bold]layers that differ[/bold]: {len(found.layers)} of {found.layers_total}")
        rows = [(row.name, *row.texts) for row in found.layers]
        print_rows(("layer", *names), rows)


def _row(found: Comparison, one: RunScores) -> tuple[str, ...]:
    cells = []
    for metric in found.metrics:
        score = one.scores.get(metric)
        scale, unit = _scale(metric)
        text = "" if score is None else f"{scale * score.value:.4g}{unit}"
        if score is not None and score.interval is not None:
            text += f" ± {scale * score.interval.margin:.2g}"
        cells.append(text)
    mark = " (baseline)" if one.run.id == found.baseline else ""
    return one.run.id, f"{one.run.name}{mark}", one.run.state.value, *cells


def _scale(metric: str) -> tuple[int, str]:
    return (100, "%") if metric in METRICS and METRICS[metric].is_share else (1, "")


def _sentences(found: Comparison, one: RunScores) -> list[str]:
    """Returns what is said of the metric that the runs are judged by."""
    for metric in found.metrics:
        score = one.scores.get(metric)
        if score is not None and score.difference is not None:
            reason = score.difference.reason
            return [
                f"{metric}: {score.difference.sentence(metric).text()}",
                *([reason.text()] if reason else []),
            ]
    return []


def _cell(value: Any) -> str:
    return "–" if value is None else str(value)
