"""Whether the result of a run can be trusted, and is worth anything."""

from __future__ import annotations

import math

import numpy as np

from dlcore.diagnosis.curves import learning_curves, metric_title
from dlcore.diagnosis.findings import Bars, Limits, Rule, Sureness, Symptom, register
from dlcore.diagnosis.fitting import CHANCE
from dlcore.diagnosis.observation import LAST_PROBES, Observation, standard_error
from dlcore.errors import N_, Message
from dlcore.records import Baseline
from dlcore.records.evaluation import ClassScore
from dlcore.records.verdict import Level, Verdict, verdicts
from dlcore.spec.data import Task
from dlcore.spec.layers import BatchNormalization
from dlcore.spec.layers.base import REGULARIZATION
from dlcore.spec.metrics import METRICS, metric_text
from dlcore.spec.regularizers import Regularizer

THIS_RUN = Message(N_("This run"))


@register
class Imbalance(Rule):
    """He and Garcia, Learning from Imbalanced Data, 2009."""

    kind = "imbalance"
    title = N_("Rare classes are missed")
    meaning = N_(
        "Some classes have so few samples that answering without them costs the loss almost nothing."
    )
    basis = N_(
        "Of the classes with less than a third of the samples that they would have if all were equal, the share that is"
        " found, beside that of the others: 60, 40 and 15 % of it."
    )
    remedies = ("class_weights", "more_epochs", "augmentation")

    limits = Limits(0.60, 0.40, 0.15)
    rare = 1 / 3
    fewest = 5

    def look(self, run: Observation) -> Symptom | None:
        """Compares what is found of rare and of other classes."""
        scores = run.evaluation.scores if run.evaluation and run.classes else ()
        total = sum(score.support for score in scores)
        if len(scores) < 2 or not total:
            return None
        line = self.rare * total / len(scores)
        few = [score for score in scores if score.support < line]
        others = [score for score in scores if score.support >= line]
        count = sum(score.support for score in few)
        if count < self.fewest:
            return None
        found, usual = _found(few), _found(others)
        sureness = self.limits.sureness(found / usual) if usual > 0 else None
        if sureness is None or usual - found < CHANCE * standard_error(found, count):
            return None
        sentence = Message(
            N_(
                "Rare classes: {names} ({samples} of {total} test samples). Of these {found} are recognised, of the others"
                " {usual}."
            ),
            params={
                "names": ", ".join(score.name for score in few[:5]) + (" …" if len(few) > 5 else ""),
                "samples": count,
                "total": total,
                "found": f"{found:.0%}",
                "usual": f"{usual:.0%}",
            },
        )
        shown = sorted(scores, key=lambda score: score.support)[:24]
        recall = Bars(
            Message(N_("Recall by class, the rarest first")),
            tuple(score.name for score in shown),
            np.array([score.recall for score in shown]),
            is_share=True,
        )
        return Symptom(sureness, (sentence,), {"found": found, "usual": usual}, (recall,))


def _found(scores: list[ClassScore]) -> float:
    """Returns the share that is recognised of the samples of some classes."""
    samples = sum(score.support for score in scores)
    return sum(score.recall * score.support for score in scores) / samples if samples else 0.0


@register
class Leakage(Rule):
    """Kaufman et al., Leakage in Data Mining, 2012; Kapoor and Narayanan, Leakage and the Reproducibility Crisis, 2023."""

    kind = "leakage"
    title = N_("Suspicion of leakage")
    meaning = N_(
        "It may know something that it will not know in use, so that its result looks better than it is."
    )
    basis = N_(
        "How much better the validation part is than the test part, or than the training part without anything that"
        " makes training harder: 5, 10 and 20 percentage points, and more than chance; or a result without an error that"
        " a simple model has, too (possible)."
    )
    remedies = ("split_by_groups", "remove_duplicates", "remove_near_duplicates")

    limits = Limits(0.05, 0.10, 0.20)
    fewest = 100
    perfect = 0.999
    """A share that is right."""
    tiny = 0.01
    """Of the error without learning, what is left."""

    def look(self, run: Observation) -> Symptom | None:
        """Looks for what is too good to be true."""
        return self._easy_validation(run) or self._better_than_training(run) or self._perfect(run)

    def _easy_validation(self, run: Observation) -> Symptom | None:
        if not run.is_share or run.evaluation is None or not len(run.errors[1]):
            return None
        if run.metric not in run.evaluation.metrics or not run.done:
            return None
        validation = 1 - float(run.errors[1][run.epoch_of_weights()])
        test = run.evaluation.metrics[run.metric]
        samples = max(1, sum(score.support for score in run.evaluation.scores))
        spread = math.hypot(standard_error(validation, run.validation_samples), standard_error(test, samples))
        sureness = self.limits.sureness(validation - test)
        if sureness is None or validation - test < CHANCE * spread:
            return None
        sentence = _compared(
            N_(
                "{metric}: {first} on the validation part, but {second} on the test part. Samples of the validation part"
                " may be too much like those it is trained on."
            ),
            run.metric,
            validation,
            test,
        )
        names = (Message(N_("Training")), Message(N_("Validation")), Message(N_("Test")))
        values = np.array([1 - float(run.errors[0][run.epoch_of_weights()]), validation, test])
        bars = Bars(metric_title(run.metric), names, values, is_share=True)
        return Symptom(sureness, (sentence,), {"validation": validation, "test": test}, (bars,))

    def _better_than_training(self, run: Observation) -> Symptom | None:
        train, validation = run.errors
        if not run.is_share or len(validation) < LAST_PROBES or makes_training_harder(run):
            return None
        ours, theirs = float(np.mean(train[-LAST_PROBES:])), float(np.mean(validation[-LAST_PROBES:]))
        sureness = self.limits.sureness(ours - theirs)
        # The training part is measured while it learns: where that is quick, it lags behind.
        lag = abs(float(train[-2] - train[-1]))
        if sureness is None or ours - theirs - lag < CHANCE * standard_error(ours, run.validation_samples):
            return None
        sentence = _compared(
            N_("{metric}: {first} on the validation part, but {second} on the training part."),
            run.metric,
            1 - theirs,
            1 - ours,
        )
        evidence = learning_curves(run, run.metric)
        return Symptom(sureness, (sentence,), {"validation": 1 - theirs, "train": 1 - ours}, (evidence,))

    def _perfect(self, run: Observation) -> Symptom | None:
        found = run.evaluation
        if found is None or Task(found.task) in (Task.FORECASTING, Task.RECONSTRUCTION, Task.RATING):
            return None
        fitted = [one for one in found.baselines if one.fitted and run.metric in one.metrics]
        if not fitted or run.metric not in found.metrics:
            return None
        simple = (max if run.is_share else min)(one.metrics[run.metric] for one in fitted)
        ours = found.metrics[run.metric]
        if run.is_share:
            enough = sum(score.support for score in found.scores) >= self.fewest
            suspicious = enough and min(ours, simple) >= self.perfect
        else:
            plain = [
                one.metrics[run.metric]
                for one in found.baselines
                if not one.fitted and run.metric in one.metrics
            ]
            suspicious = bool(plain) and max(ours, simple) < self.tiny * min(plain)
        if not suspicious:
            return None
        sentence = _compared(
            N_(
                "{metric} on the test part: {first}, and {second} of a simple model. Is there a column or a mark that says"
                " the answer?"
            ),
            run.metric,
            ours,
            simple,
        )
        return Symptom(
            Sureness.POSSIBLE, (sentence,), {"run": ours, "simple": simple}, (baseline_bars(run, run.metric),)
        )


def _compared(words: str, metric: str, first: float, second: float) -> Message:
    texts = {"first": metric_text(metric, first), "second": metric_text(metric, second)}
    return Message(words, params={"metric": metric_title(metric), **texts})


def makes_training_harder(run: Observation) -> bool:
    """Returns whether something makes the training part harder than it is, so that the others may well be better."""
    if run.spec.augmentation:
        return True
    for layer in run.spec.model.layers:
        if layer.group == REGULARIZATION:
            return True
        if getattr(layer, "dropout", 0.0) or any(isinstance(value, Regularizer) for _name, value in layer):
            return True
        if isinstance(layer, BatchNormalization):  # the batch's own numbers while training
            return True
    return run.spec.training.class_weight is not None


@register
class WorseThanBaseline(Rule):
    """Karpathy, A Recipe for Training Neural Networks, 2019: begin with dumb baselines."""

    kind = "worse_than_baseline"
    title = N_("Worse than a baseline")
    meaning = N_("Something much simpler does better on the same test samples.")
    basis = N_(
        "By how many standard errors a simple model is better (2, 3 and 6), of errors by how much (5, 20 and 50 %);"
        " to be worse than an answer without learning is sure."
    )
    remedies = ("more_epochs", "larger_model", "lower_rate", "higher_rate", "batch_normalization")

    chance_limits = Limits(2.0, 3.0, 6.0)
    ratio_limits = Limits(1.05, 1.2, 1.5)

    def look(self, run: Observation) -> Symptom | None:
        """Takes the verdicts of the evaluation that are clear."""
        if run.evaluation is None or not run.complete:
            return None
        found = []
        for verdict in verdicts(run.evaluation):
            sureness = self._sureness(run, verdict) if verdict.level is Level.WORSE else None
            if sureness is not None:
                found.append((Sureness.SURE if not verdict.baseline.fitted else sureness, verdict))
        if not found:
            return None
        sureness, verdict = max(found, key=lambda row: row[0])
        numbers = {
            "run": run.evaluation.metrics[verdict.metric],
            "baseline": verdict.baseline.metrics[verdict.metric],
        }
        sentences = tuple(one.sentence for _level, one in found)
        return Symptom(sureness, sentences, numbers, (baseline_bars(run, verdict.metric),))

    def _sureness(self, run: Observation, verdict: Verdict) -> Sureness | None:
        assert run.evaluation is not None, "it was judged"
        ours, theirs = run.evaluation.metrics[verdict.metric], verdict.baseline.metrics[verdict.metric]
        if not METRICS[verdict.metric].is_share:
            low, high = sorted((ours, theirs))
            return self.ratio_limits.sureness(high / low if low > 0 else math.inf)
        samples = max(1, sum(score.support for score in run.evaluation.scores))
        spread = math.hypot(standard_error(ours, samples), standard_error(theirs, samples))
        return self.chance_limits.sureness(abs(ours - theirs) / spread)


def baseline_bars(run: Observation, metric: str) -> Bars:
    """Returns a metric on the test part, of the run and of all its baselines."""
    assert run.evaluation is not None, "there are baselines only beside an evaluation"
    baselines: list[Baseline] = [one for one in run.evaluation.baselines if metric in one.metrics]
    values = [run.evaluation.metrics[metric], *(one.metrics[metric] for one in baselines)]
    is_share = metric in METRICS and METRICS[metric].is_share
    return Bars(
        metric_title(metric),
        (THIS_RUN, *(one.name for one in baselines)),
        np.array(values),
        is_share=is_share,
    )
