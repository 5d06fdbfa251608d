"""What is done to the pixels before the model sees them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_
from dlcore.spec.base import Kind, Registry
from dlcore.spec.fields import arg


class Step(Kind):
    """One step of the preprocessing, in the order of the list."""

    namespace: ClassVar[str] = "layers"


STEPS = Registry(N_("preprocessing step"), Step)


@STEPS.register
class Rescaling(Step):
    """`x · scale + offset`."""

    summary: ClassVar[str] = N_("Multiplies each value: 1/255 brings pixels to 0 … 1.")

    scale: float = arg(1 / 255, N_("What each value is multiplied by."))
    offset: float = arg(0.0, N_("What is added afterwards."))


@STEPS.register
class Normalization(Step):
    """Subtracts each channel's mean and divides by its deviation, both of the training part alone."""

    summary: ClassVar[str] = N_("Brings each channel to mean 0 and deviation 1, by the training part.")


AnyStep = Annotated[SerializeAsAny[Step], BeforeValidator(STEPS.parse)]
