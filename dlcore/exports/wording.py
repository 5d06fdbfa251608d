"""What the card and the report call things, in the language that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import N_
from dlcore.records import Evaluation, Run
from dlcore.records.verdict import verdicts
from dlcore.spec.graph import GraphReport
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import metric_of
from dlcore.text import shape_text

Translate = Callable[[str], str]
Row = tuple[str, ...]
Table = tuple[Row, Iterable[Row]]
"""The names of the columns, and the rows."""

RATE = "learning_rate"
_TITLES = {"loss": N_("Loss"), RATE: N_("Learning rate")}


def metric_title(name: str, say: Translate) -> str:
    """Returns what a curve or a metric is called."""
    if name in _TITLES:
        return say(_TITLES[name])
    measure, metric = MeasureName.parse(name), metric_of(name)
    if measure.output:
        return f"{measure.output} · {metric_title(measure.metric, say)}"
    return say(metric.title) if metric is not None else name.replace("_", " ").capitalize()


def sentences(found: Evaluation, say: Translate) -> Iterator[str]:
    """Yields how the run compares with its baselines."""
    for verdict in verdicts(found):
        text = verdict.sentence.text(say)
        yield text[:1].upper() + text[1:]


def training_facts(run: Run, how: Preparation, say: Translate) -> Iterator[Row]:
    """Yields what it was trained with: names and values."""
    training = how.spec.training
    yield say(N_("Epochs")), f"{run.epoch:,}"
    yield say(N_("Optimizer")), training.optimizer.kind
    yield say(N_("Batch size")), f"{training.batch_size:,}"
    yield say(N_("Seed")), str(how.spec.seed)
    yield say(N_("Time")), say(N_("{n} s")).format(n=f"{run.seconds:,.0f}")
    if run.device:
        yield say(N_("Device")), run.device


def layer_table(found: GraphReport, say: Translate) -> Table:
    """Returns the layers of a network."""
    head = say(N_("Layer")), say(N_("Output shape")), say(N_("Parameters"))
    return head, ((row.kind, shape_text(row.output_shape), f"{row.parameters.total:,}") for row in found.rows)


def score_tables(found: Evaluation, say: Translate) -> Iterator[Table]:
    """Yields the classes with how well each is found, and the targets with how far off each is."""
    if found.scores:
        head = (N_("Class"), N_("Precision"), N_("Recall"), N_("F1"), N_("Samples"))
        yield (
            tuple(map(say, head)),
            (
                (one.name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", f"{one.support:,}")
                for one in found.scores
            ),
        )
    if found.errors:
        yield (
            (say(N_("Target")), "MAE", "RMSE", "R²"),
            ((one.name, f"{one.mae:.4g}", f"{one.rmse:.4g}", f"{one.r2:.3f}") for one in found.errors),
        )
