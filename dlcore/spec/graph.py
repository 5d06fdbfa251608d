"""Shapes, parameters, work and memory of a model, inferred without building it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dlcore.errors import N_, SpecError
from dlcore.spec.layers import Layer, Output, ParameterCount, Shape
from dlcore.spec.layers.base import element_count
from dlcore.spec.measure_name import can_be_output
from dlcore.spec.model import ModelSpec
from dlcore.spec.signature import InputSpec, Signature

MAX_PARAMETERS = 2_000_000_000
"""Above 2 · 10⁹ numbers (8 GB in float32) a model is refused before anything is allocated."""

MAX_VALUES = 1_000_000_000
"""Above 10⁹ values (4 GB in float32) for one sample, a layer is refused."""


@dataclass(frozen=True)
class LayerRow:
    """One layer as inferred; `flops` and `activations` are for one sample.

    Attributes:
        parts: how many plain layers it is compiled as.
        operations: how many of them are called one after another.
    """

    name: str
    kind: str
    sources: tuple[str, ...]
    output_shape: Shape
    parameters: ParameterCount
    flops: int
    activations: int
    parts: int = 1
    operations: int = 1


@dataclass(frozen=True)
class GraphReport:
    """What is known of a model: its rows up to the first problem, and that problem.

    Attributes:
        problem: the first thing that does not fit; its path starts at `layers`.
    """

    inputs: Mapping[str, InputSpec]
    rows: tuple[LayerRow, ...]
    problem: SpecError | None

    @property
    def output_shape(self) -> Shape:
        """The shape of what the last inferred layer gives."""
        return self.rows[-1].output_shape if self.rows else next(iter(self.inputs.values())).shape

    def under(self, prefix: str) -> GraphReport:
        """Returns the same with the problem's path seen from one level up."""
        return self if self.problem is None else replace(self, problem=self.problem.under(prefix))

    @property
    def parameters(self) -> ParameterCount:
        """The sum over all layers."""
        return ParameterCount(
            sum(row.parameters.trainable for row in self.rows), sum(row.parameters.fixed for row in self.rows)
        )

    @property
    def flops(self) -> int:
        """Floating-point operations of one sample's forward pass."""
        return sum(row.flops for row in self.rows)

    @property
    def activations(self) -> int:
        """Numbers that one sample's forward pass leaves for the backward pass."""
        return sum(row.activations for row in self.rows) + sum(
            element_count(spec.shape) for spec in self.inputs.values()
        )


def infer(model: ModelSpec, data: Signature | Shape, outputs: int | None = None) -> GraphReport:
    """Walks the graph once, with no Keras.

    Args:
        model: the layers.
        data: what the model sees; a shape alone stands for one numeric input.
        outputs: with a shape: how many numbers the model must give; fills open `units` and is held
            against the last shape.

    Example:
        >>> infer(ModelSpec(layers=("Flatten", "Dense")), (8, 8, 1), 10).parameters.total
        650
    """
    signature = Signature.of(data, outputs)
    problem = _inputs_problem(model, signature)
    if problem is not None:
        return GraphReport(signature.inputs, (), problem)
    model, taken = model.resolved(signature), {name: signature.inputs[name] for name in model.inputs}
    shapes: dict[str, Shape] = {name: spec.shape for name, spec in taken.items()}
    rows: list[LayerRow] = []
    calls: dict[str, Layer] = {}
    for index, layer in enumerate(model.layers):
        sources = model.sources(index)
        try:
            calls[layer.name] = called = model.called(index)
            row = _row(layer, sources, tuple(shapes[source] for source in sources), called)
            layer.check_sources([calls.get(source) for source in sources])
            _check_shared(model, index, row, shapes)
        except SpecError as error:
            return GraphReport(taken, tuple(rows), error.under(f"layers[{index}]"))
        rows.append(row)
        shapes[layer.name] = row.output_shape
    report = GraphReport(taken, tuple(rows), None)
    return replace(report, problem=_whole(model, report, signature.outputs))


def _inputs_problem(model: ModelSpec, signature: Signature) -> SpecError | None:
    for index, name in enumerate(model.inputs):
        if name not in signature.inputs:
            return SpecError(
                N_("the data has no '{name}'; it has {known}."),
                hint=N_("Use a template for this kind of data, or name what the data gives in model.inputs."),
                where=f"inputs[{index}]",
                name=name,
                known=", ".join(signature.inputs),
            )
    return None


def _check_shared(model: ModelSpec, index: int, row: LayerRow, shapes: Mapping[str, Shape]) -> None:
    """Checks that a layer that is called again takes what its weights were made for."""
    called = model.called(index)
    if called is model.layers[index]:
        return
    first = next(place for place, layer in enumerate(model.layers) if layer is called)
    made = called.parameters([shapes[source] for source in model.sources(first)])
    if called.parameters([shapes[source] for source in row.sources]) != made:
        raise SpecError(
            N_("the weights of '{name}' do not fit this input."),
            hint=N_("Give both calls the same number of channels."),
            where="inputs",
            name=called.name,
        )


def _row(layer: Layer, sources: tuple[str, ...], inputs: tuple[Shape, ...], called: Layer) -> LayerRow:
    """Returns what is known of a layer; one that shares weights has none, and does what `called` does."""
    called.check_count(len(inputs))
    shape = called.output_shape(inputs)
    if element_count(shape) > MAX_VALUES:
        raise SpecError(
            N_("this layer outputs more than {limit} values per sample."),
            hint=N_("Lower its channels or units, or pool before it."),
            limit=f"{MAX_VALUES:,}",
        )
    return LayerRow(
        name=layer.name,
        kind=layer.kind,
        sources=sources,
        output_shape=shape,
        parameters=called.held(inputs) if called is layer else ParameterCount(),
        flops=called.flops(inputs),
        activations=called.activations(inputs, shape),
        parts=called.parts(inputs),
        operations=called.operations(inputs),
    )


def _whole(model: ModelSpec, report: GraphReport, outputs: int | None) -> SpecError | None:
    """Returns the first problem that only the whole graph shows."""
    if not model.layers:
        return SpecError(
            N_("the model has no layers."), hint=N_("Add one, or pick a template."), where="layers"
        )
    used = {source for index in range(len(model.layers)) for source in model.sources(index)}
    for index, name in enumerate(model.inputs):
        if name not in used:
            return SpecError(
                N_("no layer takes the input '{name}'."),
                hint=N_("Use it as an input of a layer, or remove it from model.inputs."),
                where=f"inputs[{index}]",
                name=name,
            )
    for index, layer in enumerate(model.layers[:-1]):
        if layer.name not in used and not isinstance(layer, Output):
            return SpecError(
                N_("the output of '{name}' is not used."),
                hint=N_("Use it as an input of a later layer, or remove it."),
                where=f"layers[{index}].name",
                name=layer.name,
            )
    if report.parameters.total > MAX_PARAMETERS:
        return SpecError(
            N_("the model has {count} parameters, more than {limit}."),
            hint=N_("Make its largest layer smaller."),
            where="layers",
            count=f"{report.parameters.total:,}",
            limit=f"{MAX_PARAMETERS:,}",
        )
    return _outputs_problem(model, report, outputs)


def _outputs_problem(model: ModelSpec, report: GraphReport, outputs: int | None) -> SpecError | None:
    """Returns the first problem of what the model gives, if any."""
    last = len(model.layers) - 1
    if isinstance(model.layers[last], Output):
        return SpecError(
            N_("the last layer gives the main answer; this marks a further one."),
            hint=N_("Move it before the last layer, or remove it."),
            where=f"layers[{last}]",
        )
    for index in model.outputs if model.further else ():
        if not can_be_output(model.layers[index].name):
            return SpecError(
                N_(
                    "'{name}' cannot be the name of an output: it is too long, or what is measured on it would be called like another."
                ),
                hint=N_("Choose another name."),
                where=f"layers[{index}].name",
                name=model.layers[index].name,
            )
    for index in (*model.outputs[1:], last):
        problem = _output_problem(model, index, report.rows[index].output_shape, outputs)
        if problem is not None:
            return problem
    return None


def _output_problem(model: ModelSpec, index: int, shape: Shape, outputs: int | None) -> SpecError | None:
    """Returns why what one layer gives is no answer, if it is none."""
    where = f"layers[{index}]"
    if outputs is None or shape == (outputs,):
        return None
    if len(shape) != 1:
        return SpecError(
            N_("the output has shape {shape}, the dataset needs ({outputs},)."),
            hint=N_("Add Flatten or a global pooling, then a Dense layer with empty units."),
            where=where,
            shape=str(shape),
            outputs=outputs,
        )
    if isinstance(model.layers[index], Output):
        return SpecError(
            N_("wrong number of outputs: the layer it takes gives {got}, the dataset needs {outputs}."),
            hint=N_("Let it take a Dense with empty units."),
            where=f"{where}.inputs",
            got=shape[0],
            outputs=outputs,
        )
    return SpecError(
        N_("wrong number of outputs: the model gives {got}, the dataset needs {outputs}."),
        hint=N_("Let the last layer be a Dense with empty units."),
        where=f"{where}.units" if "units" in type(model.layers[index]).model_fields else where,
        got=shape[0],
        outputs=outputs,
    )
