"""Several outputs of a Keras model: the deepest is the main one, the others are further ones for the same target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from dlcore.design.keras_import.flat import End, Flat
from dlcore.design.keras_import.objects import quote_name
from dlcore.errors import N_, SpecError
from dlcore.spec.graph import GraphReport
from dlcore.spec.layers import Output
from dlcore.spec.measure_name import can_be_output
from dlcore.text import shape_text

_PLAIN = N_("Save a model that ends at one of them: `keras.Model(model.inputs, one_output)`.")


def mark_outputs(flat: Flat, ends: Sequence[End], compiled: Any) -> None:
    """Puts the layer of the main output last, and marks the others as further outputs.

    Args:
        flat: what was read of the model.
        ends: its outputs, at least two.
        compiled: how the model was compiled, as its config has it: may tell what the losses count.

    Raises:
        SpecError: two of the outputs are the same, or one is an input.
    """
    names = [layer.name for layer in flat.layers]
    for place, end in enumerate(ends):
        same = end.tensor in [other.tensor for other in ends[:place]]
        if same or end.tensor not in names:
            raise SpecError(
                N_("this output is the same as another one, or as an input."),
                hint=N_("Save a model without it."),
                where=quote_name(end.name),
            )
    main = _deepest(flat, ends)
    weights = _weights(ends, compiled)
    marked = {
        end.tensor: Output(
            name=_free_name(flat, end.name),
            inputs=(end.tensor,),
            **({"loss_weight": weights[end.name] / weights[main.name]} if weights else {}),
        )
        for end in ends
        if end is not main
    }
    last = flat.layers[names.index(main.tensor)]
    flat.layers = [
        one
        for layer in flat.layers
        if layer is not last
        for one in ([layer, marked[layer.name]] if layer.name in marked else [layer])
    ] + [last]
    flat.notes.add(
        N_(
            "of several outputs the deepest, {main}, is the main one; further ones, which answer the same target: {others}."
        ),
        where=quote_name(main.name),
        main=last.name,
        others=", ".join(one.name for one in marked.values()),
    )


def check_same_shapes(flat: Flat, report: GraphReport) -> None:
    """Checks that all outputs can answer the same target.

    Raises:
        SpecError: their shapes differ.
    """
    further = {layer.name for layer in flat.layers if isinstance(layer, Output)}
    shapes = [row.output_shape for row in report.rows if row.name in further] + [report.output_shape]
    if len(set(shapes)) > 1:
        raise SpecError(
            N_(
                "its outputs differ in shape ({shapes}), so they answer different targets; only one can be learned."
            ),
            hint=_PLAIN,
            shapes=", ".join(map(shape_text, shapes)),
        )


def _deepest(flat: Flat, ends: Sequence[End]) -> End:
    """Returns the output with the most layers before it; of several, the first."""
    depth: dict[str, int] = {}
    for layer in flat.layers:
        depth[layer.name] = 1 + max((depth.get(source, 0) for source in layer.inputs), default=0)
    return max(ends, key=lambda end: depth[end.tensor])


def _free_name(flat: Flat, name: str) -> str:
    """Returns a name that is free, and by which what is measured can be called."""
    free = name not in flat.taken and can_be_output(name)
    chosen = flat.unique(name if free else f"{name}_output", "")
    return chosen if can_be_output(chosen) else flat.unique("output", "")


def _weights(ends: Sequence[End], compiled: Any) -> Mapping[str, float]:
    """Returns what the loss of each output counts, if the config tells."""
    if not isinstance(compiled, Mapping):
        return {}
    given = compiled.get("loss_weights")
    if isinstance(given, list):
        given = dict(zip([end.name for end in ends], given, strict=False))
    if not isinstance(given, Mapping):
        return {}
    found = [(end.name, given.get(end.name)) for end in ends]
    numbers = {
        name: float(weight)
        for name, weight in found
        if isinstance(weight, (int, float)) and isfinite(weight) and 1e-6 <= weight <= 1e6
    }
    return numbers if len(numbers) == len(ends) else {}
