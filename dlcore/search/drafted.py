"""The search of a draft: kept as it was made, even where it fits the experiment no more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dlcore.errors import SpecError
from dlcore.search.dimensions import DIMENSIONS, Dimension, spelled_out
from dlcore.search.places import normal_path
from dlcore.search.space import Space
from dlcore.search.spec import SearchOptions, SearchSpec
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.problems import parse


@dataclass(frozen=True)
class SearchDraft:
    """What is searched around a draft, and how.

    Attributes:
        space: path to the JSON object of a dimension.
        options: how the space is searched.
    """

    space: Mapping[str, Any] = field(default_factory=dict)
    options: SearchOptions = field(default_factory=SearchOptions)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SearchDraft:
        """What a store kept; options that this version does not know begin anew."""
        try:
            options = parse(SearchOptions, data.get("search") or {})
        except SpecError:
            options = SearchOptions()
        return cls(dict(data.get("space") or {}), options)

    @classmethod
    def of(cls, spec: SearchSpec) -> SearchDraft:
        """The search of a whole spec, with layers by their names."""
        space = {}
        for path, dimension in spec.space.items():
            try:
                named = normal_path(path, spec.experiment.model)
            except SpecError:  # kept, so that the page can say what is wrong
                named = path
            space[named] = dimension.model_dump(mode="json")
        return cls(space, spec.search)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, as a store keeps it."""
        return {"space": dict(self.space), "search": self.options.model_dump(mode="json")}

    def dimensions(self) -> dict[str, Dimension]:
        """The dimensions that can be read."""
        return self._read()[0]

    def _read(self) -> tuple[dict[str, Dimension], dict[str, SpecError]]:
        dimensions: dict[str, Dimension] = {}
        problems: dict[str, SpecError] = {}
        for path, data in self.space.items():
            try:
                dimensions[path] = read(data)
            except SpecError as error:
                problems[path] = error
        return dimensions, problems

    def problems(self, spec: ExperimentSpec, facts: DatasetFacts) -> dict[str, SpecError]:
        """What is wrong with each dimension, by its path; those that fit are not among them.

        Args:
            spec: the experiment.
            facts: of its dataset.
        """
        dimensions, problems = self._read()
        while True:
            try:
                Space(spec, dimensions, facts)
            except SpecError as error:
                path = error.path.removeprefix("space.")
                if path not in dimensions:
                    return problems
                problems[path] = error.at("")
                del dimensions[path]
            else:
                return problems

    def whole(self, spec: ExperimentSpec) -> SearchSpec:
        """The search with its experiment.

        Raises:
            SpecError: a dimension cannot be read.
        """
        return parse(SearchSpec, {"experiment": spec, "space": dict(self.space), "search": self.options})

    def with_space(self, space: Mapping[str, Any]) -> SearchDraft:
        """The same with another space."""
        return replace(self, space=dict(space))

    def renamed(self, old: str, new: str) -> SearchDraft:
        """The same after a layer was given another name."""
        word = re.compile(rf"(?<=[\[:]){re.escape(old)}(?=[\]:])")

        def path(text: str) -> str:
            return word.sub(new, text) if text.startswith("model.layers[") else text

        first = tuple({path(key): value for key, value in row.items()} for row in self.options.first)
        return SearchDraft(
            {path(key): value for key, value in self.space.items()}, self.options.updated(first=first)
        )


def read(data: Any) -> Dimension:
    """A dimension from its JSON object or a short form.

    Raises:
        SpecError: it is none, or its limits cannot be.
    """
    whole = spelled_out(data)
    kind = whole.get("kind") if isinstance(whole, Mapping) else None
    found: Dimension = parse(DIMENSIONS.get(str(kind)), whole)
    return found
