"""What all whole networks of `keras.applications` have in common: no head, and weights learned on ImageNet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Registry
from dlcore.spec.calls import Call
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    BACKBONE,
    Layer,
    ParameterCount,
    Shape,
    require_grid,
)
from dlcore.spec.layers.composite import GIVEN, Part
from dlcore.spec.remote import RemoteFile

Scaling = Literal["own", "caffe", "tf", "torch"]
"""Who brings pixels to the range of the weights: Keras' network itself, or which of Keras' modes."""

CAFFE_MEANS = (103.939, 116.779, 123.68)
"""Of blue, green and red over ImageNet, as Keras has them."""

TORCH_MEANS, TORCH_DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of red, green and blue from 0 to 1."""

_URL = "https://storage.googleapis.com"


def weights_file(
    path: str,
    md5: str = "",
    *,
    sha256: str = "",
    name: str = "",
    root: str = "tensorflow/keras-applications",
) -> RemoteFile:
    """Returns a file of weights as Keras offers and signs it.

    Args:
        path: below `root` on Keras' server.
        md5: its checksum, if any was published.
        sha256: instead of an MD5.
        name: what Keras calls it on the disk; empty: the last part of the path.
        root: where Keras has the files of its applications.
    """
    return RemoteFile(name or path.rsplit("/", 1)[-1], f"{_URL}/{root}/{path}", 0, sha256, md5)


class Reduction(NamedTuple):
    """A step that makes images smaller: a side of n pixels becomes (n - `taken`) // `stride`."""

    taken: int
    stride: int


UP, DOWN = Reduction(-1, 2), Reduction(0, 2)
"""Half of a side, rounded up or down."""

VALID, TRIMMED = Reduction(1, 2), Reduction(2, 1)
"""What windows of 3 pixels without padding leave, at every second place or at every one."""


@dataclass(frozen=True)
class NetworkFacts:
    """What is known of a network without its head, measured on Keras' own.

    Attributes:
        channels: of what it gives.
        parameters: its weights; the same for images of any size.
        flops: of one image of `side` × `side`.
        activations: of one image of `side` × `side`.
        depth: how many layers of Keras it has.
        accuracy: percent of ImageNet's validation images that its weights classify correctly, as Keras'
            documentation says.
        side: of the images that its weights were trained on.
    """

    channels: int
    parameters: ParameterCount
    flops: int
    activations: int
    depth: int
    accuracy: float
    side: int = 224


def _rescaled(source: str, scale: object, offset: object) -> Part:
    return Part("scaled", Call("layers.Rescaling", {"scale": scale, "offset": offset}), (source,))


class Application(Layer):
    """A network of `keras.applications` up to its last features.

    Attributes:
        facts: its size and what it is worth.
        reductions: how it makes images smaller, step by step.
        smallest: the least side of an image that Keras allows.
        border: pixels of a side that windows without padding leave out of most of the work, measured.
        scaling: who scales its pixels.
        file: its weights without the head, as Keras names, offers and signs them.
        files_by_side: other files, for square images of that side, on which those weights were trained.
    """

    namespace: ClassVar[str] = "applications"
    group: ClassVar[str] = BACKBONE
    shown: ClassVar[tuple[str, ...]] = ("include_top", "pooling")
    not_arguments: ClassVar[frozenset[str]] = frozenset({"name", "inputs", "trainable"})
    facts: ClassVar[NetworkFacts]
    reductions: ClassVar[tuple[Reduction, ...]] = (UP,) * 5
    smallest: ClassVar[int] = 32
    border: ClassVar[int] = 0
    scaling: ClassVar[Scaling] = "own"
    file: ClassVar[RemoteFile]
    files_by_side: ClassVar[Mapping[int, RemoteFile]] = {}

    weights: Literal["imagenet"] | None = arg(
        "imagenet", N_("The initial weights: pretrained on ImageNet, or empty for random ones.")
    )
    pooling: Literal["avg", "max"] | None = arg(
        "avg", N_("How each channel becomes one number; empty: the channels stay images.")
    )

    @property
    def scales_pixels(self) -> bool:
        """Whether it takes pixels from 0 to 255."""
        return True

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' function; never with the head for ImageNet's classes."""
        return {**super().arguments(), "include_top": False}

    def scaling_parts(self) -> tuple[Part, ...]:
        """Returns what brings pixels from 0 to 255 to the range of the weights before Keras' own network sees them.

        They are layers and functions that any Keras can load.
        """
        match self.scaling if self.scales_pixels else "own":
            case "caffe":
                flipped = Part("flipped", Call("ops.flip", {"axis": -1}), (GIVEN,))
                return flipped, _rescaled("flipped", 1.0, [-mean for mean in CAFFE_MEANS])
            case "torch":
                pairs = list(zip(TORCH_MEANS, TORCH_DEVIATIONS, strict=True))
                scale = [1 / (255 * deviation) for _, deviation in pairs]
                return (_rescaled(GIVEN, scale, [-mean / deviation for mean, deviation in pairs]),)
            case "tf":
                return (_rescaled(GIVEN, 1 / 127.5, -1.0),)
            case _:
                return ()

    def network_call(self, shape: Shape, weights: str | None) -> Call:
        """Returns the call of Keras' own network for images of one shape."""
        return Call(
            f"{self.namespace}.{self.kind}", {**self.arguments(), "weights": weights, "input_shape": shape}
        )

    def weights_for(self, shape: Shape) -> RemoteFile:
        """Returns the file of weights that Keras takes for images of that shape."""
        height, width = shape[:2]
        return self.files_by_side.get(height, self.file) if height == width else self.file

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(height, width, channels), or (channels,) with a pooling."""
        height, width, colours = require_grid(inputs[0], 2)
        if colours != 3:
            raise SpecError(
                N_("expected images of three channels, got {channels}."),
                hint=N_("Add ColorMode with mode rgb to the preprocessing."),
                channels=colours,
            )
        if min(height, width) < self.smallest:
            raise SpecError(
                N_("expected images of at least {smallest} × {smallest} pixels, got {height} × {width}."),
                hint=N_("Add Resizing to the preprocessing."),
                smallest=self.smallest,
                height=height,
                width=width,
            )
        channels = self.facts.channels
        return (channels,) if self.pooling else (self._side(height), self._side(width), channels)

    def _side(self, size: int) -> int:
        for taken, stride in self.reductions:
            size = (size - taken) // stride
        return size

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Those of its facts."""
        return self.facts.parameters

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Those of its facts, by the area."""
        return round(self.facts.flops * self._share(inputs[0]))

    def activations(self, inputs: Sequence[Shape], output: Shape) -> int:
        """Those of its facts, by the area."""
        return round(self.facts.activations * self._share(inputs[0]))

    def _share(self, shape: Shape) -> float:
        """Returns how large an image is against those of its facts, without what is left out of it."""
        height, width = (side - self.border for side in shape[:2])
        return height * width / (self.facts.side - self.border) ** 2

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Returns all its layers."""
        return self.facts.depth


APPLICATIONS = Registry(N_("backbone"), Application)


class SwitchableApplication(Application):
    """One whose scaling of pixels can be left out."""

    not_arguments: ClassVar[frozenset[str]] = Application.not_arguments | {"include_preprocessing"}

    include_preprocessing: bool = arg(
        True, N_("Takes pixels from 0 to 255 and scales them as its weights need it."), advanced=True
    )

    @property
    def scales_pixels(self) -> bool:
        """Whether it takes pixels from 0 to 255."""
        return self.include_preprocessing

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' function, which has one for the scaling only where it is its own."""
        own = {"include_preprocessing": self.include_preprocessing} if self.scaling == "own" else {}
        return {**super().arguments(), **own}
