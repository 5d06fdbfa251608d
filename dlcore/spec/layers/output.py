"""A further answer of a model, in the middle of it."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.fields import Scale, arg
from dlcore.spec.layers.base import CORE, LAYERS, Layer
from dlcore.spec.losses import AnyLoss


@LAYERS.register
class Output(Layer):
    """Makes what it takes a further answer to the target: its loss is added to that of the last layer, weighted.

    So gradients reach the middle of a deep network (GoogLeNet, Szegedy et al., 2015). It gives what it takes.
    """

    title: ClassVar[str] = N_("Further output")
    summary: ClassVar[str] = N_("Makes what it takes a further answer to the target, with its own loss.")
    group: ClassVar[str] = CORE
    keras_name: ClassVar[str] = "Identity"
    not_arguments: ClassVar[frozenset[str]] = Layer.not_arguments | {"loss", "loss_weight"}
    shown: ClassVar[tuple[str, ...]] = ("loss_weight",)

    loss_weight: float = arg(
        0.3,
        N_("How much its loss counts; that of the last layer counts 1."),
        gt=0,
        le=1e6,
        search=Scale.MAGNITUDES,
    )
    loss: AnyLoss = arg(None, N_("What it minimizes; empty: the same as the last layer."), derived=True)
