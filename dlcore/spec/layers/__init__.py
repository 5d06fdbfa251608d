"""The layers a model can be built of; importing this registers all of them."""

from dlcore.spec.layers.base import LAYERS, AnyLayer, Layer, ParameterCount, Shape
from dlcore.spec.layers.convolution import Conv2D, DepthwiseConv2D, SeparableConv2D
from dlcore.spec.layers.core import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    SpatialDropout2D,
)
from dlcore.spec.layers.merging import Add, Concatenate
from dlcore.spec.layers.normalization import BatchNormalization, LayerNormalization
from dlcore.spec.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)

__all__ = [
    "LAYERS",
    "Activation",
    "Add",
    "AnyLayer",
    "AveragePooling2D",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPooling2D",
    "ParameterCount",
    "SeparableConv2D",
    "Shape",
    "SpatialDropout2D",
]
