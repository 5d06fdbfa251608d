"""Whole networks of `keras.applications` without their heads, as layers; importing this registers all of them."""

from dlcore.spec.layers.applications.base import APPLICATIONS, Application, SwitchableApplication
from dlcore.spec.layers.applications.convnext import (
    ConvNeXtBase,
    ConvNeXtLarge,
    ConvNeXtSmall,
    ConvNeXtTiny,
    ConvNeXtXLarge,
)
from dlcore.spec.layers.applications.densenet import DenseNet121, DenseNet169, DenseNet201
from dlcore.spec.layers.applications.efficientnet import (
    EfficientNetB0,
    EfficientNetB1,
    EfficientNetB2,
    EfficientNetB3,
    EfficientNetB4,
    EfficientNetB5,
    EfficientNetB6,
    EfficientNetB7,
)
from dlcore.spec.layers.applications.efficientnet_v2 import (
    EfficientNetV2B0,
    EfficientNetV2B1,
    EfficientNetV2B2,
    EfficientNetV2B3,
    EfficientNetV2L,
    EfficientNetV2M,
    EfficientNetV2S,
)
from dlcore.spec.layers.applications.inception import InceptionResNetV2, InceptionV3, Xception
from dlcore.spec.layers.applications.mobilenet import (
    MobileNet,
    MobileNetV2,
    MobileNetV3Large,
    MobileNetV3Small,
)
from dlcore.spec.layers.applications.nasnet import NASNetLarge, NASNetMobile
from dlcore.spec.layers.applications.resnet import (
    ResNet50,
    ResNet50V2,
    ResNet101,
    ResNet101V2,
    ResNet152,
    ResNet152V2,
)
from dlcore.spec.layers.applications.vgg import VGG16, VGG19

BACKBONES = tuple(sorted(APPLICATIONS, key=lambda kind: kind.facts.parameters.total))
"""All of them, from the fewest weights to the most."""

__all__ = [
    "APPLICATIONS",
    "BACKBONES",
    "VGG16",
    "VGG19",
    "Application",
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "DenseNet121",
    "DenseNet169",
    "DenseNet201",
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "InceptionResNetV2",
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Large",
    "MobileNetV3Small",
    "NASNetLarge",
    "NASNetMobile",
    "ResNet50",
    "ResNet50V2",
    "ResNet101",
    "ResNet101V2",
    "ResNet152",
    "ResNet152V2",
    "SwitchableApplication",
    "Xception",
]
