"""How well a run fits its data: too closely, too loosely, or not yet.

Whether a validation loss rises is judged as for alerts: `dlcore.records.alerts`.
"""

from __future__ import annotations

import numpy as np

from dlcore.diagnosis.curves import learning_curves, metric_title
from dlcore.diagnosis.findings import Limits, Rule, Sureness, Symptom, register
from dlcore.diagnosis.observation import LAST_PROBES, Observation, Values, entropy, standard_error
from dlcore.errors import N_, Message
from dlcore.records.alerts import GENERALIZATION_LOSS, STRIP, overfitting_sign
from dlcore.records.evaluation import Baseline
from dlcore.spec.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from dlcore.spec.metrics import Accuracy, higher_is_better, metric_text

CROSS_ENTROPIES = (SparseCategoricalCrossentropy, CategoricalCrossentropy, BinaryCrossentropy)

CHANCE = 3.0
"""Standard errors beyond which a difference of shares is no chance."""
EARLY = 5
"""Epochs after which a run that is still at work should have learned something."""
SOLVED = 0.2
"""An error that has fallen below this share of what it was in the first epoch: what differs then matters little."""


@register
class Overfitting(Rule):
    """Goodfellow, Bengio and Courville, Deep Learning, 2016, 5.2 and 7.8; Prechelt, Early Stopping, 1998."""

    kind = "overfitting"
    title = N_("Overfitting")
    meaning = N_("It learns the training samples by heart, and does worse on others.")
    basis = N_(
        "The gap between training and validation part at the weights that are kept (5, 10 and 20 percentage points, or"
        " 1.5, 2 and 3 times the error), and how far the validation loss has risen above its lowest value"
        " (5, 25 and 100 %)."
    )
    remedies = ("early_stopping", "dropout", "augmentation", "l2", "smaller_model")

    gap_limits = Limits(0.05, 0.10, 0.20)
    ratio_limits = Limits(1.5, 2.0, 3.0)
    rise_limits = Limits(GENERALIZATION_LOSS, 0.25, 1.0)

    def look(self, run: Observation) -> Symptom | None:
        """Compares both parts, and the validation loss with its lowest."""
        found = [one for one in (self._gap(run), self._rise(run)) if one is not None]
        if not found:
            return None
        numbers = {name: value for one in found for name, value in one.numbers.items()}
        evidence = {id(figure): figure for one in found for figure in one.evidence}
        return Symptom(
            max(one.sureness for one in found),
            tuple(sentence for one in found for sentence in one.sentences),
            numbers,
            tuple(evidence.values()),
            next((one.epoch for one in found if one.epoch is not None), None),
        )

    def _gap(self, run: Observation) -> Symptom | None:
        train, validation = run.errors
        if len(validation) < 2:
            return None
        place = run.epoch_of_weights()
        here = slice(max(0, place - 1), place + 2)  # with its neighbours: one epoch alone may be lucky
        ours, theirs = float(np.mean(train[here])), float(np.mean(validation[here]))
        if run.is_share:
            chance = standard_error(theirs, run.validation_samples)
            if theirs < 2 * ours or theirs - ours < CHANCE * chance:
                return None
            value, sureness = theirs - ours, self.gap_limits.sureness(theirs - ours)
        else:
            if theirs < SOLVED * float(validation[0]):
                return None
            value = theirs / ours if ours > 0 else float("inf")
            sureness = self.ratio_limits.sureness(value)
        if sureness is None:
            return None
        sentence = Message(
            N_(
                "{metric}: {train} on the training part, {validation} on the validation part (epoch {epoch})."
            ),
            params={
                "metric": metric_title(run.metric),
                "train": metric_text(run.metric, _shown(run, ours)),
                "validation": metric_text(run.metric, _shown(run, theirs)),
                "epoch": place + 1,
            },
        )
        return Symptom(
            sureness, (sentence,), {"gap": value}, (learning_curves(run, run.metric, since=place + 1),)
        )

    def _rise(self, run: Observation) -> Symptom | None:
        losses = run.validation_loss
        sign = None if run.keeps_best else overfitting_sign(run.loss, losses)
        if sign is None or sign.epoch is None:
            return None
        lowest = float(losses[sign.epoch - 1])
        rise = float(losses[-STRIP:].min()) / lowest - 1
        sureness = self.rise_limits.sureness(rise) or Sureness.POSSIBLE
        if run.is_share and _still_answers_as_well(run):
            # The answers are as right as before, only surer: that costs loss, but no answers.
            sureness = Sureness.POSSIBLE
        sentence = Message(
            N_(
                "The validation loss was lowest in epoch {epoch}; in the last {count} epochs it is {rise} higher."
            ),
            params={"epoch": sign.epoch, "count": STRIP, "rise": f"{rise:.0%}"},
        )
        return Symptom(
            sureness, (sentence,), {"rise": rise}, (learning_curves(run, since=sign.epoch),), sign.epoch
        )


def _still_answers_as_well(run: Observation) -> bool:
    errors = run.errors[1]
    if len(errors) <= STRIP:
        return False
    before, now = float(np.min(errors[:-STRIP])), float(np.mean(errors[-STRIP:]))
    return now - before <= max(0.01, standard_error(before, run.validation_samples))


def _shown(run: Observation, error: float) -> float:
    """Returns an error as its metric has it."""
    return 1 - error if higher_is_better(run.metric) else error


@register
class Underfitting(Rule):
    """Goodfellow, Bengio and Courville, Deep Learning, 2016, 5.2; Karpathy, A Recipe for Training Neural Networks, 2019."""

    kind = "underfitting"
    title = N_("Underfitting")
    meaning = N_("It does not even do well on the samples it is trained on.")
    basis = N_(
        "Its error on the training part beside that of a simple model on the test part (3, 8 and 20 percentage points"
        " more, or 1.1, 1.3 and 2 times the error), and beside that of an answer without learning."
    )
    explained_by = frozenset(
        {
            "rate_too_high",
            "rate_too_low",
            "too_few_epochs",
            "dead_units",
            "vanishing_gradients",
            "exploding_gradients",
            "imbalance",
        }
    )
    remedies = ("larger_model", "more_epochs", "less_regularization", "higher_rate", "batch_normalization")

    gap_limits = Limits(0.03, 0.08, 0.20)
    ratio_limits = Limits(1.1, 1.3, 2.0)

    def look(self, run: Observation) -> Symptom | None:
        """Compares its better part with the baselines."""
        if run.done < (1 if run.complete else EARLY):
            return None
        ours = min(float(np.mean(part[-LAST_PROBES:])) for part in run.errors if len(part))
        for fitted in (False, True):
            reference = reference_error(run, fitted=fitted)
            sureness = None if reference is None else self._sureness(run, ours, reference, fitted=fitted)
            if reference is None or sureness is None:
                continue
            words = (
                N_(
                    "{metric}: {ours} on the samples it is trained on; a simple model has {theirs} on unseen ones."
                )
                if fitted
                else N_(
                    "{metric}: {ours} on the samples it is trained on; without any learning it is {theirs}."
                )
            )
            sentence = Message(
                words,
                params={
                    "metric": metric_title(run.metric),
                    "ours": metric_text(run.metric, _shown(run, ours)),
                    "theirs": metric_text(run.metric, _shown(run, reference)),
                },
            )
            evidence = learning_curves(run, run.metric)
            return Symptom(sureness, (sentence,), {"error": ours, "reference": reference}, (evidence,))
        return None

    def _sureness(self, run: Observation, ours: float, theirs: float, *, fitted: bool) -> Sureness | None:
        if not fitted:
            if run.is_share:
                learned = theirs - ours
                return (
                    Sureness.SURE
                    if learned < max(0.02, 2 * standard_error(theirs, run.validation_samples))
                    else None
                )
            return Sureness.SURE if ours > 0.95 * theirs else None
        if not run.is_share:
            return self.ratio_limits.sureness(ours / theirs) if theirs > 0 else None
        if ours - theirs < CHANCE * standard_error(theirs, run.validation_samples):
            return None
        return self.gap_limits.sureness(ours - theirs)


def reference_error(run: Observation, *, fitted: bool) -> float | None:
    """Returns the lowest error of the baselines on the test part, in what the run is judged by.

    Args:
        run: whose.
        fitted: of those that are small models; else of those that need no learning, which follow from the classes
            while there is no evaluation yet.
    """
    found = (
        [] if run.evaluation is None else [one for one in run.evaluation.baselines if one.fitted is fitted]
    )
    known = [_error_of(one, run.metric) for one in found if run.metric in one.metrics]
    if known:
        return min(known)
    if not fitted and run.metric == Accuracy.name and run.class_counts:
        return 1 - max(run.class_counts) / sum(run.class_counts)
    return None


def _error_of(baseline: Baseline, metric: str) -> float:
    value = baseline.metrics[metric]
    return 1 - value if higher_is_better(metric) else value


def chance_loss(run: Observation) -> float | None:
    """Returns the cross-entropy of who knows only how frequent the classes are; None for other losses."""
    loss = run.spec.training.loss
    if not run.classes or not (loss is None or isinstance(loss, CROSS_ENTROPIES)):
        return None
    return entropy(run.class_counts or [1] * len(run.classes))


@register
class TooFewEpochs(Rule):
    """Karpathy, A Recipe for Training Neural Networks, 2019: leave it training."""

    kind = "too_few_epochs"
    title = N_("Too few epochs")
    meaning = N_("It was still getting better on unseen samples when it ended.")
    basis = N_(
        "What the last quarter of the epochs has gained on the training and on the validation part: 1, 3 and 8 percentage"
        " points, or 5, 10 and 20 % of the error."
    )
    explained_by = frozenset({"rate_too_low", "rate_too_high", "overfitting"})
    remedies = ("more_epochs", "higher_rate", "early_stopping")

    points_limits = Limits(0.01, 0.03, 0.08)
    share_limits = Limits(0.05, 0.10, 0.20)

    def look(self, run: Observation) -> Symptom | None:
        """Looks at the last quarter of a run that was not ended before its time."""
        errors = run.errors[1] if len(run.errors[1]) else run.errors[0]
        if not run.complete or run.done < max(2, run.epochs) or not len(errors):
            return None
        span = max(1, run.done // 4)
        # On both parts: of a small validation part alone it may be chance, of the training part it may be overfitting.
        gain = min(_fall(part, span) for part in run.errors if len(part))
        losses = run.validation_loss if len(run.validation_loss) else run.loss
        start = float(errors[-span - 1])
        if _fall(losses, span) <= 0 or int(np.argmin(losses)) < run.done - max(1, span // 2):
            return None
        if run.is_share:
            if gain < standard_error(start, run.validation_samples):
                return None
            sureness = self.points_limits.sureness(gain)
        else:
            if float(errors[-1]) < SOLVED * float(errors[0]):
                return None
            sureness = self.share_limits.sureness(gain / start) if start > 0 else None
        if sureness is None:
            return None
        gained = f"{100 * gain:.1f}" if run.is_share else f"{gain / start:.0%}"
        words = (
            N_("{metric}: {gained} percentage points better in the last quarter of its epochs.")
            if run.is_share
            else N_("{metric}: {gained} better in the last quarter of its epochs.")
        )
        params = {"metric": metric_title(run.metric), "gained": gained}
        evidence = learning_curves(run, run.metric, since=run.done - span)
        return Symptom(sureness, (Message(words, params=params),), {"gain": gain}, (evidence,))


def _fall(values: Values, span: int) -> float:
    """Returns how far the straight line through the last values falls from the first to the last of them."""
    last = values[-span - 1 :]
    slope = float(np.polyfit(np.arange(len(last)), last, 1)[0])
    return -slope * span
