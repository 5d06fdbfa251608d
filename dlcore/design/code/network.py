"""The part of a script that makes the model."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dlcore.design.code.rendering import WIDTH, block, render, text
from dlcore.spec.calls import OUTPUT_DTYPE, Call, Expression, layer_call
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.graph import infer
from dlcore.spec.layers import GIVEN, Composite, Layer, Output, Part, Recurrent, Shape, Shared, State
from dlcore.spec.metrics import VALUE_TASKS
from dlcore.spec.model import ModelSpec
from dlcore.spec.signature import INPUT, InputSpec, Signature
from dlcore.spec.training import gives_probabilities
from dlcore.spec.word_vectors import with_vectors

_TAKEN = frozenset(dir(builtins)) | frozenset(
    [
        "keras",
        "np",
        "tf",
        "data",
        "model",
        "inputs",
        "raw_train",
        "x_train",
        "y_train",
        "x_validation",
        "y_validation",
        "x_test",
        "y_test",
        "target_mean",
        "target_deviation",
        "mean",
        "deviation",
        "low",
        "high",
        "first",
        "middle",
        "third",
        "ModelOfLogits",
        "for_outputs",
        "scaled",
    ]
)
_FITTED = re.compile(r"(mean|deviation|low|high|first|middle|third)(_\d+)?")
"""What steps on values have learned, which augmentation still needs after the model is made."""


def model_lines(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    """Makes `model`."""
    seen = model_data(spec, facts)
    model = spec.model.resolved(seen)
    yield "# Model"
    yield f"keras.utils.set_random_seed({spec.seed})"
    answering = model.answering
    calls = [
        layer_call(layer, output=layer.name in answering, precision=spec.training.precision)
        for layer in model.layers
    ]
    for index, layer in with_vectors(model):
        # It is found by its name again.
        named = {**calls[index].arguments, "name": Expression(text(layer.name))}
        calls[index] = replace(calls[index], arguments=named)
    ends = _end_calls(spec, facts, calls)
    plain = model.is_stack and len(model.inputs) == 1 and all(map(_is_one_argument, model.layers))
    places, logits = model.outputs, _outputs_of_logits(spec, facts)
    if logits:
        yield "# It gives logits; metrics see the probabilities."
        yield "class ModelOfLogits(keras.Model):"
        yield "    def compute_metrics(self, x, y, y_pred, sample_weight=None):"
        if model.further:
            given = (f"y_pred[{place}]" for place in range(len(places)))
            shown = [
                f"keras.ops.sigmoid({one})" if place in logits else one
                for one, place in zip(given, places, strict=True)
            ]
            yield f"        y_pred = [{', '.join(shown)}]"
        else:
            yield "        y_pred = keras.ops.sigmoid(y_pred)"
        yield "        return super().compute_metrics(x, y, y_pred, sample_weight)"
        yield ""
    if plain and not logits:
        yield from _stack([*calls, *ends], seen.inputs[model.inputs[0]])
    else:
        shapes = {row.name: row.output_shape for row in infer(spec.model, seen).rows}
        shapes |= {name: one.shape for name, one in seen.inputs.items()}
        yield from _graph(model, calls, ends, seen, shapes, "ModelOfLogits" if logits else "keras.Model")
    yield "model.summary()"
    for _index, layer in with_vectors(model):
        yield from _vectors(layer.name)


def _vectors(name: str) -> Iterator[str]:
    """Yields what puts word vectors into a layer."""
    yield ""
    yield "# Word vectors; words without one keep random numbers, of the same scale."
    yield f"layer = model.get_layer({text(name)})"
    yield f"ids, vectors = data[{text(f'{name}_ids')}], data[{text(f'{name}_vectors')}]"
    yield "if len(ids):"
    yield "    (table,) = layer.get_weights()"
    yield "    missing = np.setdiff1d(np.arange(len(table)), ids)"
    yield "    table[missing] *= vectors.std() / (table[missing].std() or 1)"
    yield "    table[ids] = vectors"
    yield "    layer.set_weights([table])"


def _is_one_argument(layer: Layer) -> bool:
    """Returns whether a layer is one of Keras' called with one argument, as Keras' Sequential does it."""
    called = len(layer.called_with([INPUT])) == 1 and not layer.call_options()
    return called and not isinstance(layer, (Composite, Output, Shared, State))


def _end_calls(spec: ExperimentSpec, facts: DatasetFacts, calls: list[Call]) -> list[Call]:
    """Returns what is called on each output at last; names each of several outputs, by which Keras calls its metrics."""
    scales, model = scales_targets(spec, facts), spec.model
    if not model.further:
        return [_own_units(spec)] if scales else []
    ends = []
    for place in model.outputs:
        layer = model.layers[place]
        name = {"name": Expression(text(layer.name))}
        if scales:
            units = _own_units(spec)
            ends.append(replace(units, arguments={**units.arguments, **name}))
        elif isinstance(layer, (Composite, Shared)):
            ends.append(Call("layers.Identity", name))
        else:
            calls[place] = replace(calls[place], arguments={**calls[place].arguments, **name})
    return ends


def _own_units(spec: ExperimentSpec) -> Call:
    """Returns the layer that brings answers from mean 0 and deviation 1 to their own units."""
    scale, offset = Expression("target_deviation.tolist()"), Expression("target_mean.tolist()")
    full = {} if spec.training.precision == OUTPUT_DTYPE else {"dtype": OUTPUT_DTYPE}
    return Call("layers.Rescaling", {"scale": scale, "offset": offset, **full})


def _stack(calls: list[Call], given: InputSpec) -> Iterator[str]:
    yield "model = keras.Sequential("
    yield "    ["
    yield f"        {_input(given)},"
    for call in calls:
        yield from block(f"{render(call, indent=8)},", 8)
    yield "    ]"
    yield ")"


def _graph(
    model: ModelSpec,
    calls: list[Call],
    ends: list[Call],
    seen: Signature,
    shapes: Mapping[str, Shape],
    kind: str,
) -> Iterator[str]:
    names = _input_variables(model)
    yield from _input_lines(model, seen)
    shared = {layer.of for layer in model.layers if isinstance(layer, Shared)}
    # What is no tensor of a layer of its own: layers that are called again, and the states of recurrent ones.
    made: dict[str, str] = {}
    states: dict[str, str] = {}

    def variable(name: str) -> str:
        return _variable(name, {*names.values(), *made.values(), *states.values()})

    for index, (layer, call) in enumerate(zip(model.layers, calls, strict=False)):
        result = names[layer.name] = variable(layer.name)
        sources = [names[source] for source in model.sources(index)]
        if isinstance(layer, Composite):
            inputs = [shapes[source] for source in model.sources(index)]
            yield from _composite(layer.recipe(inputs), sources[0], result, set(names.values()))
            continue
        if isinstance(layer, State):
            sources = [f"{states[model.sources(index)[0]]}[{layer.number}]"]
        called = model.called(index)
        given = _arguments(called, sources)
        if isinstance(called, Recurrent) and called.return_state:
            states[layer.name] = variable(f"{result}_states")
            result = f"{result}, *{states[layer.name]}"
        if called.name in shared:
            if called is layer:
                made[layer.name] = variable(f"{names[layer.name]}_layer")
                yield f"{made[layer.name]} = {render(call, beside=len(made[layer.name]) + 3)}"
            yield f"{result} = {made[called.name]}({given})"
        else:
            yield _assigned(result, call, given)
    yield from _ended([names[model.layers[place].name] for place in model.outputs], ends, kind)


def _ended(outputs: list[str], ends: list[Call], kind: str) -> Iterator[str]:
    """Yields what is called on each output at last, and the model."""
    for output, call in zip(outputs, ends, strict=False):
        yield _assigned(output, call, output)
    given = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
    line = f"model = {kind}(inputs, {given})"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"model = {kind}("
    yield "    inputs,"
    yield "    ["
    yield from (f"        {output}," for output in outputs)
    yield "    ],"
    yield ")"


def _input_variables(model: ModelSpec) -> dict[str, str]:
    """Returns how a script calls the inputs."""
    if len(model.inputs) == 1:
        return {model.inputs[0]: "inputs"}
    return {name: f"inputs[{text(name)}]" for name in model.inputs}


def _input_lines(model: ModelSpec, seen: Signature) -> Iterator[str]:
    if len(model.inputs) == 1:
        yield f"inputs = {_input(seen.inputs[model.inputs[0]])}"
        return
    yield "inputs = {"
    for name in model.inputs:
        yield f"    {text(name)}: {_input(seen.inputs[name], name)},"
    yield "}"


def _arguments(called: Layer, sources: list[str]) -> str:
    """Returns what a layer is called with, as a script writes it."""
    given = [f"[{', '.join(one)}]" if isinstance(one, list) else one for one in called.called_with(sources)]
    given += [f"{name}={render(value)}" for name, value in called.call_options().items()]
    return ", ".join(given)


def _assigned(name: str, call: Call, given: str) -> str:
    """Returns the line that makes a layer and calls it."""
    return f"{name} = {render(call, beside=len(name) + len(given) + 5)}({given})"


def _composite(parts: Sequence[Part], given: str, result: str, taken: set[str]) -> Iterator[str]:
    """Yields the lines of a layer that Keras lacks; variables of `taken` are in use."""
    names = {GIVEN: given}
    for part in parts:
        names[part.name] = result if part is parts[-1] else _variable(f"{result}_{part.name}", taken)
        taken.add(names[part.name])
        takes = ", ".join(names[name] for name in part.takes)
        if part.is_function:
            more = [f"{name}={render(value)}" for name, value in part.call.arguments.items()]
            yield f"{names[part.name]} = keras.{part.call.path}({', '.join([takes, *more])})"
        else:
            yield _assigned(names[part.name], part.call, f"[{takes}]" if part.joins else takes)


def _variable(name: str, taken: set[str]) -> str:
    while (
        name in _TAKEN
        or _FITTED.fullmatch(name)
        or name in taken
        or keyword.iskeyword(name)
        or keyword.issoftkeyword(name)
    ):
        name += "_"
    return name


def _input(given: InputSpec, name: str = "") -> str:
    called = f", name={text(name)}" if name else ""
    dtype = ', dtype="int32"' if given.dtype == "int32" else ""
    return f"keras.Input({given.shape}{called}{dtype})"


def _outputs_of_logits(spec: ExperimentSpec, facts: DatasetFacts) -> list[int]:
    """Returns the places of the outputs that give logits where metrics take probabilities."""
    if facts.task not in (Task.BINARY, Task.MULTILABEL):
        return []
    return [place for place in spec.model.outputs if not gives_probabilities(spec.model, place)]


def scales_targets(spec: ExperimentSpec, facts: DatasetFacts) -> bool:
    """Returns whether the loss sees targets of mean 0 and deviation 1."""
    return spec.training.scale_targets and facts.task in VALUE_TASKS
