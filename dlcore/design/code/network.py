"""The part of a script that makes the model."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.design.code.graph import end_lines, input_call, layer_lines, named
from dlcore.design.code.rendering import block, render, text
from dlcore.spec.calls import OUTPUT_DTYPE, Call, Expression, layer_call
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.graph import infer
from dlcore.spec.layers import Application, Composite, Layer, Output, Shared, State
from dlcore.spec.metrics import VALUE_TASKS
from dlcore.spec.signature import INPUT, InputSpec
from dlcore.spec.training import gives_probabilities
from dlcore.spec.word_vectors import with_vectors


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
    found_again = {layer.name for _index, layer in with_vectors(model)}
    if spec.fine_tuning is not None:
        found_again |= {layer.name for layer in model.own_layers}
    for index, layer in enumerate(model.layers):
        if layer.name in found_again:
            calls[index] = named(calls[index], layer.name)
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
        names = yield from layer_lines(model, calls, seen, shapes)
        outputs = [names[model.layers[place].name] for place in places]
        yield from end_lines(outputs, ends, "ModelOfLogits" if logits else "keras.Model")
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
    return called and not isinstance(layer, (Application, Composite, Output, Shared, State))


def _end_calls(spec: ExperimentSpec, facts: DatasetFacts, calls: list[Call]) -> list[Call]:
    """Returns what is called on each output at last; names each of several outputs, by which Keras calls its metrics."""
    scales, model = scales_targets(spec, facts), spec.model
    if not model.further:
        return [_own_units(spec)] if scales else []
    ends = []
    for place in model.outputs:
        layer = model.layers[place]
        if scales:
            ends.append(named(_own_units(spec), layer.name))
        elif isinstance(layer, (Composite, Shared)):
            ends.append(named(Call("layers.Identity", {}), layer.name))
        else:
            calls[place] = named(calls[place], layer.name)
    return ends


def _own_units(spec: ExperimentSpec) -> Call:
    """Returns the layer that brings answers from mean 0 and deviation 1 to their own units."""
    scale, offset = Expression("target_deviation.tolist()"), Expression("target_mean.tolist()")
    full = {} if spec.training.precision == OUTPUT_DTYPE else {"dtype": OUTPUT_DTYPE}
    return Call("layers.Rescaling", {"scale": scale, "offset": offset, **full})


def _stack(calls: list[Call], given: InputSpec) -> Iterator[str]:
    yield "model = keras.Sequential("
    yield "    ["
    yield f"        {input_call(given)},"
    for call in calls:
        yield from block(f"{render(call, indent=8)},", 8)
    yield "    ]"
    yield ")"


def _outputs_of_logits(spec: ExperimentSpec, facts: DatasetFacts) -> list[int]:
    """Returns the places of the outputs that give logits where metrics take probabilities."""
    if facts.task not in (Task.BINARY, Task.MULTILABEL):
        return []
    return [place for place in spec.model.outputs if not gives_probabilities(spec.model, place)]


def scales_targets(spec: ExperimentSpec, facts: DatasetFacts) -> bool:
    """Returns whether the loss sees targets of mean 0 and deviation 1."""
    return spec.training.scale_targets and facts.task in VALUE_TASKS
