"""A model card: what the model is for, what it was trained on, and how good it is, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format, Group
from dlcore.exports.wording import (
    Table,
    Translate,
    layer_table,
    metric_title,
    score_tables,
    sentences,
    training_facts,
)
from dlcore.records import Evaluation
from dlcore.spec.data import Task
from dlcore.spec.graph import infer
from dlcore.spec.metrics import metric_text
from dlcore.store.run_files import read_evaluation
from dlcore.text import on_one_line, shape_text

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
    group: ClassVar[Group] = Group.RESULTS
    speaks: ClassVar[bool] = True

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it."""
        path.write_text("\n".join(_lines(source, source.translate)) + "\n", encoding="utf-8")


def _lines(source: ExportedRun, say: Translate) -> Iterator[str]:
    run, how, found = source.run, source.preparation, read_evaluation(source.folder)
    yield f"# {_plain(run.name)}"
    yield ""
    about = N_("A neural network for {task}, trained on the dataset {dataset} on {date} (run {run}).")
    yield say(about).format(
        task=say(how.facts.task.value),
        dataset=_plain(how.facts.name),
        date=f"{run.created_at:%Y-%m-%d}",
        run=f"`{run.id}`",
    )
    for title, section in (
        (N_("Inputs and answers"), _use(source, say)),
        (N_("Data"), _data(how, say)),
        (N_("Network"), _network(source, say)),
        (N_("Training"), _facts(training_facts(run, how, say))),
        (N_("Results on the test part"), _results(found, say)),
        (N_("Limits of these numbers"), _limits(found, say)),
    ):
        yield from ("", f"## {say(title)}", "")
        yield from section


def _use(source: ExportedRun, say: Translate) -> Iterator[str]:
    how, classes = source.preparation, source.model.classes
    head = say(N_("Input")), say(N_("Shape of a sample")), say(N_("Type"))
    inputs = ((name, shape_text(one.shape), one.dtype) for name, one in how.signature.inputs.items())
    yield from _table((head, inputs))
    yield ""
    yield say(_ANSWERS[_answer(how.facts.task)]).format(names=", ".join(map(_plain, classes)))


_ANSWERS = {
    "classes": N_("It answers with the probability of: {names}."),
    "numbers": N_("It answers with the value of: {names}."),
    "itself": N_("It answers with its input, reconstructed as well as it can."),
}


def _answer(task: Task) -> str:
    if task is Task.RECONSTRUCTION:
        return "itself"
    return "classes" if task.classifies else "numbers"


def _data(how: Preparation, say: Translate) -> Iterator[str]:
    facts = how.facts
    counted = zip(facts.classes, facts.class_counts, strict=True) if facts.class_counts else ()
    rows = (
        (N_("Source"), facts.source and say(facts.source)),
        (N_("Licence"), facts.licence and say(facts.licence)),
        (N_("Samples"), f"{facts.size:,}"),
        (N_("Samples of each class"), ", ".join(f"{name} {count:,}" for name, count in counted)),
        (N_("Cleaning"), ", ".join(step.kind for step in how.spec.dataset.cleaning)),
        (N_("Preprocessing"), ", ".join(step.kind for step in how.spec.preprocessing)),
        (N_("Augmentation"), ", ".join(step.kind for step in how.spec.augmentation)),
    )
    yield from _facts((say(name), value) for name, value in rows if value)


def _network(source: ExportedRun, say: Translate) -> Iterator[str]:
    how = source.preparation
    found = infer(how.spec.model, how.signature)
    yield from _facts([(say(N_("Parameters")), f"{found.parameters.total:,}")])
    yield ""
    yield from _table(layer_table(found, say))
    if source.model.has_loops:
        yield ""
        yield say(
            N_(
                "Exported as LiteRT int8, only its weights are quantized to int8, as it has recurrent layers: its "
                "inputs and the values between layers stay float32."
            )
        )


def _results(found: Evaluation | None, say: Translate) -> Iterator[str]:
    if found is None:
        yield say(N_("It was not evaluated."))
        return
    head = say(N_("Metric")), say(N_("Value"))
    yield from _table(
        (
            head,
            ((metric_title(name, say), metric_text(name, value)) for name, value in found.metrics.items()),
        )
    )
    for sentence in sentences(found, say):
        yield from ("", _plain(sentence))
    for table in score_tables(found, say):
        yield ""
        yield from _table(table)


def _limits(found: Evaluation | None, say: Translate) -> Iterator[str]:
    yield say(
        N_("They were measured on samples of the same dataset; samples from elsewhere may be answered worse.")
    )
    weak = [one.name for one in found.scores if one.recall < 0.5] if found else []
    if weak:
        text = N_("Fewer than half of the samples of these classes are found: {names}.")
        yield from ("", say(text).format(names=", ".join(map(_plain, weak))))


def _facts(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for name, value in rows:
        yield f"- **{name}**: {_plain(value)}"


def _table(table: Table) -> Iterator[str]:
    head, rows = table
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
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in on_one_line(text))
