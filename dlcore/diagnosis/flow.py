"""How activations and gradients flow through a network."""

from __future__ import annotations

import math

import numpy as np

from dlcore.diagnosis.curves import learning_curves, signal_bars, signal_lines
from dlcore.diagnosis.findings import Limits, Rule, Symptom, register
from dlcore.diagnosis.observation import Observation, Recording
from dlcore.errors import N_, Message
from dlcore.records.signals import SignalKind
from dlcore.spec.layers import Embedding
from dlcore.spec.layers.base import NORMALIZATION

FEWEST_LAYERS = 3
"""With fewer there is no way to get lost on."""


@register
class DeadUnits(Rule):
    """Karpathy and Li, CS231n, Neural Networks Part 1; Lu et al., Dying ReLU and Initialization, 2019."""

    kind = "dead_units"
    title = N_("Dead units")
    meaning = N_(
        "Units give zero whatever comes in, so no gradient reaches them, and they learn nothing more."
    )
    basis = N_("The share of dead units in the layer that has most of them: 60, 75 and 90 %.")
    remedies = ("lower_rate", "leaky_units", "he_initialization", "batch_normalization")

    limits = Limits(0.6, 0.75, 0.9)

    def look(self, run: Observation) -> Symptom | None:
        """Looks at the layer with the most of them."""
        found = run.of_kind(SignalKind.DEAD_SHARE)
        shares = {name: one.now for name, one in found.items() if math.isfinite(one.now)}
        if not shares:
            return None
        worst = max(shares, key=shares.__getitem__)
        sureness = self.limits.sureness(shares[worst])
        if sureness is None:
            return None
        many = [name for name, share in shares.items() if share >= self.limits.possible]
        sentence = Message(
            N_(
                "In layer {layer}, {share} of the units are zero for every validation sample; such layers: {count} of {all}."
            ),
            params={"layer": worst, "share": f"{shares[worst]:.0%}", "count": len(many), "all": len(shares)},
        )
        evidence = signal_lines(run, SignalKind.DEAD_SHARE, limit=self.limits.possible)
        return Symptom(sureness, (sentence,), {"share": shares[worst]}, (evidence,))


@register
class VanishingGradients(Rule):
    """Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010."""

    kind = "vanishing_gradients"
    title = N_("Vanishing gradients")
    meaning = N_(
        "The gradient gets smaller from layer to layer on its way back: the first layers hardly learn."
    )
    explained_by = frozenset({"dead_units"})
    basis = N_(
        "The gradient of the first layer beside that of the last one, each relative to its weights: a thousandth, a"
        " ten-thousandth, a millionth, while the training loss has not halved."
    )
    remedies = ("rectifiers", "batch_normalization", "he_initialization", "smaller_depth")

    limits = Limits(1e-3, 1e-4, 1e-6)

    def look(self, run: Observation) -> Symptom | None:
        """Compares the first layer with the last."""
        gradients = relative_gradients(run)
        if len(gradients) < FEWEST_LAYERS or not run.done or run.loss[-1] < 0.5 * run.loss[0]:
            return None
        first, *_middle, last = gradients.items()
        ratio = first[1] / last[1] if last[1] > 0 else math.nan
        sureness = self.limits.sureness(ratio)
        if sureness is None:
            return None
        sentence = Message(
            N_(
                "Relative to its weights, the gradient of layer {first} is {ratio} times that of layer {last}."
            ),
            params={"first": first[0], "last": last[0], "ratio": f"{ratio:.1g}"},
        )
        figures = (signal_bars(run, SignalKind.GRADIENT_NORM), learning_curves(run))
        return Symptom(sureness, (sentence,), {"ratio": ratio}, figures)


@register
class ExplodingGradients(Rule):
    """Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013."""

    kind = "exploding_gradients"
    title = N_("Exploding gradients")
    meaning = N_("The gradient gets so large that a single step can undo what was learned.")
    basis = N_("The largest norm of the whole gradient, beside a loss of 1 or more: 100, 1,000 and 100,000.")
    remedies = ("clip_gradients", "much_lower_rate", "batch_normalization", "he_initialization", "warm_up")

    limits = Limits(1e2, 1e3, 1e5)

    def look(self, run: Observation) -> Symptom | None:
        """Looks at the largest gradient, in multiples of the loss: that of a loss twice as large is twice as large."""
        found = run.of_kind(SignalKind.GRADIENT_NORM)
        epochs, norms = whole_norm(list(found.values()))
        if not len(norms) or not run.done:
            return None
        losses = run.loss[np.clip(epochs.astype(int) - 1, 0, run.done - 1)]
        relative = norms / np.maximum(1.0, losses)
        if np.isfinite(relative).sum() > 1:
            # One batch may be unlucky: the second largest counts.
            worst = int(np.argsort(np.nan_to_num(relative, nan=-1.0))[-2])
        else:
            worst = int(np.nanargmax(relative)) if np.isfinite(relative).any() else 0
        sureness = self.limits.sureness(float(relative[worst]))
        if sureness is None:
            return None
        sentence = Message(
            N_("In epoch {epoch} the gradient of all weights had a norm of {norm}, at a loss of {loss}."),
            params={
                "epoch": int(epochs[worst]),
                "norm": f"{norms[worst]:.3g}",
                "loss": f"{losses[worst]:.3g}",
            },
        )
        figures = (signal_lines(run, SignalKind.GRADIENT_NORM), learning_curves(run))
        return Symptom(sureness, (sentence,), {"norm": float(norms[worst])}, figures, int(epochs[worst]))


def relative_gradients(run: Observation) -> dict[str, float]:
    """Returns the gradient of each layer that multiplies what comes in by weights, relative to these, as it is now.

    Normalisations have no such weights, and of an embedding only the rows of a batch have a gradient.
    """
    weights = run.of_kind(SignalKind.WEIGHT_NORM)
    layers = {layer.name: layer for layer in run.spec.model.layers}
    found = {}
    for name, one in run.of_kind(SignalKind.GRADIENT_NORM).items():
        layer = layers.get(name)
        if layer is None or isinstance(layer, Embedding) or layer.group == NORMALIZATION:
            continue
        if name in weights and weights[name].now > 0 and math.isfinite(one.now):
            found[name] = one.now / weights[name].now
    return found


def whole_norm(parts: list[Recording]) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    """Returns epochs and norms of the gradient of all layers together; empty where they were not recorded alike."""
    if not parts or any(not np.array_equal(one.epochs, parts[0].epochs) for one in parts):
        return np.empty(0), np.empty(0)
    squares = np.sum([np.square(one.values) for one in parts], axis=0)
    return parts[0].epochs, np.sqrt(squares)
