"""`python -m dlcore diagnose RUN`: what is wrong with a run, and what helps."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from dlcore.access.actors import machine_owner
from dlcore.cli.terminal import Json, RunId, open_store, plain_errors, say
from dlcore.diagnosis import RULES, Finding, describe
from dlcore.queue import ensure_worker
from dlcore.queue.diagnosis import Diagnosis, diagnose_run, try_remedies, with_remedy
from dlcore.queue.library import Library
from dlcore.records import Run


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="diagnose")(diagnose_command)


def diagnose_command(
    run: RunId,
    remedy: Annotated[
        list[str] | None,
        typer.Option(help="Print the experiment with this remedy, as YAML; several with --try."),
    ] = None,
    tries: Annotated[
        bool, typer.Option("--try", help="Queue a run for each --remedy instead; does not wait for them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Says what is wrong with a run, how sure that is, by which numbers, and what helps; also while it is at work."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        library, found = Library.of(store), store.runs.get(store.ids.whole(run))
        if remedy and tries:
            new = try_remedies(library, found, remedy, actor=machine_owner(settings))
            ensure_worker(settings, store)
            if as_json:
                print(json.dumps([{"run_id": one.id, "name": one.name} for one in new]))
                return
            for one in new:
                say(f"[bold]{escape(one.name)}[/bold] {one.id}")
            return
        if remedy:
            print(with_remedy(library, found, remedy[-1]).to_yaml(), end="")
            return
        diagnosis = diagnose_run(library, found)
    if as_json:
        print(json.dumps(describe_diagnosis(found, diagnosis)))
    else:
        _show(found, diagnosis)


def describe_diagnosis(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    """Returns a diagnosis as JSON prints it."""
    seen = diagnosis.observation
    return {
        "run_id": run.id,
        "name": run.name,
        "state": run.state.value,
        "epochs": seen.done,
        "has_signals": bool(seen.signals),
        "looked_for": list(RULES),
        "findings": [one.to_dict(describe) for one in diagnosis.findings],
    }


def _show(run: Run, diagnosis: Diagnosis) -> None:
    seen = diagnosis.observation
    if not diagnosis.findings:
        titles = ", ".join(rule.title.lower() for rule in RULES.values())
        say(f"{escape(run.name)}: nothing was found in {seen.done:,} epochs. Looked for: {titles}.")
    for one in diagnosis.findings:
        _show_one(one)
    if not seen.signals:
        say("\nNothing was recorded of its layers: dead units and gradients could not be judged.")


def _show_one(found: Finding) -> None:
    since = f", since epoch {found.symptom.epoch}" if found.symptom.epoch else ""
    say(f"\n[bold]{found.rule.title}[/bold] ({found.sureness.name.lower()}{since})")
    say(found.rule.meaning)
    for sentence in found.symptom.sentences:
        say(escape(f"  {sentence.text()}"))
    for name in found.remedies:
        about = describe(name)
        say(f"  [bold]{name}[/bold]: {about['title']}. {about['reason']}")
