"""Layers that Keras lacks, made of several calls of Keras' own, so that what is saved loads in any Keras."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dlcore.spec.calls import Call
from dlcore.spec.layers.base import Layer, Shape

GIVEN = "given"
"""Stands for the layer's own input among what its parts take."""


@dataclass(frozen=True)
class Part:
    """One call of Keras within such a layer.

    Attributes:
        name: by which later parts take its result.
        call: a layer, or a function of `keras.ops` with all its arguments but the tensors.
        takes: names of earlier parts, or `GIVEN`.
        joins: whether it takes them as one list.
    """

    name: str
    call: Call
    takes: tuple[str, ...]
    joins: bool = False

    @property
    def is_function(self) -> bool:
        """Whether it is called with the tensors directly; a layer is made first."""
        return self.call.path.startswith("ops.")


class Composite(Layer):
    """A layer of several parts; the last one gives its result.

    The masks of padded steps end at it, as at every layer of Keras that does not know them.
    """

    namespace: ClassVar[str] = "composites"

    def recipe(self, inputs: Sequence[Shape]) -> tuple[Part, ...]:
        """Returns the calls that compute it, each after those that it takes from."""
        raise NotImplementedError
