"""NASNet: cells that a search found on small images, stacked for large ones."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import UP, VALID, NetworkFacts, SwitchableApplication, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount


class NASNet(SwitchableApplication):
    """Cells found by search (Zoph et al., 2017)."""

    reductions, scaling = (VALID, UP, UP, UP, UP), "tf"


@LAYERS.register
class NASNetMobile(NASNet):
    """Four cells of each sort."""

    summary: ClassVar[str] = N_(
        "Few weights in very many layers: slow to build, about as accurate as ResNet50."
    )
    facts = NetworkFacts(
        channels=1056,
        parameters=ParameterCount(4_232_978, 36_738),
        flops=1_163_786_599,
        activations=27_538_121,
        depth=769,
        accuracy=74.4,
    )
    file = weights_file(
        "nasnet/NASNet-mobile-no-top.h5", "1ed92395b5b598bdda52abe5c0dbfd63", name="nasnet_mobile_no_top.h5"
    )


@LAYERS.register
class NASNetLarge(NASNet):
    """Six cells of each sort, four times as wide."""

    summary: ClassVar[str] = N_(
        "Accurate, very slow and hungry for memory; learned from images of 331 pixels."
    )
    facts = NetworkFacts(
        channels=4032,
        parameters=ParameterCount(84_720_150, 196_668),
        flops=47_993_113_596,
        activations=290_226_456,
        depth=1039,
        accuracy=82.5,
        side=331,
    )
    file = weights_file(
        "nasnet/NASNet-large-no-top.h5", "d81d89dc07e6e56530c4e77faddd61b5", name="nasnet_large_no_top.h5"
    )
