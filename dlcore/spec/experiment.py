"""The experiment: the only input of a run, and stored with it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from dlcore.errors import N_
from dlcore.spec.augmentation import AnyAugmentation
from dlcore.spec.base import SpecModel
from dlcore.spec.cleaning import AnyCleaning
from dlcore.spec.data import DatasetFacts
from dlcore.spec.fields import Line, Scale, arg
from dlcore.spec.fine_tuning import FineTuning
from dlcore.spec.model import ModelSpec
from dlcore.spec.paths import path_to, set_at
from dlcore.spec.preprocessing import AnyStep, Rescaling
from dlcore.spec.problems import parse
from dlcore.spec.reading import read_file, read_text
from dlcore.spec.splits import AnySplit
from dlcore.spec.training import TrainingSpec


@dataclass(frozen=True)
class Division:
    """How many samples each part gets."""

    train: int
    validation: int
    test: int


class DatasetSpec(SpecModel):
    """Which data, how it is cleaned, and how it is divided."""

    name: Line = arg("digits", N_("The dataset's name in the catalogue."), max_length=200)
    version: Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")] = arg(
        "", N_("The version of your own dataset; empty: the latest."), advanced=True
    )
    cleaning: tuple[AnyCleaning, ...] = arg((), N_("The cleaning steps, in order."), max_length=50)
    split: AnySplit = arg(None, N_("How it is divided; empty: chosen by the data."), derived=True)
    validation_fraction: float = arg(
        0.1, N_("The share of the training data held back for validation."), ge=0, le=0.9, search=Scale.PARTS
    )
    test_fraction: float = arg(
        0.2,
        N_("The share held back for the final test, where the dataset has no test part."),
        ge=0.01,
        le=0.9,
        search=Scale.PARTS,
    )
    train_samples: int | None = arg(
        None, N_("Use only this many training samples; empty: all."), ge=1, le=1_000_000_000
    )

    def division(self, facts: DatasetFacts) -> Division:
        """Returns how many samples each part gets: the dataset's own parts first, then the test,
        then the validation.

        Cleaning, groups and windows may change the numbers a little.
        """
        total, test, validation = facts.train_size, facts.test_size, facts.validation_size
        if not test:
            test = round(total * self.test_fraction)
            total -= test
        if not validation:
            validation = round(total * self.validation_fraction)
            total -= validation
        return Division(min(total, self.train_samples or total), validation, test)


class ExperimentSpec(SpecModel):
    """Everything that decides what a run computes.

    Example:
        >>> spec = ExperimentSpec.from_dict({"dataset": {"name": "digits"}})
        >>> spec.with_values({"training.epochs": 3}).training.epochs
        3
    """

    schema_version: Literal[1] = arg(1, N_("Version of this format."), advanced=True, search=Scale.FIXED)
    name: Line = arg(
        "", N_("A name to recognize it by; empty: its dataset, its template and a number."), max_length=200
    )
    dataset: DatasetSpec = arg(DatasetSpec(), N_("Which data, and how it is divided."))
    preprocessing: tuple[AnyStep, ...] = arg(
        (Rescaling(),), N_("The preprocessing steps, in order."), max_length=50
    )
    augmentation: tuple[AnyAugmentation, ...] = arg(
        (), N_("Random changes to the training samples, different in each epoch."), max_length=20
    )
    model: ModelSpec = arg(ModelSpec(), N_("The layers."))
    fine_tuning: FineTuning | None = arg(
        None, N_("Start with weights from another model; empty: random weights.")
    )
    training: TrainingSpec = arg(TrainingSpec(), N_("How it is trained."))
    seed: int = arg(
        0,
        N_("Fixes the split, the first weights and the order of samples."),
        ge=0,
        lt=2**31,
        search=Scale.FIXED,
    )

    @classmethod
    def from_dict(cls, data: Any) -> "ExperimentSpec":
        """Returns a spec from what JSON or YAML gave.

        Raises:
            SpecError: the first problem, with its path.
        """
        return parse(cls, data)

    @classmethod
    def from_text(cls, text: str) -> "ExperimentSpec":
        """Returns a spec from JSON or YAML.

        Raises:
            SpecError: not a spec, or not even YAML.
        """
        return cls.from_dict(read_text(text))

    @classmethod
    def load(cls, path: Path) -> "ExperimentSpec":
        """Returns a spec from a file.

        Raises:
            SpecError: the file is absent, unreadable, or not a spec.
        """
        return cls.from_text(read_file(path))

    def to_dict(self) -> dict[str, Any]:
        """Returns the whole spec, JSON-ready, defaults spelled out."""
        return self.model_dump(mode="json")

    def to_json(self) -> str:
        """Returns the whole spec as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_yaml(self) -> str:
        """Returns the spec as YAML for people: what equals its default is left out."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        training, dataset = self.training, self.dataset
        data["name"], data["dataset"] = self.name, {"name": dataset.name, **data.get("dataset", {})}
        data["training"] = {
            "epochs": training.epochs,
            "batch_size": training.batch_size,
            "optimizer": training.optimizer.model_dump(mode="json", exclude_defaults=True),
            **data.get("training", {}),
        }
        data["seed"] = self.seed
        data["model"] = {**data.get("model", {}), "layers": _compact_layers(self.model)}
        order = [name for name in type(self).model_fields if name in data]
        text: str = yaml.safe_dump(
            {name: data[name] for name in order},
            sort_keys=False, allow_unicode=True, default_flow_style=None, width=100,
        )  # fmt: skip
        return text

    @property
    def hash(self) -> str:
        """A content hash; the name does not count, for it changes nothing."""
        content = {key: value for key, value in self.to_dict().items() if key != "name"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def with_values(self, values: dict[str, Any]) -> "ExperimentSpec":
        """Returns a copy with the fields at some paths set.

        Raises:
            SpecError: no such path, or a value that does not fit.
        """
        data = self.to_dict()
        for path, value in values.items():
            set_at(data, path_to(path), value)
        return type(self).from_dict(data)


def _compact_layers(model: ModelSpec) -> list[dict[str, Any]]:
    rows = [layer.model_dump(mode="json", exclude_defaults=True) for layer in model.layers]
    if model.is_stack:
        bare = [{k: v for k, v in row.items() if k not in ("name", "inputs")} for row in rows]
        if parse(ModelSpec, {"layers": bare}).layers == model.layers:
            return bare
    return rows
