"""Word vectors that an Embedding starts with: which layers name some, and whether they fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dlcore.errors import N_, SpecError
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Embedding
from dlcore.spec.model import ModelSpec
from dlcore.spec.paths import LAYER_LIST
from dlcore.spec.preprocessing import TextVectorization


def with_vectors(model: ModelSpec) -> Iterator[tuple[int, Embedding]]:
    """Yields the layers that start with word vectors, each with its place."""
    for index, layer in enumerate(model.layers):
        if isinstance(layer, Embedding) and layer.vectors:
            yield index, layer


def token_step(spec: ExperimentSpec) -> TextVectorization | None:
    """Returns the step that makes texts into ids of words, if there is one."""
    steps = [step for step in spec.preprocessing if isinstance(step, TextVectorization)]
    return next((step for step in steps if step.output_mode == "int"), None)


def vectors_problem(spec: ExperimentSpec, known: Mapping[str, int] | None) -> SpecError | None:
    """Returns the first problem of the word vectors that layers start with, if any.

    Args:
        spec: the experiment.
        known: how many numbers a word has in each of those that are stored; None: what is stored is not known.
    """
    problems = (layer_problem(spec, index, layer, known) for index, layer in with_vectors(spec.model))
    return next((problem for problem in problems if problem is not None), None)


def layer_problem(
    spec: ExperimentSpec, index: int, layer: Embedding, known: Mapping[str, int] | None
) -> SpecError | None:
    """Returns what is wrong with the word vectors of one layer, if anything; its path starts at the root.

    Args:
        spec: the experiment.
        index: the layer's place.
        layer: one that names word vectors.
        known: as in `vectors_problem`.
    """
    path = LAYER_LIST.item(index)
    if token_step(spec) is None or spec.model.sources(index)[0] not in spec.model.inputs:
        return SpecError(
            N_("word vectors are for the words of a text, and this layer takes something else."),
            hint=N_("Clear the word vectors, or let the layer take the ids that TextVectorization makes."),
            where=str(path.child("vectors")),
        )
    if known is None:
        return None
    if layer.vectors not in known:
        if spec.fine_tuning is not None and spec.fine_tuning.source is not None:
            return None  # the layer takes its weights from there; only where it does not are they missed
        return unknown_vectors(layer.vectors, known, where=str(path.child("vectors")))
    dimension = known[layer.vectors]
    if dimension != layer.output_dim:
        return SpecError(
            N_("the word vectors '{name}' have the length {dimension}, and output_dim is {output_dim}."),
            hint=N_("Set output_dim to {dimension}, or choose other vectors."),
            where=str(path.child("output_dim")),
            name=layer.vectors,
            dimension=dimension,
            output_dim=layer.output_dim,
        )
    return None


def unknown_vectors(name: str, known: Collection[str], *, where: str = "") -> SpecError:
    """Returns the error for word vectors that are not stored; lists those that are."""
    return SpecError(
        N_("there are no word vectors '{name}'."),
        hint=N_("Stored: {known}. Add a file on the page Network, or with `vectors add`."),
        where=where,
        name=name,
        known=", ".join(sorted(known)[:12]) or "–",
    )
