"""`python -m dlcore search …`, `studies`, `study …`: searches from a terminal."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dlcore import queue
from dlcore.access.actors import machine_owner
from dlcore.cli.annotations import say_annotation
from dlcore.cli.results import describe_study
from dlcore.cli.terminal import (
    Json,
    Spec,
    Values,
    apply_overrides,
    err,
    follow_to_end,
    open_store,
    plain_errors,
    print_rows,
    say,
)
from dlcore.errors import N_, NotFoundError, unknown_name
from dlcore.queue import studies as requests
from dlcore.queue.client import follow_study, read_search
from dlcore.records import Study, TrialState
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.ids import short_id

SHOWN_TRIALS = 10
ACTIONS = {"pause": requests.pause, "resume": requests.resume, "stop": requests.stop}


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(search)
    app.command()(studies)
    app.command()(study)


def search(
    spec: Spec,
    trials: Annotated[int | None, typer.Option(help="The number of trials.")] = None,
    parallel: Annotated[int | None, typer.Option(help="The number of trials at a time.")] = None,
    values: Values = None,
    name: Annotated[str | None, typer.Option(help="A name for the study.")] = None,
    as_json: Json = False,
) -> None:
    """Searches for good hyperparameters, and follows the search to its end."""
    with plain_errors(as_json=as_json) as closing:
        options = {"max_trials": trials, "parallel": parallel}
        given = {option: value for option, value in options.items() if value is not None}
        wanted = read_search(spec, **given)
        wanted = wanted.updated(experiment=apply_overrides(wanted.experiment, values or []))
        settings, store = open_store(closing)
        started = requests.start(store, wanted, owner=settings.owner, name=name)
        _follow(store, settings, started, as_json)


def studies(
    archived: Annotated[bool, typer.Option("--archived", help="List those that are archived.")] = False,
    as_json: Json = False,
    limit: Annotated[int, typer.Option(help="The maximum number to list.")] = 50,
) -> None:
    """Lists studies, newest first; those that are archived only on request."""
    with plain_errors() as closing:
        _, store = open_store(closing)
        found = store.studies.list(archived=archived, limit=limit)
        if as_json:
            print(json.dumps([describe_study(store, one) for one in found]))
            return
        print_rows(
            ("study", "name", "state", "dataset", "trials", "best", "seconds", "tags"), map(_row, found)
        )


def _row(one: Study) -> tuple[str, ...]:
    best = "" if one.best_value is None else f"{one.metrics[0]} {one.best_value:.4f}"
    tags = " ".join(["*"] * one.annotation.favorite + list(one.annotation.tags))
    return (
        short_id(one.id),
        one.name,
        one.state.value,
        one.dataset,
        _done(one),
        best,
        f"{one.seconds:.0f}",
        tags,
    )


def study(
    words: Annotated[
        list[str], typer.Argument(metavar="[pause|resume|stop] NAME", help="What to do, and a name or id.")
    ],
    as_json: Json = False,
) -> None:
    """Shows a study; or pauses, resumes or stops it."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        *actions, name = words
        found = _named(store, name)
        if actions:
            action = " ".join(actions)
            if action not in ACTIONS:
                raise unknown_name(N_("action"), action, ACTIONS)
            ACTIONS[action](store, found.id, actor=machine_owner(settings))
            queue.ensure_worker(settings, store)
            say(f"{escape(found.name)} ({found.id}): {action} is asked for")
        elif as_json:
            print(json.dumps(describe_study(store, found)))
        else:
            _show(store, found)


def _named(store: Store, name: str) -> Study:
    """Returns the study of a name or an id, or else of the beginning of one: `face` may be either."""
    try:
        return store.studies.named(name)
    except NotFoundError:
        return store.studies.named(store.ids.whole(name))


def _show(store: Store, found: Study) -> None:
    say(f"[bold]{escape(found.name)}[/bold] {found.id}: {found.state.value}, {_done(found)} trials")
    say_annotation(found.annotation)
    if found.reason:
        say(escape(found.reason.text()))
    for alert in store.alerts.of_study(found.id):
        say(escape(alert.sign.sentence.text()))
    trials = store.studies.trials(found.id)
    for trial in found.ranked(trials)[:SHOWN_TRIALS]:
        values = ", ".join(
            f"{metric} {value:.4f}" for metric, value in zip(found.metrics, trial.values, strict=True)
        )
        params = ", ".join(f"{path}={_short(value)}" for path, value in trial.params.items())
        say(escape(f"  {trial.number}: {values}  ({params})"))
    for trial in [one for one in trials if one.state is TrialState.FAIL][-SHOWN_TRIALS:]:
        say(escape(f"  {trial.number} failed: {trial.reason.text() if trial.reason else ''}"))


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _done(found: Study) -> str:
    return f"{found.finished}/{found.max_trials}" if found.max_trials else str(found.finished)


def _follow(store: Store, settings: Settings, started: Study, as_json: bool) -> None:
    """Waits for the end of a study with a progress bar; Ctrl-C leaves it running."""
    queue.ensure_worker(settings, store)
    follow_to_end(
        started.id,
        lambda: _watched(store, started, quiet=as_json),
        lambda: describe_study(store, started),
        lambda: _show(store, store.studies.get(started.id)),
        stop="study stop",
        as_json=as_json,
    )


def _watched(store: Store, started: Study, *, quiet: bool) -> Study:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet or not sys.stderr.isatty()) as progress:
        task = progress.add_task(started.id, total=started.max_trials)

        def tell(study: Study) -> None:
            best = "" if study.best_value is None else f", best {study.best_value:.4f}"
            what = f"{study.state.value} {_done(study)}{best}"
            progress.update(task, completed=study.finished, description=what)

        return follow_study(store, started, tell)
