"""The part of a script that compiles the model: optimizer, losses, metrics, and a target for each output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from dlcore.design.code.arrays import needs_export
from dlcore.design.code.fine_tuning import has_rates
from dlcore.design.code.network import scales_targets
from dlcore.design.code.rendering import WIDTH, block, render
from dlcore.spec.calls import Expression, call_of
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.heads import Head
from dlcore.spec.schedules import StepSchedule
from dlcore.spec.training import metric_calls, optimizer_call

_UNITS = "# It sees targets of mean 0 and deviation 1, the metrics see them in their own units."
_SCALED = "loss((y - target_mean) / target_deviation, (y_pred - target_mean) / target_deviation)"


def targets(spec: ExperimentSpec, name: str) -> str:
    """Returns what the outputs should give, where the script calls the right answers `name`."""
    return f"for_outputs({name})" if spec.model.further else name


def target_function(heads: Sequence[Head], facts: DatasetFacts, classes: int) -> Iterator[str]:
    """Yields the function that gives each of several outputs the target, in the form that its loss takes.

    Args:
        heads: the outputs, that of the last layer first.
        facts: of the dataset.
        classes: how many there are.
    """
    main, several = heads[0].loss.one_hot, facts.task is Task.MULTICLASS
    yield ""
    yield "def for_outputs(y):"
    yield "    # Every output answers the same target."
    yield "    return ("
    for head in heads:
        given = "y"
        if several and head.loss.one_hot and not main:
            given = f"keras.ops.one_hot(y, {classes})"
        elif several and main and not head.loss.one_hot:
            given = "keras.ops.argmax(y, axis=-1)"
        yield f"        {given},  # {head.name}"
    yield "    )"
    yield ""


def loss_lines(spec: ExperimentSpec, facts: DatasetFacts, heads: Sequence[Head]) -> Iterator[str]:
    """Yields the loss, or what makes each loss, that sees targets of mean 0 and deviation 1, where they do."""
    if not scales_targets(spec, facts):
        return
    if len(heads) == 1:
        yield f"loss = {render(call_of(heads[0].loss))}"
        yield ""
        yield "def scaled_loss(y, y_pred):"
        yield f"    {_UNITS}"
        yield f"    return {_SCALED}"
    else:
        yield "def scaled(loss):"
        yield f"    {_UNITS}"
        yield "    def scaled_loss(y, y_pred):"
        yield f"        return {_SCALED}"
        yield ""
        yield "    return scaled_loss"
    yield ""


def compile_lines(spec: ExperimentSpec, facts: DatasetFacts, heads: Sequence[Head]) -> Iterator[str]:
    """Compiles `model`."""
    training = spec.training
    steps: int | Expression = max(1, ceil(spec.dataset.division(facts).train / training.batch_size))
    if needs_export(spec, facts) and isinstance(training.schedule, StepSchedule):
        # Cleaning and windows change the number of samples.
        yield f"steps_per_epoch = int(np.ceil(len(y_train) / {training.batch_size}))"
        steps = Expression("steps_per_epoch")
    optimizer = optimizer_call(training, steps_per_epoch=steps, epochs=training.epochs)
    scales, source = scales_targets(spec, facts), render(optimizer, indent=4)
    if has_rates(spec):
        source = f"rated({source.replace(f'keras.{optimizer.path}', 'Rated', 1)})"
    yield "model.compile("
    yield from block(f"    optimizer={source},", 4)
    if len(heads) > 1:
        yield from _of_each(spec, facts, heads, scales=scales)
    else:
        yield f"    loss={'scaled_loss' if scales else render(call_of(heads[0].loss))},"
        yield from _metrics(spec, facts, heads[0], "    metrics=[", 4)
    yield ")"


def _of_each(
    spec: ExperimentSpec, facts: DatasetFacts, heads: Sequence[Head], *, scales: bool
) -> Iterator[str]:
    """Yields the losses, their weights and the metrics in the order of the outputs."""
    yield "    loss=["
    for head in heads:
        made = render(call_of(head.loss), indent=8)
        yield from block(f"        {f'scaled({made})' if scales else made},", 8)
    yield "    ],"
    yield f"    loss_weights={[head.weight for head in heads]},"
    yield "    metrics=["
    for head in heads:
        yield from _metrics(spec, facts, head, "        [", 8)
    yield "    ],"


def _metrics(spec: ExperimentSpec, facts: DatasetFacts, head: Head, start: str, indent: int) -> Iterator[str]:
    """Yields a list of what is measured on an output; Keras begins the names with that of the output."""
    calls = metric_calls(spec.training, head.loss, facts.task)
    metrics = [render(call, indent=indent + 4) for call in calls]
    short = f"{start}{', '.join(metrics)}],"
    if len(short) <= WIDTH:
        yield short
        return
    yield start
    for metric in metrics:
        yield from block(f"{' ' * (indent + 4)}{metric},", indent + 4)
    yield f"{' ' * indent}],"
