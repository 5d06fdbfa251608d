"""A small network of dense layers with relu that learns in NumPy: what a setting does to it is seen in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dlcore.analysis.learning.activations import softmax
from dlcore.analysis.learning.descent import Method

Values = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Layers = tuple[tuple[Values, Values], ...]
"""Weights and bias of each layer."""

_LEAST = 1e-12


@dataclass(frozen=True)
class Penalty:
    """What keeps a network from learning its samples by heart.

    Attributes:
        l1: λ₁ of λ₁ Σ |w|, added to the loss.
        l2: λ₂ of λ₂ Σ w², added to the loss.
        dropout: the share of hidden units that are left out, others each time.
    """

    l1: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """How a network learns.

    Attributes:
        method: the optimizer.
        rate: η.
        momentum: μ, where the method has one.
        epochs: how often it sees all samples.
        batch: samples in a step; 0: all of them.
        penalty: on its weights.
        seed: of the weights that it begins with, and of the order of the samples.
    """

    method: Method
    rate: float
    epochs: int
    momentum: float = 0.9
    batch: int = 0
    penalty: Penalty = Penalty()
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Lesson:
    """How a network has learned.

    Attributes:
        layers: in the end.
        losses, checks: after each epoch, of the samples that it learned from and of others; shorter where it diverged.
        accuracies: of the others.
        diverged: whether its loss was no number any more.
    """

    layers: Layers
    losses: Values
    checks: Values
    accuracies: Values
    diverged: bool


def new_layers(sizes: Sequence[int], seed: int) -> Layers:
    """Returns layers with weights as He et al. (2015) draw them, and no bias.

    Args:
        sizes: of what comes in, of each hidden layer, and of what comes out.
        seed: of the draw.
    """
    draw = np.random.default_rng(seed)
    return tuple(
        (draw.normal(0, np.sqrt(2 / before), (before, after)), np.zeros(after))
        for before, after in pairwise(sizes)
    )


def answer(layers: Layers, x: Values) -> Values:
    """(samples, classes) the probabilities."""
    for weights, bias in layers[:-1]:
        x = np.maximum(x @ weights + bias, 0)
    weights, bias = layers[-1]
    return softmax(x @ weights + bias)


def mean_loss(layers: Layers, x: Values, labels: Labels) -> float:
    """Returns the mean cross-entropy."""
    right = answer(layers, x)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, _LEAST)).mean())


def gradients(
    layers: Layers, x: Values, labels: Labels, penalty: Penalty, draw: np.random.Generator
) -> list[Values]:
    """Returns ∂L/∂W and ∂L/∂b of each layer in turn, the penalty on the weights within.

    Args:
        layers: as they are.
        x: (samples, features).
        labels: (samples,).
        penalty: dropout draws its units anew.
        draw: for that.
    """
    passed, masks = [x], []
    for weights, bias in layers[:-1]:
        hidden = np.maximum(passed[-1] @ weights + bias, 0)
        mask = (draw.random(hidden.shape) >= penalty.dropout) / (1 - penalty.dropout)
        passed.append(hidden * mask)
        masks.append(mask)
    weights, bias = layers[-1]
    slope = softmax(passed[-1] @ weights + bias)
    slope[np.arange(len(labels)), labels] -= 1
    slope /= len(labels)
    found: list[Values] = []
    for place in range(len(layers) - 1, -1, -1):
        weights = layers[place][0]
        push = penalty.l1 * np.sign(weights) + 2 * penalty.l2 * weights
        found = [passed[place].T @ slope + push, slope.sum(axis=0), *found]
        if place:
            slope = (slope @ weights.T) * masks[place - 1] * (passed[place] > 0)
    return found


def learn(
    x: Values, labels: Labels, others: tuple[Values, Labels], hidden: Sequence[int], recipe: Recipe
) -> Lesson:
    """Returns how a network learns.

    Args:
        x: (samples, features) what it learns from.
        labels: (samples,) their classes.
        others: samples that it does not learn from.
        hidden: the units of each hidden layer.
        recipe: how it learns.
    """
    classes = int(max(labels.max(), others[1].max())) + 1
    layers = new_layers((x.shape[1], *hidden, classes), recipe.seed)
    steps = [recipe.method.begin(recipe.rate, recipe.momentum) for _layer in layers for _one in range(2)]
    draw = np.random.default_rng(recipe.seed)
    losses, checks, accuracies = [], [], []
    diverged = False
    for _epoch in range(recipe.epochs):
        order = draw.permutation(len(x)) if recipe.batch else np.arange(len(x))
        size = recipe.batch or len(x)
        # What diverges overflows on its way, and is noticed below.
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(x), size):
                batch = order[start : start + size]
                slopes = gradients(layers, x[batch], labels[batch], recipe.penalty, draw)
                moved = [step(slope) for step, slope in zip(steps, slopes, strict=True)]
                layers = tuple(
                    (weights + moved[2 * place], bias + moved[2 * place + 1])
                    for place, (weights, bias) in enumerate(layers)
                )
            loss = mean_loss(layers, x, labels)
        diverged = not np.isfinite(loss)
        if diverged:
            break
        losses.append(loss)
        checks.append(mean_loss(layers, *others))
        accuracies.append(float((answer(layers, others[0]).argmax(axis=1) == others[1]).mean()))
    return Lesson(layers, np.array(losses), np.array(checks), np.array(accuracies), diverged)


def moons(count: int, noise: float, seed: int) -> tuple[Values, Labels]:
    """Returns points of two half moons that reach into each other.

    Args:
        count: how many points.
        noise: the deviation that is added to each.
        seed: of the draw.
    """
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    turn = draw.uniform(0, np.pi, count)
    x = np.where(labels, 1 - np.cos(turn), np.cos(turn))
    y = np.where(labels, 0.5 - np.sin(turn), np.sin(turn))
    return np.stack([x, y], axis=1) + draw.normal(0, noise, (count, 2)), labels
