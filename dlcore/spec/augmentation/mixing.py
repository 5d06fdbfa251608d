"""Augmentations that cover, mix, or choose among others."""

from typing import Annotated, ClassVar

from pydantic import Field

from dlcore.errors import N_
from dlcore.spec.augmentation.base import (
    AUGMENTATIONS,
    FACTOR_HELP,
    GRIDS_AND_SOUND,
    Augmentation,
    Between,
)
from dlcore.spec.calls import Call
from dlcore.spec.data import DataKind
from dlcore.spec.fields import Share, arg
from dlcore.spec.layers.base import Shape


@AUGMENTATIONS.register
class RandomErasing(Augmentation):
    """Covers a rectangle of some images (Zhong et al., 2020)."""

    title: ClassVar[str] = N_("Random erasing")
    summary: ClassVar[str] = N_("Covers a rectangle in some images.")

    factor: Share = arg(1.0, FACTOR_HELP)
    scale: Between = arg(
        (0.02, 0.33),
        N_("From … to: the rectangle's area as a share of the image; each side is its square root."),
    )
    fill_value: Annotated[float, Field(ge=0, le=255)] | None = arg(
        None, N_("What it is covered with, 0 black to 255 white; empty: noise.")
    )


@AUGMENTATIONS.register
class RandAugment(Augmentation):
    """Some changes out of nine, drawn again for each batch (Cubuk et al., 2020)."""

    title: ClassVar[str] = N_("Automatic mix")
    summary: ClassVar[str] = N_("Applies a few random changes to each batch: a good start.")

    num_ops: Annotated[int, Field(ge=1, le=8)] = arg(
        2, N_("How many changes."), label=N_("Changes per sample")
    )
    factor: Share = arg(0.5, N_("How strong they are."))


@AUGMENTATIONS.register
class MixUp(Augmentation):
    """Blends pairs of samples, and their labels alike (Zhang et al., 2018)."""

    title: ClassVar[str] = N_("Blended samples")
    summary: ClassVar[str] = N_("Blends pairs of samples and their labels.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS_AND_SOUND
    mixes_labels: ClassVar[bool] = True

    alpha: Annotated[float, Field(gt=0, le=10)] = arg(
        0.2, N_("Small: mostly one of the two; 1: every mixture alike.")
    )


@AUGMENTATIONS.register
class CutMix(Augmentation):
    """Pastes a rectangle of another sample, and mixes the labels by its area (Yun et al., 2019)."""

    title: ClassVar[str] = N_("Pasted patches")
    summary: ClassVar[str] = N_("Pastes a rectangle of another sample, and mixes the labels by its area.")
    data_kinds: ClassVar[frozenset[DataKind]] = GRIDS_AND_SOUND
    mixes_labels: ClassVar[bool] = True

    factor: Annotated[float, Field(gt=0, le=1)] = arg(
        1.0, N_("Small: mostly one of the two; 1: rectangles of every size.")
    )


_HIDE_BANDS = """\
def hide_bands(x, value, axis, count, width):
    size = x.shape[axis]
    places = tf.reshape(tf.range(size, dtype="float32"), [-1, 1, 1] if axis == 1 else [-1, 1])
    for _ in range(count):
        drawn = tf.random.uniform([2, tf.shape(x)[0], 1, 1, 1])
        long = tf.floor(drawn[0] * (int(width * size) + 1))
        start = tf.floor(drawn[1] * (size - long + 1))
        x = tf.where((places >= start) & (places < start + long), value, x)
    return x
"""


@AUGMENTATIONS.register
class SpecAugment(Augmentation):
    """Masks bands of time and of frequency in a spectrogram with its mean (Park et al., 2019)."""

    namespace: ClassVar[str] = ""
    title: ClassVar[str] = N_("Time and frequency masks")
    summary: ClassVar[str] = N_("Hides bands of time and of frequency in each recording.")
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.AUDIO})
    script: ClassVar[str] = _HIDE_BANDS

    time_masks: Annotated[int, Field(ge=0, le=10)] = arg(2, N_("How many bands of time."))
    time_width: Share = arg(0.2, N_("The widest of them, as a share of the whole length."))
    frequency_masks: Annotated[int, Field(ge=0, le=10)] = arg(2, N_("How many bands of frequency."))
    frequency_width: Share = arg(0.2, N_("The widest of them, as a share of all frequencies."))

    def calls(self, shape: Shape, *, seed: int) -> tuple[Call, ...]:
        """Returns nothing: Keras has no such layer."""
        return ()

    def script_lines(self) -> tuple[str, ...]:
        """Returns the masks of time (axis 1), then those of frequency (axis 2)."""
        return (
            "mean = tf.reduce_mean(x, axis=(1, 2), keepdims=True)",
            f"x = hide_bands(x, mean, axis=1, count={self.time_masks}, width={self.time_width})",
            f"x = hide_bands(x, mean, axis=2, count={self.frequency_masks}, width={self.frequency_width})",
        )
