"""How a model is trained."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny, field_validator

from dlcore.errors import N_, Message, SpecError, quote_value, unknown_name
from dlcore.spec.adversarial import AdversarialTraining
from dlcore.spec.base import Kind, Registry, SpecModel, problem
from dlcore.spec.calls import Call, Expression, call_of
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.fields import Line, Scale, arg
from dlcore.spec.layers import Output, Shared, Softmax
from dlcore.spec.losses import LOSSES, AnyLoss, KLDivergence, LogitsLoss, Loss, default_loss
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import METRICS, MetricName, Monitor, monitor_mode, resolved_metrics
from dlcore.spec.model import ModelSpec
from dlcore.spec.optimizers import Adam, AnyOptimizer
from dlcore.spec.schedules import AnySchedule, Constant, ReduceLROnPlateau

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]


class ClassWeight(Kind):
    """How much the samples of each class count in the loss."""

    namespace: ClassVar[str] = ""


CLASS_WEIGHTS = Registry(N_("class weighting"), ClassWeight)


@CLASS_WEIGHTS.register
class Balanced(ClassWeight):
    """`samples / (classes · samples of the class)`: each class counts alike."""

    summary: ClassVar[str] = N_("Rare classes count more, so that all classes count the same.")


@CLASS_WEIGHTS.register
class PerClass(ClassWeight):
    """A weight for each class you name, 1 for the others."""

    summary: ClassVar[str] = N_("A weight for each class you name, 1 for the others.")

    weights: dict[Line, Annotated[float, Field(ge=0, le=1e6)]] = arg(
        {}, N_("Class name and weight."), max_length=10_000
    )

    @field_validator("weights", mode="before")
    @classmethod
    def _take_numbers_as_names(cls, weights: Any) -> Any:
        # In YAML the class "3" of a set of digits is written as a number.
        if not isinstance(weights, Mapping):
            return weights
        return {quote_value(name) if type(name) is int else name: value for name, value in weights.items()}


class EarlyStopping(SpecModel):
    """Ends the training when a metric stops getting better."""

    monitor: Monitor = arg("val_loss", N_("The monitored metric."))
    patience: int = arg(5, N_("Epochs without improvement before training stops."), ge=0, le=10_000)
    min_delta: float = arg(
        0.0, N_("The smallest change that counts as an improvement."), ge=0, search=Scale.MAGNITUDES
    )
    start_from_epoch: int = arg(0, N_("Epochs before monitoring starts."), ge=0)
    restore_best_weights: bool = arg(True, N_("Restore the weights of the best epoch at the end."))
    start_margin: float | None = arg(
        None,
        N_(
            "How many standard errors better than the untrained model the trained one must be on the validation"
            " part; if it is not, the weights of the start are kept."
        ),
        ge=0,
        le=100,
    )

    def callback(self) -> Call:
        """Returns Keras' callback that stops; `start_margin` is not among what it can do."""
        arguments = self.model_dump(exclude={"start_margin"})
        return Call("callbacks.EarlyStopping", {**arguments, "mode": monitor_mode(self.monitor)})


class TrainingSpec(SpecModel):
    """Loss, optimizer, schedule, and all that belongs to a training run."""

    epochs: int = arg(10, N_("The number of times the model sees every training sample."), ge=1, le=100_000)
    batch_size: int = arg(
        32,
        N_("Samples per step. Larger is faster, smaller is noisier."),
        ge=1,
        le=65_536,
        search=Scale.POWERS,
    )
    optimizer: AnyOptimizer = arg(Adam(), N_("How gradients become steps."))
    schedule: AnySchedule = arg(Constant(), N_("How the learning rate changes over training."))
    loss: AnyLoss = arg(
        None, N_("What training minimizes; empty: chosen by the dataset's task."), derived=True
    )
    metrics: tuple[MetricName, ...] = arg(
        (), N_("What is measured besides the loss; empty: chosen by the dataset's task.")
    )
    scale_targets: bool = arg(
        True,
        N_(
            "For numeric targets: learn them with mean 0 and standard deviation 1; results stay in "
            "their own units."
        ),
        advanced=True,
    )
    anomaly_share: float = arg(
        0.01,
        N_(
            "For reconstructions: the share of the validation samples whose anomaly scores may lie above the"
            " threshold of what is unusual."
        ),
        gt=0,
        lt=1,
        search=Scale.FIXED,
    )
    early_stopping: EarlyStopping | None = arg(None, N_("Stop when a metric stops improving."))
    class_weight: Annotated[SerializeAsAny[ClassWeight] | None, BeforeValidator(CLASS_WEIGHTS.parser())] = (
        arg(None, N_("The weight of each class; empty: every sample counts the same."))
    )
    adversarial: AdversarialTraining | None = arg(
        None,
        N_(
            "Also learn from samples that are changed so as to mislead the model: it becomes harder to mislead."
        ),
        label=N_("Adversarial training"),
    )
    precision: Precision = arg(
        "float32",
        N_("Number format; the mixed ones are faster on recent GPUs."),
        advanced=True,
        label=N_("Number format"),
    )
    device: str = arg(
        "auto", N_("`auto`: a free GPU, else the CPU. Or `cpu`, `gpu:0`, `gpu:1` …"), advanced=True
    )
    deterministic: bool = arg(False, N_("The same bits at each run, at some cost in speed."), advanced=True)
    record_signals: bool = arg(
        True,
        N_(
            "In each epoch, record how large gradients, weights, steps and activations are, layer by layer: it shows"
            " why a training does not learn."
        ),
        advanced=True,
        label=N_("Record the signals of layers"),
        search=Scale.FIXED,
    )
    measure_latency: bool = arg(
        False,
        N_("At the end, measure how long one answer takes, in milliseconds."),
        advanced=True,
        search=Scale.FIXED,
    )

    @field_validator("device")
    @classmethod
    def _name_a_device(cls, device: str) -> str:
        if not re.fullmatch(r"auto|cpu|gpu:[0-9]{1,3}", device):
            raise problem(
                SpecError(
                    N_("expected auto, cpu, or gpu: and a number, got {got}."),
                    hint=N_("Write `gpu:0` for the first GPU."),
                    got=quote_value(device),
                )
            )
        return device


def optimizer_call(training: TrainingSpec, *, steps_per_epoch: int | Expression, epochs: int) -> Call:
    """Returns the optimizer with its learning rate, as a number or as a schedule over steps.

    Args:
        training: what it is given.
        steps_per_epoch: how many batches an epoch has, or what a script calls that number.
        epochs: how many of them there will be.
    """

    def steps(length: float) -> int | Expression:
        if isinstance(steps_per_epoch, Expression):
            return Expression(f"max(1, round({length} * {steps_per_epoch}))")
        return max(1, round(length * steps_per_epoch))

    rate = training.schedule.rate(training.optimizer.learning_rate, steps, epochs)
    return call_of(training.optimizer, learning_rate=rate)


def metric_calls(training: TrainingSpec, loss: Loss, task: Task) -> tuple[Call, ...]:
    """Returns the metrics, in the form that suits the loss' labels.

    Raises:
        SpecError: one is for other tasks.
    """
    return tuple(METRICS[name].call(loss, task) for name in resolved_metrics(training.metrics, task))


def gives_probabilities(model: ModelSpec, index: int = -1) -> bool:
    """Returns whether a layer, by default the last one, ends in softmax or sigmoid; else it gives logits."""
    if not model.layers:
        return False
    place = index % len(model.layers)
    layer, earlier = model.layers[place], {one.name: at for at, one in enumerate(model.layers[:place])}
    if isinstance(layer, (Output, Shared)):
        name = layer.of if isinstance(layer, Shared) else model.sources(place)[0]
        return name in earlier and gives_probabilities(model, earlier[name])
    return isinstance(layer, Softmax) or getattr(layer, "activation", None) in ("softmax", "sigmoid")


def resolved_loss(training: TrainingSpec, model: ModelSpec, task: Task, *, soft_labels: bool = False) -> Loss:
    """Returns the loss of the last layer as it will be used: derived from the task if not given, `from_logits` filled in.

    Args:
        training: may name a loss.
        model: how it ends decides about logits.
        task: what the data asks for.
        soft_labels: an augmentation mixes labels, so that they are no longer one class each.

    Raises:
        SpecError: the loss does not fit the task, or what the model gives.
    """
    loss = training.loss or default_loss(task, soft_labels=soft_labels)
    return fitted_loss(loss, task, probabilities=gives_probabilities(model), where="training.loss")


def fitted_loss(loss: Loss, task: Task, *, probabilities: bool, where: str) -> Loss:
    """Returns a loss with `from_logits` filled in.

    Args:
        loss: that of an output.
        task: what the data asks for.
        probabilities: whether that output gives them; else it gives logits.
        where: the field of the loss.

    Raises:
        SpecError: the loss does not fit the task, or what the output gives.
    """
    if task not in loss.tasks:
        raise SpecError(
            N_("{loss} is not for {task}."),
            hint=N_("Choose among: {fitting}."),
            where=where,
            loss=loss.kind,
            task=Message(task.value),
            fitting=", ".join(kind.__name__ for kind in LOSSES if task in kind.tasks),
        )
    if isinstance(loss, KLDivergence) and not probabilities:
        raise SpecError(
            N_("this loss takes probabilities, the model gives raw scores."),
            hint=N_("End the model in softmax, or choose a cross-entropy."),
            where=where,
        )
    if isinstance(loss, LogitsLoss) and loss.from_logits is None:
        return loss.model_copy(update={"from_logits": not probabilities})
    return loss


def check_class_weight(training: TrainingSpec, facts: DatasetFacts) -> None:
    """Checks that there are classes to be weighed, and that those with a weight of their own are among them.

    Raises:
        SpecError: one of them is not; lists the closest matches.
    """
    if training.class_weight is not None and not facts.task.single_label:
        raise SpecError(
            N_("there are no classes to weigh in {task}."),
            hint=N_("Leave the class weights empty."),
            where="training.class_weight",
            task=Message(facts.task.value),
        )
    if isinstance(training.class_weight, PerClass):
        for name in training.class_weight.weights:
            if name not in facts.classes:
                raise unknown_name(N_("class"), name, facts.classes, where="training.class_weight.weights")


def check_monitors(training: TrainingSpec, task: Task, *, has_validation: bool) -> None:
    """Checks that what early stopping and the plateau schedule watch is measured.

    Raises:
        SpecError: it is not; `where` is the path from the root of the experiment.
    """
    measured: set[str] = {"loss", *resolved_metrics(training.metrics, task)}
    if has_validation:
        measured |= {str(MeasureName(name, on_validation=True)) for name in measured}
    watchers: dict[str, EarlyStopping | ReduceLROnPlateau | None] = {
        "training.early_stopping": training.early_stopping
    }
    if isinstance(training.schedule, ReduceLROnPlateau):
        watchers["training.schedule"] = training.schedule
    for where, watcher in watchers.items():
        if watcher is not None and watcher.monitor not in measured:
            raise _unmeasured(f"{where}.monitor", watcher.monitor, has_validation=has_validation)


def _unmeasured(where: str, monitor: str, *, has_validation: bool) -> SpecError:
    if MeasureName.parse(monitor).on_validation and not has_validation:
        return SpecError(
            N_("expected a validation part to monitor {monitor} on, got none."),
            hint=N_("Raise dataset.validation_fraction, or monitor the training part."),
            where=where,
            monitor=monitor,
        )
    return SpecError(
        N_("{monitor} is monitored but not measured."),
        hint=N_("Add it to training.metrics, or monitor the loss."),
        where=where,
        monitor=monitor,
    )
