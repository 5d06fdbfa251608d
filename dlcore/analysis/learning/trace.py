"""One sample's way through a trained model and back, as a job writes it and a page reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.errors import N_, DlcoreError

Values = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
Shape = tuple[int, ...]

MOST_NUMBERS = 120_000
"""Of one array. Of a larger one the first units or filters are kept, or nothing where one alone is larger."""


@dataclass(frozen=True)
class LayerTrace:
    """A layer.

    Attributes:
        name: of the layer.
        kind: Keras' class.
        config: what its working depends on, by Keras' names.
        sources: the places of the layers whose outputs come in.
        output: the shape of what it gives for one sample.
        parameters: the shapes of its weights by their names, in Keras' order.
    """

    name: str
    kind: str
    config: Mapping[str, Any]
    sources: tuple[int, ...]
    output: Shape
    parameters: Mapping[str, Shape]


@dataclass(frozen=True)
class StepTrace:
    """One step of plain gradient descent on this sample alone.

    Attributes:
        rate: η.
        loss: after it.
        answer: after it.
    """

    rate: float
    loss: float
    answer: tuple[float, ...]


@dataclass(frozen=True)
class Trace:
    """A sample's way; its numbers are in `TraceNumbers`.

    Attributes:
        layers: in the order in which they compute.
        loss_name: Keras' class of the run's loss.
        from_logits: whether the loss makes probabilities of what the model gives.
        loss: of this sample, without penalties on weights.
        penalty: what those add.
        target: what is right, as the loss sees it.
        answer: what the model gives, as the loss sees it.
        optimizer: of the run.
        rate: where its learning rate begins; None: that depends on the step.
        steps: what plain gradient descent does with several rates.
    """

    layers: tuple[LayerTrace, ...]
    loss_name: str
    from_logits: bool
    loss: float
    penalty: float
    target: tuple[float, ...]
    answer: tuple[float, ...]
    optimizer: str
    rate: float | None
    steps: tuple[StepTrace, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Trace:
        """Restores what `to_dict` returned.

        Raises:
            DlcoreError: it is something else: a stranger's process may have written it.
        """
        try:
            layers = tuple(
                LayerTrace(
                    str(one["name"]), str(one["kind"]), dict(one["config"]), tuple(map(int, one["sources"])),
                    tuple(map(int, one["output"])),
                    {str(name): tuple(map(int, shape)) for name, shape in one["parameters"].items()},
                )
                for one in data["layers"]
            )  # fmt: skip
            steps = tuple(
                StepTrace(float(one["rate"]), float(one["loss"]), tuple(map(float, one["answer"])))
                for one in data["steps"]
            )
            rate = None if data["rate"] is None else float(data["rate"])
            return cls(
                layers, str(data["loss_name"]), bool(data["from_logits"]), float(data["loss"]),
                float(data["penalty"]), tuple(map(float, data["target"])), tuple(map(float, data["answer"])),
                str(data["optimizer"]), rate, steps,
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DlcoreError(
                N_("what was computed cannot be read."), hint=N_("Have it computed again.")
            ) from error


@dataclass(frozen=True, eq=False)
class TraceNumbers:
    """The numbers of a trace, of one sample each; those that are too many are absent."""

    arrays: Mapping[str, Array]

    def output(self, place: int) -> Values | None:
        """Returns what a layer gives."""
        return self._find(f"out{place}")

    def has_ids(self, place: int) -> bool:
        """Returns whether what a layer gives are no quantities, but whole numbers that stand for something."""
        found = self.arrays.get(f"out{place}")
        return found is not None and found.dtype.kind == "i"

    def slope(self, place: int) -> Values | None:
        """Returns ∂L/∂y of what a layer gives."""
        return self._find(f"dout{place}")

    def seen(self, place: int) -> npt.NDArray[np.bool_] | None:
        """(steps,) where a recurrent layer has something to read; None: everywhere."""
        found = self.arrays.get(f"mask{place}")
        return None if found is None else found.astype(bool)

    def weights(self, place: int, count: int) -> list[Values] | None:
        """Returns the weights of a layer in Keras' order; None where one is absent."""
        return self._all(f"w{place}", count)

    def weight_slopes(self, place: int, count: int) -> list[Values | None]:
        """Returns ∂L/∂W of each weight of a layer; None for what is not trained."""
        return [self._find(f"dw{place}.{number}") for number in range(count)]

    def _all(self, name: str, count: int) -> list[Values] | None:
        found = [self._find(f"{name}.{number}") for number in range(count)]
        known = [one for one in found if one is not None]
        return known if len(known) == count else None

    def _find(self, name: str) -> Values | None:
        found = self.arrays.get(name)
        return None if found is None else found.astype(np.float64)
