"""What a search can optimise or limit: each with its direction, and when it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dlcore.design.estimate import BYTES_PER_NUMBER, training_memory
from dlcore.errors import N_, SpecError, unknown_name
from dlcore.records import Direction, Run
from dlcore.spec.data import Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.graph import GraphReport
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import METRICS, primary_metric, resolved_metrics


class WhenKnown(StrEnum):
    """The moment at which a measure of a trial becomes known."""

    BEFORE = "before"
    """From the spec alone, before it starts."""
    EPOCH = "epoch"
    """After each epoch, so that a trial can be pruned by it."""
    AFTER = "after"
    """Only when it is over."""


@dataclass(frozen=True)
class Measure:
    """One thing that trials are judged by.

    Attributes:
        name: as in specs.
        title: for display, translatable.
        direction: which way is better.
        known: when.
        unit: translatable; empty where there is none.
    """

    name: str
    title: str
    direction: Direction
    known: WhenKnown
    unit: str = ""


def _watched() -> list[Measure]:
    metrics = [("loss", N_("Loss"), "minimize"), *((f.name, f.title, f.direction) for f in METRICS.values())]
    return [
        Measure(str(MeasureName(name, on_validation)), title, direction, WhenKnown.EPOCH)
        for on_validation in (True, False)
        for name, title, direction in metrics
    ]


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        *_watched(),
        Measure("parameters", N_("Parameters"), "minimize", WhenKnown.BEFORE),
        Measure("flops", N_("Operations per sample"), "minimize", WhenKnown.BEFORE),
        Measure("model_mb", N_("Size of the model"), "minimize", WhenKnown.BEFORE, N_("MB")),
        Measure("memory_mb", N_("Estimated training memory"), "minimize", WhenKnown.BEFORE, N_("MB")),
        Measure("seconds", N_("Training time"), "minimize", WhenKnown.AFTER, N_("s")),
        Measure("latency_ms", N_("Latency of one prediction"), "minimize", WhenKnown.AFTER, N_("ms")),
    )
}


def measure(name: str, *, where: str = "") -> Measure:
    """Returns the measure of that name.

    Raises:
        SpecError: there is no such name; lists the closest matches.
    """
    if name not in MEASURES:
        raise unknown_name(N_("measure"), name, MEASURES, where=where)
    return MEASURES[name]


def default_objective(task: Task) -> str:
    """Returns the default objective of a search."""
    return str(MeasureName(primary_metric(task), on_validation=True))


def check_measured(name: str, spec: ExperimentSpec, task: Task, *, has_validation: bool, where: str) -> None:
    """Checks that an experiment measures it.

    Raises:
        SpecError: it does not; says what to do.
    """
    found, parsed = measure(name, where=where), MeasureName.parse(name)
    if found.known is not WhenKnown.EPOCH:
        return
    if parsed.on_validation and not has_validation:
        raise SpecError(
            N_("expected a validation part to measure {name} on, got none."),
            hint=N_("Raise dataset.validation_fraction."),
            where=where,
            name=name,
        )
    if parsed.metric != "loss" and parsed.metric not in resolved_metrics(spec.training.metrics, task):
        raise SpecError(
            N_("{name} is not measured."),
            hint=N_("Add {bare} to training.metrics, or choose another."),
            where=where,
            name=name,
            bare=parsed.metric,
        )


def initial_measures(spec: ExperimentSpec, report: GraphReport, samples: int) -> dict[str, float]:
    """Returns what is known of a trial before it starts.

    Args:
        spec: its experiment.
        report: its model as inferred.
        samples: how many it trains on.
    """
    total = report.parameters.total
    return {
        "parameters": float(total),
        "flops": float(report.flops),
        "model_mb": total * BYTES_PER_NUMBER / 1e6,
        "memory_mb": training_memory(report, spec.training, samples) / 1e6,
    }


def final_measures(run: Run) -> dict[str, float]:
    """Returns what is known of a run that has ended: of the weights it kept."""
    found = {"seconds": run.seconds, **run.summary.get("system", {})}
    found |= run.summary.get("train", {})
    validation = run.summary.get("validation", {})
    return found | {str(MeasureName(name, on_validation=True)): value for name, value in validation.items()}


def violation(limits: Mapping[str, float], measured: Mapping[str, float]) -> float:
    """Returns how far a trial is beyond its limits, each as a share of the limit; 0 if it keeps them all.

    A limit is a maximum for measures to minimize and a minimum for those to maximize. Unknown measures count
    as within it.

    Example:
        >>> violation({"parameters": 100.0}, {"parameters": 150.0})
        0.5
    """
    return sum(max(0.0, part) for part in violations(limits, measured))


def violations(limits: Mapping[str, float], measured: Mapping[str, float]) -> list[float]:
    """For each limit, how far a trial is beyond it, as a share of it; 0 or less if it keeps it."""
    found = []
    for name, limit in limits.items():
        beyond = measured.get(name, limit) - limit
        if MEASURES[name].direction == "maximize":
            beyond = -beyond
        found.append(beyond / (abs(limit) or 1.0))
    return found
