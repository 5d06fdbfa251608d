"""What of an experiment can be searched, and what each field begins with as a dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlcore.design.templates import template, templates_of
from dlcore.errors import N_, SpecError
from dlcore.field_path import ROOT, FieldPath
from dlcore.search.dimensions import Choices, Dimension, Presence, Range
from dlcore.search.places import AS_DRAFTED
from dlcore.spec.adversarial import counts_levels, most_strength, usual_strength
from dlcore.spec.base import Kind, Registry, SpecModel
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts
from dlcore.spec.describe import Field, Sort, describe
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fields import Scale
from dlcore.spec.layers import LAYERS, Layer
from dlcore.spec.model import ModelSpec
from dlcore.spec.paths import LAYER_LIST, MODEL
from dlcore.spec.problems import parse

NUMBERS = frozenset({Sort.INT, Sort.FLOAT, Sort.PAIR})
SEARCHABLE = NUMBERS | {Sort.BOOL, Sort.CHOICE, Sort.KIND}

LAYER, TEMPLATE = N_("This layer"), N_("Template")
Fits = Callable[[type[Kind]], bool]


@dataclass(frozen=True)
class Offer:
    """One thing that can be a dimension.

    Attributes:
        path: as in a space, layers by their names.
        titles: the names on the way to it, for people; translatable.
        field: what it is; None for a layer as a whole, and for the model.
        value: what it is in the experiment.
    """

    path: FieldPath
    titles: tuple[str, ...]
    field: Field | None
    value: Any

    @property
    def name(self) -> str:
        """The path as text, as in a space."""
        return str(self.path)


def offers(
    spec: ExperimentSpec, dimensions: Mapping[str, Dimension], facts: DatasetFacts
) -> dict[str, Offer]:
    """Returns all that can be a dimension, by path.

    What only one of the choices of another dimension has (the momentum of an optimizer that is not the
    experiment's own) is among it.

    Args:
        spec: the experiment.
        dimensions: those it has already.
        facts: of its dataset.
    """
    model = Offer(MODEL, (TEMPLATE,), None, AS_DRAFTED)
    found = {model.name: model}
    for offer in (*_fields(spec, ROOT, (), dimensions), *_of_templates(spec, dimensions, facts)):
        found.setdefault(offer.name, offer)
    if facts.test_size:
        found.pop("dataset.test_fraction", None)  # it has a test part of its own
    return found


def _fields(
    owner: SpecModel, path: FieldPath, titles: tuple[str, ...], dimensions: Mapping[str, Dimension]
) -> Iterator[Offer]:
    placing = owner.placing if isinstance(owner, Kind) else frozenset()
    for field in describe(type(owner)):
        if field.name in placing:
            continue
        value = getattr(owner, field.name)
        offer = Offer(path.child(field.name), (*titles, field.label), field, value)
        if is_searchable(field, value):
            yield offer
        yield from _inside(offer, field, dimensions)


def is_searchable(field: Field, value: Any) -> bool:
    """Returns whether a field can be a dimension.

    Args:
        field: which.
        value: what it is in the experiment.
    """
    # What is usual is known of a strength alone.
    filled_in = (
        value is None and field.derived and field.search is not Scale.STRENGTHS and field.sort in NUMBERS
    )
    # Two numbers that are no sizes are themselves the limits of something.
    limits = field.sort is Sort.PAIR and not all(isinstance(one, int) for one in value or ())
    return field.sort in SEARCHABLE and field.search is not Scale.FIXED and not filled_in and not limits


def _inside(offer: Offer, field: Field, dimensions: Mapping[str, Dimension]) -> Iterator[Offer]:
    """Yields the fields within a field, and those within each of its choices."""
    match field.sort:
        case Sort.MODEL if offer.value is not None:
            yield from _fields(offer.value, offer.path, offer.titles, dimensions)
        case Sort.KIND:
            for kind in (offer.value, *_chosen(field.registry, dimensions.get(offer.name))):
                if kind is not None:
                    yield from _fields(kind, offer.path, offer.titles, dimensions)
        case Sort.KINDS:
            for index, kind in enumerate(offer.value):
                if isinstance(kind, Layer):
                    yield from _layer(kind, dimensions)
                else:
                    yield from _fields(kind, offer.path.item(index), (*offer.titles, kind.kind), dimensions)


def _layer(layer: Layer, dimensions: Mapping[str, Dimension]) -> Iterator[Offer]:
    whole = Offer(LAYER_LIST.item(layer.name), (layer.name, LAYER), None, layer)
    yield whole
    for kind in (layer, *_chosen(LAYERS, dimensions.get(whole.name))):
        yield from _fields(kind, whole.path, (layer.name,), dimensions)


def _of_templates(
    spec: ExperimentSpec, dimensions: Mapping[str, Dimension], facts: DatasetFacts
) -> Iterator[Offer]:
    """Yields the layers of the templates that a search chooses among."""
    among = dimensions.get("model")
    for name in among.choices if isinstance(among, Choices) else ():
        try:
            model: ModelSpec = template(str(name)).build(model_data(spec, facts))
        except SpecError:  # it is as drafted, or no template: the dimension itself says so
            continue
        for layer in model.layers:
            yield from _layer(layer, dimensions)


def _chosen(registry: Registry[Any] | None, dimension: Dimension | None) -> Iterator[Kind]:
    if registry is None or not isinstance(dimension, Choices):
        return
    for choice in dimension.choices:
        name = choice if isinstance(choice, str) else (choice or {}).get("kind", "")
        try:
            kind: Kind = parse(registry.get(name), {} if isinstance(choice, str) else choice)
        except SpecError:  # the dimension itself says so
            continue
        yield kind


def default_dimension(offer: Offer, facts: DatasetFacts, fits: Fits = lambda kind: True) -> Dimension:
    """Returns what an offer is as a dimension before anyone changes it.

    Args:
        offer: what becomes one.
        facts: of the dataset.
        fits: which kinds suit the experiment.
    """
    field, value = offer.field, offer.value
    if field is None:
        if offer.path != MODEL:
            return Presence()
        return Choices(
            choices=(
                AS_DRAFTED,
                *(one.name for one in templates_of(facts)[:1]),
            )
        )
    match field.sort:
        case Sort.BOOL:
            return Choices(choices=(value, not value))
        case Sort.CHOICE:
            return Choices(choices=_some(value, field.tried or field.choices, 4))
        case Sort.KIND:
            assert field.registry is not None
            own = value.kind if value is not None else None
            return Choices(choices=_some(own, [k.__name__ for k in field.registry if fits(k)], 2))
        case Sort.PAIR:
            return _sizes(field, value)
        case Sort.INT if field.search is Scale.WINDOWS:
            return _sizes(field, (value,))
        case _ if field.search is Scale.POWERS:
            return _powers(field, value or field.default or 32)
        case Sort.INT:
            return _whole(field, facts.train_size // 2 if field.name == "train_samples" else value)
        case _ if field.search is Scale.STRENGTHS:
            return _strengths(value, of_picture=counts_levels(facts.kind, facts.input_shape or ()))
        case _:
            return _real(field, value)


def _some(own: Any, words: Any, most: int) -> tuple[Any, ...]:
    return (own, *[word for word in words if word != own][: most - 1])


def _sizes(field: Field, value: Any) -> Dimension:
    sizes = [one for one in value or (2,) if isinstance(one, int)]
    first = sizes[0] if sizes else 2
    step = 2 if field.search is Scale.WINDOWS else 1
    return Choices(choices=(first, first + step))


def _powers(field: Field, value: int) -> Dimension:
    around = (value // 2, value, value * 2, value * 4)
    low, high = field.low or 1, field.high or float("inf")
    return Choices(choices=tuple(dict.fromkeys(one for one in around if low <= one <= high)))


def _whole(field: Field, value: int | None) -> Dimension:
    around = value if value is not None else int(field.low or 1)
    low = max(around // 2, int(field.low) if field.low is not None else min(0, around * 2))
    high = max(low + 1, around * 2)
    return Range(low=low, high=min(high, field.high) if field.high is not None else high)


def _real(field: Field, value: float | None) -> Dimension:
    around = (field.around or 0.0) if value is None else value
    share = field.high is not None and field.high <= 1 and field.low is not None
    if share and field.search is not Scale.MAGNITUDES:
        return _share(field, around)
    if around > 0:
        low, high = _clear(around / 10), _clear(around * 10)
    elif field.search is Scale.MAGNITUDES:
        low, high = 1e-6, 1e-2
    else:
        low, high = _clear(around * 2), 1.0
    if field.low is not None:
        low = max(low, field.low)
    if field.high is not None:
        high = min(high, field.high * (0.99 if field.high_open else 1))
    return Range(low=low, high=high, log=low > 0)


def _strengths(value: float | None, *, of_picture: bool) -> Dimension:
    around = value or usual_strength(of_picture=of_picture)
    high = min(_clear(around * 4), most_strength(of_picture=of_picture))
    return Range(low=_clear(around / 4), high=high, log=True)


def _share(field: Field, around: float) -> Dimension:
    """Returns a number between 0 and 1."""
    assert field.low is not None
    assert field.high is not None
    if field.high_open and around >= 0.9:
        # What decays is searched by its distance from 1: 0.9 from 0 to 0.99, 0.999 from 0.99 to 0.9999.
        return Range(low=max(0.0, round(1 - 10 * (1 - around), 6)), high=round(1 - (1 - around) / 10, 6))
    if field.search is Scale.PARTS:
        return Range(low=_clear((around or 0.1) / 2), high=min(_clear((around or 0.1) * 2), field.high))
    if field.high_open:
        high = 0.5 if around <= 0.5 else 0.95
    else:
        high = min(_clear(around * 4) or field.high, field.high)
    return Range(low=_clear(around / 10 or 0.01) if field.low_open else field.low, high=high)


def _clear(value: float) -> float:
    return float(f"{value:.4g}")
