"""From the config of a whole Keras model to one flat graph of our layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from dlcore.design.keras_import.arguments import layer_of
from dlcore.design.keras_import.composites import WEIGHTS, composite_of
from dlcore.design.keras_import.encodings import (
    ENCODINGS,
    OF_TEXTS,
    encoded_shape,
    encoding_step,
    not_an_input_error,
)
from dlcore.design.keras_import.equivalents import LAYER_RULES, equivalent_layers
from dlcore.design.keras_import.flat import End, Flat, ImportedInput
from dlcore.design.keras_import.inputs import TEXT, see_input, wrong_type_error
from dlcore.design.keras_import.links import (
    MASK_OPERATIONS,
    ONLY_IN_TRAINING,
    SAME,
    Call,
    Table,
    calls_of,
    place_of,
    shape_of,
    shared_error,
    split_place,
    tensor_names,
)
from dlcore.design.keras_import.masks import masked_tensor
from dlcore.design.keras_import.objects import (
    LAYER_MODULES,
    MODEL_MODULES,
    MODELS,
    OPERATION_MODULES,
    KerasObject,
    not_keras_error,
    quote_name,
    read_object,
)
from dlcore.design.keras_import.steps import BEFORE
from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.layers import (
    LAYERS,
    RECURRENTS,
    GroupQueryAttention,
    Layer,
    Normalization,
    Recurrent,
    Rescaling,
    State,
)
from dlcore.spec.model import INPUT, MAX_LAYERS, snake_case

_KERAS_LAYERS = frozenset(
    {
        *(kind.__name__ for kind in LAYERS if kind.namespace == Layer.namespace and not kind.keras_name),
        *LAYER_RULES,
    }
)
"""The layers of Keras that have a counterpart."""

_KNOWN = LAYER_MODULES | MODEL_MODULES | OPERATION_MODULES
"""Where the entries of a model may be from."""


def read_model(config: Any) -> tuple[str, tuple[End, ...], Flat]:
    """Returns the name of a model, what it gives, and its layers.

    Raises:
        SpecError: something in it is not known or cannot be rebuilt; names the layer.
    """
    found = read_object(config, MODEL_MODULES)
    if found.class_name not in MODELS:
        raise SpecError(
            N_("{kind} is not a model, or a model with custom code."),
            hint=N_("Choose a Sequential or Functional model."),
            kind=quote_name(found.class_name),
        )
    flat = Flat()
    tensors = _nested(flat, found, None, "", "")
    for name in flat.texts.values():
        raise wrong_type_error(name, TEXT)
    return found.name, tuple(map(End, _end_names(found, len(tensors)), tensors)), flat


def _end_names(found: KerasObject, count: int) -> list[str]:
    """Returns what Keras calls the outputs; a model with one needs no name for it."""
    given = found.config.get("output_layers")
    if count == 1:
        return [""]
    if isinstance(given, Mapping):
        return [str(name) for name in given]
    return [split_place(one)[0] for one in tensor_names(given, found)]


def _nested(
    flat: Flat, found: KerasObject, given: Sequence[str] | None, group: str, prefix: str
) -> tuple[str, ...]:
    read = _sequential if found.class_name == "Sequential" else _functional
    return read(flat, found, given, group, prefix)


_CLASSES = {GroupQueryAttention.__name__: "GroupedQueryAttention"}
"""Names of classes in Keras' own source, by which weights are kept, where they are offered under another name."""


class _Groups:
    """Where Keras writes the weights of each layer of a model: by class and number, not by name."""

    def __init__(self, group: str) -> None:
        self._stem = f"{group}/layers" if group else "layers"
        self._used: dict[str, int] = {}

    def next(self, class_name: str) -> str:
        """Returns the group of the next layer of that class."""
        name = snake_case(_CLASSES.get(class_name, class_name))
        number = self._used.get(name, -1) + 1
        self._used[name] = number
        return f"{self._stem}/{name}_{number}" if number else f"{self._stem}/{name}"


def _entries(found: KerasObject) -> list[KerasObject]:
    entries = found.config.get("layers")
    if not isinstance(entries, list):
        raise not_keras_error(quote_name(found.name))
    if len(entries) > 2 * MAX_LAYERS:
        raise _too_many()
    return [read_object(entry, _KNOWN) for entry in entries]


def _too_many() -> SpecError:
    return SpecError(
        N_("the model has more than {limit} layers."), hint=N_("Import a smaller model."), limit=MAX_LAYERS
    )


def _sequential(
    flat: Flat, found: KerasObject, given: Sequence[str] | None, group: str, prefix: str
) -> tuple[str, ...]:
    groups = _Groups(group)
    if given is not None and len(given) != 1:
        raise _input_count(found, 1, len(given))
    tensor = given[0] if given else INPUT
    for position, entry in enumerate(_entries(found)):
        where = groups.next(entry.class_name)
        if entry.class_name == "InputLayer":
            if position:
                raise not_keras_error(quote_name(entry.name))
            see_input(flat, tensor, entry)
        else:
            call = Call((tensor,), operands=(tensor,), shape=entry.build_shape)
            (tensor,) = _only_one(entry, _call(flat, entry, call, {tensor: tensor}, where, prefix))
    built = found.config.get("build_input_shape")
    if given is None and not flat.inputs and isinstance(built, list):
        flat.inputs[INPUT] = ImportedInput(shape_of(built, quote_name(found.name)), "float32")
    return (tensor,)


def _only_one(entry: KerasObject, tensors: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the tensors of a call that gives one."""
    if len(tensors) != 1:
        raise shared_error(quote_name(entry.name))
    return tensors


def _functional(
    flat: Flat, found: KerasObject, given: Sequence[str] | None, group: str, prefix: str
) -> tuple[str, ...]:
    groups, entries = _Groups(group), _entries(found)
    places = {entry.name: groups.next(entry.class_name) for entry in entries}
    if len(places) != len(entries) or not all(places):
        raise SpecError(
            N_("two layers have the same name, or a layer has none."),
            hint=N_("Give each layer its own name, and save the model again."),
            where=quote_name(found.name),
        )
    names = tensor_names(found.config.get("input_layers"), found)
    tensors = dict(zip(names, _input_tensors(flat, found, names, given), strict=True))
    waiting = []
    for entry in entries:
        if entry.class_name == "InputLayer":
            if entry.name not in tensors:
                raise not_keras_error(quote_name(entry.name))
            see_input(flat, tensors[entry.name], entry)
        else:
            waiting += [(entry, call) for call in calls_of(entry)]
    if given is None:
        if any(tensor not in flat.inputs for tensor in tensors.values()):
            raise not_keras_error(quote_name(found.name))
        flat.inputs = {tensor: flat.inputs[tensor] for tensor in tensors.values()}
    _add_calls(flat, waiting, tensors, places, prefix)
    outputs = tensor_names(found.config.get("output_layers"), found)
    for name in outputs:
        if split_place(name)[0] not in tensors:
            raise not_keras_error(quote_name(found.name))
        if name not in tensors:
            tensors[name] = _add_state(flat, tensors, name)
    return tuple(tensors[name] for name in outputs)


def _add_calls(
    flat: Flat,
    waiting: list[tuple[KerasObject, Call]],
    tensors: dict[str, str],
    places: Mapping[str, str],
    prefix: str,
) -> None:
    """Adds what the calls of a model stand for, and the tensors that come out of them to `tensors`."""
    masks: dict[str, str] = {}
    firsts: dict[str, list[str]] = {}
    users = Counter(source for _entry, call in waiting for source in call.sources)
    for entry, call in _in_order(waiting, {*tensors}):
        if entry.class_name == SAME and call.sources[0] in tensors:
            tensors[call.result] = tensors[call.sources[0]]
            continue
        if entry.class_name in MASK_OPERATIONS:
            masks[call.result] = masked_tensor(entry, call, tensors, masks)
            continue
        for source in call.sources:
            if source not in tensors:
                tensors[source] = _add_state(flat, tensors, source)
        taken = [tensors[source] for source in call.sources]
        if entry.class_name in ENCODINGS and any(users[source] > 1 for source in call.sources):
            raise not_an_input_error(entry)
        flat.masks.check(
            entry,
            taken[:1] if entry.class_name in RECURRENTS.names() else taken,
            masks.get(call.mask, "") if call.mask else None,
        )
        before = len(flat.layers)
        results = _call(flat, entry, call, tensors, places[entry.name], prefix)
        tensors |= {place_of(call.result, place): result for place, result in enumerate(results)}
        new = [layer.name for layer in flat.layers[before:]]
        flat.copies |= dict(zip(new, firsts.setdefault(entry.name, new), strict=True))


def _in_order(waiting: list[tuple[KerasObject, Call]], known: set[str]) -> Iterator[tuple[KerasObject, Call]]:
    """Yields the entries, each after all that it takes from, else in the order of the config."""
    missing = [
        {first for first, _place in map(split_place, call.needs) if first not in known}
        for _entry, call in waiting
    ]
    users: dict[str, list[int]] = {}
    for place, names in enumerate(missing):
        for name in names:
            users.setdefault(name, []).append(place)
    ready = [place for place, names in enumerate(missing) if not names]
    count = 0
    while ready:
        entry, call = waiting[heappop(ready)]
        yield entry, call
        count += 1
        for place in users.get(call.result, ()):
            missing[place].discard(call.result)
            if not missing[place]:
                heappush(ready, place)
    if count < len(waiting):
        stuck = next(place for place, names in enumerate(missing) if names)
        raise SpecError(
            N_("takes its input from a missing layer or from itself."),
            hint=N_("Save the model again with Keras."),
            where=quote_name(waiting[stuck][0].name),
        )


def _add_state(flat: Flat, tensors: Mapping[str, str], tensor: str) -> str:
    """Adds the layer that gives what a recurrent one remembers; returns its name.

    Raises:
        SpecError: it is another one of several results.
    """
    first, place = split_place(tensor)
    if first not in tensors:
        raise not_keras_error(quote_name(first))
    giver = next((one for one in flat.layers if one.name == tensors[first]), None)
    if not (isinstance(giver, Recurrent) and giver.return_state and 0 < place <= giver.states):
        raise shared_error(quote_name(first))
    name = flat.unique(f"{giver.name}_state", "")
    flat.layers.append(State(name=name, inputs=(giver.name,), number=place - 1))
    return name


def _input_tensors(
    flat: Flat, found: KerasObject, names: list[str], given: Sequence[str] | None
) -> Sequence[str]:
    if given is None:
        return flat.name_inputs(names)
    if len(given) != len(names):
        raise _input_count(found, len(names), len(given))
    return given


def _input_count(found: KerasObject, expected: int, got: int) -> SpecError:
    return SpecError(
        N_("wrong number of inputs: expected {expected}, got {got}."),
        hint=N_("Save the model again with Keras."),
        where=quote_name(found.name),
        expected=expected,
        got=got,
    )


def _call(
    flat: Flat, entry: KerasObject, call: Call, tensors: Mapping[str, str], group: str, prefix: str
) -> tuple[str, ...]:
    """Adds what one entry of a config stands for; returns the tensors that come out of it: one, but for models."""
    sources = [tensors[source] for source in call.sources]
    if entry.is_layer and entry.class_name in MODELS:
        composite = composite_of(entry, _entries(entry)) if entry.class_name != "Sequential" else None
        if composite is not None:
            return (_add(flat, composite, sources, f"{group}/{WEIGHTS}", prefix),)
        inner = f"{prefix}_{entry.name}" if prefix else entry.name
        return _nested(flat, entry, sources, group, inner)
    if entry.is_layer and entry.class_name in ONLY_IN_TRAINING | {"Identity"} and len(sources) == 1:
        _note_left_out(flat, entry)
        return (sources[0],)
    if entry.is_layer and entry.class_name in ENCODINGS:
        return (_leave_to_preprocessing(flat, entry, sources),)
    if entry.is_layer and entry.class_name not in _KERAS_LAYERS:
        raise unknown_name(LAYERS.what, entry.class_name, _KERAS_LAYERS, where=quote_name(entry.name))
    tensor = ""
    for step in equivalent_layers(entry, call):
        taken = [tensor if source is BEFORE else tensors[source] for source in step.sources]
        tensor = _add(flat, step.found, taken, group, prefix)
        if step.table is not None:
            _keep_table(flat, step.table)
    if not entry.is_layer:
        flat.masks.refuse_kept(entry, tensor)
    elif isinstance(flat.layers[-1], (Normalization, Rescaling)):
        flat.notes.add(
            N_("rescales within the model; the preprocessing must not do the same again."),
            where=quote_name(entry.name),
        )
    return (tensor,)


def _keep_table(flat: Flat, table: Table) -> None:
    """Gives the last layer fixed numbers as its weights; it does not learn, as it does not with Keras."""
    layer = flat.layers[-1].model_copy(update={"trainable": False})
    flat.layers[-1], flat.tables[layer.name] = layer, table.rows
    del flat.groups[layer.name]
    flat.notes.add(
        N_(
            "adds fixed numbers to each step, kept as a PositionEmbedding that is not trainable; you can make it so."
        ),
        where=layer.name,
    )


def _leave_to_preprocessing(flat: Flat, entry: KerasObject, sources: list[str]) -> str:
    """Lets an input be what a layer makes of it; returns that input."""
    given = flat.inputs.get(sources[0])
    # Texts that nothing has made numbers of yet count as ids; what takes texts takes nothing else.
    fits = sources[0] in flat.texts or (entry.class_name not in OF_TEXTS and given and given.dtype == "int32")
    if given is None or not fits:
        raise not_an_input_error(entry)
    flat.inputs[sources[0]] = ImportedInput(*encoded_shape(entry, given.shape))
    flat.texts.pop(sources[0], None)
    step, settings = encoding_step(entry)
    flat.notes.add(
        N_("{kind} was left out, for the preprocessing does it: give its step {step} {settings}."),
        where=quote_name(entry.name),
        kind=entry.class_name,
        step=step,
        settings=settings,
    )
    return sources[0]


def _note_left_out(flat: Flat, entry: KerasObject) -> None:
    if entry.class_name in ONLY_IN_TRAINING:
        flat.notes.add(
            N_("{kind} acts only during training and was left out; add it as an augmentation."),
            where=quote_name(entry.name),
            kind=entry.class_name,
        )


def _add(flat: Flat, entry: KerasObject, sources: list[str], group: str, prefix: str) -> str:
    if len(flat.layers) == MAX_LAYERS:
        raise _too_many()
    layer = layer_of(entry, flat.unique(entry.name or snake_case(entry.class_name), prefix), flat.notes)
    # A sequence that looks at itself is given as query and as value.
    itself = layer.fewest == 1 and len(set(sources)) == 1
    flat.layers.append(layer.model_copy(update={"inputs": tuple(sources[:1] if itself else sources)}))
    flat.groups[layer.name] = group
    if "axis" in entry.config and "axis" not in type(layer).model_fields and entry.build_shape:
        flat.ranks[layer.name] = len(entry.build_shape)
    flat.masks.follow(layer, sources)
    return layer.name
