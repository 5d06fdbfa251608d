"""The names of what is measured."""

from __future__ import annotations

from dataclasses import dataclass

_VALIDATION = "val_"


@dataclass(frozen=True)
class MeasureName:
    """A metric and the part it is measured on, written as in Keras' logs: `val_accuracy`, `accuracy`.

    Attributes:
        metric: the bare name, `loss` among them.
        on_validation: whether it is measured on the validation part, not on the training part.

    Example:
        >>> MeasureName.parse("val_accuracy")
        MeasureName(metric='accuracy', on_validation=True)
        >>> str(MeasureName("loss", on_validation=True)), str(MeasureName("loss"))
        ('val_loss', 'loss')
    """

    metric: str
    on_validation: bool = False

    @classmethod
    def parse(cls, text: str) -> MeasureName:
        """Returns what a name stands for; what is measured on no part keeps its name."""
        return cls(text.removeprefix(_VALIDATION), text.startswith(_VALIDATION))

    def __str__(self) -> str:
        return f"{_VALIDATION if self.on_validation else ''}{self.metric}"
