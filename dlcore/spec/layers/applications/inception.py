"""Inception and what grew out of it: convolutions of several sizes side by side, or split into two steps."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import (
    TRIMMED,
    UP,
    VALID,
    NetworkFacts,
    Reduction,
    SwitchableApplication,
    weights_file,
)
from dlcore.spec.layers.base import LAYERS, ParameterCount


class Inception(SwitchableApplication):
    """Branches side by side; many windows have no padding, and leave out 30 pixels of each side."""

    reductions: ClassVar[tuple[Reduction, ...]] = (VALID, TRIMMED, VALID, TRIMMED, VALID, VALID, VALID)
    smallest, border, scaling = 75, 30, "tf"


@LAYERS.register
class InceptionV3(Inception):
    """Branches of several sizes (Szegedy et al., 2015)."""

    summary: ClassVar[str] = N_(
        "Convolutions of several sizes side by side; large, for images of at least 75 pixels."
    )
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(21_768_352, 34_432),
        flops=11_482_605_504,
        activations=32_283_136,
        depth=311,
        accuracy=77.9,
        side=299,
    )
    file = weights_file(
        "inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "bcbd6486424b2319ff4ef7d526e38f63",
    )


@LAYERS.register
class InceptionResNetV2(Inception):
    """Such branches with shortcuts (Szegedy et al., 2016)."""

    summary: ClassVar[str] = N_("InceptionV3 with shortcuts: very deep, slow and more accurate.")
    facts = NetworkFacts(
        channels=1536,
        parameters=ParameterCount(54_276_192, 60_544),
        flops=26_428_920_768,
        activations=92_471_008,
        depth=780,
        accuracy=80.3,
        side=299,
    )
    file = weights_file(
        "inception_resnet_v2/inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "d19885ff4a710c122648d3b5c3b684e4",
    )


@LAYERS.register
class Xception(SwitchableApplication):
    """Separable convolutions with shortcuts (Chollet, 2016)."""

    summary: ClassVar[str] = N_(
        "Separable convolutions: as many weights as InceptionV3, more work, more accurate."
    )
    facts = NetworkFacts(
        channels=2048,
        parameters=ParameterCount(20_806_952, 54_528),
        flops=16_827_028_712,
        activations=62_710_616,
        depth=132,
        accuracy=79.0,
        side=299,
    )
    reductions, smallest, scaling = (VALID, TRIMMED, UP, UP, UP, UP), 71, "tf"
    file = weights_file(
        "xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5", "b0042744bf5b25fce3cb969f33bebb97"
    )
