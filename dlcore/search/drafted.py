"""The search of a draft: kept as it was made, even where it no longer fits the experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dlcore.errors import SpecError
from dlcore.field_path import ROOT, FieldPath, Item
from dlcore.search.dimensions import DIMENSIONS, Dimension, expand_short_form
from dlcore.search.places import normal_path
from dlcore.search.space import Space
from dlcore.search.spec import SearchOptions, SearchSpec
from dlcore.spec.base import SpecModel
from dlcore.spec.data import DatasetFacts
from dlcore.spec.describe import Sort, describe
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.order import Order
from dlcore.spec.paths import LAYER_LIST, layer_of
from dlcore.spec.problems import parse


@dataclass(frozen=True)
class SearchDraft:
    """What is searched around a draft, and how.

    Attributes:
        space: path to the JSON object of a dimension.
        options: how the space is searched.
        active: whether the experiment is a search; if not, it is a single run, and the space is kept for later.
    """

    space: Mapping[str, Any] = field(default_factory=dict)
    options: SearchOptions = field(default_factory=SearchOptions)
    active: bool = False

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SearchDraft:
        """Returns what a store kept; options that this version does not know start over."""
        try:
            options = parse(SearchOptions, data.get("search") or {})
        except SpecError:
            options = SearchOptions()
        space = dict(data.get("space") or {})
        return cls(space, options, bool(data.get("active", bool(space))))

    @classmethod
    def of(cls, spec: SearchSpec) -> SearchDraft:
        """Returns the search of a whole spec, with layers by their names."""
        space = {}
        for path, dimension in spec.space.items():
            try:
                named = str(normal_path(path, spec.experiment.model))
            except SpecError:  # kept, so that the page can say what is wrong
                named = path
            space[named] = dimension.model_dump(mode="json")
        return cls(space, spec.search, active=True)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, as a store keeps it."""
        return {
            "space": dict(self.space),
            "search": self.options.model_dump(mode="json"),
            "active": self.active,
        }

    def dimensions(self) -> dict[str, Dimension]:
        """Returns the dimensions that can be read."""
        return self._read()[0]

    def _read(self) -> tuple[dict[str, Dimension], dict[str, SpecError]]:
        dimensions: dict[str, Dimension] = {}
        problems: dict[str, SpecError] = {}
        for path, data in self.space.items():
            try:
                dimensions[path] = read_dimension(data)
            except SpecError as error:
                problems[path] = error
        return dimensions, problems

    def problems(self, spec: ExperimentSpec, facts: DatasetFacts) -> dict[str, SpecError]:
        """Returns what is wrong with each dimension, by its path; those that fit are not among them.

        Args:
            spec: the experiment.
            facts: of its dataset.
        """
        dimensions, problems = self._read()
        while True:
            try:
                Space(spec, dimensions, facts)
            except SpecError as error:
                path = error.message.where.removeprefix("space.")  # as it is written in this space
                if path not in dimensions:
                    return problems
                problems[path] = error.at("")
                del dimensions[path]
            else:
                return problems

    def whole(self, spec: ExperimentSpec) -> SearchSpec:
        """Returns the search with its experiment.

        Raises:
            SpecError: a dimension cannot be read.
        """
        return parse(SearchSpec, {"experiment": spec, "space": dict(self.space), "search": self.options})

    def with_space(self, space: Mapping[str, Any]) -> SearchDraft:
        """Returns the same with another space; a dimension that is new makes it a search."""
        return replace(self, space=dict(space), active=self.active or not space.keys() <= self.space.keys())

    def renamed(self, old: str, new: str) -> SearchDraft:
        """Returns the same after a layer was given another name."""

        def renamed(path: FieldPath) -> FieldPath:
            layer = layer_of(path)
            if layer is None:
                return path
            first = new if layer.key == old else layer.key
            last = new if layer.last == old else layer.last
            return path.moved(LAYER_LIST.item(first, last))

        return self._with_paths(renamed)

    def following(self, before: ExperimentSpec, after: ExperimentSpec) -> SearchDraft:
        """Returns the same after steps of the experiment's lists got other places, or were removed.

        A list's parts have no names of their own: what is searched of a part that is gone would otherwise
        be searched of the one in its place.
        """
        lists = dict(_lists(after))
        return self.rearranged({at: _order(kinds, lists.get(at, [])) for at, kinds in _lists(before)})

    def rearranged(self, orders: Mapping[FieldPath, Order]) -> SearchDraft:
        """Returns the same after parts of some lists were moved, removed, copied or added.

        Args:
            orders: how each list was rearranged, by its path. A copy takes nothing over: what is
                searched stays with the original.

        Example:
            >>> draft = SearchDraft({"augmentation[0].factor": [0.1, 0.2]})
            >>> dict(draft.rearranged({FieldPath.of("augmentation"): Order.moved(2, 0, 1)}).space)
            {'augmentation[1].factor': [0.1, 0.2]}
        """

        def moved(path: FieldPath) -> FieldPath | None:
            for at, order in orders.items():
                part = path.step_in(at)
                if isinstance(part, Item) and part.place is not None and part.place < order.size:
                    place = order.place_of(part.place)
                    return None if place is None else path.moved(at.item(place))
            return path

        return self._with_paths(moved)

    def _with_paths(self, change: Callable[[FieldPath], FieldPath | None]) -> SearchDraft:
        """Returns the same with other paths, without those that become None."""

        def changed(values: Mapping[str, Any]) -> dict[str, Any]:
            paths = {old: change(FieldPath.parse(old)) for old in values}
            return {str(new): values[old] for old, new in paths.items() if new is not None}

        first = tuple(changed(row) for row in self.options.first)
        return replace(self, space=changed(self.space), options=self.options.updated(first=first))


def read_dimension(data: Any) -> Dimension:
    """Returns a dimension from its JSON object or a short form.

    Raises:
        SpecError: it is not one, or its limits cannot be.
    """
    whole = expand_short_form(data)
    kind = whole.get("kind") if isinstance(whole, Mapping) else None
    found: Dimension = parse(DIMENSIONS.get(str(kind)), whole)
    return found


def _lists(owner: SpecModel, path: FieldPath = ROOT) -> Iterator[tuple[FieldPath, list[str]]]:
    """Yields the lists of steps in an experiment: their paths, and the kind of each part."""
    for item in describe(type(owner)):
        value, whole = getattr(owner, item.name), path.child(item.name)
        if item.sort is Sort.MODEL and value is not None:
            yield from _lists(value, whole)
        elif item.sort is Sort.KINDS:
            yield whole, [part.kind for part in value]


def _order(before: list[str], after: list[str]) -> Order:
    """Returns how a list of kinds became another one, as far as that shows; of two of a kind,
    the first stays the first.
    """
    free = {kind: [index for index, one in enumerate(before) if one == kind] for kind in after}
    return Order(len(before), tuple(free[kind].pop(0) if free[kind] else None for kind in after))
