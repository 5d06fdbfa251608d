"""DenseNet: each layer takes what all before it in its block gave."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import DOWN, UP, NetworkFacts, SwitchableApplication, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount


class DenseNet(SwitchableApplication):
    """Each layer takes all before it (Huang et al., 2016)."""

    reductions, scaling = (UP, UP, DOWN, DOWN, DOWN), "torch"


@LAYERS.register
class DenseNet121(DenseNet):
    """A hundred and twenty-one layers with weights."""

    summary: ClassVar[str] = N_("Each layer takes the output of all before it: few weights, much memory.")
    facts = NetworkFacts(
        channels=1024,
        parameters=ParameterCount(6_953_856, 83_648),
        flops=5_747_121_408,
        activations=49_774_060,
        depth=427,
        accuracy=75.0,
    )
    file = weights_file(
        "densenet/densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5", "30ee3e1110167f948a6b9946edeeb738"
    )


@LAYERS.register
class DenseNet169(DenseNet):
    """A hundred and sixty-nine layers with weights."""

    summary: ClassVar[str] = N_("A deeper DenseNet121: nearly twice its weights, a little more accurate.")
    facts = NetworkFacts(
        channels=1664,
        parameters=ParameterCount(12_484_480, 158_400),
        flops=6_814_007_424,
        activations=59_940_972,
        depth=595,
        accuracy=76.2,
    )
    file = weights_file(
        "densenet/densenet169_weights_tf_dim_ordering_tf_kernels_notop.h5", "b8c4d4c20dd625c148057b9ff1c1176b"
    )


@LAYERS.register
class DenseNet201(DenseNet):
    """Two hundred and one layers with weights."""

    summary: ClassVar[str] = N_("The deepest DenseNet: few weights for its accuracy, much memory.")
    facts = NetworkFacts(
        channels=1920,
        parameters=ParameterCount(18_092_928, 229_056),
        flops=8_705_002_880,
        activations=77_138_796,
        depth=707,
        accuracy=77.3,
    )
    file = weights_file(
        "densenet/densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5", "c13680b51ded0fb44dff2d8f86ac8bb1"
    )
