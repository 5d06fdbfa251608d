"""How unlike samples are to those of a training, by what a network makes of them.

Two measures: the distance of what the last layer takes from the nearest class, in deviations that all classes share
(Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks, 2018), and the
energy of the logits (Liu et al., Energy-based Out-of-distribution Detection, 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.records.unlike import Unlikeness

Floats = npt.NDArray[np.floating[Any]]

MOST_NUMBERS = 256
"""Numbers of the last layer's input that are looked at; of more, some evenly drawn."""
USUAL = 0.95
"""The share of the validation part that is usual by both measures."""
SHRINKAGE = 0.05
"""The share of the mean variance in the covariance, so that few samples do not make any direction all but certain."""

_NAMES = ("columns", "means", "whitening", "limits")


def energy(logits: Floats) -> Floats:
    """Returns −log Σ exp(logit) of each sample: the higher, the less it is like any class.

    Args:
        logits: (samples, classes); one column is that of the second of two classes.

    Example:
        >>> energy(np.array([[0.0, 0.0], [10.0, 0.0]])).round(3).tolist()
        [-0.693, -10.0]
    """
    if logits.shape[1] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    most = logits.max(axis=1)
    found: Floats = -(most + np.log(np.exp(logits - most[:, None]).sum(axis=1)))
    return found


def joint_limits(measured: Sequence[Floats], share: float) -> Floats:
    """Returns a limit for each measure, such that a share of the samples is above none of them.

    Each measure has as many samples above its limit as any other. Were each limit that of the share alone, samples that
    are far by one measure and not by the other would add up.

    Args:
        measured: by measure, (samples,) the higher the stranger.
        share: of the samples, above 0 and at most 1.

    Example:
        >>> joint_limits([np.arange(1.0, 11.0), np.arange(10.0, 0.0, -1.0)], 0.8).tolist()
        [9.0, 9.0]
    """
    ordered = [np.sort(one) for one in measured]
    pairs = zip(ordered, measured, strict=True)
    # How many samples are no stranger than each, by the measure by which it is strangest.
    places = np.max([np.searchsorted(line, one, side="right") for line, one in pairs], axis=0)
    place = np.sort(places)[ceil(share * len(places)) - 1]
    found: Floats = np.array([one[place - 1] for one in ordered])
    return found


@dataclass(frozen=True, eq=False)
class Familiar:
    """What is usual to a model.

    Attributes:
        columns: (numbers,) which numbers of the last layer's input are looked at.
        means: (classes, numbers) of the training part.
        whitening: (numbers, numbers) brings differences to a variance of 1 in every direction.
        limits: (2,) of distance and energy: above neither are 95 % of the validation part; NaN where there is no energy.
    """

    columns: npt.NDArray[np.int64]
    means: Floats
    whitening: Floats
    limits: Floats

    @classmethod
    def fit(
        cls,
        features: Floats,
        labels: npt.NDArray[np.int64],
        validation: Floats,
        logits: Floats | None,
    ) -> Familiar:
        """Returns what is usual by the samples of a training, and of a validation part.

        Args:
            features: (samples, numbers) what the last layer takes, of the training part.
            labels: (samples,) their classes; all 0 where numbers are asked for.
            validation: (samples, numbers) of the validation part.
            logits: (samples, classes) of the validation part; None where they are not known.
        """
        count = features.shape[1]
        columns = np.unique(np.linspace(0, count - 1, min(MOST_NUMBERS, count)).astype(np.int64))
        seen = features[:, columns].astype(np.float64)
        classes, places = np.unique(labels, return_inverse=True)
        means = np.stack([seen[places == place].mean(axis=0) for place in range(len(classes))])
        centred = seen - means[places]
        covariance = centred.T @ centred / len(seen)
        mean_variance = max(float(np.trace(covariance)) / len(columns), 1e-12)
        covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * mean_variance * np.eye(len(columns))
        values, vectors = np.linalg.eigh(covariance)
        whitening = vectors / np.sqrt(values)
        found = cls(columns, means, whitening, np.full(2, np.nan))
        measured = [found.distances(validation), *([] if logits is None else [energy(logits)])]
        limits = np.full(2, np.nan)
        limits[: len(measured)] = joint_limits(measured, USUAL)
        return cls(columns, means, whitening, limits)

    def distances(self, features: Floats) -> Floats:
        """(samples,) the Mahalanobis distance of each from the nearest class.

        Args:
            features: (samples, numbers) what the last layer takes.
        """
        seen = features[:, self.columns].astype(np.float64) @ self.whitening
        centres = self.means @ self.whitening
        found: Floats = np.min([np.sqrt(((seen - centre) ** 2).sum(axis=1)) for centre in centres], axis=0)
        return found

    def judge(self, features: Floats, logits: Floats) -> Unlikeness:
        """Returns how unlike one sample is.

        Args:
            features: (1, numbers) what the last layer takes.
            logits: (1, classes).
        """
        distance, (most, most_energy) = float(self.distances(features)[0]), map(float, self.limits)
        if np.isnan(most_energy):
            return Unlikeness(distance, most)
        return Unlikeness(distance, most, float(energy(logits.astype(np.float64))[0]), most_energy)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Returns it as arrays by name."""
        return {name: np.asarray(getattr(self, name)) for name in _NAMES}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Familiar:
        """Restores what `to_arrays` returned.

        Raises:
            KeyError, ValueError: they make no sense.
        """
        columns, means, whitening, limits = (arrays[name] for name in _NAMES)
        numbers = len(columns)
        fits = means.ndim == 2 and means.shape[1] == numbers <= MOST_NUMBERS
        fits = fits and whitening.shape == (numbers, numbers) and limits.shape == (2,)
        if (
            not fits
            or columns.dtype != np.int64
            or any(one.dtype.kind != "f" for one in (means, whitening, limits))
        ):
            raise ValueError("these arrays are not what is usual to a model")
        return cls(columns, means, whitening, limits)
