"""What an augmentation is, and where it can be applied."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_, Message, SpecError
from dlcore.spec.base import Kind, Registry
from dlcore.spec.calls import Call
from dlcore.spec.data import DataKind, Task
from dlcore.spec.fields import Share
from dlcore.spec.layers.base import Shape
from dlcore.spec.losses import Loss

IMAGES = frozenset({DataKind.IMAGE})
GRIDS = frozenset({DataKind.IMAGE, DataKind.ARRAY})
GRIDS_AND_SOUND = frozenset({DataKind.IMAGE, DataKind.ARRAY, DataKind.AUDIO})

Between = tuple[Share, Share]
"""From … to; each sample draws a value between the two."""

FACTOR_HELP = N_("Each image is changed with a probability drawn between 0 and this.")


class Augmentation(Kind):
    """One random change, applied to each batch of the training part alone, in the order of the list.

    Images are changed in their pixel values, 0 … 255, before the preprocessing steps on values.
    """

    namespace: ClassVar[str] = "layers"
    """Empty where Keras has no such layer: the engine has its own, of the class's name."""
    data_kinds: ClassVar[frozenset[DataKind]] = IMAGES
    """What it can be applied to."""
    needs_colour: ClassVar[bool] = False
    """Whether it takes RGB images alone."""
    only_in_training: ClassVar[bool] = True
    """Whether Keras' layer leaves its input as it is outside of training."""
    mixes_labels: ClassVar[bool] = False
    """Whether it mixes samples of several classes, so that labels become shares of each."""

    script: ClassVar[str] = ""
    """The function that a script defines for it, where Keras has no such layer."""

    def script_lines(self) -> tuple[str, ...]:
        """Returns what a script does to the batch `x`, where Keras has no such layer."""
        return ()

    def check(self, shape: Shape) -> None:
        """Checks that it can be applied to samples of this shape.

        Raises:
            SpecError: it cannot; `where` is the field to fix.
        """

    def calls(self, shape: Shape, *, seed: int) -> tuple[Call, ...]:
        """Returns the layers of Keras that do it one after another; samples keep their shape.

        Args:
            shape: of a sample.
            seed: of its random generator.
        """
        return (Call(f"{self.namespace}.{self.kind}", {**self.arguments(), "seed": seed}),)


AUGMENTATIONS = Registry(N_("augmentation"), Augmentation)

AnyAugmentation = Annotated[SerializeAsAny[Augmentation], BeforeValidator(AUGMENTATIONS.parse)]


def mixes_labels(steps: Sequence[Augmentation]) -> bool:
    """Returns whether labels become shares of classes on the way."""
    return any(step.mixes_labels for step in steps)


def check_augmentation(
    steps: Sequence[Augmentation], kind: DataKind, input_shape: Shape, task: Task, loss: Loss
) -> None:
    """Checks that every step can be applied.

    Args:
        steps: in their order.
        kind: what a sample of the dataset is.
        input_shape: of a prepared sample.
        task: what the data asks for.
        loss: as it will be used.

    Raises:
        SpecError: the first problem; its path starts at the root of the spec.
    """
    for index, step in enumerate(steps):
        where = f"augmentation[{index}]"
        problem = _problem(step, kind, input_shape, task)
        if problem is not None:
            raise problem.at(where)
        try:
            step.check(input_shape)
        except SpecError as error:
            raise error.under(where) from None
    if mixes_labels(steps) and not loss.one_hot:
        raise mixed_labels_error(steps, "training.loss")


def mixed_labels_error(steps: Sequence[Augmentation], where: str) -> SpecError:
    """Returns the error for a loss of class numbers beside steps that mix labels.

    Args:
        steps: of the augmentation.
        where: the field of the loss.
    """
    return SpecError(
        N_("this loss takes class numbers, but {steps} mixes labels."),
        hint=N_("Choose CategoricalCrossentropy, or leave the loss automatic."),
        where=where,
        steps=", ".join(step.kind for step in steps if step.mixes_labels),
    )


def _problem(step: Augmentation, kind: DataKind, shape: Shape, task: Task) -> SpecError | None:
    """Returns what is wrong with the step as a whole."""
    if kind not in step.data_kinds:
        return SpecError(
            N_("{kind} cannot be applied to this kind of data ({data})."),
            hint=N_("Remove it."),
            kind=step.kind,
            data=Message(kind.value),
        )
    if len(shape) != 3:
        return SpecError(
            N_("{kind} needs samples with height, width and channels, got shape {shape}."),
            hint=N_("Remove it, or make spectrograms of recordings first."),
            kind=step.kind,
            shape=str(shape),
        )
    if step.needs_colour and shape[-1] != 3:
        return SpecError(
            N_("{kind} needs colour images with 3 channels, got {channels}."),
            hint=N_("Remove it, or make the images RGB."),
            kind=step.kind,
            channels=shape[-1],
        )
    if step.mixes_labels and not task.classifies:
        return SpecError(
            N_("{kind} mixes classes, but {task} has none."),
            hint=N_("Remove it."),
            kind=step.kind,
            task=Message(task.value),
        )
    return None
