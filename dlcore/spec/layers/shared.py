"""A layer that is called more than once, each time with the same weights."""

from typing import Annotated, ClassVar

from pydantic import Field

from dlcore.errors import N_
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import LAYERS, MERGING, Layer


@LAYERS.register
class Shared(Layer):
    """An earlier layer once more, on other inputs: the two sides of a siamese network."""

    namespace: ClassVar[str] = "calls"
    title: ClassVar[str] = N_("An earlier layer once more")
    summary: ClassVar[str] = N_("Calls an earlier layer again, on other inputs, with the same weights.")
    group: ClassVar[str] = MERGING
    most: ClassVar[int | None] = None
    shown: ClassVar[tuple[str, ...]] = ("of",)

    of: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_]*)?$")] = arg(
        "", N_("The name of that layer."), first=True, max_length=64, label=N_("Layer")
    )
