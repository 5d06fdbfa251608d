"""Fine-tuning: weights from elsewhere to start with, what of them stays, and in which order the rest learns."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.base import Kind, Registry, SpecModel
from dlcore.spec.fields import Line, arg
from dlcore.spec.graph import GraphReport
from dlcore.spec.layers import Activation, Application, Dense, Layer, Output, Shared, Softmax
from dlcore.spec.model import MAX_LAYERS, ModelSpec
from dlcore.spec.training import TrainingSpec

HEAD = "head"
"""What a new output layer is called."""


class Source(Kind):
    """Where the weights come from; they find their layers by name."""

    namespace: ClassVar[str] = ""


SOURCES = Registry(N_("source of weights"), Source)


@SOURCES.register
class FromRun(Source):
    """The model of a run of your own, as that run saved it."""

    summary: ClassVar[str] = N_("The model of a finished run.")

    run: Annotated[str, Field(pattern=r"^[0-9a-z]{0,32}$")] = arg("", N_("The run's id."))


@SOURCES.register
class FromModel(Source):
    """A `.keras` file that was uploaded."""

    summary: ClassVar[str] = N_("An uploaded model.")

    model: Annotated[str, Field(pattern=r"^[0-9a-f]{0,32}$")] = arg("", N_("The model's id."))


AnySource = Annotated[SerializeAsAny[Source] | None, BeforeValidator(SOURCES.parser())]

Factor = Annotated[float, Field(ge=0, le=1e6)]


class FineTuning(SpecModel):
    """Two phases: first only layers without weights from elsewhere learn, then the others as well.

    A batch normalisation that brought its statistics uses and keeps them in both, unless it is told to
    learn: what it would see of a few new samples is worse than what it knows.
    """

    source: AnySource = arg(None, N_("The source of the weights; empty: the backbone has its own."))
    head_epochs: int = arg(
        3, N_("Epochs in which only the new layers train; then the others join."), ge=0, le=100_000
    )
    learning_rate_factor: float = arg(
        0.1, N_("The second phase's learning rate, as a share of the first's."), gt=0, le=100
    )
    unfreeze_from: Line = arg(
        "", N_("The first layer that joins; all before it stay as they are. Empty: all join."), max_length=64
    )
    frozen: tuple[Line, ...] = arg((), N_("More layers that stay as they are."), max_length=MAX_LAYERS)
    rates: dict[Line, Factor] = arg(
        {},
        N_("Learning rate multipliers by layer; `block1_*` matches all layers whose names begin so."),
        ordered=True,
        free=True,
        max_length=MAX_LAYERS,
        advanced=True,
    )
    backbone_share: float = arg(
        1.0,
        N_("The share of the backbone that joins, counted in layers from its end."),
        ge=0,
        le=1,
        advanced=True,
    )
    train_batch_norm: bool = arg(
        False, N_("Let batch normalization layers from the source update their statistics."), advanced=True
    )

    def fixed(self, model: ModelSpec) -> frozenset[str]:
        """Returns the layers that never learn."""
        names = [layer.name for layer in model.layers]
        before = names[: names.index(self.unfreeze_from)] if self.unfreeze_from in names else []
        own = [layer.name for layer in model.layers if not layer.trainable]
        return frozenset([*self.frozen, *before, *own])

    def trainings(self, training: TrainingSpec, *, head_alone: bool) -> tuple[TrainingSpec, TrainingSpec]:
        """Returns how the first phase trains, and how the second.

        Args:
            training: of the experiment.
            head_alone: whether the first phase is all there is. Else it has a fixed number of epochs, and what is
                watched is the phase that ends the training.
        """
        first = training if head_alone else training.model_copy(update={"early_stopping": None})
        rate = training.optimizer.learning_rate * self.learning_rate_factor
        slower = training.optimizer.model_copy(update={"learning_rate": rate})
        return first, training.model_copy(update={"optimizer": slower})

    def factors(self, model: ModelSpec) -> Mapping[str, float]:
        """Returns the share of the learning rate for each layer that has one of its own;
        the last that fits holds.
        """
        return {
            layer.name: factor
            for pattern, factor in self.rates.items()
            for layer in model.own_layers
            if fnmatchcase(layer.name, pattern)
        }


def check_fine_tuning(tuning: FineTuning, model: ModelSpec, report: GraphReport) -> None:
    """Checks that the names are the model's, that there are weights to start with, and that something learns.

    Raises:
        SpecError: not so; its path starts at the root of the experiment.
    """
    names = [layer.name for layer in model.layers]
    if tuning.unfreeze_from:
        _known(tuning.unfreeze_from, names, "fine_tuning.unfreeze_from")
    for index, name in enumerate(tuning.frozen):
        _known(name, names, f"fine_tuning.frozen[{index}]")
    for pattern in tuning.rates:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise unknown_name(N_("layer"), pattern, names, where="fine_tuning.rates")
    if tuning.source is None and not brings_weights(model):
        raise SpecError(
            N_("there are no weights to start with."),
            hint=N_("Choose a run or an uploaded model, or begin the model with a backbone."),
            where="fine_tuning.source",
        )
    fixed = tuning.fixed(model)
    if not any(row.parameters.trainable and row.name not in fixed for row in report.rows):
        raise SpecError(
            N_("every layer is frozen, so nothing would be trained."),
            hint=N_("Unfreeze at least the last layer."),
            where="fine_tuning.frozen",
        )


def _known(name: str, names: Iterable[str], where: str) -> None:
    if name not in names:
        raise unknown_name(N_("layer"), name, names, where=where)


def brings_weights(model: ModelSpec) -> bool:
    """Returns whether a backbone of it has weights of its own."""
    return any(isinstance(layer, Application) and layer.weights for layer in model.layers)


def pixel_backbone(model: ModelSpec) -> Application | None:
    """Returns the backbone that takes the model's input as pixels from 0 to 255, if any."""
    for index, layer in enumerate(model.layers):
        if isinstance(layer, Application) and layer.scales_pixels:
            source = model.sources(index)[0]
            return layer if source in model.inputs else None
    return None


def with_new_head(model: ModelSpec) -> ModelSpec:
    """Returns the same body with an open output layer that takes no weights from elsewhere.

    Names stay, so that weights find their layers; the head's is a new one, so that they do not, even
    where the old and the new data have as many classes. A softmax behind it goes: open layers give raw
    scores. Further outputs go, with all that leads to them alone: they answered the old target.

    Raises:
        SpecError: the model does not end in a Dense layer.

    Example:
        >>> body = ModelSpec(layers=("Flatten", {"kind": "Dense", "units": 10, "activation": "softmax"}))
        >>> [(layer.name, getattr(layer, "units", "")) for layer in with_new_head(body).layers]
        [('flatten', ''), ('head', None)]
    """
    layers = list(_without_further_outputs(model))
    while layers and isinstance(layers[-1], (Activation, Softmax)):
        layers.pop()
    if not layers or not isinstance(layers[-1], Dense):
        raise SpecError(
            N_("the model does not end in a Dense layer, so its head cannot be replaced."),
            hint=N_("Choose another model, or let it keep its output layer."),
            where="model.layers",
        )
    taken, name, number = {layer.name for layer in model.layers}, HEAD, 1
    while name in taken:
        name, number = f"{HEAD}_{number}", number + 1
    head = layers[-1].model_copy(
        update={"name": name, "units": None, "activation": "linear", "trainable": True}
    )
    return ModelSpec(inputs=model.inputs, layers=(*layers[:-1], head))


def _without_further_outputs(model: ModelSpec) -> tuple[Layer, ...]:
    """Returns the layers that lead to the last one, each with its inputs where the one before it may be gone."""
    if not model.further:
        return model.layers
    used, kept = {model.layers[-1].name}, list[Layer]()
    replaced = {layer.name: model.sources(index)[0] for index, layer in model.further}
    for index in reversed(range(len(model.layers))):
        layer = model.layers[index]
        if layer.name in used and not isinstance(layer, Output):
            # An output that is taken further on gives what it takes.
            sources = tuple(_behind(replaced, name) for name in model.sources(index))
            used |= {*sources, *([layer.of] if isinstance(layer, Shared) else [])}
            kept.insert(0, layer.model_copy(update={"inputs": sources}))
    return tuple(kept)


def _behind(replaced: Mapping[str, str], name: str) -> str:
    while name in replaced:
        name = replaced[name]
    return name
