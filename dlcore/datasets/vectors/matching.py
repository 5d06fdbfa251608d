"""Which rows of an experiment's Embedding layers begin with stored word vectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.prepare.texts import UNKNOWN
from dlcore.datasets.vectors.stored import FoundVectors, open_vectors
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.word_vectors import layer_problem, token_step, with_vectors


def find_vectors(
    spec: ExperimentSpec, state: Mapping[str, Any], folder: Path, *, but: Collection[str] = ()
) -> dict[str, FoundVectors]:
    """Returns, for each Embedding layer that names word vectors, those of the words that training has seen.

    Args:
        spec: the experiment.
        state: what its preparation has learned from the training part.
        folder: where word vectors are kept.
        but: names of layers that have weights from elsewhere.

    Raises:
        SpecError: there are no such vectors, or they do not fit the layer.
        DatasetError: they are damaged.
    """
    found = {}
    for index, layer in with_vectors(spec.model):
        if layer.name in but:
            continue
        stored = open_vectors(layer.vectors, folder, where=f"model.layers[{index}].vectors")
        if problem := layer_problem(spec, index, layer, {stored.name: stored.about.dimension}):
            raise problem
        step = token_step(spec)
        assert step is not None, "checked just before"
        # The first two ids stand for padding and for what is not known.
        words = dict(zip(state["vocabulary"], range(layer.input_dim or step.max_tokens), strict=False))
        known = {word: place for word, place in words.items() if place > UNKNOWN}
        found[layer.name] = stored.find(known, lowered=step.standardize.startswith("lower"))
    return found
