"""Where dimensions sit in an experiment, and what the fields there can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlcore.design.templates import template
from dlcore.errors import N_, Message, SpecError, quote_value, unknown_name
from dlcore.field_path import FieldPath
from dlcore.search.dimensions import (
    Choices,
    Dimension,
    Label,
    Presence,
    Range,
    Repeat,
    TrialDimension,
    contains,
)
from dlcore.spec.base import Kind, Registry, SpecModel
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts
from dlcore.spec.describe import Field, Sort, describe
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import LAYERS, Layer
from dlcore.spec.model import ModelSpec
from dlcore.spec.paths import LAYER_LIST, MODEL, is_layer, layer_of, path_to
from dlcore.spec.problems import parse

AS_DRAFTED = "as drafted"
"""Among templates, the choice of the model that the experiment itself has."""


def normal_path(text: str, model: ModelSpec) -> FieldPath:
    """Returns a path of a space with layers by their names, and kinds without `.kind`.

    Raises:
        SpecError: it names no field, or there is no such layer.

    Example:
        >>> str(normal_path("model.layers[0].units", ModelSpec(layers=("Dense",))))
        'model.layers[dense].units'
    """
    path = path_to(text)
    if path.steps[-1] == "kind" and len(path) > 1:
        path = path.parent
    layer = layer_of(path)
    if layer is None:
        return path
    names = [one.name for one in model.layers]
    ends = [_layer_name(key, names, text) for key in (layer.key, layer.last) if key is not None]
    if names.index(ends[0]) > names.index(ends[-1]):
        raise SpecError(
            N_("expected the first and the last layer of a group."),
            hint=N_("Write `model.layers[first:last]`."),
            where=text,
        )
    return path.moved(LAYER_LIST.item(*ends))


def _layer_name(key: str, names: list[str], path: str) -> str:
    if key.isdecimal() and int(key) < len(names):
        return names[int(key)]
    if key not in names:
        raise unknown_name(N_("layer"), key, names, where=path)
    return key


class Places:
    """The fields that a space's paths lead to, in the base or in one of its choices.

    Args:
        base: the experiment.
        dimensions: by path.
        facts: of its dataset.
    """

    def __init__(
        self, base: ExperimentSpec, dimensions: Mapping[FieldPath, Dimension], facts: DatasetFacts
    ) -> None:
        self._base, self._facts = base, facts
        self._dimensions = dimensions
        self._templates: dict[str, ModelSpec] = {}

    def check(self, path: FieldPath, dimension: Dimension) -> bool:
        """Checks that a dimension fits the fields at its path; returns whether they take whole numbers.

        Raises:
            SpecError: it does not, or there is no such field.
        """
        if isinstance(dimension, (Presence, Repeat)):
            if not is_layer(path):
                raise SpecError(
                    N_("only layers can be absent or repeated."), hint=N_("Write `model.layers[name]`.")
                )
            return True
        layer = layer_of(path)
        if layer is not None and layer.last is not None:
            raise SpecError(
                N_("a group of layers has no values."), hint=N_("Name one layer, or repeat the group.")
            )
        if isinstance(dimension, Choices):
            for choice in dimension.choices:
                self.spelled_out(path, choice, dict.fromkeys(Layer.placing))
            if path != MODEL and not is_layer(path):
                _check_choices(dimension, self._fields(path))
            return False
        fields = [] if is_layer(path) else self._fields(path)
        if not fields:
            raise SpecError(
                N_("a layer is no number."),
                hint=N_("Name one of its fields, as in {path}.units."),
                path=str(path),
            )
        assert isinstance(dimension, Range)
        for field in fields:
            _check_range(dimension, field)
        return all(field.sort in (Sort.INT, Sort.PAIR) for field in fields)

    def _template(self, name: Any) -> ModelSpec:
        if name == AS_DRAFTED:
            return self._base.model
        if name not in self._templates:
            seen = model_data(self._base, self._facts)
            self._templates[name] = template(str(name)).build(seen)
        return self._templates[name]

    def _fields(self, path: FieldPath) -> list[Field]:
        """Returns the field at a path, as each of the places it can be in has it.

        Raises:
            SpecError: it is in none of them; lists the closest matches, or says that what it should be in is empty.
        """
        owners: list[Any] = [self._base]
        for depth in range(1, len(path)):
            way = FieldPath(path.steps[:depth])
            owners = [inner for owner in owners for inner in self._inside(owner, way)]
        known: dict[str, list[Field]] = {}
        for owner in owners:
            if isinstance(owner, SpecModel):
                for field in describe(type(owner)):
                    known.setdefault(field.name, []).append(field)
        if owners and all(owner is None for owner in owners):
            raise SpecError(
                N_("{part} is empty in the experiment: there is nothing in it to search."),
                hint=N_("Fill it in first."),
                part=str(path.parent),
            )
        if path.name not in known:
            raise unknown_name(N_("field"), path.name, known)
        return known[path.name]

    def _inside(self, owner: Any, way: FieldPath) -> Iterator[Any]:
        """Yields what can stand at a step of a path: in the base,
        and for each choice of a dimension there.
        """
        part, dimension = way.name, self._dimensions.get(way)
        choices = dimension.choices if isinstance(dimension, Choices) else ()
        if isinstance(owner, tuple):
            names = [getattr(item, "name", None) for item in owner]
            if part in names:
                yield owner[names.index(part)]
                yield from (_parsed(LAYERS, choice) for choice in choices)
            elif part.isdecimal() and int(part) < len(owner):
                yield owner[int(part)]
        elif isinstance(owner, SpecModel) and part in type(owner).model_fields:
            yield getattr(owner, part)
            registry = _field(owner, part).registry
            for choice in choices:
                if way == MODEL:
                    yield self._template(choice)
                elif registry is not None and choice is not None:
                    yield _parsed(registry, choice)

    def spelled_out(self, path: FieldPath, chosen: Any, before: Any) -> Any:
        """Returns a choice as a whole JSON object.

        Args:
            path: of the dimension.
            chosen: the choice as it was written.
            before: what is there in the base; a kind that is chosen by its bare name and is there
                already keeps its arguments.
        """
        if path == MODEL:
            return self._template(chosen).model_dump(mode="json")
        registry = self._registry(path)
        if registry is None or chosen is None:
            return chosen
        if isinstance(before, Mapping) and chosen == before.get("kind"):
            return before
        whole = _parsed(registry, chosen).model_dump(mode="json")
        if registry is LAYERS:
            whole |= {name: before[name] for name in Layer.placing}
        return whole

    def _registry(self, path: FieldPath) -> Registry[Any] | None:
        """Returns where the kinds at a path are found, if it is a place of kinds."""
        if is_layer(path):
            return LAYERS
        field = self._fields(path)[0]
        return field.registry if field.sort is Sort.KIND else None

    def own_label(self, one: TrialDimension, value: Any) -> tuple[Label, bool]:
        """Returns the base's value as a trial's parameter, and whether it is within the dimension."""
        if isinstance(one.dimension, Range):
            number = value[0] if isinstance(value, list) and value else value
            inside = contains(one.distribution, number)
            return number if inside else None, inside
        assert isinstance(one.dimension, Choices)
        if one.path == MODEL:
            return AS_DRAFTED, AS_DRAFTED in one.dimension.choices
        for choice, label in zip(one.dimension.choices, one.dimension.labels, strict=True):
            if self.spelled_out(one.path, choice, value) in _ways_to_write(value):
                return label, True
        return None, False


def _ways_to_write(value: Any) -> tuple[Any, ...]:
    """Returns a value, and for one number that stands for several that number."""
    if isinstance(value, list) and value and all(one == value[0] for one in value):
        return value, value[0]
    return (value,)


def _field(owner: SpecModel, name: str) -> Field:
    return next(field for field in describe(type(owner)) if field.name == name)


def _parsed(registry: Registry[Any], choice: Any) -> Kind:
    """Returns a kind from its name or its object.

    Raises:
        SpecError: it is not one of this registry.
    """
    if not isinstance(choice, (str, Mapping)):
        raise SpecError(
            N_("expected the `kind` of one {what}, got {got}."),
            hint=N_("Give a name, or an object with a `kind`."),
            what=Message(registry.what),
            got=quote_value(choice),
        )
    class_of = registry.get(choice if isinstance(choice, str) else str(dict(choice).get("kind")))
    found: Kind = parse(class_of, {} if isinstance(choice, str) else choice)
    return found


def _check_range(dimension: Range, field: Field) -> None:
    if field.sort not in (Sort.INT, Sort.FLOAT, Sort.PAIR):
        raise SpecError(N_("{field} is not a number."), hint=N_("Give a set of choices."), field=field.name)
    if _beyond(dimension.low, field) or _beyond(dimension.high, field):
        raise SpecError(
            N_("the range goes beyond what {field} can be: {range}."),
            hint=N_("Narrow it."),
            field=field.name,
            range=field.range_text(),
        )


def _check_choices(dimension: Choices, fields: Sequence[Field]) -> None:
    """Checks that each value can stand in one of the places that the field has."""
    for choice in dimension.choices:
        problems = [_choice_problem(choice, field) for field in fields]
        if all(problems):
            raise problems[0] or AssertionError


def _choice_problem(choice: Any, field: Field) -> SpecError | None:
    if choice is None and field.optional:
        return None
    number = isinstance(choice, (int, float)) and not isinstance(choice, bool)
    match field.sort:
        case Sort.INT if not number or choice != int(choice):
            return SpecError(N_("expected a whole number, got {got}."), got=quote_value(choice))
        case Sort.FLOAT if not number:
            return SpecError(N_("expected a number, got {got}."), got=quote_value(choice))
        case Sort.BOOL if not isinstance(choice, bool):
            return SpecError(N_("expected true or false, got {got}."), got=quote_value(choice))
        case Sort.CHOICE if choice not in field.choices:
            return SpecError(
                N_("expected one of {choices}, got {got}."),
                hint=N_("Choose one of them."),
                choices=", ".join(field.choices),
                got=quote_value(choice),
            )
        case Sort.INT | Sort.FLOAT if _beyond(choice, field):
            return SpecError(
                N_("{got} is beyond what {field} can be: {range}."),
                hint=N_("Choose another value."),
                got=quote_value(choice),
                field=field.name,
                range=field.range_text(),
            )
    return None


def _beyond(number: float, field: Field) -> bool:
    low, high = field.low, field.high
    too_low = low is not None and (number < low or (field.low_open and number == low))
    too_high = high is not None and (number > high or (field.high_open and number == high))
    return too_low or too_high
