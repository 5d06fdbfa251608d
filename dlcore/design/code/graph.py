"""The part of a script that makes the layers of a network one by one, each called on what it takes."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace

from dlcore.design.code.rendering import WIDTH, render, text
from dlcore.spec.calls import Call, Expression
from dlcore.spec.layers import GIVEN, Application, Composite, Layer, Part, Recurrent, Shape, Shared, State
from dlcore.spec.layers.position import TABLE
from dlcore.spec.model import ModelSpec
from dlcore.spec.signature import InputSpec, Signature

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
        "brought",
        "shares",
        "parts",
    ]
)
_FITTED = re.compile(r"(mean|deviation|low|high|first|middle|third)(_\d+)?")
"""What steps on values have learned, which augmentation still needs after the model is made."""


def named(call: Call, name: str) -> Call:
    """Returns the call of a layer under a name, by which the script finds it later."""
    return replace(call, arguments={**call.arguments, "name": Expression(text(name))})


def input_call(given: InputSpec, name: str = "") -> str:
    """Returns what makes an input."""
    called = f", name={text(name)}" if name else ""
    dtype = ', dtype="int32"' if given.dtype == "int32" else ""
    return f"keras.Input({given.shape}{called}{dtype})"


def layer_lines(
    model: ModelSpec, calls: list[Call], seen: Signature, shapes: Mapping[str, Shape]
) -> Generator[str, None, dict[str, str]]:
    """Yields the layers one by one, each called on what it takes; returns the variable of each.

    Args:
        model: the network.
        calls: what makes each of its layers.
        seen: what the model is given.
        shapes: of what each layer and input gives, by name.
    """
    names = _input_variables(model)
    yield from _input_lines(model, seen)
    shared = {layer.of for layer in model.layers if isinstance(layer, Shared)}
    # What is no tensor of a layer of its own: layers that are called again, and the states of recurrent ones.
    made, states = dict[str, str](), dict[str, str]()

    def variable(name: str) -> str:
        return _variable(name, {*names.values(), *made.values(), *states.values()})

    for index, (layer, call) in enumerate(zip(model.layers, calls, strict=False)):
        result = names[layer.name] = variable(layer.name)
        sources = [names[source] for source in model.sources(index)]
        if isinstance(layer, Composite):
            recipe = layer.recipe([shapes[source] for source in model.sources(index)])
            parts = _with_named_table(recipe, call)
            yield from _composite(parts, sources[0], result, set(names.values()))
            continue
        if isinstance(layer, Application):
            network = made[layer.name] = variable(f"{layer.name}_network")
            taken = {*names.values(), *made.values()}
            yield from _backbone(layer, shapes[model.sources(index)[0]], network, taken)
        if isinstance(layer, State):
            sources = [f"{states[model.sources(index)[0]]}[{layer.number}]"]
        called = model.called(index)
        given = _arguments(called, sources)
        if isinstance(called, Recurrent) and called.return_state:
            states[layer.name] = variable(f"{result}_states")
            result = f"{result}, *{states[layer.name]}"
        if called.name in shared or called.name in made:
            if called.name not in made:
                again = made[layer.name] = variable(f"{names[layer.name]}_layer")
                yield f"{again} = {render(call, beside=len(again) + 3)}"
            yield f"{result} = {made[called.name]}({given})"
        else:
            yield _assigned(result, call, given)
    return names


def end_lines(outputs: list[str], ends: list[Call], kind: str) -> Iterator[str]:
    """Yields what is called on each output at last, if anything, and the model of a class `kind`."""
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
        yield f"inputs = {input_call(seen.inputs[model.inputs[0]])}"
        return
    yield "inputs = {"
    for name in model.inputs:
        yield f"    {text(name)}: {input_call(seen.inputs[name], name)},"
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


def _with_named_table(parts: Sequence[Part], call: Call) -> list[Part]:
    """Returns the parts of a layer, the one that has its weights under the layer's name, if the script looks for it."""
    if "name" not in call.arguments:
        return list(parts)
    name = {"name": call.arguments["name"]}
    return [
        replace(part, call=replace(part.call, arguments={**part.call.arguments, **name}))
        if part.name == TABLE
        else part
        for part in parts
    ]


def _backbone(layer: Application, shape: Shape, network: str, taken: set[str]) -> Iterator[str]:
    """Yields the lines of a backbone, and of what scales its pixels before; variables of `taken` are in use."""
    pixels, core = (_variable(f"{layer.name}_{part}", taken) for part in ("pixels", "core"))
    scaling = layer.scaling_parts()
    given = _variable(f"{layer.name}_scaled", taken) if scaling else pixels
    yield f"{pixels} = keras.Input({shape})"
    yield from _composite(scaling, pixels, given, {*taken, pixels, core, given})
    yield f"{core} = {render(layer.network_call(shape, layer.weights), beside=len(core) + 3)}"
    yield f"{network} = keras.Model({pixels}, {core}({given}), name={text(layer.name)})"
    if not layer.trainable:
        yield f"{network}.trainable = False"


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
