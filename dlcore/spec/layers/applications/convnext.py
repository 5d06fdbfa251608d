"""ConvNeXt: convolutional networks with the habits of transformers."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import DOWN, NetworkFacts, SwitchableApplication, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount


class ConvNeXt(SwitchableApplication):
    """A residual network with the habits of a transformer (Liu et al., 2022)."""

    reductions = (DOWN,) * 5


@LAYERS.register
class ConvNeXtTiny(ConvNeXt):
    """Blocks 3, 3, 9, 3; 96 channels at first."""

    summary: ClassVar[str] = N_("Strong and modern, without batch normalisation; large.")
    facts = NetworkFacts(
        channels=768,
        parameters=ParameterCount(27_820_128),
        flops=8_950_319_616,
        activations=31_610_880,
        depth=133,
        accuracy=81.3,
    )
    file = weights_file(
        "convnext/convnext_tiny_notop.h5",
        sha256="d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
    )


@LAYERS.register
class ConvNeXtSmall(ConvNeXt):
    """Blocks 3, 3, 27, 3; 96 channels at first."""

    summary: ClassVar[str] = N_("A deeper ConvNeXtTiny: nearly twice its weights and its work.")
    facts = NetworkFacts(
        channels=768,
        parameters=ParameterCount(49_454_688),
        flops=17_429_712_384,
        activations=50_577_408,
        depth=259,
        accuracy=82.3,
    )
    file = weights_file(
        "convnext/convnext_small_notop.h5",
        sha256="6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
    )


@LAYERS.register
class ConvNeXtBase(ConvNeXt):
    """Blocks 3, 3, 27, 3; 128 channels at first."""

    summary: ClassVar[str] = N_("Very large and very accurate: it learned from ImageNet-21k first.")
    facts = NetworkFacts(
        channels=1024,
        parameters=ParameterCount(87_566_464),
        flops=30_792_409_088,
        activations=67_386_368,
        depth=259,
        accuracy=85.3,
    )
    file = weights_file(
        "convnext/convnext_base_notop.h5",
        sha256="40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
    )


@LAYERS.register
class ConvNeXtLarge(ConvNeXt):
    """Blocks 3, 3, 27, 3; 192 channels at first."""

    summary: ClassVar[str] = N_(
        "More than twice ConvNeXtBase's weights, a little more accurate; needs a strong GPU."
    )
    facts = NetworkFacts(
        channels=1536,
        parameters=ParameterCount(196_230_336),
        flops=68_847_141_888,
        activations=101_004_288,
        depth=259,
        accuracy=86.3,
    )
    file = weights_file(
        "convnext/convnext_large_notop.h5",
        sha256="96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd",
    )


@LAYERS.register
class ConvNeXtXLarge(ConvNeXt):
    """Blocks 3, 3, 27, 3; 256 channels at first."""

    summary: ClassVar[str] = N_(
        "The largest and most accurate of all: 1.4 GB of weights; needs a strong GPU."
    )
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(348_147_968),
        flops=122_007_660_544,
        activations=134_622_208,
        depth=259,
        accuracy=86.7,
    )
    file = weights_file(
        "convnext/convnext_xlarge_notop.h5",
        sha256="de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05",
    )
