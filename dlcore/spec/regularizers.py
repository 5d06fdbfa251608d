"""Penalties on weights or outputs, added to the loss."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_
from dlcore.spec.base import Kind, Registry
from dlcore.spec.fields import Scale, arg


class Regularizer(Kind):
    """A penalty, the sum over all values it is applied to."""

    namespace: ClassVar[str] = "regularizers"


REGULARIZERS = Registry(N_("regularizer"), Regularizer)


@REGULARIZERS.register
class L1(Regularizer):
    """`l1 · Σ|w|`: drives weights to exactly zero."""

    summary: ClassVar[str] = N_("Penalty on absolute values: drives weights to exactly zero.")
    l1: float = arg(0.01, N_("Strength of the absolute penalty."), ge=0, search=Scale.MAGNITUDES)


@REGULARIZERS.register
class L2(Regularizer):
    """`l2 · Σw²`: keeps weights small (weight decay)."""

    summary: ClassVar[str] = N_("Penalty on squares: keeps weights small.")
    l2: float = arg(0.01, N_("Strength of the squared penalty."), ge=0, search=Scale.MAGNITUDES)


@REGULARIZERS.register
class L1L2(Regularizer):
    """`l1 · Σ|w| + l2 · Σw²`."""

    summary: ClassVar[str] = N_("Both penalties together.")
    l1: float = arg(0.0, N_("Strength of the absolute penalty."), ge=0, search=Scale.MAGNITUDES)
    l2: float = arg(0.0, N_("Strength of the squared penalty."), ge=0, search=Scale.MAGNITUDES)


OptionalRegularizer = Annotated[SerializeAsAny[Regularizer] | None, BeforeValidator(REGULARIZERS.parser())]
