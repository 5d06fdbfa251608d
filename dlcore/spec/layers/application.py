"""Whole networks of `keras.applications` without their head, with weights learned on ImageNet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from dlcore.errors import N_, SpecError
from dlcore.spec.fields import arg
from dlcore.spec.layers.base import (
    BACKBONE,
    LAYERS,
    Layer,
    ParameterCount,
    Shape,
    element_count,
    require_grid,
)
from dlcore.spec.remote import RemoteFile

SIDE = 224
"""The side of the images they were trained on; work and activations are known for it."""

SMALLEST = 32

Scaling = Literal["own", "caffe", "tf", "torch"]
"""Who brings pixels to the range of the weights: Keras' network itself, or which of Keras' modes."""

_URL = "https://storage.googleapis.com/tensorflow/keras-applications"


def _file(folder: str, name: str, md5: str = "", sha256: str = "") -> RemoteFile:
    return RemoteFile(name, f"{_URL}/{folder}/{name}", 0, sha256, md5)


class Application(Layer):
    """A network of `keras.applications` up to its last features.

    Attributes:
        channels: of what it gives.
        count: its weights; the same for images of any size.
        work: FLOP of one image of 224 × 224.
        tensors: activations of one image of 224 × 224.
        depth: how many layers of Keras it has.
        halvings: how often it halves the sides, rounding up, and then how often rounding down.
        scaling: who scales its pixels.
        file: its weights without the head, as Keras names, offers and signs them.
    """

    namespace: ClassVar[str] = "applications"
    group: ClassVar[str] = BACKBONE
    shown: ClassVar[tuple[str, ...]] = ("include_top", "pooling")
    not_arguments: ClassVar[frozenset[str]] = frozenset(
        {"name", "inputs", "trainable", "include_preprocessing"}
    )
    channels: ClassVar[int]
    count: ClassVar[ParameterCount]
    work: ClassVar[int]
    tensors: ClassVar[int]
    depth: ClassVar[int]
    halvings: ClassVar[tuple[int, int]] = (5, 0)
    scaling: ClassVar[Scaling] = "own"
    file: ClassVar[RemoteFile]

    weights: Literal["imagenet"] | None = arg(
        "imagenet", N_("The initial weights: pretrained on ImageNet, or empty for random ones.")
    )
    pooling: Literal["avg", "max"] | None = arg(
        "avg", N_("How each channel becomes one number; empty: the channels stay images.")
    )
    include_preprocessing: bool = arg(
        True, N_("Takes pixels from 0 to 255 and scales them as its weights need it."), advanced=True
    )

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of Keras' function; never with the head for ImageNet's classes."""
        own = {"include_preprocessing": self.include_preprocessing} if self.scaling == "own" else {}
        return {**super().arguments(), **own, "include_top": False}

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """(height, width, channels), or (channels,) with a pooling."""
        height, width, colours = require_grid(inputs[0], 2)
        if colours != 3:
            raise SpecError(
                N_("expected images of three channels, got {channels}."),
                hint=N_("Add ColorMode with mode rgb to the preprocessing."),
                channels=colours,
            )
        if min(height, width) < SMALLEST:
            raise SpecError(
                N_("expected images of at least {smallest} × {smallest} pixels, got {height} × {width}."),
                hint=N_("Add Resizing to the preprocessing."),
                smallest=SMALLEST,
                height=height,
                width=width,
            )
        return (self.channels,) if self.pooling else (self._side(height), self._side(width), self.channels)

    def _side(self, size: int) -> int:
        up, down = self.halvings
        return int(-(-size // 2**up) // 2**down)

    def parameters(self, inputs: Sequence[Shape]) -> ParameterCount:
        """Those of its table."""
        return self.count

    def flops(self, inputs: Sequence[Shape]) -> int:
        """Those of a 224 × 224 image, by the area."""
        return round(self.work * element_count(inputs[0][:2]) / SIDE**2)

    def activations(self, inputs: Sequence[Shape], output: Shape) -> int:
        """Those of a 224 × 224 image, by the area."""
        return round(self.tensors * element_count(inputs[0][:2]) / SIDE**2)

    def parts(self, inputs: Sequence[Shape]) -> int:
        """Returns all its layers."""
        return self.depth


@LAYERS.register
class MobileNetV3Small(Application):
    """Inverted residuals with squeeze-and-excite, found by search (Howard et al., 2019)."""

    summary: ClassVar[str] = N_("The smallest and fastest: a good first backbone on a CPU.")
    channels, count = 576, ParameterCount(927_008, 12_112)
    work, tensors, depth = 115_981_960, 5_355_584, 157
    file = _file(
        "mobilenet_v3",
        "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        "d3e8ec802a04aa4fc771ee12a9a9b836",
    )


@LAYERS.register
class MobileNetV3Large(Application):
    """Inverted residuals with squeeze-and-excite, found by search (Howard et al., 2019)."""

    summary: ClassVar[str] = N_("Still fast, and more accurate than the small one.")
    channels, count = 960, ParameterCount(2_971_952, 24_400)
    work, tensors, depth = 443_497_112, 15_423_904, 187
    file = _file(
        "mobilenet_v3",
        "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        "07fb09a5933dd0c8eaafa16978110389",
    )


@LAYERS.register
class EfficientNetV2B0(Application):
    """Fused and plain inverted residuals, scaled together (Tan and Le, 2021)."""

    summary: ClassVar[str] = N_("Accurate for its size; needs a GPU for many images.")
    channels, count = 1280, ParameterCount(5_858_704, 60_608)
    work, tensors, depth = 1_455_252_787, 16_164_752, 270
    file = _file("efficientnet_v2", "efficientnetv2-b0_notop.h5", "893217f2bb855e2983157299931e43ff")


@LAYERS.register
class ResNet50(Application):
    """Fifty layers with shortcuts (He et al., 2015)."""

    summary: ClassVar[str] = N_("The classic residual network; large.")
    channels, count = 2048, ParameterCount(23_534_592, 53_120)
    work, tensors, depth = 7_751_096_960, 37_117_164, 175
    scaling = "caffe"
    file = _file(
        "resnet",
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626",
    )


@LAYERS.register
class ResNet50V2(Application):
    """Fifty layers with shortcuts, normalised before each convolution (He et al., 2016)."""

    summary: ClassVar[str] = N_("The residual network with cleaner shortcuts; large.")
    channels, count = 2048, ParameterCount(23_519_360, 45_440)
    work, tensors, depth = 6_988_273_280, 31_378_156, 190
    scaling = "tf"
    file = _file(
        "resnet",
        "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "fac2f116257151a9d068a22e544a4917",
    )


@LAYERS.register
class DenseNet121(Application):
    """Each layer takes all before it (Huang et al., 2016)."""

    summary: ClassVar[str] = N_("Each layer takes the output of all before it: few weights, much memory.")
    channels, count = 1024, ParameterCount(6_953_856, 83_648)
    work, tensors, depth = 5_700_369_984, 49_924_588, 427
    halvings, scaling = (2, 3), "torch"
    file = _file(
        "densenet",
        "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "30ee3e1110167f948a6b9946edeeb738",
    )


@LAYERS.register
class ConvNeXtTiny(Application):
    """A residual network with the habits of a transformer (Liu et al., 2022)."""

    summary: ClassVar[str] = N_("Strong and modern, without batch normalisation; large.")
    channels, count = 768, ParameterCount(27_820_128)
    work, tensors, depth = 8_778_839_219, 28_788_480, 133
    halvings = (0, 5)
    file = _file(
        "convnext",
        "convnext_tiny_notop.h5",
        sha256="d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
    )
