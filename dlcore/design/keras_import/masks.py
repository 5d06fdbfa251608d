"""Masks of padded steps: Keras derives them from an Embedding, and writes them down as if they were layers.

A rebuilt model derives the same ones again, so they need no place in a graph; a mask that Keras would
not derive by itself is refused, for without it the model would predict something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dlcore.design.keras_import.links import Call
from dlcore.design.keras_import.objects import KerasObject, quote_name
from dlcore.errors import N_, SpecError
from dlcore.spec.layers import Layer
from dlcore.spec.layers.core import masked_name


@dataclass
class Masks:
    """Which tensor's zeros are hidden where.

    Attributes:
        of: by tensor of ours, the tensor of ids whose zeros are hidden in it.
    """

    of: dict[str, str] = field(default_factory=dict)

    def follow(self, layer: Layer, sources: list[str]) -> None:
        """Notes what mask the result of a layer has."""
        mask = layer.mask([self.of.get(source) for source in sources], sources[0])
        if mask is not None:
            self.of[layer.name] = mask

    def check(self, entry: KerasObject, sources: list[str], mask: str | None) -> None:
        """Checks that the mask an entry is called with is the one that Keras derives.

        Raises:
            SpecError: it is another.
        """
        if mask is not None and any(self.of.get(source) != mask for source in sources):
            raise _unlike(entry)

    def refuse_kept(self, entry: KerasObject, tensor: str) -> None:
        """Checks that the layers in the place of an operation, which ends masks, keep none.

        Raises:
            SpecError: they do, and would skip steps that Keras computes with.
        """
        if tensor in self.of:
            raise SpecError(
                N_("this operation ends the mask of padded steps, which no layer in its place does."),
                hint=N_("Use a layer of Keras instead of the operation, and save the model again."),
                where=quote_name(entry.name),
            )


def masked_tensor(entry: KerasObject, call: Call, tensors: dict[str, str], masks: dict[str, str]) -> str:
    """Returns the tensor of ids whose zeros a mask hides.

    Args:
        entry: an operation that Keras wrote down for a mask.
        call: what it takes.
        tensors: those of the model so far, by Keras' names.
        masks: likewise its masks so far.

    Raises:
        SpecError: the operation is not one of a mask.
    """
    if entry.class_name == "NotEqual" and len(call.operands) == 2 and len(call.sources) == 1:
        value = call.operands[1]
        if call.sources[0] in tensors and isinstance(value, (int, float)):
            return masked_name(tensors[call.sources[0]], value)
    elif call.sources == call.operands and all(source in masks for source in call.sources):
        hidden = {masks[source] for source in call.sources}
        if len(hidden) == 1:
            return hidden.pop()
    raise _unlike(entry)


def _unlike(entry: KerasObject) -> SpecError:
    return SpecError(
        N_("is called with a mask of its own, which is not supported."),
        hint=N_("Let Keras derive the mask from an Embedding, and save the model again."),
        where=quote_name(entry.name),
    )
