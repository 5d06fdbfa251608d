"""Optimizers."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry, problem
from dlcore.spec.fields import Scale, arg

BETA_1_HELP = N_("How long the mean of past gradients lasts.")
BETA_2_HELP = N_("How long the mean of past squared gradients lasts.")
EPSILON_HELP = N_("Added to the divisor for numerical safety.")
MOMENTUM_HELP = N_("The share of the previous step that is kept.")

LearningRate = Annotated[float, Field(gt=0, le=100)]
Decay = Annotated[float, Field(ge=0, lt=1)]
PositiveFloat = Annotated[float, Field(gt=0)]


class Optimizer(Kind):
    """What all optimizers share: the learning rate, weight decay, and limits on the gradient."""

    shown: ClassVar[tuple[str, ...]] = ("learning_rate",)
    namespace: ClassVar[str] = "optimizers"

    learning_rate: LearningRate = arg(
        0.001, N_("The size of a step. The first thing to tune."), search=Scale.MAGNITUDES
    )
    weight_decay: Annotated[float, Field(ge=0)] | None = arg(
        None,
        N_("Shrinks weights a little at each step; empty: off."),
        advanced=True,
        search=Scale.MAGNITUDES,
        around=1e-4,
    )
    clipnorm: PositiveFloat | None = arg(
        None,
        N_("The largest norm of the gradient of each weight tensor; empty: no limit."),
        advanced=True,
        around=1.0,
    )
    clipvalue: PositiveFloat | None = arg(
        None, N_("The largest single gradient value; empty: no limit."), advanced=True, around=1.0
    )
    global_clipnorm: PositiveFloat | None = arg(
        None,
        N_("The largest norm of the gradient over all weights; empty: no limit."),
        advanced=True,
        around=1.0,
    )
    use_ema: bool = arg(
        False,
        N_("Keep a moving average of the weights and use it at the end."),
        advanced=True,
        label=N_("Use EMA"),
    )
    ema_momentum: Decay = arg(
        0.99, N_("The momentum of that average."), advanced=True, label=N_("EMA momentum")
    )
    gradient_accumulation_steps: Annotated[int, Field(ge=2, le=10_000)] | None = arg(
        None, N_("Sum the gradients of this many batches before a step; empty: each batch."), advanced=True
    )

    @property
    def slots(self) -> int:
        """Numbers kept for each weight, besides the weight: decides the memory of training."""
        return int(self.use_ema) + (self.gradient_accumulation_steps is not None)

    @model_validator(mode="after")
    def _one_clip_at_a_time(self) -> "Optimizer":
        given = [n for n in ("clipnorm", "clipvalue", "global_clipnorm") if getattr(self, n) is not None]
        if len(given) > 1:
            raise problem(
                SpecError(
                    N_("only one limit on the gradient can be set, got {given}."),
                    hint=N_("Leave all but one empty."),
                    where=given[1],
                    given=", ".join(given),
                )
            )
        return self


OPTIMIZERS = Registry(N_("optimizer"), Optimizer)


@OPTIMIZERS.register
class Adam(Optimizer):
    """Step sizes adapt to each weight (Kingma and Ba, 2014)."""

    summary: ClassVar[str] = N_("Adapts the step size of each weight: a good first choice.")

    beta_1: Decay = arg(0.9, BETA_1_HELP, advanced=True)
    beta_2: Decay = arg(0.999, BETA_2_HELP, advanced=True)
    epsilon: PositiveFloat = arg(1e-7, EPSILON_HELP, advanced=True, search=Scale.MAGNITUDES)
    amsgrad: bool = arg(
        False, N_("Never let the step grow again (AMSGrad)."), advanced=True, label=N_("AMSGrad")
    )

    @property
    def slots(self) -> int:
        """Numbers kept for each weight, besides the weight."""
        return super().slots + 2 + int(self.amsgrad)


@OPTIMIZERS.register
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2017)."""

    summary: ClassVar[str] = N_("Adam with weight decay: often generalizes better.")

    weight_decay: Annotated[float, Field(ge=0)] = arg(
        0.004, N_("Shrinks weights a little at each step."), search=Scale.MAGNITUDES
    )


@OPTIMIZERS.register
class SGD(Optimizer):
    """Plain gradient descent, with momentum if wanted."""

    summary: ClassVar[str] = N_("Plain gradient descent; strong with momentum and a schedule.")

    learning_rate: LearningRate = arg(
        0.01, N_("The size of a step. The first thing to tune."), search=Scale.MAGNITUDES
    )
    momentum: Decay = arg(0.0, MOMENTUM_HELP)
    nesterov: bool = arg(False, N_("Look ahead along the momentum."))

    @property
    def slots(self) -> int:
        """Numbers kept for each weight, besides the weight."""
        return super().slots + int(self.momentum > 0)


@OPTIMIZERS.register
class RMSprop(Optimizer):
    """Divides by a running mean of gradient sizes (Hinton, 2012)."""

    summary: ClassVar[str] = N_("Divides by a running mean of gradient sizes.")

    rho: Decay = arg(0.9, BETA_2_HELP)
    momentum: Decay = arg(0.0, MOMENTUM_HELP)
    epsilon: PositiveFloat = arg(1e-7, EPSILON_HELP, advanced=True, search=Scale.MAGNITUDES)
    centered: bool = arg(False, N_("Divide by the variance instead."), advanced=True)

    @property
    def slots(self) -> int:
        """Numbers kept for each weight, besides the weight."""
        return super().slots + 1 + int(self.momentum > 0) + int(self.centered)


@OPTIMIZERS.register
class Adagrad(Optimizer):
    """Steps shrink with all gradients seen (Duchi et al., 2011)."""

    summary: ClassVar[str] = N_("Steps shrink with all gradients seen; suits sparse data.")

    learning_rate: LearningRate = arg(
        0.01, N_("The size of a step. The first thing to tune."), search=Scale.MAGNITUDES
    )
    initial_accumulator_value: Annotated[float, Field(ge=0)] = arg(
        0.1, N_("The initial sum of squared gradients."), advanced=True, search=Scale.MAGNITUDES
    )
    epsilon: PositiveFloat = arg(1e-7, EPSILON_HELP, advanced=True, search=Scale.MAGNITUDES)

    @property
    def slots(self) -> int:
        """Numbers kept for each weight, besides the weight."""
        return super().slots + 1


@OPTIMIZERS.register
class Nadam(Optimizer):
    """Adam with Nesterov momentum (Dozat, 2016)."""

    summary: ClassVar[str] = N_("Adam that looks ahead along the momentum.")

    beta_1: Decay = arg(0.9, BETA_1_HELP, advanced=True)
    beta_2: Decay = arg(0.999, BETA_2_HELP, advanced=True)
    epsilon: PositiveFloat = arg(1e-7, EPSILON_HELP, advanced=True, search=Scale.MAGNITUDES)

    @property
    def slots(self) -> int:
        """Numbers kept for each weight, besides the weight."""
        return super().slots + 2


@OPTIMIZERS.register
class Lion(Optimizer):
    """Only the sign of the momentum counts (Chen et al., 2023)."""

    summary: ClassVar[str] = N_("Uses only the sign of the momentum; needs a small learning rate.")

    learning_rate: LearningRate = arg(
        0.0001, N_("The size of a step. The first thing to tune."), search=Scale.MAGNITUDES
    )
    beta_1: Decay = arg(0.9, BETA_1_HELP, advanced=True)
    beta_2: Decay = arg(0.99, BETA_2_HELP, advanced=True)

    @property
    def slots(self) -> int:
        """Numbers kept for each weight, besides the weight."""
        return super().slots + 1


AnyOptimizer = Annotated[SerializeAsAny[Optimizer], BeforeValidator(OPTIMIZERS.parse)]
