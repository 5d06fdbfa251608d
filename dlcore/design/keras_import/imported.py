"""A Keras model read from its config: what the user can edit, and what its weights must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dlcore.design.keras_import.flat import Flat, ImportedInput
from dlcore.design.keras_import.graph import read_model
from dlcore.design.keras_import.links import shared_error
from dlcore.design.keras_import.objects import quote_name, read_config
from dlcore.design.keras_import.outputs import check_same_shapes, mark_outputs
from dlcore.errors import N_, Message, SpecError
from dlcore.spec.graph import GraphReport, infer
from dlcore.spec.layers import Composite, Layer, Shared
from dlcore.spec.model import ModelSpec
from dlcore.spec.problems import parse
from dlcore.spec.signature import INPUT, InputSpec, Signature, closed_shape


@dataclass(frozen=True)
class ImportedModel:
    """A Keras model rebuilt from its config; nothing of Keras or of the file was run.

    Attributes:
        name: Keras' name for it.
        model: its layers; all `units` are given, those of the head too.
        inputs: by name; empty where the config does not say.
        groups: of each layer, where the file of the weights holds its arrays.
        tables: of the other layers with weights, these: the config itself holds them.
        notes: what the user should know.
    """

    name: str
    model: ModelSpec
    inputs: Mapping[str, ImportedInput]
    groups: Mapping[str, str]
    tables: Mapping[str, tuple[tuple[float, ...], ...]]
    notes: tuple[Message, ...]

    @property
    def signature(self) -> Signature | None:
        """What it takes, with a size put in where it takes any; None if not known."""
        if not self.inputs:
            return None
        return Signature(
            {name: InputSpec(closed_shape(one.shape), one.dtype) for name, one in self.inputs.items()}
        )

    @property
    def report(self) -> GraphReport | None:
        """Its shapes and parameters; None if its input is not known."""
        return None if self.signature is None else infer(self.model, self.signature)


def import_json(text: str | bytes) -> ImportedModel:
    """Returns the model of a JSON config, as `model.to_json()` or the `config.json` of a `.keras` file has
    it.

    Raises:
        SpecError: it is no such config, or holds what is not known; names the layer and the argument.
    """
    return import_config(read_config(text))


def import_config(config: Any) -> ImportedModel:
    """Returns the model of a config that has been read from JSON.

    Example:
        >>> dense = {"class_name": "Dense", "module": "keras.layers", "registered_name": None,
        ...          "config": {"name": "d", "units": 3, "activation": "relu"}}
        >>> flatten = {"class_name": "Flatten", "module": "keras.layers", "config": {"name": "f"}}
        >>> config = {"class_name": "Sequential", "module": "keras", "config": {
        ...     "name": "m", "layers": [flatten, dense], "build_input_shape": [None, 4, 4, 1]}}
        >>> import_config(config).report.parameters.total
        51

    Raises:
        SpecError: it holds what is not known; names the layer and the argument.
    """
    name, ends, flat = read_model(config)
    if len(ends) > 1:
        mark_outputs(flat, ends, config.get("compile_config"))
    else:
        _require_one_end(flat, ends[0].tensor)
    inputs = tuple(flat.inputs) or (INPUT,)
    imported = ImportedModel(
        name=quote_name(name),
        model=parse(ModelSpec, {"inputs": inputs, "layers": _linked(flat.layers, inputs[0])}),
        inputs=flat.inputs,
        groups=flat.groups,
        tables=flat.tables,
        notes=tuple(flat.notes.messages),
    )
    report = imported.report
    if report is not None and report.problem is not None:
        raise report.problem
    if report is not None:
        _check_axes(flat, report)
        check_same_shapes(flat, report)
    layers = _shared(imported.model.layers, flat.copies, report)
    if layers == [*imported.model.layers]:
        return imported
    shared = replace(imported, model=parse(ModelSpec, {"inputs": inputs, "layers": layers}))
    if shared.report is not None and shared.report.problem is not None:
        raise shared.report.problem
    return shared


def _shared(layers: Sequence[Layer], copies: Mapping[str, str], report: GraphReport | None) -> list[Layer]:
    """Returns the same, with what is called again in the place of copies that would have weights of their own."""
    weights = {row.name: row.parameters.total for row in report.rows} if report else {}
    found: list[Layer] = []
    for layer in layers:
        first = layer.name
        while copies.get(first, first) != first:
            first = copies[first]
        if first != layer.name and weights.get(layer.name, 1):
            if isinstance(layer, Composite):
                raise shared_error(quote_name(first))
            found.append(Shared(name=layer.name, inputs=layer.inputs, of=first))
        else:
            found.append(layer)
    return found


def _check_axes(flat: Flat, report: GraphReport) -> None:
    """Checks that an axis which the config gives by its number is the last one, as our layers take it."""
    shapes = {name: spec.shape for name, spec in report.inputs.items()}
    shapes |= {row.name: row.output_shape for row in report.rows}
    for row in report.rows:
        axes = len(shapes[row.sources[0]]) + 1
        if flat.ranks.get(row.name, axes) != axes:
            raise SpecError(
                N_("{kind} can have only {expected} here, got {got}."),
                hint=N_("Change it, or replace the layer, and save the model again."),
                where=f"{row.name}.axis",
                kind=row.kind,
                expected=-1,
                got=flat.ranks[row.name] - 1,
            )


def _require_one_end(flat: Flat, output: str) -> None:
    if not flat.layers:
        raise SpecError(N_("the model has no layers."), hint=N_("Choose another file."))
    if flat.layers[-1].name != output:
        raise SpecError(
            N_("its result is not that of its last layer, {name}."),
            hint=N_("Save a model that ends at its output: `keras.Model(model.inputs, model.output)`."),
            where=quote_name(output),
            name=flat.layers[-1].name,
        )


def _linked(layers: list[Layer], before: str) -> list[Layer]:
    """Returns the same, without the inputs that go without saying."""
    linked = []
    for layer in layers:
        plain = layer.inputs == (before,)
        linked.append(layer.model_copy(update={"inputs": ()}) if plain else layer)
        before = layer.name
    return linked
