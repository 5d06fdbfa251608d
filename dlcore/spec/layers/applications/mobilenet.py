"""MobileNets: small networks for devices."""

from collections.abc import Mapping
from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import DOWN, UP, NetworkFacts, SwitchableApplication, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount
from dlcore.spec.remote import RemoteFile


@LAYERS.register
class MobileNet(SwitchableApplication):
    """Separable convolutions, one after another (Howard et al., 2017)."""

    summary: ClassVar[str] = N_("Small and fast; MobileNetV2 is as good with fewer weights.")
    facts = NetworkFacts(
        channels=1024,
        parameters=ParameterCount(3_206_976, 21_888),
        flops=1_160_646_144,
        activations=16_691_648,
        depth=86,
        accuracy=70.4,
    )
    reductions, scaling = (UP, DOWN, DOWN, DOWN, DOWN), "tf"
    file = weights_file("mobilenet/mobilenet_1_0_224_tf_no_top.h5")
    files_by_side: ClassVar[Mapping[int, RemoteFile]] = {
        side: weights_file(f"mobilenet/mobilenet_1_0_{side}_tf_no_top.h5") for side in (128, 160, 192)
    }


@LAYERS.register
class MobileNetV2(SwitchableApplication):
    """Inverted residuals with narrow ends (Sandler et al., 2018)."""

    summary: ClassVar[str] = N_(
        "Small and fast; has other weights for images of 96, 128, 160 and 192 pixels."
    )
    facts = NetworkFacts(
        channels=1280,
        parameters=ParameterCount(2_223_872, 34_112),
        flops=632_023_168,
        activations=21_663_152,
        depth=154,
        accuracy=71.3,
    )
    scaling = "tf"
    file = weights_file("mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5")
    files_by_side: ClassVar[Mapping[int, RemoteFile]] = {
        side: weights_file(
            f"mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{side}_no_top.h5"
        )
        for side in (96, 128, 160, 192)
    }


@LAYERS.register
class MobileNetV3Small(SwitchableApplication):
    """Inverted residuals with squeeze-and-excite, found by search (Howard et al., 2019)."""

    summary: ClassVar[str] = N_("The smallest and fastest: a good first backbone on a CPU.")
    facts = NetworkFacts(
        channels=576,
        parameters=ParameterCount(927_008, 12_112),
        flops=117_652_816,
        activations=5_209_648,
        depth=157,
        accuracy=68.1,
    )
    file = weights_file(
        "mobilenet_v3/weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        "d3e8ec802a04aa4fc771ee12a9a9b836",
    )


@LAYERS.register
class MobileNetV3Large(SwitchableApplication):
    """Inverted residuals with squeeze-and-excite, found by search (Howard et al., 2019)."""

    summary: ClassVar[str] = N_("Still fast, and more accurate than the small one.")
    facts = NetworkFacts(
        channels=960,
        parameters=ParameterCount(2_971_952, 24_400),
        flops=451_531_120,
        activations=15_281_488,
        depth=187,
        accuracy=75.6,
    )
    file = weights_file(
        "mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        "07fb09a5933dd0c8eaafa16978110389",
    )
