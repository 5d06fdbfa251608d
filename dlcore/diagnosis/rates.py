"""Whether the steps of a training have the right size.

The size of a step beside that of the weights should be about 0.001: Karpathy and Li, CS231n, Neural Networks Part 3.
"""

from __future__ import annotations

import math

import numpy as np

from dlcore.diagnosis.curves import learning_curves, signal_lines
from dlcore.diagnosis.findings import Evidence, Limits, Rule, Sureness, Symptom, register
from dlcore.diagnosis.fitting import chance_loss, reference_error
from dlcore.diagnosis.observation import LAST_PROBES, Observation
from dlcore.errors import N_, Message
from dlcore.records.alerts import divergence_sign
from dlcore.records.signals import SignalKind

LARGE_STEP = 1e-2
"""Ten times what is usual."""
DEAD = 0.9
"""The share of a layer's units that only too large a step is likely to have killed."""


def _steps(run: Observation) -> tuple[Evidence, ...]:
    if not run.of_kind(SignalKind.UPDATE_RATIO):
        return ()
    return (signal_lines(run, SignalKind.UPDATE_RATIO),)


@register
class RateTooHigh(Rule):
    """Bengio, Practical Recommendations, 2012, 3.1.1; Smith, Cyclical Learning Rates, 2017."""

    kind = "rate_too_high"
    title = N_("Learning rate too high")
    meaning = N_("Its steps are so large that they jump over what they look for.")
    basis = N_(
        "A loss that is no number is sure; so is a training loss three times that of the first epoch, from 1.5 times it"
        " is likely. A loss no better than guessing is likely, where steps are larger than 1 % of the weights, 90 % of a"
        " layer's units are dead, or the first epoch was twice as bad as guessing."
    )
    remedies = ("much_lower_rate", "warm_up", "clip_gradients", "batch_normalization")

    growth_limits = Limits(1.0, 1.5, 3.0)

    def look(self, run: Observation) -> Symptom | None:
        """Looks for a loss that is lost, grows, or never leaves the ground."""
        found = [one for one in (self._lost(run), self._grown(run), self._stuck(run)) if one is not None]
        return max(found, key=lambda one: one.sureness, default=None)

    def _lost(self, run: Observation) -> Symptom | None:
        if run.diverged_at is None:
            return None
        sentence = Message(
            N_("Its loss was no longer a finite number in epoch {epoch}."), params={"epoch": run.diverged_at}
        )
        figures = (learning_curves(run), *_steps(run)) if run.done else _steps(run)
        return Symptom(Sureness.SURE, (sentence,), {"epoch": run.diverged_at}, figures, run.diverged_at)

    def _grown(self, run: Observation) -> Symptom | None:
        sign = divergence_sign(run.loss, run.validation_loss)
        if sign is None:
            return None
        growth = float(run.loss[-LAST_PROBES:].mean() / run.loss[0]) if run.loss[0] > 0 else math.inf
        sentence = Message(
            N_("Since epoch {epoch} its training loss is higher than in the first one, now {growth} times."),
            params={"epoch": sign.epoch, "growth": f"{growth:.3g}"},
        )
        figures = (learning_curves(run, since=sign.epoch), *_steps(run))
        sureness = self.growth_limits.sureness(growth) or Sureness.POSSIBLE
        return Symptom(sureness, (sentence,), {"growth": growth}, figures, sign.epoch)

    def _stuck(self, run: Observation) -> Symptom | None:
        guess = chance_loss(run)
        if run.done < LAST_PROBES or guess is None:
            return None
        now, first = float(run.loss[-LAST_PROBES:].min()), float(run.loss[0])
        step = run.median_now(SignalKind.UPDATE_RATIO)
        dead = max((one.now for one in run.of_kind(SignalKind.DEAD_SHARE).values()), default=0.0)
        if now < 0.98 * guess or not (step >= LARGE_STEP or first >= 2 * guess or dead >= DEAD):
            return None
        sentences = [
            Message(
                N_(
                    "Its training loss is {loss}; one who only knows how frequent the classes are has {guess}."
                ),
                params={"loss": f"{now:.3g}", "guess": f"{guess:.3g}"},
            )
        ]
        if step >= LARGE_STEP:
            sentences.append(
                Message(
                    N_("A step changes the weights by {step}; 0.1 % is usual."),
                    params={"step": f"{step:.2g}"},
                )
            )
        figures = (learning_curves(run), *_steps(run))
        return Symptom(
            Sureness.LIKELY, tuple(sentences), {"loss": now, "guess": guess, "step": step}, figures
        )


@register
class RateTooLow(Rule):
    """Goodfellow, Bengio and Courville, Deep Learning, 2016, 11.4.1; Smith, 2017."""

    kind = "rate_too_low"
    title = N_("Learning rate too low")
    meaning = N_("It gets better in every epoch, but so slowly that it does not get far.")
    basis = N_(
        "A training loss that falls in nine of ten epochs, as fast in the second half as in the first, and in all by at"
        " most 30, 15 and 5 %. Where steps were recorded, they must be smaller than 0.03 % of the weights."
    )
    remedies = ("higher_rate", "more_epochs")

    fall_limits = Limits(0.30, 0.15, 0.05)
    least_epochs = 4
    usual_step = 3e-4

    def look(self, run: Observation) -> Symptom | None:
        """Looks for a straight and shallow way down."""
        losses = run.loss
        if run.done < self.least_epochs or losses[0] <= 0:
            return None
        middle = run.done // 2
        first, second = losses[0] - losses[middle], losses[middle] - losses[-1]
        share = float((losses[0] - losses[-1]) / losses[0])
        falls = float(np.mean(np.diff(losses) < 0))
        if falls < 0.9 or first <= 0 or second < 0.5 * first:
            return None
        step, sureness = run.median_now(SignalKind.UPDATE_RATIO), self.fall_limits.sureness(share)
        if sureness is None or step > self.usual_step or _is_good(run):
            return None
        sentences = [
            Message(
                N_(
                    "Its training loss fell in {falls} of all epochs, but in {epochs} epochs only by {share}."
                ),
                params={"falls": f"{falls:.0%}", "epochs": run.done, "share": f"{share:.1%}"},
            )
        ]
        if math.isfinite(step):
            sentences.append(
                Message(
                    N_("A step changes the weights by {step}; 0.1 % is usual."),
                    params={"step": f"{step:.2g}"},
                )
            )
        figures = (learning_curves(run), *_steps(run))
        return Symptom(sureness, tuple(sentences), {"fall": share, "step": step}, figures)


def _is_good(run: Observation) -> bool:
    """Returns whether it has left half of the error behind that one has without learning."""
    reference = reference_error(run, fitted=False)
    return reference is not None and bool(run.errors[0][-1] < 0.5 * reference)


@register
class Unstable(Rule):
    """Smith, A Disciplined Approach to Neural Network Hyper-Parameters, 2018; Keskar et al., 2017, on small batches."""

    kind = "unstable"
    title = N_("Unstable training")
    meaning = N_("Its loss jumps from epoch to epoch instead of settling.")
    basis = N_(
        "Epochs whose training loss rises by a tenth of all that it has fallen, or whose validation loss rises by three"
        " tenths of that: 15, 25 and 40 % of all epochs, and three at least."
    )
    explained_by = frozenset({"rate_too_high", "exploding_gradients"})
    remedies = ("lower_rate", "falling_rate", "larger_batch", "clip_gradients", "warm_up")

    limits = Limits(0.15, 0.25, 0.40)
    fewest = 3
    least_epochs = 6

    def look(self, run: Observation) -> Symptom | None:
        """Counts the epochs that go back a good part of the way."""
        if run.done < self.least_epochs:
            return None
        # Beside what the training loss has fallen: that of a small validation part may have fallen by chance alone.
        way = float(run.loss[0] - run.loss.min())
        jumps = np.diff(run.loss) > 0.1 * way
        if len(run.validation_loss):
            jumps = jumps | (np.diff(run.validation_loss) > 0.3 * way)
        jumps = jumps & (way > 0)
        count = int(jumps.sum())
        share = count / run.done
        sureness = self.limits.sureness(share)
        if sureness is None or count < self.fewest:
            return None
        sentence = Message(
            N_("In {count} of {epochs} epochs its loss jumped up, the last time in epoch {last}."),
            params={"count": count, "epochs": run.done, "last": int(np.flatnonzero(jumps)[-1]) + 2},
        )
        figures = (learning_curves(run), *_steps(run))
        return Symptom(sureness, (sentence,), {"jumps": count, "share": share}, figures)
