"""What slides over a picture or a series: convolution and pooling, written out.

All arrays are of one sample, channels last. A series is a picture of height 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Sliding:
    """How a window goes over a picture.

    Attributes:
        size: of the window: rows and columns.
        strides: how far it goes each time.
        dilation: the distance between the pixels that it sees.
        padding: `valid`, `same`, or of a series `causal`.
    """

    size: Pair
    strides: Pair = (1, 1)
    dilation: Pair = (1, 1)
    padding: str = "valid"

    @property
    def extent(self) -> Pair:
        """How many rows and columns lie between its first and its last pixel, both counted."""
        rows, columns = ((size - 1) * gap + 1 for size, gap in zip(self.size, self.dilation, strict=True))
        return rows, columns

    def margins(self, shape: tuple[int, ...]) -> tuple[Pair, Pair]:
        """Returns what is added above and below, left and right of a picture of that shape.

        `same` adds so much that there are ⌈size / stride⌉ positions, one more at the end where it is odd, as TensorFlow does.
        """
        if self.padding == "valid":
            return (0, 0), (0, 0)
        if self.padding == "causal":
            return (0, 0), (self.extent[1] - 1, 0)
        pairs = []
        for size, stride, extent in zip(shape[:2], self.strides, self.extent, strict=True):
            total = max((-(-size // stride) - 1) * stride + extent - size, 0)
            pairs.append((total // 2, total - total // 2))
        return pairs[0], pairs[1]

    def pad(self, x: Values, value: float = 0.0) -> Values:
        """(rows, columns, channels) the picture with its margins."""
        found: Values = np.pad(x, (*self.margins(x.shape), (0, 0)), constant_values=value)
        return found

    def positions(self, x: Values) -> Pair:
        """Returns how many places the window has in a picture: rows and columns of what comes out."""
        padded = [size + sum(margin) for size, margin in zip(x.shape[:2], self.margins(x.shape), strict=True)]
        rows, columns = (
            (size - extent) // stride + 1
            for size, extent, stride in zip(padded, self.extent, self.strides, strict=True)
        )
        return rows, columns

    def windows(self, x: Values, value: float = 0.0) -> Values:
        """(rows, columns, height, width, channels) what the window sees at each place."""
        padded, (rows, columns) = self.pad(x, value), self.positions(x)
        height, width = self.size
        found = np.empty((rows, columns, height, width, x.shape[2]))
        for row in range(height):
            for column in range(width):
                found[:, :, row, column] = padded[self.reach(row, column, rows, columns)]
        return found

    def reach(self, row: int, column: int, rows: int, columns: int) -> tuple[slice, slice]:
        """Returns where, over all places, the pixel at a row and a column of the window lies."""
        top, left = row * self.dilation[0], column * self.dilation[1]
        (down, right) = self.strides
        return slice(top, top + rows * down, down), slice(left, left + columns * right, right)

    def spread(self, windows: Values, shape: tuple[int, ...]) -> Values:
        """Adds up what is given for each pixel of each window; returns it without the margins.

        Args:
            windows: (rows, columns, height, width, channels).
            shape: of the picture.
        """
        (above, below), (left, right) = self.margins(shape)
        found = np.zeros((shape[0] + above + below, shape[1] + left + right, shape[2]))
        rows, columns, height, width, _channels = windows.shape
        for row in range(height):
            for column in range(width):
                found[self.reach(row, column, rows, columns)] += windows[:, :, row, column]
        return found[above : above + shape[0], left : left + shape[1]]


def convolve(x: Values, kernel: Values, bias: Values | None, how: Sliding) -> Values:
    """Returns z = Σ w·x + b at each place, for each filter.

    Args:
        x: (rows, columns, channels).
        kernel: (height, width, channels, filters).
        bias: (filters,).
        how: the window slides.
    """
    found: Values = np.einsum("rchwi,hwif->rcf", how.windows(x), kernel, optimize=True)
    return found if bias is None else found + bias


def convolve_back(x: Values, kernel: Values, slope: Values, how: Sliding) -> tuple[Values, Values, Values]:
    """Returns ∂L/∂x, ∂L/∂W and ∂L/∂b of a convolution.

    Args:
        x: (rows, columns, channels) what came in.
        kernel: (height, width, channels, filters).
        slope: (rows, columns, filters) ∂L/∂z.
        how: the window slides.
    """
    of_kernel = np.einsum("rchwi,rcf->hwif", how.windows(x), slope, optimize=True)
    of_windows = np.einsum("rcf,hwif->rchwi", slope, kernel, optimize=True)
    return how.spread(of_windows, x.shape), of_kernel, slope.sum(axis=(0, 1))


def pool_max(x: Values, how: Sliding) -> Values:
    """(rows, columns, channels) the largest value of each window."""
    found: Values = how.windows(x, -np.inf).max(axis=(2, 3))
    return found


def pool_max_back(x: Values, slope: Values, how: Sliding) -> Values:
    """Returns ∂L/∂x: all of each window's goes to its largest value, the first of equal ones."""
    seen = how.windows(x, -np.inf)
    rows, columns, height, width, channels = seen.shape
    flat = seen.reshape(rows, columns, height * width, channels)
    first = flat.argmax(axis=2)
    share = np.arange(height * width)[:, None] == first[:, :, None, :]
    return how.spread((share * slope[:, :, None, :]).reshape(seen.shape), x.shape)


def pool_mean(x: Values, how: Sliding) -> Values:
    """(rows, columns, channels) the mean of each window, margins not counted."""
    found: Values = how.windows(x).sum(axis=(2, 3)) / _counts(x, how)
    return found


def pool_mean_back(x: Values, slope: Values, how: Sliding) -> Values:
    """Returns ∂L/∂x: each pixel of a window gets an equal share."""
    height, width = how.size
    share = (slope / _counts(x, how))[:, :, None, None, :]
    return how.spread(np.broadcast_to(share, (*slope.shape[:2], height, width, slope.shape[2])), x.shape)


def _counts(x: Values, how: Sliding) -> Values:
    """(rows, columns, 1) how many pixels of the picture each window sees."""
    found: Values = how.windows(np.ones((*x.shape[:2], 1))).sum(axis=(2, 3))
    return found
