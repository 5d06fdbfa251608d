"""What is recorded of the inside of a network: the names of its curves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from dlcore.spec.measure_name import LONGEST


class SignalKind(StrEnum):
    """What is recorded of a layer in an epoch."""

    GRADIENT_NORM = "gradient_norm"
    """The Euclidean norm of the loss' gradient with respect to its weights, the root mean square of all steps."""
    WEIGHT_NORM = "weight_norm"
    """That of its weights after the last step."""
    UPDATE_RATIO = "update_ratio"
    """The norm of the last step of its weights, as a share of that of the weights."""
    DEAD_SHARE = "dead_share"
    """The share of its units that are zero wherever the validation part was looked at."""
    ACTIVATION_MEAN = "activation_mean"
    """The mean of what it gives for the validation part."""
    ACTIVATION_STD = "activation_std"
    """The standard deviation of that."""


_KINDS = frozenset(kind.value for kind in SignalKind)


@dataclass(frozen=True)
class Signal:
    """What is recorded, and of which layer; a curve's name is the two with a slash between them.

    Attributes:
        kind: what.
        layer: the name of the layer; of one so long that it would not fit, its beginning and a few letters that
            tell it from others.

    Example:
        >>> str(Signal.of(SignalKind.DEAD_SHARE, "conv2d_1"))
        'dead_share/conv2d_1'
        >>> Signal.parse("dead_share/conv2d_1").layer
        'conv2d_1'
    """

    kind: SignalKind
    layer: str

    @classmethod
    def of(cls, kind: SignalKind, layer: str) -> Signal:
        """Returns the signal of a layer, whose name may be of any length."""
        room = LONGEST - len(kind) - 1
        if len(layer) > room:
            layer = f"{layer[: room - 6]}~{hashlib.blake2b(layer.encode(), digest_size=3).hexdigest()[:5]}"
        return cls(kind, layer)

    @classmethod
    def parse(cls, name: str) -> Signal | None:
        """Returns what the name of a curve stands for; None if it is none of a signal."""
        kind, slash, layer = name.partition("/")
        return cls(SignalKind(kind), layer) if slash and kind in _KINDS else None

    def __str__(self) -> str:
        return f"{self.kind}/{self.layer}"
