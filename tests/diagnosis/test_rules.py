"""What is found in curves that are written by hand, and from which number on."""

import numpy as np
import pytest

from dlcore.diagnosis import RULES, Limits, diagnose
from dlcore.records.alerts import AlertKind, signs
from dlcore.spec.data import Task
from tests.diagnosis.made import curves, evaluation, facts, kinds, run, signals, spec, sureness

LEARNS = [1.4, 0.9, 0.5, 0.3, 0.2, 0.15, 0.12, 0.1]
RIGHT = [0.5, 0.7, 0.85, 0.9, 0.95, 0.96, 0.965, 0.965]


def healthy(**more):
    train, validation = curves(loss=LEARNS, accuracy=RIGHT), curves(loss=LEARNS, accuracy=RIGHT)
    return run(train, validation, **more)


def test_a_run_that_learns_shows_nothing():
    good = evaluation({"accuracy": 0.96}, baselines=[("the most frequent", {"accuracy": 0.25}, False)])
    still = signals("dead_share", {"dense": 0.1}) | signals("update_ratio", {"dense": 1e-3})
    assert kinds(healthy()) == []
    assert kinds(healthy(evaluation=good, signals=still)) == []


def test_nothing_is_said_before_the_first_epoch():
    assert kinds(run({}, complete=False, epochs=10)) == []


@pytest.mark.parametrize(
    "value, level", [(0.04, None), (0.05, "POSSIBLE"), (0.1, "LIKELY"), (0.25, "SURE"), (float("nan"), None)]
)
def test_a_number_makes_a_finding_as_sure_as_the_last_limit_that_it_passes(value, level):
    found = Limits(0.05, 0.1, 0.2).sureness(value)
    assert (found and found.name) == level


@pytest.mark.parametrize("value, level", [(2e-3, None), (1e-3, "POSSIBLE"), (1e-5, "LIKELY"), (0.0, "SURE")])
def test_limits_that_fall_are_passed_downwards(value, level):
    found = Limits(1e-3, 1e-4, 1e-6).sureness(value)
    assert (found and found.name) == level


def test_a_gap_between_the_parts_is_overfitting():
    train = curves(loss=LEARNS, accuracy=[0.5, 0.7, 0.9, 0.95, 0.98, 0.99, 0.99, 0.99])
    validation = curves(
        loss=[1.4, 1.0, 0.9, 0.85, 0.85, 0.85, 0.85, 0.85], accuracy=[0.5, 0.6, 0.7] + [0.75] * 5
    )
    assert kinds(run(train, validation)) == ["overfitting"]
    # 99 % against 75 %: more than 20 points
    assert sureness(run(train, validation), "overfitting") == "SURE"


def test_a_gap_that_may_be_chance_is_none():
    train = curves(loss=LEARNS, accuracy=[0.99] * 8)
    validation = curves(loss=LEARNS, accuracy=[0.93] * 8)
    # Of 400 samples 93 % are uncertain by 1.3 points, of 16 by 6.4.
    assert kinds(run(train, validation)) == ["overfitting"]
    assert kinds(run(train, validation, facts=facts(size=200))) == []


def test_overfitting_says_what_the_alert_says():
    train = [1.0, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01]
    validation = [1.0, 0.7, 0.6, 0.65, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0]
    (sign,) = signs(np.array(train), np.array(validation))
    observed = run(curves(loss=train, accuracy=[0.6] * 10), curves(loss=validation, accuracy=[0.6] * 10))
    (found,) = (one for one in diagnose(observed) if one.kind == "overfitting")
    assert (sign.kind, sign.epoch, found.symptom.epoch) == (AlertKind.OVERFITTING, 3, 3)
    # The lowest of the last five is 0.8, a third above 0.6, but as many answers are right as before.
    assert found.symptom.numbers["rise"] == pytest.approx(1 / 3)
    assert found.sureness.name == "POSSIBLE"


def test_a_rise_after_the_weights_that_are_kept_is_none():
    train = [1.0, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01]
    validation = [1.0, 0.7, 0.6, 0.65, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0]
    parts = curves(loss=train, accuracy=[0.9] * 10), curves(loss=validation, accuracy=[0.9] * 10)
    about = spec(training={"early_stopping": {"patience": 20}})
    assert "overfitting" not in kinds(run(*parts, about=about))


def test_errors_without_a_bound_are_compared_by_their_ratio():
    train, validation = (
        curves(loss=LEARNS, rmse=[8.0, 6, 5, 4, 3, 2, 2, 2]),
        curves(loss=LEARNS, rmse=[8.0] * 8),
    )
    assert sureness(run(train, validation, facts=facts((), task=Task.REGRESSION)), "overfitting") == "SURE"
    # Who has a tenth of the first error left has no trouble, whatever the other part has.
    solved = curves(loss=LEARNS, rmse=[8.0, 4, 2, 1, 0.8, 0.8, 0.8, 0.8])
    better = curves(loss=LEARNS, rmse=[8.0, 4, 2, 0.5, 0.2, 0.1, 0.1, 0.1])
    assert "overfitting" not in kinds(run(better, solved, facts=facts((), task=Task.REGRESSION)))


def test_who_answers_as_the_most_frequent_class_does_underfits():
    flat = curves(loss=[1.38] * 8, accuracy=[0.27] * 8)
    plain = [("the most frequent", {"accuracy": 0.25}, False)]
    assert kinds(run(flat, flat, evaluation=evaluation({"accuracy": 0.27}, baselines=plain))) == [
        "underfitting"
    ]


def test_who_knows_its_own_samples_worse_than_a_simple_model_unseen_ones_underfits():
    flat = curves(loss=[1.0, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8], accuracy=[0.6] * 8)
    simple = [("a linear model", {"accuracy": 0.7}, True)]
    found = kinds(run(flat, flat, evaluation=evaluation({"accuracy": 0.6}, baselines=simple)))
    assert found == ["underfitting", "worse_than_baseline"]


def test_a_run_that_still_gets_better_has_too_few_epochs():
    rising = [0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8]
    part = curves(loss=LEARNS, accuracy=rising)
    assert kinds(run(part, part)) == ["too_few_epochs"]
    # 10 points within the last two of eight epochs
    assert sureness(run(part, part), "too_few_epochs") == "SURE"
    assert kinds(run(part, part, epochs=20, complete=False)) == []


def test_a_loss_that_is_no_number_is_a_rate_too_high():
    found = diagnose(run({}, complete=False, epochs=5, diverged_at=1))
    assert [(one.kind, one.sureness.name, one.symptom.epoch) for one in found] == [
        ("rate_too_high", "SURE", 1)
    ]


def test_a_loss_above_that_of_the_first_epoch_is_a_rate_too_high():
    grown = curves(loss=[1.0, 0.9, 2.0, 2.0, 2.0], accuracy=[0.25] * 5)
    assert sureness(run(grown), "rate_too_high") == "LIKELY"
    assert kinds(run(grown)) == ["rate_too_high"]


def test_a_loss_as_of_one_who_guesses_is_a_rate_too_high_only_with_large_steps():
    # ln 4 = 1.386: the entropy of four classes
    flat = curves(loss=[1.6, 1.4, 1.39, 1.39, 1.39, 1.39], accuracy=[0.25] * 6)
    assert kinds(run(flat, signals=signals("update_ratio", {"dense": 0.05}))) == ["rate_too_high"]
    assert "rate_too_high" not in kinds(run(flat, signals=signals("update_ratio", {"dense": 1e-3})))
    first = curves(loss=[9.0, 1.4, 1.39, 1.39, 1.39, 1.39], accuracy=[0.25] * 6)
    assert kinds(run(first)) == ["rate_too_high"]


def test_a_straight_and_shallow_way_down_is_a_rate_too_low():
    slow = curves(loss=np.linspace(1.40, 1.33, 8), accuracy=np.linspace(0.25, 0.32, 8))
    assert kinds(run(slow, slow)) == ["rate_too_low"]
    # 5 % of 1.40 is 0.07.
    assert sureness(run(slow, slow), "rate_too_low") == "SURE"
    assert "rate_too_low" not in kinds(run(slow, slow, signals=signals("update_ratio", {"dense": 5e-3})))


def test_a_loss_that_jumps_is_unstable():
    jumps = [1.4, 0.5, 0.9, 0.4, 0.8, 0.3, 0.9, 0.4]
    part = curves(loss=jumps, accuracy=[0.8] * 8)
    # 3 of 8: after epochs 2, 4 and 6
    assert kinds(run(part)) == ["unstable"]
    assert sureness(run(part), "unstable") == "LIKELY"


def test_units_that_are_zero_for_a_whole_batch_are_dead():
    dead = signals("dead_share", {"dense": 0.2, "dense_1": 0.8})
    found = diagnose(healthy(signals=dead))
    assert [(one.kind, one.sureness.name) for one in found] == [("dead_units", "LIKELY")]
    assert "dense_1, 80%" in found[0].symptom.sentences[0].text()


def test_gradients_that_shrink_on_their_way_back_vanish():
    layers = [
        "Flatten",
        *({"kind": "Dense", "units": 8, "name": f"d{n}", "activation": "sigmoid"} for n in range(3)),
        "Dense",
    ]
    flat = curves(loss=[1.39] * 4, accuracy=[0.25] * 4)
    gradients = signals("gradient_norm", {"d0": 1e-6, "d1": 1e-4, "d2": 1e-2, "dense": 0.1})
    weights = signals("weight_norm", {"d0": 1.0, "d1": 1.0, "d2": 1.0, "dense": 1.0})
    seen = run(flat, about=spec(layers), signals=gradients | weights)
    # 1e-6 / 0.1 = 1e-5
    assert sureness(seen, "vanishing_gradients") == "LIKELY"
    assert "underfitting" not in kinds(seen)


def test_a_gradient_of_thousands_at_a_loss_of_one_explodes():
    part = curves(loss=[1.3, 1.2, 1.2, 1.2], accuracy=[0.5] * 4)
    assert (
        sureness(run(part, signals=signals("gradient_norm", {"dense": 3e3}, 4)), "exploding_gradients")
        == "LIKELY"
    )
    large = curves(loss=[1e6, 9e5, 8e5, 7e5], accuracy=[0.5] * 4)
    assert "exploding_gradients" not in kinds(run(large, signals=signals("gradient_norm", {"dense": 3e3}, 4)))


def test_a_rare_class_that_is_hardly_found_is_missed():
    seen = evaluation({"accuracy": 0.93}, supports=(480, 480, 20, 20), recalls=[0.99, 0.99, 0.1, 0.2])
    found = diagnose(healthy(evaluation=seen))
    # 3 of 20 each, 15 % of 99 %
    assert [one.kind for one in found] == ["imbalance"]
    assert found[0].symptom.numbers["found"] == pytest.approx(0.15)
    assert "class_weights" in found[0].remedies


def test_a_rare_class_that_is_found_is_no_trouble():
    seen = evaluation({"accuracy": 0.96}, supports=(480, 480, 20, 20), recalls=[0.97, 0.97, 0.8, 0.8])
    assert kinds(healthy(evaluation=seen)) == []


def test_a_test_part_that_is_much_harder_than_the_validation_part_is_suspicious():
    assert kinds(healthy(evaluation=evaluation({"accuracy": 0.75}))) == ["leakage"]
    assert sureness(healthy(evaluation=evaluation({"accuracy": 0.75})), "leakage") == "SURE"
    assert kinds(healthy(evaluation=evaluation({"accuracy": 0.94}))) == []


def test_a_validation_part_that_is_easier_than_the_training_part_is_suspicious():
    train = curves(loss=LEARNS, accuracy=[0.5, 0.6, 0.7] + [0.8] * 5)
    validation = curves(loss=LEARNS, accuracy=[0.5, 0.7, 0.8] + [0.95] * 5)
    assert kinds(run(train, validation)) == ["leakage"]
    dropout = spec(("Flatten", {"kind": "Dense", "units": 8}, "Dropout", "Dense"))
    assert kinds(run(train, validation, about=dropout)) == []


def test_a_result_without_an_error_that_a_simple_model_has_too_is_suspicious():
    simple = [("a linear model", {"accuracy": 1.0}, True)]
    part = curves(loss=LEARNS, accuracy=[0.9, *[1.0] * 7])
    perfect = run(part, part, evaluation=evaluation({"accuracy": 1.0}, baselines=simple))
    assert (kinds(perfect), sureness(perfect, "leakage")) == (["leakage"], "POSSIBLE")
    few = evaluation({"accuracy": 1.0}, supports=(9, 9, 9, 9), baselines=simple)
    assert kinds(run(part, part, evaluation=few)) == []


def test_a_simple_model_that_is_better_by_chance_is_not_told():
    def beside(accuracy):
        simple = [("a linear model", {"accuracy": accuracy}, True)]
        return healthy(evaluation=evaluation({"accuracy": 0.95}, baselines=simple))

    # Of 1,000 samples both are uncertain by 0.7 points, their difference by 0.9.
    assert kinds(beside(0.96)) == []
    assert sureness(beside(0.97), "worse_than_baseline") == "POSSIBLE"
    assert sureness(beside(0.985), "worse_than_baseline") == "LIKELY"


def test_the_surest_finding_comes_first():
    dead = signals("dead_share", {"dense": 0.95})
    part = curves(loss=LEARNS, accuracy=[0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.77, 0.78])
    assert [one.sureness.name for one in diagnose(run(part, part, signals=dead))] == ["SURE", "LIKELY"]


def test_every_rule_is_explained_and_has_remedies():
    for rule in RULES.values():
        assert rule.title and rule.meaning and rule.basis and rule.remedies
        assert rule.explained_by <= set(RULES)
