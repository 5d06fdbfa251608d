"""Models for images, volumes and videos."""

from __future__ import annotations

from typing import Any

import keras

from dlcore.spec.data import Task
from tests.acceptance.models.base import Example, encoder_block, ended, layers, ops, with_positions

IMAGES_OUT = "its targets are images"


def _mnist() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def _small_xception() -> Any:
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Activation("relu")(
        layers.BatchNormalization()(layers.Conv2D(8, 3, strides=2, padding="same")(x))
    )
    before = x
    for size in (16, 24):
        for _ in range(2):
            x = layers.Activation("relu")(x)
            x = layers.BatchNormalization()(layers.SeparableConv2D(size, 3, padding="same")(x))
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        before = layers.Conv2D(size, 1, strides=2, padding="same")(before)
        x = before = layers.add([x, before])
    x = layers.Dropout(0.25)(layers.GlobalAveragePooling2D()(x))
    return ended(inputs, x, 1, "sigmoid")


def _on_backbone(name: str, side: int) -> Any:
    body = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=(side, side, 3))
    body.trainable = False
    inputs = keras.Input((side, side, 3))
    x = layers.RandomRotation(0.1)(layers.RandomFlip("horizontal")(inputs))
    if name == "Xception":
        x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = layers.GlobalAveragePooling2D()(body(x, training=False))
    return ended(inputs, layers.Dropout(0.2)(x), 3)


def _convmixer() -> Any:
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(16, 2, strides=2)(layers.Rescaling(1 / 255)(inputs))
    x = layers.BatchNormalization()(layers.Activation("gelu")(x))
    for _ in range(2):
        y = layers.DepthwiseConv2D(5, padding="same")(x)
        x = layers.Add()([layers.BatchNormalization()(layers.Activation("gelu")(y)), x])
        x = layers.BatchNormalization()(layers.Activation("gelu")(layers.Conv2D(16, 1)(x)))
    return ended(inputs, layers.GlobalAvgPool2D()(x), 10)


def _patches(inputs: Any, size: int, features: int) -> Any:
    x = ops.image.extract_patches(inputs, size)
    return layers.Dense(features)(layers.Reshape((-1, x.shape[-1]))(x))


def _mlp_mixer() -> Any:
    inputs = keras.Input((16, 16, 3))
    x = _patches(inputs, 4, 16)
    for _ in range(2):
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        y = layers.Dense(16)(layers.Dense(16, activation="gelu")(y))
        x = layers.Add()([layers.Permute((2, 1))(y), x])
        y = layers.Dense(16)(layers.Dense(16, activation="gelu")(layers.LayerNormalization()(x)))
        x = layers.Add()([x, y])
    return ended(inputs, layers.GlobalAveragePooling1D()(x), 10)


def _mixed_cnn() -> Any:
    inputs = keras.Input((16, 16, 3))
    x = inputs
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.BatchNormalization()(layers.MaxPool2D()(x))
    return ended(inputs, layers.Dense(16, activation="relu")(layers.Flatten()(x)), 10)


def _student() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.MaxPooling2D(2, strides=1, padding="same"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def _vision_transformer() -> Any:
    inputs = keras.Input((16, 16, 3))
    x = with_positions(_patches(layers.Rescaling(1 / 255)(inputs), 4, 16))
    for _ in range(2):
        x = encoder_block(x, 16)
    x = layers.Flatten()(layers.LayerNormalization(epsilon=1e-6)(x))
    return ended(inputs, layers.Dense(16, activation="gelu")(layers.Dropout(0.5)(x)), 10)


def _compact_transformer() -> Any:
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.ZeroPadding2D(1)(inputs))
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    x = with_positions(layers.Reshape((-1, 16))(x))
    for rate in (0.0, 0.1):
        y = layers.LayerNormalization(epsilon=1e-5)(x)
        y = layers.MultiHeadAttention(2, 8)(y, y)
        x = layers.Add()([layers.Dropout(rate, noise_shape=(None, 1, 1))(y), x])
        y = layers.Dense(16)(
            layers.Dense(32, activation=keras.activations.gelu)(layers.LayerNormalization()(x))
        )
        x = layers.Add()([layers.Dropout(rate, noise_shape=(None, 1, 1))(y), x])
    weights = layers.Softmax(axis=1)(layers.Dense(1)(x))
    pooled = layers.Flatten()(layers.Dot(axes=1)([weights, x]))
    return ended(inputs, pooled, 10)


def _mobilevit() -> Any:
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation=keras.activations.swish)(inputs)
    y = layers.Conv2D(16, 1, use_bias=False, activation="swish")(x)
    y = layers.ZeroPadding2D(((0, 1), (0, 1)))(y)
    y = layers.DepthwiseConv2D(3, strides=2, use_bias=False)(y)
    x = layers.BatchNormalization()(layers.Conv2D(16, 1)(y))
    local = layers.Conv2D(16, 1, activation="swish")(layers.Conv2D(16, 3, padding="same")(x))
    unfolded = layers.Reshape((4, 16, 16))(local)
    unfolded = encoder_block(layers.Reshape((64, 16))(unfolded), 16)
    folded = layers.Conv2D(16, 1, padding="same")(layers.Reshape((8, 8, 16))(unfolded))
    x = layers.Conv2D(16, 3, padding="same", activation="swish")(layers.Concatenate(axis=-1)([x, folded]))
    return ended(inputs, layers.GlobalAvgPool2D()(x), 5)


def _autoencoder() -> Any:
    inputs = x = keras.Input((28, 28, 1))
    for _ in range(2):
        x = layers.MaxPooling2D(2, padding="same")(layers.Conv2D(8, 3, activation="relu", padding="same")(x))
    for _ in range(2):
        x = layers.Conv2DTranspose(8, 3, strides=2, activation="relu", padding="same")(x)
    return keras.Model(inputs, layers.Conv2D(1, 3, activation="sigmoid", padding="same")(x))


def _unet() -> Any:
    inputs = keras.Input((16, 16, 3))
    down = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.MaxPooling2D()(down))
    x = layers.Conv2DTranspose(8, 3, padding="same")(layers.UpSampling2D(2)(x))
    x = layers.concatenate([x, down])
    return keras.Model(inputs, layers.Conv2D(3, 3, activation="softmax", padding="same")(x))


def _scan() -> Any:
    inputs = keras.Input((16, 16, 8, 1))
    x = inputs
    for filters in (4, 8):
        x = layers.Conv3D(filters, 3, activation="relu")(x)
        x = layers.BatchNormalization()(layers.MaxPool3D(pool_size=(2, 2, 1))(x))
    x = layers.Dense(16, activation="relu")(layers.GlobalAveragePooling3D()(x))
    return ended(inputs, layers.Dropout(0.3)(x), 1, "sigmoid")


def _next_frame() -> Any:
    inputs = keras.Input((4, 12, 12, 1))
    x = inputs
    for size in (5, 3):
        x = layers.ConvLSTM2D(4, size, padding="same", return_sequences=True, activation="relu")(x)
        x = layers.BatchNormalization()(x)
    return keras.Model(inputs, layers.Conv3D(1, 3, activation="sigmoid", padding="same")(x))


def _video() -> Any:
    features, mask = keras.Input((6, 16)), keras.Input((6,), dtype="bool")
    x = layers.GRU(16, return_sequences=True)(features, mask=mask)
    x = layers.Dropout(0.4)(layers.GRU(8)(x))
    return ended([features, mask], layers.Dense(8, activation="relu")(x), 5)


def _captcha() -> Any:
    inputs = keras.Input((40, 16, 1))
    x = layers.MaxPooling2D()(layers.Conv2D(8, 3, activation="relu", padding="same")(inputs))
    x = layers.Dense(16, activation="relu")(layers.Reshape((20, 64))(x))
    x = layers.Bidirectional(layers.LSTM(8, return_sequences=True, dropout=0.25))(x)
    return ended(inputs, x, 21)


def _encoder(side: int) -> Any:
    inputs = keras.Input((side, side, 1))
    x = layers.AveragePooling2D(2)(
        layers.Conv2D(4, 5, activation="tanh")(layers.BatchNormalization()(inputs))
    )
    return keras.Model(inputs, layers.Dense(10, activation="tanh")(layers.Flatten()(x)), name="encoder")


def _triplet() -> Any:
    encoder, sides = _encoder(16), [keras.Input((16, 16, 1), name=name) for name in ("anchor", "near", "far")]
    anchor, near, far = map(encoder, sides)
    distances = [ops.sum(ops.square(anchor - other), axis=-1, keepdims=True) for other in (near, far)]
    return keras.Model(sides, layers.Concatenate()(distances))


def _contrastive() -> Any:
    encoder, left, right = _encoder(16), keras.Input((16, 16, 1)), keras.Input((16, 16, 1))
    difference = layers.Subtract()([encoder(left), encoder(right)])
    distance = layers.Dense(1, use_bias=False)(layers.Multiply()([difference, difference]))
    return ended([left, right], layers.BatchNormalization()(distance), 1, "sigmoid")


def _super_resolution() -> Any:
    inputs = keras.Input((12, 12, 1))
    x = layers.Conv2D(16, 5, activation="relu", padding="same", kernel_initializer="orthogonal")(inputs)
    x = layers.Conv2D(9, 3, padding="same")(x)
    x = ops.reshape(x, (-1, 12, 12, 3, 3))
    x = ops.transpose(x, (0, 1, 3, 2, 4))
    return keras.Model(inputs, ops.reshape(x, (-1, 36, 36, 1)))


@keras.saving.register_keras_serializable(package="mine")
class _Involution(keras.layers.Layer):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return x * ops.mean(x, axis=-1, keepdims=True)


def _involution() -> Any:
    inputs = keras.Input((16, 16, 3))
    return ended(inputs, layers.GlobalAveragePooling2D()(_Involution()(inputs)), 10)


def _keypoints() -> Any:
    body = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3))
    inputs = keras.Input((64, 64, 3))
    x = layers.Dropout(0.3)(body(keras.applications.mobilenet_v2.preprocess_input(inputs)))
    x = layers.SeparableConv2D(24, 2, activation="relu")(x)
    return keras.Model(inputs, layers.SeparableConv2D(24, 1, activation="sigmoid")(x))


CLASSES = Task.MULTICLASS
VISION = (
    Example("MNIST convnet", _mnist, CLASSES),
    Example("image classification from scratch", _small_xception, Task.BINARY),
    Example("transfer learning, Xception", lambda: _on_backbone("Xception", 71), CLASSES),
    Example("EfficientNet fine-tuning", lambda: _on_backbone("EfficientNetB0", 32), CLASSES),
    Example("ConvMixer", _convmixer, CLASSES),
    Example("MLP-Mixer", _mlp_mixer, CLASSES),
    Example("CNN with CutMix, MixUp, RandAugment", _mixed_cnn, CLASSES),
    Example("distillation, contrastive learning", _student, lacks="a teacher's loss, training in two stages"),
    Example("vision transformer", _vision_transformer, CLASSES),
    Example("compact convolutional transformer", _compact_transformer, CLASSES),
    Example("MobileViT", _mobilevit, CLASSES),
    Example("convolutional autoencoder", _autoencoder, lacks=IMAGES_OUT),
    Example("U-Net segmentation", _unet, lacks=IMAGES_OUT),
    Example("3D CT scans", _scan, Task.BINARY),
    Example("next frame, ConvLSTM", _next_frame, lacks=IMAGES_OUT),
    Example("video classification with a mask", _video, lacks="a mask as an input"),
    Example("captcha OCR", _captcha, lacks="CTC loss, sequences of labels"),
    Example("siamese network, triplets", _triplet, lacks="triplets as data, a loss between outputs"),
    Example("siamese network, contrastive", _contrastive, lacks="pairs of images as data"),
    Example("super-resolution", _super_resolution, lacks=IMAGES_OUT),
    Example("Perceiver, involution, GCViT", _involution, lacks="layers of people's own"),
    Example("keypoint detection", _keypoints, lacks="keypoints as targets"),
)
