"""The names of what is measured."""

from __future__ import annotations

from dataclasses import dataclass

LOSS = "loss"
_VALIDATION = "val_"

KNOWN: set[str] = {LOSS}
"""The bare names: the loss, and each metric, which adds its own."""


@dataclass(frozen=True)
class MeasureName:
    """A metric, and the part and the output it is measured on, written as in Keras' logs: `val_aux_accuracy`.

    Attributes:
        metric: the bare name, `loss` among them.
        on_validation: whether it is measured on the validation part, not on the training part.
        output: of a model with several outputs, which; empty: that of the last layer, or all together.

    Example:
        >>> MeasureName.parse("val_accuracy")
        MeasureName(metric='accuracy', on_validation=True, output='')
        >>> str(MeasureName("loss", on_validation=True)), str(MeasureName("loss"))
        ('val_loss', 'loss')
        >>> MeasureName.parse("aux_top_5_accuracy").output
        'aux'
    """

    metric: str
    on_validation: bool = False
    output: str = ""

    @classmethod
    def parse(cls, text: str) -> MeasureName:
        """Returns what a name stands for; what is measured on no part keeps its name."""
        bare, on_validation = text.removeprefix(_VALIDATION), text.startswith(_VALIDATION)
        ends = [name for name in KNOWN if bare.endswith(f"_{name}")]
        if bare in KNOWN or not ends:
            return cls(bare, on_validation)
        metric = max(ends, key=len)
        return cls(metric, on_validation, bare.removesuffix(f"_{metric}"))

    @property
    def curve(self) -> str:
        """Its name whatever the part, as curves have it."""
        return f"{self.output}_{self.metric}" if self.output else self.metric

    def __str__(self) -> str:
        return f"{_VALIDATION if self.on_validation else ''}{self.curve}"


LONGEST = 64
"""Characters of the name of a curve, which is a column of the store."""


def can_be_output(name: str) -> bool:
    """Returns whether what is measured on an output of that name is called like nothing else, and not too long.

    Example:
        >>> can_be_output("aux"), can_be_output("val_aux"), can_be_output("top_5")
        (True, False, False)
    """
    measures = [MeasureName(metric, output=name) for metric in KNOWN]
    return all(MeasureName.parse(str(one)) == one and len(str(one)) <= LONGEST for one in measures)
