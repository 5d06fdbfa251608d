"""The phases of a training: which layers learn in which epochs, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from dlcore.engine.backbones import core_of
from dlcore.engine.network import layers_within
from dlcore.errors import N_, SpecError
from dlcore.records import Transfer
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Application
from dlcore.spec.model import ModelSpec
from dlcore.spec.training import TrainingSpec


@dataclass(frozen=True)
class Phase:
    """Epochs in which the same layers learn.

    Attributes:
        number: 0 for the first.
        epochs: how many it has; its schedule is over these.
        training: as it holds in this phase.
        frozen: layers that do not learn.
        settled: layers whose batch normalisations do not learn, and use what they know.
        shares: for layers with a learning rate of their own, what it is multiplied by.
        backbone_share: how much of a backbone that learns does so, counted in layers from its end.
    """

    number: int
    epochs: int
    training: TrainingSpec
    frozen: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    shares: Mapping[str, float] | None = None
    backbone_share: float = 1.0

    def prepare(self, network: Any, model: ModelSpec) -> None:
        """Lets exactly the layers of this phase learn; the network must be compiled again.

        Raises:
            SpecError: none would.
        """
        for layer in model.own_layers:
            made = network.get_layer(layer.name)
            made.trainable = layer.name not in self.frozen and layer.trainable
            if isinstance(layer, Application) and made.trainable:
                parts = core_of(made).layers
                for part in parts[: round(len(parts) * (1 - self.backbone_share))]:
                    part.trainable = False
            if layer.name in self.settled:
                for part in layers_within(made):
                    if isinstance(part, keras.layers.BatchNormalization):
                        part.trainable = False
        if not network.trainable_variables:
            raise SpecError(
                N_("every layer is frozen, so nothing would be trained."),
                hint=N_("Unfreeze at least the last layer."),
                where="model.layers",
            )

    def describe(self, network: Any, model: ModelSpec) -> str:
        """Returns a line for the log: which layers learn."""
        learning = [
            layer.name for layer in model.own_layers if network.get_layer(layer.name).trainable_variables
        ]
        rate = f"{self.training.optimizer.learning_rate:g}"
        return f"phase {self.number + 1}, learning rate {rate}: {', '.join(learning)} learn"


class Phases:
    """Which phase an epoch belongs to: by its number, so that a resumed run continues in the same one.

    Args:
        spec: what is trained.
        transfer: which layers began with weights from elsewhere.
        epochs: how many epochs there should be in the end.

    Attributes:
        second_at: the first epoch of the second phase, counted from 0.
    """

    def __init__(self, spec: ExperimentSpec, transfer: Transfer | None, epochs: int) -> None:
        tuning, training, model = spec.fine_tuning, spec.training, spec.model
        if tuning is None:
            self._all: tuple[Phase, ...] = (Phase(0, epochs, training),)
            self.second_at = epochs
            return
        brought = transfer.transferred if transfer else frozenset[str]()
        fixed, shares = tuning.fixed(model), tuning.factors(model)
        settled = frozenset[str]() if tuning.train_batch_norm else brought
        # Where nothing is new, there is no first phase.
        new = bool(transfer and (transfer.kept or transfer.other_ids))
        self.second_at = tuning.head_epochs if new else 0
        first, second = tuning.trainings(training, head_alone=self.second_at >= epochs)
        self._all = (
            Phase(
                0,
                min(self.second_at, epochs),
                first,
                fixed | brought,
                settled,
                shares,
            ),
            Phase(
                1,
                max(epochs - self.second_at, 1),
                second,
                fixed,
                settled,
                shares,
                tuning.backbone_share,
            ),
        )

    def at(self, epoch: int) -> Phase:
        """Returns the phase of an epoch, counted from 0."""
        return self._all[-1] if epoch >= self.second_at else self._all[0]

    def number(self, number: int) -> Phase:
        """Returns the phase of that number."""
        return self._all[min(number, len(self._all) - 1)]

    def __len__(self) -> int:
        """How many there are."""
        return len(self._all) if self.second_at else 1
