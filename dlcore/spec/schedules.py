"""How the learning rate changes over training; times are in epochs, whatever the batch size."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry, problem
from dlcore.spec.calls import Call, Expression, call_of
from dlcore.spec.fields import Scale, arg
from dlcore.spec.metrics import Monitor, monitor_mode

Steps = Callable[[float], int | Expression]
"""Gives the number of steps of so many epochs, or what a script calls that number."""


class Schedule(Kind):
    """A learning rate that changes; the optimizer's `learning_rate` is where it starts."""

    namespace: ClassVar[str] = "optimizers.schedules"

    def rate(self, highest: float, steps: Steps, epochs: int) -> float | Call:
        """Returns what the optimizer takes as its learning rate: a number, or a schedule over steps.

        Args:
            highest: the learning rate that the optimizer was given.
            steps: of so many epochs.
            epochs: how many of them there will be.
        """
        return highest

    def callback(self) -> Call | None:
        """Returns the callback that changes the rate between epochs, if it is done so."""
        return None


class StepSchedule(Schedule):
    """A schedule that says the learning rate of each step beforehand."""

    def rate(self, highest: float, steps: Steps, epochs: int) -> Call:
        """Returns the schedule over steps."""
        return Call(f"{self.namespace}.{self.kind}", self.over_steps(highest, steps, epochs))

    def over_steps(self, highest: float, steps: Steps, epochs: int) -> dict[str, Any]:
        """Returns the arguments of Keras' schedule; as in `rate`."""
        raise NotImplementedError


SCHEDULES = Registry(N_("schedule"), Schedule)

DECAY_EPOCHS_HELP = N_("Length of the decay in epochs; empty: all of the training.")


@SCHEDULES.register
class Constant(Schedule):
    """The learning rate stays as it is."""

    summary: ClassVar[str] = N_("The learning rate stays as it is.")


@SCHEDULES.register
class ExponentialDecay(StepSchedule):
    """`lr · decay_rate ^ (epoch / decay_epochs)`."""

    summary: ClassVar[str] = N_("Multiplied by the same factor again and again.")

    decay_rate: float = arg(0.5, N_("The factor after each decay_epochs."), gt=0, le=1)
    decay_epochs: float = arg(
        1.0, N_("The number of epochs after which the factor has been applied once."), gt=0
    )
    staircase: bool = arg(False, N_("In steps instead of smoothly."))

    def over_steps(self, highest: float, steps: Steps, epochs: int) -> dict[str, Any]:
        """Returns the same, with the length of the decay in steps."""
        return {
            "initial_learning_rate": highest,
            "decay_steps": steps(self.decay_epochs),
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
        }


@SCHEDULES.register
class CosineDecay(StepSchedule):
    """A linear warm-up, then half a cosine down to `alpha · lr` (Loshchilov and Hutter, 2016)."""

    summary: ClassVar[str] = N_("Rises during a short warm-up, then decays along a cosine.")

    warmup_epochs: float = arg(0.0, N_("Length of the warm-up in epochs."), ge=0)
    decay_epochs: float | None = arg(None, DECAY_EPOCHS_HELP, gt=0)
    alpha: float = arg(0.0, N_("The final rate as a share of the highest."), ge=0, le=1)

    def over_steps(self, highest: float, steps: Steps, epochs: int) -> dict[str, Any]:
        """Returns a decay over all that the warm-up leaves of the training, if its length is open."""
        length = self.decay_epochs or max(epochs - self.warmup_epochs, 0)
        arguments = {"initial_learning_rate": highest, "decay_steps": steps(length), "alpha": self.alpha}
        if not self.warmup_epochs:
            return arguments
        warm_up = {"warmup_target": highest, "warmup_steps": steps(self.warmup_epochs)}
        return {**arguments, "initial_learning_rate": 0.0, **warm_up}


@SCHEDULES.register
class PiecewiseConstantDecay(StepSchedule):
    """Constant pieces: the rate is multiplied by `factors[i]` from `boundaries[i]` on."""

    summary: ClassVar[str] = N_("Constant, with steps at the epochs you name.")

    boundaries: tuple[Annotated[float, Field(gt=0)], ...] = arg(
        (2.0, 4.0),
        N_("The epochs at which the rate changes, in ascending order."),
        min_length=1,
        max_length=50,
    )
    factors: tuple[Annotated[float, Field(gt=0)], ...] = arg(
        (0.1, 0.01), N_("The factor of the initial rate from each boundary on."), max_length=50
    )

    def over_steps(self, highest: float, steps: Steps, epochs: int) -> dict[str, Any]:
        """Returns the boundaries in steps, and the rate of each piece."""
        return {
            "boundaries": [steps(boundary) for boundary in self.boundaries],
            "values": [highest, *(highest * factor for factor in self.factors)],
        }

    @model_validator(mode="after")
    def _one_factor_a_boundary(self) -> "PiecewiseConstantDecay":
        if len(self.factors) != len(self.boundaries):
            raise problem(
                SpecError(
                    N_("expected one factor per boundary, {expected} in all, got {got}."),
                    hint=N_("Give as many factors as boundaries."),
                    where="factors",
                    expected=len(self.boundaries),
                    got=len(self.factors),
                )
            )
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise problem(
                SpecError(
                    N_("the boundaries are not in ascending order."),
                    hint=N_("Order them from small to large, each once."),
                    where="boundaries",
                )
            )
        return self


@SCHEDULES.register
class ReduceLROnPlateau(Schedule):
    """Lowers the rate whenever the validation stops getting better."""

    namespace: ClassVar[str] = "callbacks"
    shown: ClassVar[tuple[str, ...]] = ("monitor", "factor", "patience")
    summary: ClassVar[str] = N_("Is reduced whenever the monitored metric stops improving.")

    monitor: Monitor = arg("val_loss", N_("The monitored metric."))
    factor: float = arg(0.5, N_("What the rate is multiplied by."), gt=0, lt=1)
    patience: int = arg(3, N_("Epochs without improvement before the rate is reduced."), ge=0)
    min_delta: float = arg(
        1e-4, N_("The smallest change that counts as an improvement."), ge=0, search=Scale.MAGNITUDES
    )
    cooldown: int = arg(0, N_("Epochs to wait after a reduction."), ge=0)
    min_lr: float = arg(
        0.0,
        N_("The lower bound of the rate."),
        ge=0,
        search=Scale.MAGNITUDES,
        label=N_("Lowest learning rate"),
    )

    def callback(self) -> Call:
        """Returns Keras' callback of that name."""
        return call_of(self, mode=monitor_mode(self.monitor))


AnySchedule = Annotated[SerializeAsAny[Schedule], BeforeValidator(SCHEDULES.parse)]
