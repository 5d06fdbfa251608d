"""Each check of a lesson holds where what it asks for is there, and says what is missing where it is not."""

import pytest

from dlcore.errors import SpecError
from dlcore.lessons.checks import Check
from dlcore.lessons.evidence import Evidence, Visit
from dlcore.records import RunState, StudyState, TrialState
from dlcore.spec.problems import parse
from tests.lessons.makers import draft, run, spec_with, study

BARE = {"preprocessing": [], "model__layers": []}
LAYERS = [
    {"kind": "Conv2D", "filters": 32, "kernel_regularizer": {"kind": "L2"}},
    "MaxPooling2D",
    "Flatten",
    {"kind": "Dense", "units": 10},
]
GOOD = {
    "train": {"accuracy": 0.99, "loss": 0.1},
    "validation": {"accuracy": 0.95, "loss": 0.2},
    "test": {"accuracy": 0.9},
}


def missing(check, **evidence):
    return [message.text() for message in parse(Check, check).missing(Evidence(**evidence))]


@pytest.mark.parametrize(
    ("wanted", "good", "bad", "said"),
    [
        ({"dataset": "digits"}, {}, {"dataset__name": "mnist"},
         "Choose the data Handwritten digits, 8×8; now it is MNIST handwritten digits."),
        ({"preprocessing": "Rescaling"}, {"preprocessing": ["Rescaling"]}, BARE,
         "Add the preprocessing step Rescale values (Rescaling)."),
        ({"augmentation": ["RandomTranslation"]}, {"augmentation": ["RandomTranslation"]}, {},
         "Add the augmentation Shift (RandomTranslation)."),
        ({"layers": ["Conv2D"]}, {"model__layers": LAYERS}, BARE, "Add the layer Conv2D."),
        ({"layers": ["Conv2D", "Flatten"]}, {"model__layers": LAYERS}, {"model__layers": ["Flatten", "Conv2D"]},
         "Add the layer Flatten behind Conv2D."),
        ({"layers": [{"kind": "Conv2D", "filters": 32}]}, {"model__layers": LAYERS},
         {"model__layers": [{"kind": "Conv2D", "filters": 16}]}, "Add the layer Conv2D, Filters = 32."),
        ({"layers": [{"kind": "Conv2D", "kernel_regularizer": "L2"}]}, {"model__layers": LAYERS},
         {"model__layers": ["Conv2D"]}, "Add the layer Conv2D, Kernel regularizer = L2."),
        ({"loss": "SparseCategoricalCrossentropy"}, {"training__loss": "SparseCategoricalCrossentropy"}, {},
         "Choose the loss SparseCategoricalCrossentropy."),
        ({"optimizer": "SGD"}, {"training__optimizer": "SGD"}, {"training__optimizer": "Adam"},
         "Choose the optimizer SGD."),
        ({"optimizer": {"kind": "Adam", "learning_rate": 0.01}},
         {"training__optimizer": {"kind": "Adam", "learning_rate": 0.01}}, {"training__optimizer": "Adam"},
         "Choose the optimizer Adam, Learning rate = 0.01."),
        ({"epochs": 5}, {"training__epochs": 5}, {"training__epochs": 6},
         "Set the number of epochs: 5; now it is 6."),
        ({"epochs": {"least": 5, "most": 9}}, {"training__epochs": 9}, {"training__epochs": 10},
         "Set the number of epochs: between 5 and 9; now it is 10."),
        ({"batch_size": {"most": 64}}, {"training__batch_size": 64}, {"training__batch_size": 65},
         "Set the batch size: at most 64; now it is 65."),
        ({"early_stopping": True}, {"training__early_stopping": {}}, {"training__early_stopping": None},
         "Turn early stopping on."),
        ({"early_stopping": False}, {"training__early_stopping": None}, {"training__early_stopping": {}},
         "Turn early stopping off."),
        ({"fine_tuning": "run"}, {"fine_tuning": {"source": {"kind": "FromRun", "run": "abc"}}},
         {"fine_tuning": {"source": {"kind": "FromModel", "model": "abc"}}},
         "Begin with the weights of a run: open it, and choose Fine-tune in its menu."),
        ({"fine_tuning": "any"}, {"fine_tuning": {}}, {}, "Begin with weights that were trained before."),
    ],
)  # fmt: skip
def test_a_condition_holds_for_drafts_and_runs_alike(wanted, good, bad, said):
    assert missing({"draft": wanted}, drafts=[draft(**good)]) == []
    assert missing({"draft": wanted}, drafts=[draft(**bad)]) == [said]
    assert missing({"run": wanted}, runs=[run(**good)]) == []
    assert missing({"run": wanted}, runs=[run(**bad)]) == [said]


def test_one_draft_that_has_all_is_enough_and_else_the_nearest_is_told_of():
    check = {"draft": {"preprocessing": "Rescaling", "layers": ["Flatten"]}}
    bare, half, whole = draft(**BARE), draft(**BARE | {"preprocessing": ["Rescaling"]}), draft()

    assert missing(check, drafts=[bare, whole]) == []
    assert missing(check, drafts=[bare, half]) == ["Add the layer Flatten."]
    assert missing(check) == ["Begin the experiment of this lesson."]


def test_a_search_is_one_by_its_switch_and_varies_so_many_fields():
    space = {"space": {"training.optimizer.learning_rate": [0.1, 0.2], "seed": [1, 2]}, "active": True}
    check = {"draft": {"searching": True, "varies": 2}}

    assert missing(check, drafts=[draft(space)]) == []
    assert missing(check, drafts=[draft()]) == [
        "Make a search of it.",
        "Let the search vary fields: 2; now they are 0.",
    ]
    assert missing({"draft": {"searching": False}}, drafts=[draft(space)]) == ["Make a single run of it."]


def test_a_run_is_launched_as_soon_as_it_waits_and_completed_at_its_end():
    launched, completed = {"run": {"state": "launched"}}, {"run": {}}

    assert missing(launched) == missing(completed) == ["Start the training."]
    assert missing(launched, runs=[run(RunState.QUEUED)]) == []
    assert missing(completed, runs=[run(RunState.RUNNING)]) == ["Wait until the training has completed."]
    for state in (RunState.STOPPED, RunState.FAILED):
        assert missing(completed, runs=[run(state)]) == [
            "The training ended before it had completed: start it again, or resume it."
        ]
    assert missing(completed, runs=[run(RunState.RUNNING), run(id="q")]) == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"metrics": {"val_accuracy": {"least": 0.95}}}, []),
        ({"metrics": {"accuracy": {"least": 0.99}, "test_accuracy": {"least": 0.9}}}, []),
        ({"metrics": {"val_loss": {"most": 0.2}}}, []),
        ({"metrics": {"val_accuracy": {"least": 0.96}}}, ["Accuracy on the validation part should be at least 96.00%; it is 95.00%."]),
        ({"metrics": {"val_auc": {"least": 0.5}}}, ["Area under ROC on the validation part should be at least 50.00%; it is not measured."]),
        ({"gap": {"accuracy": {"most": 0.041}}}, []),
        ({"gap": {"accuracy": {"most": 0.03}}},
         ["Training and validation should differ in Accuracy by at most 3.00%; it is 4.00%."]),
        ({"gap": {"auc": {"most": 0.03}}},
         ["Training and validation should differ in Area under ROC by at most 3.00%; it is not measured."]),
    ],
)  # fmt: skip
def test_what_a_run_reached_is_held_against_limits(wanted, said):
    assert missing({"run": wanted}, runs=[run(summary=GOOD)]) == said


def test_a_run_is_compared_with_an_earlier_one_of_the_lesson():
    before = run(id="a", model__layers=["Flatten", "Dense"], summary=GOOD)
    layers = ["Flatten", "Dropout", "Dense"]
    after = run(
        id="b", model__layers=layers, augmentation=["RandomTranslation"], training__early_stopping={},
        summary={"train": {"accuracy": 0.97}, "validation": {"accuracy": 0.96}},
    )  # fmt: skip
    early = {"adds": ["Dropout", "RandomTranslation", "augmentation"]}

    for wanted in (early, {"adds": "Dropout"}, {"better": "val_accuracy"}, {"smaller_gap": "accuracy"}):
        assert missing({"run": {"compared": wanted}}, runs=[after, before]) == []
    assert missing({"run": {"compared": {"adds": ["Dropout"]}}}, runs=[before]) == [
        "Train another run, to be compared with the first one."
    ]
    # The latest run is the one without; the earlier one does not count as an addition.
    assert missing({"run": {"compared": {"adds": ["Dropout"]}}}, runs=[before, after]) == [
        "Train again with Dropout, which the earlier run did not have."
    ]
    again = [run(id="c", model__layers=layers), after]
    assert missing({"run": {"compared": {"adds": ["Dropout"]}}}, runs=again) == [
        "Train again with Dropout, which the earlier run did not have."
    ]
    assert missing({"run": {"compared": {"adds": ["early_stopping"]}}}, runs=[before, before]) == [
        "Train again with early stopping, which the earlier run did not have."
    ]


def test_a_run_that_is_worse_than_the_earlier_one_is_told_so():
    before = run(id="a", summary=GOOD)
    worse = {"train": {"loss": 0.1, "accuracy": 0.98}, "validation": {"loss": 0.21, "accuracy": 0.94}}
    runs = [run(id="b", summary=worse), before]

    def said(**compared):
        return missing({"run": {"compared": compared}}, runs=runs)

    assert said(better="val_accuracy") == [
        "Accuracy on the validation part should be at least as good as before."
    ]
    assert said(better="val_loss") == ["Loss on the validation part should be at least as good as before."]
    assert said(better="test_accuracy") == ["Accuracy on the test part should be at least as good as before."]
    assert said(better="loss") == []
    assert said(smaller_gap="loss") == ["Training and validation should differ less in Loss than before."]
    assert said(smaller_gap="auc") == [
        "Training and validation should differ less in Area under ROC than before."
    ]


def test_a_search_counts_its_complete_trials():
    space = {"seed": [1, 2]}
    some = study(counts={TrialState.COMPLETE: 3, TrialState.FAIL: 9}, space=space)
    done = study(StudyState.COMPLETED, counts={TrialState.COMPLETE: 4}, space=space)
    check = {"study": {"trials": {"least": 4}, "varies": 1, "dataset": "digits", "state": "completed"}}

    assert missing(check, studies=[done]) == [] and missing(check) == ["Start the search."]
    assert missing(check, studies=[some]) == [
        "Trials that are complete: at least 4; so far: 3.",
        "Wait until the search has completed.",
    ]
    assert missing({"study": {"varies": {"least": 2}}}, studies=[done]) == [
        "Let the search vary fields: at least 2; now they are 1."
    ]
    assert missing({"study": {"dataset": "mnist"}}, studies=[done]) == [
        "Choose the data MNIST handwritten digits; now it is Handwritten digits, 8×8."
    ]


def test_a_visit_is_of_a_page_and_its_tab():
    check = {"visit": {"page": "run", "view": "evaluation"}}

    assert missing(check, visit=Visit("run", "evaluation")) == []
    for visit in (None, Visit("run"), Visit("data", "evaluation")):
        assert missing(check, visit=visit) == ["Open it and have a look."]
    assert missing({"visit": {"page": "run"}}, visit=Visit("run", "log")) == []


def test_a_check_with_several_parts_asks_for_all_of_them():
    check = {"draft": {"dataset": "digits"}, "run": {}, "visit": {"page": "run"}}
    assert missing(check, drafts=[draft()]) == ["Start the training.", "Open it and have a look."]


def test_a_spec_that_this_version_does_not_read_fails_its_check_in_words():
    strange = run(spec={**spec_with(), "magic": 1})
    assert missing({"run": {"dataset": "digits"}}, runs=[strange])[0].startswith("magic: there is no field")


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"run": {"metrics": {"val_acuracy": {"least": 1}}}}, "there is no metric 'acuracy'. Nearest: accuracy"),
        ({"run": {"metrics": {"val_accuracy": {}}}}, "`least`, `most` or both, got none"),
        ({"run": {"compared": {"adds": ["Dropuot"]}}}, "there is no layer or augmentation 'Dropuot'"),
        ({"run": {"state": "finished"}}, "run.state: expected one of launched, completed"),
        ({"draft": {"loss": "Adam"}}, "draft.loss.kind: there is no loss 'Adam'"),
        ({"draft": {"layers": [3]}}, "draft.layers.0.: expected the `kind` of one layer, got 3"),
        ({"visit": {"page": "secret"}}, "visit.page: expected one of"),
        ({"study": {"trials": True}}, "study.trials: expected an object"),
    ],
)  # fmt: skip
def test_a_check_that_cannot_be_is_refused_with_its_place(check, said):
    with pytest.raises(SpecError, match=said):
        parse(Check, check)
