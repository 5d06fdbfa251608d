"""VGG: plain convolutions and poolings, one after another."""

from typing import ClassVar

from dlcore.errors import N_
from dlcore.spec.layers.applications.base import DOWN, NetworkFacts, SwitchableApplication, weights_file
from dlcore.spec.layers.base import LAYERS, ParameterCount


class VGG(SwitchableApplication):
    """Convolutions of 3 × 3 with a pooling now and then (Simonyan and Zisserman, 2014)."""

    reductions, scaling = (DOWN,) * 5, "caffe"


@LAYERS.register
class VGG16(VGG):
    """Thirteen convolutions."""

    summary: ClassVar[str] = N_("Plain convolutions, easy to understand: much work for its accuracy.")
    facts = NetworkFacts(
        channels=512,
        parameters=ParameterCount(14_714_688),
        flops=30_712_930_304,
        activations=15_077_888,
        depth=19,
        accuracy=71.3,
    )
    file = weights_file(
        "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"
    )


@LAYERS.register
class VGG19(VGG):
    """Sixteen convolutions."""

    summary: ClassVar[str] = N_("A VGG16 with three more convolutions: slower, and no more accurate.")
    facts = NetworkFacts(
        channels=512,
        parameters=ParameterCount(20_024_384),
        flops=39_037_831_168,
        activations=16_382_464,
        depth=22,
        accuracy=71.3,
    )
    file = weights_file(
        "vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "253f8cb515780f3b799900260a226db6"
    )
