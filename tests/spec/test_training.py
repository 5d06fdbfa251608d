import pytest

from dlcore.errors import SpecError
from dlcore.spec import ModelSpec, TrainingSpec
from dlcore.spec.data import Task
from dlcore.spec.losses import (
    LOSSES,
    CategoricalCrossentropy,
    Huber,
    KLDivergence,
    LogitsLoss,
    SparseCategoricalCrossentropy,
)
from dlcore.spec.metrics import higher_is_better, resolved_metrics
from dlcore.spec.optimizers import OPTIMIZERS, SGD, Adam, RMSprop
from dlcore.spec.problems import parse
from dlcore.spec.schedules import SCHEDULES, Constant
from dlcore.spec.training import PerClass, gives_probabilities, resolved_loss

LOGITS = ModelSpec(layers=("Flatten", "Dense"))
SOFTMAX = ModelSpec(layers=("Flatten", {"kind": "Dense", "activation": "softmax"}))
SIGMOID_LAYER = ModelSpec(layers=("Flatten", "Dense", {"kind": "Activation", "activation": "sigmoid"}))
SOFTMAX_INSIDE = ModelSpec(layers=({"kind": "Activation", "activation": "softmax"}, "Flatten", "Dense"))


def test_whoever_changes_nothing_trains_ten_epochs_of_adam():
    training = TrainingSpec()

    assert (training.epochs, training.batch_size) == (10, 32)
    assert training.optimizer == Adam(learning_rate=0.001)
    assert training.schedule == Constant()
    assert training.metrics == ()
    assert training.loss is None
    assert training.early_stopping is None
    assert training.class_weight is None


@pytest.mark.parametrize(
    ("model", "expected"),
    [(LOGITS, False), (SOFTMAX, True), (SIGMOID_LAYER, True), (SOFTMAX_INSIDE, False), (ModelSpec(), False)],
)
def test_a_model_gives_probabilities_when_it_ends_in_softmax_or_sigmoid(model, expected):
    assert gives_probabilities(model) is expected


def test_the_loss_is_chosen_by_the_task_and_by_how_the_model_ends():
    assert resolved_loss(TrainingSpec(), LOGITS, Task.MULTICLASS) == SparseCategoricalCrossentropy(
        from_logits=True
    )
    assert resolved_loss(TrainingSpec(), SOFTMAX, Task.MULTICLASS) == SparseCategoricalCrossentropy(
        from_logits=False
    )


def test_a_chosen_loss_keeps_its_arguments_and_learns_only_how_the_model_ends():
    chosen = CategoricalCrossentropy(label_smoothing=0.1)

    assert resolved_loss(TrainingSpec(loss=chosen), LOGITS, Task.MULTICLASS) == CategoricalCrossentropy(
        label_smoothing=0.1, from_logits=True
    )


def test_what_a_person_says_of_logits_stands():
    said = SparseCategoricalCrossentropy(from_logits=False)

    assert resolved_loss(TrainingSpec(loss=said), LOGITS, Task.MULTICLASS) is said


@pytest.mark.parametrize(
    ("task", "loss"),
    [
        (Task.BINARY, "BinaryCrossentropy"),
        (Task.MULTILABEL, "BinaryCrossentropy"),
        (Task.REGRESSION, "MeanSquaredError"),
        (Task.FORECASTING, "MeanSquaredError"),
        (Task.RATING, "MeanSquaredError"),
    ],
)
def test_each_task_has_a_loss_of_its_own(task, loss):
    assert resolved_loss(TrainingSpec(), LOGITS, task).kind == loss


def test_mixed_labels_need_a_loss_that_takes_shares():
    assert resolved_loss(
        TrainingSpec(), LOGITS, Task.MULTICLASS, soft_labels=True
    ) == CategoricalCrossentropy(from_logits=True)


def test_a_loss_of_another_task_is_refused_with_those_that_fit():
    with pytest.raises(SpecError) as caught:
        resolved_loss(TrainingSpec(loss=SparseCategoricalCrossentropy()), LOGITS, Task.REGRESSION)

    assert str(caught.value) == (
        "training.loss: SparseCategoricalCrossentropy is not for regression. "
        "Choose among: MeanSquaredError, MeanAbsoluteError, Huber, LogCosh."
    )


def test_the_metrics_are_chosen_by_the_task_and_others_refused():
    assert resolved_metrics((), Task.MULTICLASS) == ("accuracy",)
    assert resolved_metrics((), Task.REGRESSION) == ("rmse", "mae")
    assert resolved_metrics(("r2",), Task.RATING) == ("r2",)
    with pytest.raises(SpecError, match=r"training\.metrics\[1\]: auc cannot be measured for regression"):
        resolved_metrics(("mae", "auc"), Task.REGRESSION)


@pytest.mark.parametrize(
    ("monitor", "higher"),
    [("val_accuracy", True), ("auc", True), ("val_r2", True), ("loss", False), ("val_rmse", False)],
)
def test_each_metric_knows_which_way_is_better(monitor, higher):
    assert higher_is_better(monitor) is higher


def test_a_loss_without_logits_is_taken_as_it_is():
    assert resolved_loss(TrainingSpec(loss=Huber()), LOGITS, Task.MULTICLASS) == Huber()
    assert resolved_loss(TrainingSpec(loss=KLDivergence()), SOFTMAX, Task.MULTICLASS) == KLDivergence()


def test_a_divergence_needs_probabilities():
    with pytest.raises(SpecError) as caught:
        resolved_loss(TrainingSpec(loss=KLDivergence()), LOGITS, Task.MULTICLASS)

    assert str(caught.value) == (
        "training.loss: this loss takes probabilities, the model gives raw scores. "
        "End the model in softmax, or choose a cross-entropy."
    )


def test_only_the_sparse_loss_takes_class_numbers():
    assert [cls.__name__ for cls in LOSSES if not cls.one_hot] == ["SparseCategoricalCrossentropy"]


def test_every_cross_entropy_can_take_logits():
    assert [cls.__name__ for cls in LOSSES if issubclass(cls, LogitsLoss)] == [
        "SparseCategoricalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
        "BinaryCrossentropy", "BinaryFocalCrossentropy",
    ]  # fmt: skip


SLOTS = [
    (SGD(), 0),
    (SGD(momentum=0.9), 1),
    (Adam(), 2),
    (Adam(amsgrad=True), 3),
    (Adam(use_ema=True), 3),
    (Adam(use_ema=True, gradient_accumulation_steps=2), 4),
    (RMSprop(), 1),
    (RMSprop(momentum=0.5, centered=True), 3),
    *[(OPTIMIZERS.parse(name), count) for name, count in
      {"AdamW": 2, "Adagrad": 1, "Nadam": 2, "Lion": 1}.items()],
]  # fmt: skip


@pytest.mark.parametrize(("optimizer", "slots"), SLOTS)
def test_the_numbers_an_optimizer_keeps_for_each_weight(optimizer, slots):
    assert optimizer.slots == slots


@pytest.mark.parametrize("given", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_one_limit_on_the_gradient_is_fine(given):
    assert getattr(parse(Adam, {given: 1}), given) == 1.0


def test_the_schedules_cover_what_people_use():
    assert SCHEDULES.names() == (
        "Constant", "ExponentialDecay", "CosineDecay", "PiecewiseConstantDecay", "ReduceLROnPlateau",
    )  # fmt: skip


def test_class_weights_can_be_named_by_digits():
    # YAML makes a number of the class "3".
    assert parse(PerClass, {"weights": {3: 2, "cat": 0.5}}).weights == {"3": 2.0, "cat": 0.5}


def test_a_class_weight_under_anything_but_a_name_is_refused():
    for name in (None, 1.5, True, ("a",)):
        with pytest.raises(SpecError, match="expected text, got"):
            parse(PerClass, {"weights": {name: 1}})


@pytest.mark.parametrize("device", ["auto", "cpu", "gpu:0", "gpu:15"])
def test_a_device_is_chosen_or_named(device):
    assert TrainingSpec(device=device).device == device


@pytest.mark.parametrize(
    "device", ["", "GPU", "gpu", "gpu:-1", "gpu:²", "gpu:0\n", "cuda:0", "gpu:" + "0" * 999]
)
def test_any_other_device_is_refused(device):
    with pytest.raises(SpecError) as caught:
        parse(TrainingSpec, {"device": device})

    assert str(caught.value.path) == "device"
