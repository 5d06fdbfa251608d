"""Experiments that start from trained weights: of a run, of an uploaded model, or of a backbone."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.errors import SpecError
from dlcore.spec.checks import model_data
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FineTuning, Source, with_new_head
from dlcore.spec.layers import LAYERS, Application
from dlcore.spec.model import INPUT, ModelSpec
from dlcore.spec.preprocessing import ColorMode, Resizing, Step, ValueStep

BACKBONE_SIDE = 96
"""Pixels that small images are brought to: what a backbone knows are things of that size and more."""


def continue_from(spec: ExperimentSpec, source: Source, *, name: str) -> ExperimentSpec:
    """Returns a run's experiment with its body kept and a new head.

    Args:
        spec: the run's.
        source: the run.
        name: of the new experiment.

    Raises:
        SpecError: its head cannot be replaced.
    """
    epochs = spec.training.epochs
    return spec.updated(
        name=name,
        model=with_new_head(spec.model),
        fine_tuning=FineTuning(source=source, head_epochs=min(3, epochs // 2)),
    )


def transplant_body(
    spec: ExperimentSpec,
    model: ModelSpec,
    source: Source,
    shape: Sequence[int | None],
    facts: DatasetFacts,
) -> ExperimentSpec:
    """Returns an experiment on the body of another model; images are brought to what it takes.

    Args:
        spec: whose data, augmentation and training stay.
        model: the other model's layers.
        source: where its weights are.
        shape: of what it takes; None where any size will do.
        facts: of the experiment's dataset.

    Raises:
        SpecError: its head cannot be replaced.
    """
    body = spec.updated(model=with_new_head(model), fine_tuning=FineTuning(source=source))
    return _brought_to(body, tuple(shape), facts)


def build_on_backbone(spec: ExperimentSpec, kind: str, facts: DatasetFacts) -> ExperimentSpec:
    """Returns an experiment on a backbone: its weights, a dropout, a new head,
    and pixels as it wants them.
    """
    small = min((facts.input_shape or (0,))[:2]) < BACKBONE_SIDE
    layers = (
        LAYERS.parse({"kind": kind, "name": "backbone"}),
        {"kind": "Dropout", "rate": 0.2},
        {"kind": "Dense", "name": "head"},
    )
    steps = tuple(step for step in spec.preprocessing if not isinstance(step, ValueStep))
    found = spec.updated(model={"layers": layers}, preprocessing=steps, fine_tuning=FineTuning())
    side = BACKBONE_SIDE if small else None
    return _brought_to(found, (side, side, 3), facts)


def reset_weights(spec: ExperimentSpec) -> ExperimentSpec:
    """Returns the same layers with random weights, backbones included."""
    layers = tuple(
        layer.updated(weights=None) if isinstance(layer, Application) else layer
        for layer in spec.model.layers
    )
    return spec.updated(model=spec.model.updated(layers=layers), fine_tuning=None)


def keep_image_size(spec: ExperimentSpec, facts: DatasetFacts, before: DatasetFacts) -> ExperimentSpec:
    """Returns an experiment on another dataset, with images brought to the size that its network had before.

    Args:
        spec: names the new dataset already.
        facts: of the new dataset.
        before: of the one it was on.
    """
    try:
        seen = model_data(spec, before).inputs
    except SpecError:  # it fitted nothing before
        return spec
    return _brought_to(spec, seen[INPUT].shape if INPUT in seen else (), facts)


def _brought_to(spec: ExperimentSpec, shape: Sequence[int | None], facts: DatasetFacts) -> ExperimentSpec:
    """With images made as large and as coloured as a shape says, where the data is images."""
    if facts.kind is not DataKind.IMAGE or len(shape) != 3:
        return spec
    height, width, channels = shape
    steps: list[Step] = [
        step
        for step in spec.preprocessing
        if not (isinstance(step, Resizing) and height and width)
        and not (isinstance(step, ColorMode) and channels)
    ]
    given = facts.input_shape
    new: list[Step] = []
    if height and width and (given is None or given[:2] != (height, width)):
        new.append(Resizing(height=height, width=width))
    if channels in (1, 3) and (given is None or given[2] != channels):
        new.append(ColorMode(mode="rgb" if channels == 3 else "grayscale"))
    return spec.updated(preprocessing=(*new, *steps))
