"""EfficientNet: depth, width and the size of images scaled together."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import Application, NetworkFacts, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount


class EfficientNet(Application):
    """Inverted residuals with squeeze-and-excite (Tan and Le, 2019).

    Keras' networks always scale their pixels themselves.
    """


@LAYERS.register
class EfficientNetB0(EfficientNet):
    """The smallest of them."""

    summary: ClassVar[str] = N_("The most accurate of those with so few weights; not the fastest.")
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(4_007_548, 42_023),
        flops=807_612_444,
        activations=24_963_007,
        depth=237,
        accuracy=77.1,
    )
    file = weights_file(
        "efficientnetb0_notop.h5", "50bc09e76180e00e4465e1a485ddc09d", root="keras-applications"
    )


@LAYERS.register
class EfficientNetB1(EfficientNet):
    """Scaled for images of 240 × 240."""

    summary: ClassVar[str] = N_("A larger EfficientNetB0, which learned from images of 240 pixels.")
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(6_513_184, 62_055),
        flops=1_433_886_752,
        activations=39_973_971,
        depth=339,
        accuracy=79.1,
        side=240,
    )
    file = weights_file(
        "efficientnetb1_notop.h5", "74c4e6b3e1f6a1eea24c589628592432", root="keras-applications"
    )


@LAYERS.register
class EfficientNetB2(EfficientNet):
    """Scaled for images of 260 × 260."""

    summary: ClassVar[str] = N_("A larger EfficientNetB0, which learned from images of 260 pixels.")
    facts = NetworkFacts(
        channels=1408,
        parameters=ParameterCount(7_700_994, 67_575),
        flops=2_064_227_634,
        activations=50_702_365,
        depth=339,
        accuracy=80.1,
        side=260,
    )
    file = weights_file(
        "efficientnetb2_notop.h5", "111f8e2ac8aa800a7a99e3239f7bfb39", root="keras-applications"
    )


@LAYERS.register
class EfficientNetB3(EfficientNet):
    """Scaled for images of 300 × 300."""

    summary: ClassVar[str] = N_("A medium EfficientNet, which learned from images of 300 pixels.")
    facts = NetworkFacts(
        channels=1536,
        parameters=ParameterCount(10_696_232, 87_303),
        flops=3_788_403_568,
        activations=87_233_899,
        depth=384,
        accuracy=81.6,
        side=300,
    )
    file = weights_file(
        "efficientnetb3_notop.h5", "af6d107764bb5b1abb91932881670226", root="keras-applications"
    )


@LAYERS.register
class EfficientNetB4(EfficientNet):
    """Scaled for images of 380 × 380."""

    summary: ClassVar[str] = N_("Accurate, but slow without a GPU; learned from images of 380 pixels.")
    facts = NetworkFacts(
        channels=1792,
        parameters=ParameterCount(17_548_616, 125_207),
        flops=9_070_566_560,
        activations=179_650_747,
        depth=474,
        accuracy=82.9,
        side=380,
    )
    file = weights_file(
        "efficientnetb4_notop.h5", "ebc24e6d6c33eaebbd558eafbeedf1ba", root="keras-applications"
    )


@LAYERS.register
class EfficientNetB5(EfficientNet):
    """Scaled for images of 456 × 456."""

    summary: ClassVar[str] = N_("Accurate, slow and hungry for memory; learned from images of 456 pixels.")
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(28_340_784, 172_743),
        flops=21_104_064_016,
        activations=357_661_523,
        depth=576,
        accuracy=83.6,
        side=456,
    )
    file = weights_file(
        "efficientnetb5_notop.h5", "38879255a25d3c92d5e44e04ae6cec6f", root="keras-applications"
    )


@LAYERS.register
class EfficientNetB6(EfficientNet):
    """Scaled for images of 528 × 528."""

    summary: ClassVar[str] = N_("Very slow and hungry for memory; learned from images of 528 pixels.")
    facts = NetworkFacts(
        channels=2304,
        parameters=ParameterCount(40_735_704, 224_439),
        flops=39_105_041_056,
        activations=604_829_131,
        depth=666,
        accuracy=84.0,
        side=528,
    )
    file = weights_file(
        "efficientnetb6_notop.h5", "9ecce42647a20130c1f39a5d4cb75743", root="keras-applications"
    )


@LAYERS.register
class EfficientNetB7(EfficientNet):
    """Scaled for images of 600 × 600."""

    summary: ClassVar[str] = N_(
        "The largest of its family, and the slowest; learned from images of 600 pixels."
    )
    facts = NetworkFacts(
        channels=2560,
        parameters=ParameterCount(63_786_960, 310_727),
        flops=77_180_831_184,
        activations=1_045_027_075,
        depth=813,
        accuracy=84.3,
        side=600,
    )
    file = weights_file(
        "efficientnetb7_notop.h5", "cbcfe4450ddf6f3ad90b1b398090fe4a", root="keras-applications"
    )
