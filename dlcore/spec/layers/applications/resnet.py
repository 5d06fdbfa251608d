"""Residual networks: each block adds to what it was given."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import NetworkFacts, SwitchableApplication, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount


class ResNet(SwitchableApplication):
    """Narrow blocks of three convolutions with shortcuts (He et al., 2015)."""

    scaling = "caffe"


class ResNetV2(SwitchableApplication):
    """The same, normalised before each convolution (He et al., 2016)."""

    scaling = "tf"


@LAYERS.register
class ResNet50(ResNet):
    """Fifty layers with weights."""

    summary: ClassVar[str] = N_("The classic residual network; large.")
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(23_534_592, 53_120),
        flops=7_781_193_728,
        activations=36_966_636,
        depth=175,
        accuracy=74.9,
    )
    file = weights_file(
        "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "4d473c1dd8becc155b73f8504c6f6626"
    )


@LAYERS.register
class ResNet101(ResNet):
    """A hundred and one layers with weights."""

    summary: ClassVar[str] = N_("Twice as deep as ResNet50: slower and a little more accurate.")
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(42_552_832, 105_344),
        flops=15_239_755_776,
        activations=55_732_460,
        depth=345,
        accuracy=76.4,
    )
    file = weights_file(
        "resnet/resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5", "88cf7a10940856eca736dc7b7e228a21"
    )


@LAYERS.register
class ResNet152(ResNet):
    """A hundred and fifty-two layers with weights."""

    summary: ClassVar[str] = N_(
        "Three times as deep as ResNet50: slow, and hardly more accurate than ResNet101."
    )
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(58_219_520, 151_424),
        flops=22_706_345_984,
        activations=78_913_772,
        depth=515,
        accuracy=76.6,
    )
    file = weights_file(
        "resnet/resnet152_weights_tf_dim_ordering_tf_kernels_notop.h5", "ee4c566cf9a93f14d82f913c2dc6dd0c"
    )


@LAYERS.register
class ResNet50V2(ResNetV2):
    """Fifty layers with weights."""

    summary: ClassVar[str] = N_("The residual network with cleaner shortcuts; large.")
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(23_519_360, 45_440),
        flops=7_009_624_832,
        activations=31_227_628,
        depth=190,
        accuracy=76.0,
    )
    file = weights_file(
        "resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5", "fac2f116257151a9d068a22e544a4917"
    )


@LAYERS.register
class ResNet101V2(ResNetV2):
    """A hundred and one layers with weights."""

    summary: ClassVar[str] = N_("Twice as deep as ResNet50V2: slower and a little more accurate.")
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(42_528_896, 97_664),
        flops=14_466_480_896,
        activations=51_107_564,
        depth=377,
        accuracy=77.2,
    )
    file = weights_file(
        "resnet/resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5", "c0ed64b8031c3730f411d2eb4eea35b5"
    )


@LAYERS.register
class ResNet152V2(ResNetV2):
    """A hundred and fifty-two layers with weights."""

    summary: ClassVar[str] = N_(
        "Three times as deep as ResNet50V2: slow, the most accurate of these residual networks."
    )
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(58_187_904, 143_744),
        flops=21_930_963_712,
        activations=75_601_644,
        depth=564,
        accuracy=78.0,
    )
    file = weights_file(
        "resnet/resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5", "ed17cf2e0169df9d443503ef94b23b33"
    )
