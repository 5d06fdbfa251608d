"""Which trained models a browser can run, and how it makes of a picture what the model sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlcore.datasets.drawing_style import LARGEST_SIDE, DrawingStyle
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.reading import HIGHEST
from dlcore.errors import N_, Message
from dlcore.spec.data import DataKind, Task
from dlcore.spec.graph import infer
from dlcore.spec.preprocessing import ColorMode, Resizing
from dlcore.spec.signature import INPUT, first_form

MOST_MB = 100
"""Of weights that a page sends to a visitor."""


def why_not_in_browser(how: Preparation) -> Message | None:
    """Returns why a run's model cannot answer in a browser; None where it can."""
    facts = how.facts
    if facts.kind is not DataKind.IMAGE:
        return Message(N_("Only models for images can run in a browser."))
    if facts.task is Task.RECONSTRUCTION:
        return Message(N_("Anomaly scores cannot be computed in a browser."))
    if how.reading.get(HIGHEST):
        return Message(N_("The images of this dataset have more than 8 bits, which browsers do not read."))
    size = infer(how.spec.model, how.signature).parameters.total * 4 / 1e6
    if size > MOST_MB:
        return Message(
            N_("The model has {size} MB of weights, and at most {most} MB are sent to a browser."),
            params={"size": f"{size:,.0f}", "most": MOST_MB},
        )
    return None


def can_be_drawn(how: Preparation) -> bool:
    """Returns whether a person can draw a picture like those of the training: small grey ones."""
    shape = how.facts.input_shape
    return shape is not None and len(shape) == 3 and shape[-1] == 1 and max(shape) <= LARGEST_SIDE


def browser_plan(how: Preparation, style: DrawingStyle) -> dict[str, Any]:
    """Returns what the scripts must know of a model that `why_not_in_browser` lets through, JSON-ready.

    Args:
        how: the run's samples were prepared.
        style: how the pictures of the dataset are drawn.
    """
    facts = how.facts
    return {
        "input": INPUT,
        "shape": list(how.signature.inputs[INPUT].shape),
        "steps": list(_steps(how)),
        "task": facts.task.value,
        "names": list(facts.classes if facts.task.classifies else facts.targets),
        "is_single": facts.task.single_label,
        "is_binary": facts.task is Task.BINARY,
        "classifies": facts.task.classifies,
        "drawing": _drawing(how, style),
    }


def _drawing(how: Preparation, style: DrawingStyle) -> dict[str, Any] | None:
    if not can_be_drawn(how):
        return None
    height, width, _ = how.facts.image_shape
    return {"height": height, "width": width, "box": style.box, "dark_on_light": style.dark_on_light}


def _steps(how: Preparation) -> Iterator[dict[str, Any]]:
    """Yields what is done with a picture, in the order of `datasets/fresh/single.py`."""
    shape = how.facts.input_shape
    if shape and not any(isinstance(step, Resizing) for step in how.steps):
        yield _resizing(Resizing(height=shape[0], width=shape[1]))
    yield {"does": "channels", "count": first_form(how.facts).shape[-1]}
    for step in how.steps:
        if isinstance(step, Resizing):
            yield _resizing(step)
        elif isinstance(step, ColorMode):
            yield {"does": "channels", "count": 1 if step.mode == "grayscale" else 3}


def _resizing(step: Resizing) -> dict[str, Any]:
    fit = "crop" if step.crop_to_aspect_ratio else "pad" if step.pad_to_aspect_ratio else "stretch"
    return {
        "does": "resize",
        "height": step.height,
        "width": step.width,
        "filter": step.interpolation,
        "fit": fit,
    }
