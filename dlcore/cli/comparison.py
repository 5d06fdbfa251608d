"""`python -m dlcore compare RUN RUN …` and `repeat RUN`: runs side by side, and once more with other seeds."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from dlcore import queue
from dlcore.access.actors import machine_owner
from dlcore.cli.results import describe_comparison
from dlcore.cli.terminal import Json, RunId, marked, open_store, plain_errors, print_rows, say
from dlcore.comparison import Comparison, GroupScore, RunScores, compare_selected
from dlcore.spec.metrics import METRICS
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import named_field
from dlcore.store.ids import short_id


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(compare)
    app.command()(repeat)


def compare(
    runs: Annotated[list[str] | None, typer.Argument(metavar="RUN...", help="Ids of runs.")] = None,
    where: Annotated[
        str, typer.Option(help="The runs that a filter lets through, such as 'tag:paper'.")
    ] = "",
    study: Annotated[str, typer.Option(help="The trials of a search, by its name or id.")] = "",
    group: Annotated[
        list[str] | None,
        typer.Option(
            help="What the runs of a group have in common; may be given several times. "
            "By default all settings but for the seed."
        ),
    ] = None,
    baseline: Annotated[
        str, typer.Option(help="The run that the others are compared with; by default the first one.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Compares runs: their test metrics with intervals of 95 %, and the settings and layers in which they differ.

    A difference of two runs has an interval where both were tested on the same samples: those are drawn again, many
    times. A difference of two groups of several runs has Welch's. Of a study the best trials are compared, of a
    filter the newest runs, at most 24 of them.
    """
    with plain_errors() as closing:
        with marked(where):
            RunQuestion.read(where)
        _, store = open_store(closing)
        by = [named_field(name, where="--group") for name in group or ()]
        found, total = compare_selected(
            store,
            [store.ids.whole(one) for one in runs or ()],
            where=where,
            study=study,
            baseline=store.ids.whole(baseline),
            by=by,
        )
        if as_json:
            print(json.dumps(describe_comparison(found, total)))
            return
        if total > len(found.runs):
            say(f"the first {len(found.runs)} of {total:,} runs")
        _show(found)


def repeat(
    run: RunId,
    seeds: Annotated[int, typer.Option(help="How many new runs, each with a seed of its own.")] = 2,
    as_json: Json = False,
) -> None:
    """Queues a run again with other seeds, to tell its settings from chance; does not wait for the new runs.

    Group them afterwards: `runs --group training.batch_size`, or whatever differs from the others.
    """
    with plain_errors() as closing:
        settings, store = open_store(closing)
        found = queue.repeat_run(
            store, store.runs.get(store.ids.whole(run)), seeds=seeds, actor=machine_owner(settings)
        )
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
    if any(len(group.ids) > 1 for group in found.groups):
        _show_groups(found)
    names = [one.run.name for one in found.results]
    if found.settings:
        say(f"\n[bold]settings that differ[/bold]: {len(found.settings)} of {found.settings_total}")
        rows = [(row.path, *map(_cell, row.values)) for row in found.settings]
        print_rows(("setting", *names), rows)
    if found.layers:
        say(f"\n[bold]layers that differ[/bold]: {len(found.layers)} of {found.layers_total}")
        rows = [(row.name, *row.texts) for row in found.layers]
        print_rows(("layer", *names), rows)


def _show_groups(found: Comparison) -> None:
    """Prints the mean of each group with its interval, and how it compares with that of the baseline."""
    metric = found.metrics[0] if found.metrics else ""
    fields = [field.name for field in found.by] or ["setting"]
    rows = []
    for group in found.groups:
        values = map(_cell, group.values) if found.by else [found.of(group.ids[0]).run.name]
        score = group.scores.get(metric)
        difference = score.difference if score is not None else None
        text = difference.sentence(metric).text() if difference else ""
        rows.append((*values, len(group.ids), _mean(metric, score), text))
    print_rows((*fields, "runs", f"{metric}, mean", "against the baseline's"), rows)
    reasons = {
        score.difference.reason.text(): None
        for group in found.groups
        if (score := group.scores.get(metric)) and score.difference and score.difference.reason
    }
    for reason in reasons:
        say(escape(reason))


def _mean(metric: str, score: GroupScore | None) -> str:
    if score is None:
        return ""
    scale, unit = _scale(metric)
    margin = f" ± {scale * score.interval.margin:.2g}" if score.interval else ""
    return f"{scale * score.mean:.4g}{unit}{margin}"


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
    return short_id(one.run.id), f"{one.run.name}{mark}", one.run.state.value, *cells


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
