"""EfficientNetV2: made to be trained faster than EfficientNet."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import NetworkFacts, SwitchableApplication, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount


class EfficientNetV2(SwitchableApplication):
    """Fused and plain inverted residuals, scaled together (Tan and Le, 2021)."""


@LAYERS.register
class EfficientNetV2B0(EfficientNetV2):
    """The smallest of them."""

    summary: ClassVar[str] = N_("Accurate for its size; needs a GPU for many images.")
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(5_858_704, 60_608),
        flops=1_460_346_160,
        activations=16_014_224,
        depth=270,
        accuracy=78.7,
    )
    file = weights_file("efficientnet_v2/efficientnetv2-b0_notop.h5", "893217f2bb855e2983157299931e43ff")


@LAYERS.register
class EfficientNetV2B1(EfficientNetV2):
    """Scaled for images of 240 × 240."""

    summary: ClassVar[str] = N_("A larger EfficientNetV2B0, which learned from images of 240 pixels.")
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(6_860_052, 71_072),
        flops=2_432_036_164,
        activations=25_019_316,
        depth=334,
        accuracy=79.8,
        side=240,
    )
    file = weights_file("efficientnet_v2/efficientnetv2-b1_notop.h5", "0e80663031ca32d657f9caa404b6ec37")


@LAYERS.register
class EfficientNetV2B2(EfficientNetV2):
    """Scaled for images of 260 × 260."""

    summary: ClassVar[str] = N_("A larger EfficientNetV2B0, which learned from images of 260 pixels.")
    facts = NetworkFacts(
        channels=1408,
        parameters=ParameterCount(8_687_086, 82_288),
        flops=3_447_409_022,
        activations=33_597_326,
        depth=349,
        accuracy=80.5,
        side=260,
    )
    file = weights_file("efficientnet_v2/efficientnetv2-b2_notop.h5", "1dfe2e7a5d45b6632553a8961ea609eb")


@LAYERS.register
class EfficientNetV2B3(EfficientNetV2):
    """Scaled for images of 300 × 300."""

    summary: ClassVar[str] = N_("A medium EfficientNetV2, which learned from images of 300 pixels.")
    facts = NetworkFacts(
        channels=1536,
        parameters=ParameterCount(12_821_406, 109_216),
        flops=6_108_143_990,
        activations=53_718_006,
        depth=409,
        accuracy=82.0,
        side=300,
    )
    file = weights_file("efficientnet_v2/efficientnetv2-b3_notop.h5", "f6abf7b5849ac99a89b50dd3fd532856")


@LAYERS.register
class EfficientNetV2S(EfficientNetV2):
    """Scaled for images of 384 × 384."""

    summary: ClassVar[str] = N_(
        "Accurate, and trains faster than EfficientNets as accurate; learned from images of 384 pixels."
    )
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(20_177_488, 153_872),
        flops=16_928_669_048,
        activations=122_712_312,
        depth=513,
        accuracy=83.9,
        side=384,
    )
    file = weights_file("efficientnet_v2/efficientnetv2-s_notop.h5", "af0682fb74e8c54910f2d4393339c070")


@LAYERS.register
class EfficientNetV2M(EfficientNetV2):
    """Scaled for images of 480 × 480."""

    summary: ClassVar[str] = N_("Very accurate and very large; learned from images of 480 pixels.")
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(52_858_356, 292_032),
        flops=49_670_046_588,
        activations=311_461_068,
        depth=740,
        accuracy=85.3,
        side=480,
    )
    file = weights_file("efficientnet_v2/efficientnetv2-m_notop.h5", "1b8dc055df72dde80d614482840fe342")


@LAYERS.register
class EfficientNetV2L(EfficientNetV2):
    """Scaled for images of 480 × 480."""

    summary: ClassVar[str] = N_(
        "The most accurate EfficientNet, huge and slow; learned from images of 480 pixels."
    )
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(117_234_272, 512_576),
        flops=113_048_821_568,
        activations=549_219_200,
        depth=1028,
        accuracy=85.7,
        side=480,
    )
    file = weights_file("efficientnet_v2/efficientnetv2-l_notop.h5", "b0b66b5c863aef5b46e8608fe1711615")
