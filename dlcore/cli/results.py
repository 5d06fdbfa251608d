"""What commands say of a run's result, and what they compare it with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.markup import escape

from dlcore.cli.terminal import err, say
from dlcore.comparison import Comparison
from dlcore.datasets import CATALOGUE, facts, is_available
from dlcore.datasets.stored import StoredDataset, open_stored, stored_names, versions
from dlcore.records import Evaluation, Run, Study, TrialState
from dlcore.records.verdict import describe_threshold, verdicts
from dlcore.settings import Settings
from dlcore.spec.data import DatasetFacts
from dlcore.store import Store
from dlcore.store.run_files import DamagedArtifactError, read_evaluation

SHOWN_ANOMALIES = 10


def summarize(run: Run) -> dict[str, Any]:
    """Returns a run's result as JSON prints it."""
    return {
        "run_id": run.id,
        "name": run.name,
        "dataset": run.dataset,
        "template": run.template,
        **run.annotation.to_dict(),
        "state": run.state.value,
        "reason": run.reason.text() if run.reason else None,
        "seconds": round(run.seconds, 3),
        "epochs": run.epoch,
        "metrics": {scope: run.summary.get(scope, {}) for scope in ("train", "validation", "test")},
    }


def compare(store: Store, run: Run) -> dict[str, Any]:
    """Returns the baselines of a run as JSON prints them, and how it compares with them; of a reconstruction also
    the samples that came back worst, and the threshold of their scores.
    """
    found = _evaluation(store, run)
    scored = {"anomalies": [asdict(one) for one in found.anomalies]} if found and found.anomalies else {}
    limit = {"threshold": asdict(found.threshold)} if found and found.threshold else {}
    return {
        **scored,
        **limit,
        "baselines": [
            {"name": one.name.text(), "fitted": one.fitted, "metrics": one.metrics}
            for one in (found.baselines if found else ())
        ],
        "comparison": [verdict.sentence.text() for verdict in (verdicts(found) if found else ())],
    }


def describe_run(store: Store, run: Run) -> dict[str, Any]:
    """Returns all that JSON says of a run: its result, its baselines, its alerts, and its spec."""
    found = [alert.to_dict() for alert in store.alerts.of_run(run.id)]
    return {**summarize(run), **compare(store, run), "alerts": found, "spec": run.spec}


def describe_comparison(found: Comparison, total: int) -> dict[str, Any]:
    """Returns what JSON says of a comparison; `total` is how many runs there are."""
    return {**found.to_dict(), "total": total}


def describe_study(store: Store, found: Study) -> dict[str, Any]:
    """Returns what JSON says of a study: how far it is, its alerts, and its best trial."""
    found = store.studies.get(found.id)
    best = None if found.best is None else store.studies.trial(found.id, found.best)
    return {
        "study_id": found.id,
        "name": found.name,
        **found.annotation.to_dict(),
        "state": found.state.value,
        "reason": found.reason.text() if found.reason else None,
        "metrics": list(found.metrics),
        "directions": list(found.directions),
        "trials": {state.value: found.counts.get(state, 0) for state in TrialState},
        "alerts": [alert.to_dict() for alert in store.alerts.of_study(found.id)],
        "seconds": round(found.seconds, 3),
        "best": best
        and {
            "number": best.number,
            "values": list(best.values),
            "params": best.params,
            "run_id": best.run_id,
        },
    }


def known_datasets(settings: Settings) -> list[DatasetFacts]:
    """Returns what is known of each dataset: those built in, then those stored, each in its latest version."""
    own = [name for name in stored_names(settings) if versions(name, settings)]
    return [entry.facts for entry in CATALOGUE] + [open_stored(name, settings).facts for name in own]


def describe_datasets(settings: Settings) -> list[dict[str, Any]]:
    """Returns what JSON says of all datasets."""
    return [
        {**one.to_dict(), "available": is_available(one.name, settings)} for one in known_datasets(settings)
    ]


def describe_dataset(name: str, settings: Settings, version: str = "") -> dict[str, Any]:
    """Returns what JSON says of a dataset.

    Raises:
        DatasetError: there is none of that name or version, or it is damaged.
    """
    known = facts(name, settings, version)
    return (
        known.to_dict() if name in CATALOGUE else describe_stored(open_stored(name, settings, known.version))
    )


def describe_stored(dataset: StoredDataset) -> dict[str, Any]:
    """Returns what JSON says of a stored dataset: also what was assumed, and what was refused."""
    return {
        **dataset.facts.to_dict(),
        "assumed": [one.text() for one in dataset.assumed],
        "refused": [{"name": one.name, "reason": one.reason.text()} for one in dataset.refused],
        "refused_count": dataset.refused_count,
        "statistics": dict(dataset.statistics),
    }


def say_metrics(store: Store, run: Run) -> None:
    """Prints what a run's log warns of, its metrics part by part, those of its baselines, and how they compare."""
    for line in store.logs.since(run.id, 0):
        if line.is_warning:
            say(f"  [yellow]{escape(line.text)}[/yellow]")
    for scope, metrics in run.summary.items():
        say(f"  {scope}: {_values(metrics)}")
    if (found := _evaluation(store, run)) is None:
        return
    for one in found.baselines:
        say(escape(f"  {one.name.text()}: {_values(one.metrics)}"))
    for verdict in verdicts(found):
        say(escape(f"  {verdict.sentence.text()}"))
    if found.threshold is not None:
        say(escape(f"  {describe_threshold(found.threshold).text()}"))
    if found.anomalies:
        worst = ", ".join(f"{one.row} ({one.score:.4g})" for one in found.anomalies[:SHOWN_ANOMALIES])
        say(f"  test rows with the highest anomaly scores: {worst}")


def _values(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())


def _evaluation(store: Store, run: Run) -> Evaluation | None:
    """Returns what the run does on its test part; a damaged file is named, and the rest of the run is shown."""
    try:
        return read_evaluation(store.artifacts.folder(run.id))
    except DamagedArtifactError as error:
        err.print(f"[yellow]warning:[/yellow] {escape(str(error))}", highlight=False, soft_wrap=True)
        return None
