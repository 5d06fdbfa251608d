"""Whether an experiment can be run, as far as that shows without the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dlcore.errors import N_, SpecError
from dlcore.spec.adversarial import check_adversarial
from dlcore.spec.augmentation import check_augmentation, mixed_labels_error, mixes_labels
from dlcore.spec.cleaning import cleaned_facts
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import check_fine_tuning, pixel_backbone
from dlcore.spec.graph import GraphReport, infer
from dlcore.spec.heads import heads_of
from dlcore.spec.layers import SwitchableApplication
from dlcore.spec.preprocessing import ValueStep, signature
from dlcore.spec.signature import INPUT, Signature
from dlcore.spec.splits import resolved_split
from dlcore.spec.training import check_class_weight, check_monitors, resolved_loss
from dlcore.spec.word_vectors import vectors_problem


def prepared_facts(spec: ExperimentSpec, facts: DatasetFacts) -> DatasetFacts:
    """Returns the facts of the dataset once it is cleaned; also checks how it is divided.

    Raises:
        SpecError: a cleaning step or the split does not fit; its path starts at `dataset`.
    """
    cleaned = cleaned_facts(facts, spec.dataset.cleaning)
    try:
        resolved_split(spec.dataset.split, cleaned).check(cleaned)
    except SpecError as error:
        raise error.under("dataset.split") from None
    return cleaned


def model_data(spec: ExperimentSpec, facts: DatasetFacts) -> Signature:
    """Returns what the model sees of the dataset, cleaned and prepared as the spec says.

    Raises:
        SpecError: cleaning, split or preprocessing do not fit the dataset.
    """
    return signature(prepared_facts(spec, facts), spec.preprocessing)


def report(
    spec: ExperimentSpec, facts: DatasetFacts, vectors: Mapping[str, int] | None = None
) -> GraphReport:
    """Returns the model as inferred on the dataset; a problem of the data is the report's problem, too.

    The problem's path starts at the root of the spec.

    Args:
        spec: what should be run.
        facts: of its dataset.
        vectors: how many numbers a word has in the word vectors that are stored, by name; None: not known.
    """
    try:
        found = infer(spec.model, model_data(spec, facts))
    except SpecError as error:
        return GraphReport({}, (), error)
    if found.problem is not None:
        return found.under("model")
    return replace(
        found,
        problem=_pixels_problem(spec) or vectors_problem(spec, vectors) or _further_problem(spec, facts),
    )


def check(spec: ExperimentSpec, facts: DatasetFacts, vectors: Mapping[str, int] | None = None) -> GraphReport:
    """Checks data, model, loss, class weights and what is watched.

    Args:
        spec: what should be run.
        facts: of its dataset.
        vectors: as in `report`.

    Returns:
        The model as inferred.

    Raises:
        SpecError: the first problem; its path starts at the root of the spec.
    """
    found = report(spec, facts, vectors)
    if found.problem is not None:
        raise found.problem
    problem = other_problem(spec, facts, found)
    if problem is not None:
        raise problem
    return found


def other_problem(spec: ExperimentSpec, facts: DatasetFacts, found: GraphReport) -> SpecError | None:
    """Returns the first problem of all that is neither the data nor the model."""
    return (
        training_problem(spec, facts) or augmentation_problem(spec, facts) or fine_tuning_problem(spec, found)
    )


def augmentation_problem(spec: ExperimentSpec, facts: DatasetFacts) -> SpecError | None:
    """Returns the first problem of the augmentation, or of the loss it needs, if any."""
    if not spec.augmentation:
        return None
    try:
        cleaned = prepared_facts(spec, facts)
        seen = signature(cleaned, spec.preprocessing).inputs
        loss = resolved_loss(
            spec.training, spec.model, cleaned.task, soft_labels=mixes_labels(spec.augmentation)
        )
        shape = seen[INPUT].shape if INPUT in seen else ()
        check_augmentation(spec.augmentation, cleaned.kind, shape, cleaned.task, loss)
    except SpecError as error:
        return error
    return None


def fine_tuning_problem(spec: ExperimentSpec, found: GraphReport) -> SpecError | None:
    """Returns the first problem of the fine-tuning, if any.

    Args:
        spec: the experiment.
        found: its model as inferred.
    """
    if spec.fine_tuning is None:
        return None
    try:
        check_fine_tuning(spec.fine_tuning, spec.model, found)
    except SpecError as error:
        return error
    return None


def _pixels_problem(spec: ExperimentSpec) -> SpecError | None:
    """Returns what spoils the pixels of a backbone that scales them itself, if anything does."""
    backbone = pixel_backbone(spec.model)
    for index, step in enumerate(spec.preprocessing):
        if backbone is not None and isinstance(step, ValueStep):
            return SpecError(
                N_(
                    "{backbone} takes pixels from 0 to 255 and scales them itself, so {step} would spoil them."
                ),
                hint=N_("Remove that step, or switch include_preprocessing off.")
                if isinstance(backbone, SwitchableApplication)
                else N_("Remove that step."),
                where=f"preprocessing[{index}]",
                backbone=backbone.kind,
                step=step.kind,
            )
    return None


def _further_problem(spec: ExperimentSpec, facts: DatasetFacts) -> SpecError | None:
    """Returns the first problem of the losses of further outputs, if any; that of the main one is the training's."""
    if not spec.model.further:
        return None
    soft = mixes_labels(spec.augmentation)
    try:
        task = prepared_facts(spec, facts).task
        # The main loss is left out, so that the first problem is one of the model.
        heads = heads_of(spec.training.updated(loss=None), spec.model, task, soft_labels=soft)
    except SpecError as error:
        return error
    for head in heads[1:]:
        if soft and not head.loss.one_hot:
            return mixed_labels_error(spec.augmentation, head.where)
    return None


def training_problem(spec: ExperimentSpec, facts: DatasetFacts) -> SpecError | None:
    """Returns the first problem of the training part, if any."""
    try:
        cleaned = prepared_facts(spec, facts)
        resolved_loss(spec.training, spec.model, cleaned.task, soft_labels=mixes_labels(spec.augmentation))
        check_class_weight(spec.training, cleaned)
        has_validation = spec.dataset.division(facts).validation > 0
        check_monitors(spec.training, cleaned.task, has_validation=has_validation)
        if spec.training.adversarial is not None:
            seen = signature(cleaned, spec.preprocessing).inputs
            shape = seen[INPUT].shape if set(seen) == {INPUT} else ()
            further = bool(spec.model.further)
            check_adversarial(spec.training.adversarial, cleaned, shape, has_further=further)
    except SpecError as error:
        return error
    return None
