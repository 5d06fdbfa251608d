"""`python -m dlcore labels RUN`: which labels of a run's dataset are likely to be wrong."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, RunOrModel, err, open_store, plain_errors, print_rows, say
from dlcore.processes.alone import run_alone
from dlcore.queue.label_checks import check_folds, quick_label_check
from dlcore.queue.library import Library
from dlcore.queue.registry import find_run
from dlcore.records import JobUnit
from dlcore.records.label_check import FOLDS, Answer, Evidence, LabelCheck

SHOWN = 50


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(labels)


def labels(
    run: RunOrModel,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="Only the validation and test part, by the run's own answers; takes no time."
        ),
    ] = False,
    folds: Annotated[
        int, typer.Option(help="How often the experiment is trained, each time without one fold.")
    ] = FOLDS,
    limit: Annotated[
        int | None, typer.Option(min=1, help="The maximum number to list; by default 50, with --json all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Lists the samples whose labels are likely to be wrong, the most suspicious first.

    The whole dataset is checked: the run's experiment is trained once for each fold, without it, for a few epochs, and
    answers for it. Each sample is named by its row in the dataset as it was stored, counted from 0. Where numbers are
    predicted, the largest residuals are listed.
    """
    with plain_errors() as closing:
        settings, store = open_store(closing)
        asked = find_run(store, run, actor=machine_owner(settings))
        if quick:
            found = quick_label_check(store, asked)
        else:
            check_folds(folds)
            Library.of(store).check_data(asked.spec)
            arguments = {"run": asked.id, "folds": folds}
            found = LabelCheck.read(run_alone("label_check", arguments, settings, _Progress()))
        if as_json:
            print(json.dumps([asdict(one) for one in found.suspicions[:limit]]))
        else:
            _show(found, limit or SHOWN)


class _Progress:
    """Writes each tenth of the work as a line on standard error."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, done: int, total: int, unit: JobUnit) -> None:
        tenth = 10 * done // total if total else 0
        if tenth > self._told:
            self._told = tenth
            err.print(f"{10 * tenth} %", highlight=False)


def _show(found: LabelCheck, limit: int) -> None:
    rows = [
        (one.sample, one.part, _text(one.given), _text(one.suggested), f"{one.score:.4f}", "*" * one.likely)
        for one in found.suspicions[:limit]
    ]
    print_rows(("sample", "part", "given", "suggested", "score", "likely"), rows)
    if found.evidence is Evidence.RESIDUALS:
        say("no labels, but numbers: the largest residuals, in deviations")
    by = f"{found.folds} trainings, each without one fold" if found.folds else "the run's own answers"
    say(f"{found.likely:,} of {found.samples:,} samples are likely to be wrong, by {by}")
    if found.evidence is Evidence.CHANCES:
        say(
            f"the answers agree with {found.agreement:.1%} of the labels: the fewer, the less a suspicion says"
        )
    _show_others(found, limit)


def _show_others(found: LabelCheck, limit: int) -> None:
    if found.duplicates:
        say(f"\n[bold]nearly the same in two parts[/bold]: {len(found.duplicates):,}")
        print_rows(
            ("sample", "part", "the other", "part", "likeness", "same label"),
            [
                (one.sample, one.part, one.other, one.other_part, f"{one.likeness:.3f}", "yes" if one.agree else "no")
                for one in found.duplicates[:limit]
            ],
        )  # fmt: skip
    if found.outliers:
        say(f"\n[bold]unlike all others[/bold]: {len(found.outliers):,}")
        print_rows(
            ("sample", "part", "distance"),
            [(one.sample, one.part, f"{one.distance:.2f} × the usual") for one in found.outliers[:limit]],
        )


def _text(answer: Answer) -> str:
    if isinstance(answer, list):
        return escape(", ".join(map(str, answer))) or "–"
    return escape(str(answer))
