"""A model card: what the model is for, what it was trained on, and how good it is, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format
from dlcore.records import Evaluation, Run
from dlcore.records.verdict import verdicts
from dlcore.spec.graph import infer
from dlcore.store.run_files import read_evaluation

_SPECIAL = frozenset("\\`*_[]<>#|")


@EXPORTS.register
class Card(Format):
    """What someone should know before using the model."""

    name: ClassVar[str] = "card"
    title: ClassVar[str] = N_("Model card")
    summary: ClassVar[str] = N_(
        "What the model is for, what it was trained on and how good it is, in Markdown."
    )
    suffix: ClassVar[str] = ".card.md"

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it."""
        path.write_text("\n".join(_lines(source)) + "\n", encoding="utf-8")


def _lines(source: ExportedRun) -> Iterator[str]:
    run, how = source.run, source.preparation
    yield f"# {_plain(run.name)}"
    yield ""
    yield (
        f"A neural network for {how.facts.task.value}, trained on the dataset {_plain(how.facts.name)} "
        f"on {run.created_at:%Y-%m-%d} (run `{run.id}`)."
    )
    found = read_evaluation(source.folder)
    for section in (
        _use(source),
        _data(how),
        _network(how),
        _training(run, how),
        _results(found),
        _limits(found),
    ):
        yield ""
        yield from section


def _use(source: ExportedRun) -> Iterator[str]:
    how, classes = source.preparation, source.model.classes
    yield "## Inputs and answers"
    yield ""
    yield from _table(
        ("Input", "Shape of a sample", "Type"),
        ((name, " × ".join(map(str, one.shape)), one.dtype) for name, one in how.signature.inputs.items()),
    )
    yield ""
    if not classes:
        yield "It answers with what it was given, as well as it can make it again."
        return
    meaning = "probability of" if how.facts.task.classifies else "value of"
    yield f"It answers with the {meaning} {', '.join(map(_plain, classes))}."


def _data(how: Preparation) -> Iterator[str]:
    facts = how.facts
    yield "## Data"
    yield ""
    if facts.source:
        yield f"- Source: {_plain(facts.source)}"
    if facts.licence:
        yield f"- Licence: {_plain(facts.licence)}"
    yield f"- Samples: {facts.size:,}"
    if facts.class_counts:
        counted = zip(facts.classes, facts.class_counts, strict=True)
        yield f"- Of each class: {', '.join(f'{_plain(name)} {count:,}' for name, count in counted)}"
    for title, steps in (("Cleaning", how.spec.dataset.cleaning), ("Preparation", how.spec.preprocessing)):
        if steps:
            yield f"- {title}: {', '.join(step.kind for step in steps)}"
    if how.spec.augmentation:
        yield f"- Augmentation of training samples: {', '.join(one.kind for one in how.spec.augmentation)}"


def _network(how: Preparation) -> Iterator[str]:
    found = infer(how.spec.model, how.signature)
    yield "## Network"
    yield ""
    yield f"{found.parameters.total:,} parameters."
    yield ""
    yield from _table(
        ("Layer", "Output shape", "Parameters"),
        (
            (row.kind, " × ".join(map(str, row.output_shape)), f"{row.parameters.total:,}")
            for row in found.rows
        ),
    )


def _training(run: Run, how: Preparation) -> Iterator[str]:
    training = how.spec.training
    yield "## Training"
    yield ""
    yield (
        f"{run.epoch} epochs with {training.optimizer.kind}, batches of {training.batch_size}, "
        f"seed {how.spec.seed}; {run.seconds:,.0f} s on {run.device or 'an unknown device'}."
    )


def _results(found: Evaluation | None) -> Iterator[str]:
    yield "## Results on the test part"
    yield ""
    if found is None:
        yield "It was not evaluated."
        return
    yield from _table(("Metric", "Value"), ((name, f"{value:.4f}") for name, value in found.metrics.items()))
    for verdict in verdicts(found):
        yield ""
        yield verdict.sentence.text()
    if found.scores:
        yield ""
        yield from _table(
            ("Class", "Precision", "Recall", "F1", "Samples"),
            (
                (one.name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", f"{one.support:,}")
                for one in found.scores
            ),
        )
    if found.errors:
        yield ""
        yield from _table(
            ("Target", "MAE", "RMSE", "R²"),
            ((one.name, f"{one.mae:.4g}", f"{one.rmse:.4g}", f"{one.r2:.3f}") for one in found.errors),
        )


def _limits(found: Evaluation | None) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield (
        "These numbers are of samples of the same dataset. How good the answers are for samples from elsewhere "
        "was not measured."
    )
    weak = [one.name for one in found.scores if one.recall < 0.5] if found else []
    if weak:
        yield f"Of these classes it finds fewer than half of the samples: {', '.join(map(_plain, weak))}."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(map(_plain, row))} |"


def _plain(text: str) -> str:
    r"""Returns a text that may hold anything as Markdown that shows it.

    Example:
        >>> _plain("a|b")
        'a\\|b'
    """
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in " ".join(text.split()))
