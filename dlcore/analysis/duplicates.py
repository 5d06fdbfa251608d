"""Near duplicates across the parts of a dataset: what tests has been seen in training. The cost is bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

MOST_PAIRS = 1_500_000_000
"""Pairs of samples that are compared; of larger datasets some are chosen by chance."""

SIDE = 8
"""Rows and columns of the thumbnails by which candidates are found."""

CANDIDATE = 0.95
"""The correlation of two thumbnails from which on the samples themselves are compared."""

ALIKE = 0.99
"""The correlation of two samples from which on they are nearly the same."""

BLOCK = 2_048
"""Samples that are compared with all others at once."""

DIGITS = 5
"""Significant digits in which two rows of numbers must be equal."""

SHINGLE = 3
"""Words in a row that are compared as one."""

HASHES = 64
"""Of a text; the share that two texts have in common is near the share of their shingles (Broder 1997)."""

ALIKE_TEXTS = 0.8
"""The share of shingles in common from which on two texts are nearly the same."""

_PRIME = np.uint64(2**61 - 1)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Samples of different parts that are nearly the same, the most alike first.

    Shape:
        first, second: (pairs,) places of samples.
        likeness: (pairs,) from 0 to 1.
        compared: how many samples were looked at.
    """

    first: Indices
    second: Indices
    likeness: Floats
    compared: int


def alike_arrays(read: Callable[[Indices], Array], part: Array, *, seed: int = 0) -> Pairs:
    """Returns the samples that correlate with one of another part as if they were the same: pictures, sounds, arrays.

    A brighter or paler copy is found as well, a mirrored or shifted one is not. For each sample its nearest neighbour in
    another part is looked at.

    Args:
        read: returns the samples at some places, (places, …) numbers: all of them may be larger than memory.
        part: (samples,) the number of each sample's part.
        seed: of the choice among very many samples.
    """
    chosen = _some(part, seed)
    small = _correlated(np.concatenate([_thumbnails(read(block)) for block in _blocks(chosen)]))
    of = part[chosen]
    first, second, near = [], [], []
    for number in np.unique(of)[1:]:
        own, others = np.flatnonzero(of == number), np.flatnonzero(of < number)
        for block in np.array_split(own, max(1, -(-len(own) // BLOCK))):
            likeness = small[block] @ small[others].T
            best = likeness.argmax(axis=1)
            found = likeness[np.arange(len(block)), best] >= CANDIDATE
            first.append(chosen[block[found]])
            second.append(chosen[others[best[found]]])
            near.append(_correlations(read(first[-1]), read(second[-1])))
    if not first:
        return Pairs(chosen[:0], chosen[:0], np.zeros(0, np.float32), len(chosen))
    likeness = np.concatenate(near)
    kept = likeness >= ALIKE
    return _pairs(np.concatenate(first)[kept], np.concatenate(second)[kept], likeness[kept], len(chosen))


def equal_rows(rows: Array, part: Array) -> Pairs:
    """Returns the rows of numbers that equal one of another part, once they are rounded.

    Args:
        rows: (samples, numbers)
        part: (samples,) the number of each sample's part.
    """
    values = np.nan_to_num(rows.astype(np.float64))
    size = np.floor(np.log10(np.maximum(np.abs(values), 1e-300)))
    scale = 10.0 ** (DIGITS - 1 - size)
    rounded = np.ascontiguousarray(np.round(values * scale) / scale + 0.0)  # + 0.0: −0 is 0
    keys = rounded.view(np.dtype((np.void, rounded.dtype.itemsize * rounded.shape[1]))).ravel()
    return _equal(keys, part, len(rows))


def alike_texts(words: Array, part: Array) -> Pairs:
    """Returns the texts that share most of their shingles with one of another part, by MinHash.

    Candidates are those of which 8 of 64 hashes in a row are equal (bands, as in Leskovec, Rajaraman and Ullman, *Mining of
    Massive Datasets*, section 3.4).

    Args:
        words: (samples, length) ids; 0 where there is no word.
        part: (samples,) the number of each sample's part.
    """
    hashes = _min_hashes(words)
    long_enough = (words != 0).sum(axis=1) >= SHINGLE
    found: dict[tuple[int, int], float] = {}
    for band in range(0, HASHES, 8):
        keys = np.ascontiguousarray(hashes[:, band : band + 8])
        same = _equal(keys.view(np.dtype((np.void, 64))).ravel(), part, len(words))
        for one, other in zip(same.first.tolist(), same.second.tolist(), strict=True):
            if (one, other) not in found and long_enough[one] and long_enough[other]:
                found[one, other] = float((hashes[one] == hashes[other]).mean())
    kept = [(pair, share) for pair, share in found.items() if share >= ALIKE_TEXTS]
    places = np.array([pair for pair, _share in kept], np.int64).reshape(-1, 2)
    shares = np.array([share for _pair, share in kept], np.float32)
    return _pairs(places[:, 0], places[:, 1], shares, len(words))


def _equal(keys: Array, part: Array, count: int) -> Pairs:
    """Returns each sample whose key a sample of an earlier part has, with the first of those."""
    order = np.lexsort((np.arange(count), part))
    _values, first, inverse = np.unique(keys[order], return_index=True, return_inverse=True)
    source = order[first[inverse]]
    again = part[order] > part[source]
    return _pairs(order[again], source[again], np.ones(int(again.sum()), np.float32), count)


def _pairs(first: Indices, second: Indices, likeness: Floats, compared: int) -> Pairs:
    order = np.argsort(-likeness, kind="stable")
    return Pairs(first[order], second[order], likeness[order], compared)


def _some(part: Array, seed: int) -> Indices:
    """Returns which samples are compared: all, or so many that the pairs of different parts are not too many."""
    counts = np.bincount(part).astype(np.float64)
    pairs = (counts.sum() ** 2 - (counts**2).sum()) / 2
    count = len(part)
    if pairs <= MOST_PAIRS:
        return np.arange(count)
    kept = int(count * np.sqrt(MOST_PAIRS / pairs))
    return np.sort(np.random.default_rng(seed).choice(count, kept, replace=False))


def _blocks(chosen: Indices) -> list[Indices]:
    return np.array_split(chosen, max(1, -(-len(chosen) // BLOCK)))


def _thumbnails(arrays: Array) -> Floats:
    """(samples, numbers) each sample as the means of at most 8 × 8 pieces of its first two axes, channels averaged."""
    values = arrays.astype(np.float32)
    if values.ndim > 3:
        values = values.reshape(*values.shape[:3], -1).mean(axis=3)
    for axis in range(1, values.ndim):
        if values.shape[axis] > SIDE:
            borders = np.linspace(0, values.shape[axis], SIDE + 1).astype(np.int64)[:-1]
            widths = np.diff(np.append(borders, values.shape[axis]))
            shape = [1] * values.ndim
            shape[axis] = SIDE
            values = (np.add.reduceat(values, borders, axis=axis) / widths.reshape(shape)).astype(np.float32)
    return values.reshape(len(values), -1)


def _correlated(values: Floats) -> Floats:
    """Returns rows of mean 0 and length 1, whose products are correlations; what never changes has length 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    found: Floats = np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-6)
    return found


def _correlations(one: Array, other: Array) -> Floats:
    """(pairs,) how the samples of each pair correlate."""
    if not len(one):
        return np.zeros(0, np.float32)
    flat = [_correlated(values.reshape(len(values), -1).astype(np.float32)) for values in (one, other)]
    found: Floats = (flat[0] * flat[1]).sum(axis=1)
    return found


def _min_hashes(words: Array) -> npt.NDArray[np.uint64]:
    """(samples, hashes) of each text, the lowest value that each of many hash functions has for one of its shingles."""
    generator = np.random.default_rng(0)
    factors = generator.integers(1, 2**31, HASHES, dtype=np.uint64)
    offsets = generator.integers(0, 2**31, HASHES, dtype=np.uint64)
    found = np.full((len(words), HASHES), np.iinfo(np.uint64).max, np.uint64)
    ids = words.astype(np.uint64)
    for place in range(max(1, words.shape[1] - SHINGLE + 1)):
        pieces = ids[:, place : place + SHINGLE]
        # 31 bits, so that a product with a factor stays below 2^62.
        key = np.zeros(len(words), np.uint64)
        for column in range(pieces.shape[1]):
            key = (key * np.uint64(1_000_003) + pieces[:, column]) % np.uint64(2**31 - 1)
        values = (key[:, np.newaxis] * factors + offsets) % _PRIME
        values[(pieces == 0).any(axis=1)] = np.iinfo(np.uint64).max
        np.minimum(found, values, out=found)
    return found
