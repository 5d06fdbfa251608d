"""The part of a script that changes values, in NumPy and on the device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dlcore.design.code.arrays import part_names
from dlcore.design.code.rendering import text
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Shape
from dlcore.spec.preprocessing import (
    LogTransform,
    MinMaxScaler,
    Normalization,
    Rescaling,
    RobustScaler,
    ValueStep,
)


@dataclass(frozen=True)
class ValueLines:
    """One step on the values of one input.

    Attributes:
        step: what is done.
        key: what is behind `x_train` to name the input's array.
        shape: of one sample.
        suffix: tells the variables of one step from those of another.
    """

    step: ValueStep
    key: str
    shape: Shape
    suffix: str

    def fit(self) -> Iterator[str]:
        """Yields what is learned from the training part."""
        step, x, end = self.step, f"x_train{self.key}", self.suffix
        whole = getattr(step, "per", "all") == "all"
        # An array has the samples as one axis more; the last one is the features'.
        axes = tuple(range(len(self.shape)))
        axis = "None" if whole else repr(axes[0] if len(axes) == 1 else axes)
        match step:
            case Normalization():
                yield f'mean{end} = {x}.mean(axis={axis}, dtype="float64").astype("float32")'
                yield f'deviation{end} = {x}.std(axis={axis}, dtype="float64").astype("float32")'
                yield "# A feature that never changes is 0 everywhere."
                changes = f"deviation{end} > 1e-7 * np.abs(mean{end})"
                yield f"deviation{end} = np.where({changes}, deviation{end}, np.inf)"
            case MinMaxScaler():
                yield f"low{end}, high{end} = {x}.min(axis={axis}), {x}.max(axis={axis})"
                changes = f"high{end} - low{end} > 1e-7 * np.abs(low{end})"
                yield f"high{end} = np.where({changes}, high{end}, np.inf)"
            case RobustScaler():
                quartiles = f'np.quantile({x}, [0.25, 0.5, 0.75], axis={axis}).astype("float32")'
                yield f"first{end}, middle{end}, third{end} = {quartiles}"
                spread = f"third{end} - first{end}"
                yield f"deviation{end} = np.where({spread} > 0, {spread}, 1)"

    def value(self, x: str, library: str = "np") -> str:
        """Returns the changed `x`."""
        step, end = self.step, self.suffix
        match step:
            case Rescaling():
                return f"{x} * {step.scale}" + (f" + {step.offset}" if step.offset else "")
            case Normalization():
                return f"({x} - mean{end}) / deviation{end}"
            case MinMaxScaler():
                unit = f"({x} - low{end}) / (high{end} - low{end})"
                wide = f"{unit} * {step.high - step.low}" if step.high - step.low != 1 else unit
                return wide + (f" + {step.low}" if step.low else "")
            case RobustScaler():
                return f"({x} - middle{end}) / deviation{end}"
            case LogTransform():
                return f"{library}.sign({x}) * {library}.log1p({library}.abs({x}))"
        raise TypeError(f"no script is known for {step.kind}")


def value_steps(spec: ExperimentSpec, facts: DatasetFacts) -> list[ValueLines]:
    """Returns each step on values for each input that is not ids."""
    seen, names = model_data(spec, facts), spec.model.inputs
    found: list[ValueLines] = []
    for step in spec.preprocessing:
        for name in names:
            if isinstance(step, ValueStep) and seen.inputs[name].dtype != "int32":
                key = "" if len(names) == 1 else f"[{text(name)}]"
                suffix = f"_{len(found) + 1}" if found else ""
                found.append(ValueLines(step, key, seen.inputs[name].shape, suffix))
    return found


def continues_windows(spec: ExperimentSpec, facts: DatasetFacts) -> bool:
    """Returns whether targets are standardised as the windows that they continue: their steps are a product and a sum."""
    steps = [one.step for one in value_steps(spec, facts)]
    affine = bool(steps) and not any(isinstance(step, LogTransform) for step in steps)
    return affine and bool(model_data(spec, facts).continued)


def value_lines(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    """Changes `x_train`, `x_validation` and `x_test`; `raw_train` stays as it was."""
    steps = value_steps(spec, facts)
    if steps or spec.augmentation:
        yield "# Preprocessing"
    if spec.augmentation:
        yield "raw_train = x_train"
    elif continues_windows(spec, facts):
        yield f"raw_train = x_train{steps[0].key}"
    for step in steps:
        yield from step.fit()
        for part in part_names(spec, facts):
            x = f"x_{part}{step.key}"
            yield f"{x} = {step.value(x)}"
