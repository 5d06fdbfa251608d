"""What a job found in the file of a model, as plain data: no other process has to read the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlcore.errors import Message
from dlcore.spec.graph import GraphReport, infer
from dlcore.spec.model import ModelSpec
from dlcore.spec.problems import parse
from dlcore.spec.signature import InputSpec, OpenShape, Signature, closed_shape


@dataclass(frozen=True)
class InspectedModel:
    """A Keras model, rebuilt from its config.

    Attributes:
        name: Keras' name for it.
        model: its layers.
        inputs: the shape of each by name, without the batch axis; empty where the config does not say.
        notes: what the user should know.
    """

    name: str
    model: ModelSpec
    inputs: Mapping[str, OpenShape]
    notes: tuple[Message, ...]

    @property
    def report(self) -> GraphReport | None:
        """Its shapes and parameters; None if its input is not known."""
        return model_report(self.model, self.inputs) if self.inputs else None

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return {
            "name": self.name,
            "model": self.model.model_dump(mode="json"),
            "inputs": {name: list(shape) for name, shape in self.inputs.items()},
            "notes": [note.to_dict() for note in self.notes],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> InspectedModel:
        """Returns the inverse of `to_dict`."""
        return cls(
            data["name"],
            parse(ModelSpec, data["model"]),
            {name: tuple(shape) for name, shape in data["inputs"].items()},
            tuple(map(Message.from_dict, data["notes"])),
        )


def model_report(model: ModelSpec, inputs: Mapping[str, OpenShape]) -> GraphReport:
    """Returns the shapes and parameters of a model.

    Args:
        model: its layers.
        inputs: the shape of each; open sizes are filled in.
    """
    return infer(model, Signature({name: InputSpec(closed_shape(shape)) for name, shape in inputs.items()}))
