"""Steps on values, which never change a shape."""

from dataclasses import replace
from typing import ClassVar, Literal

from dlcore.errors import N_
from dlcore.spec.fields import arg
from dlcore.spec.preprocessing.base import STEPS, ValueStep
from dlcore.spec.signature import Form

Per = Literal["feature", "all"]
_PER = N_("A separate scale for each channel or feature (the last axis), or one for all values.")


@STEPS.register
class Rescaling(ValueStep):
    """`x · scale + offset`."""

    title: ClassVar[str] = N_("Rescale values")
    summary: ClassVar[str] = N_("Multiplies each value: 1/255 brings pixels to 0 … 1.")

    scale: float = arg(1 / 255, N_("What each value is multiplied by."))
    offset: float = arg(0.0, N_("What is added afterwards."))


@STEPS.register
class Normalization(ValueStep):
    """Subtracts the mean and divides by the deviation, both of the training part alone."""

    title: ClassVar[str] = N_("Standardize")
    summary: ClassVar[str] = N_("Scales values to mean 0 and standard deviation 1, by the training part.")

    per: Per = arg("feature", _PER)

    def form(self, form: Form) -> Form:
        """Returns the same, its features centered where each has a scale of its own."""
        return replace(super().form(form), centered=self.per == "feature")


@STEPS.register
class MinMaxScaler(ValueStep):
    """Brings the training part's smallest value to `low` and its largest to `high`."""

    title: ClassVar[str] = N_("Scale to a range")
    summary: ClassVar[str] = N_("Scales values into a range, by the training part.")

    low: float = arg(0.0, N_("What the smallest value becomes."))
    high: float = arg(1.0, N_("What the largest value becomes."))
    per: Per = arg("feature", _PER)


@STEPS.register
class RobustScaler(ValueStep):
    """Subtracts the median and divides by the interquartile range, both of the training part alone."""

    title: ClassVar[str] = N_("Robust scaling")
    summary: ClassVar[str] = N_("Like Normalization, by median and quartiles: outliers do not count.")

    per: Per = arg("feature", _PER)


@STEPS.register
class LogTransform(ValueStep):
    """`sign(x) · log(1 + |x|)`."""

    title: ClassVar[str] = N_("Logarithm")
    summary: ClassVar[str] = N_("Takes the logarithm, for values that span several orders of magnitude.")
