"""The part of a script that starts with weights from elsewhere, and lets its layers learn in two phases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dlcore.design.code.rendering import text
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FineTuning
from dlcore.spec.layers import Application
from dlcore.spec.layers.normalization import BatchNormalization, Normalization
from dlcore.spec.model import ModelSpec
from dlcore.spec.training import TrainingSpec

_LOAD = """\
# The weights of another model, where a layer has their name and their shapes
for layer in model.layers:
    arrays = [data[key] for key in data.files if key.startswith(f"{layer.name}/")]
    shapes = [tuple(weight.shape) for weight in layer.weights]
    if shapes and [array.shape for array in arrays] == shapes:
        for weight, array in zip(layer.weights, arrays):
            weight.assign(array)
        brought.add(layer.name)"""

_SETTLE = """\
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()"""

_LET_LEARN = """\

def let_learn(frozen):
    for layer in model.layers:
        layer.trainable = layer.name not in frozen"""

_KEEP_STATISTICS = """\
        if layer.name in brought:
            keep_statistics(layer)

def keep_statistics(layer):
    # They are worth more than what a few new samples say.
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.trainable = False
    for part in getattr(layer, "layers", []):
        keep_statistics(part)"""

_RATED = """\
shares = {{
    variable.path: share
    for name, share in {factors}.items()
    for variable in model.get_layer(name).variables
}}

class Rated(keras.{optimizer}):
    # Some layers learn more slowly; their weight decay follows.
    def update_step(self, gradient, variable, learning_rate):
        share = self.shares[self._get_variable_index(variable)]
        if share != 1.0 and self.weight_decay is not None:
            self.assign_sub(variable, variable * self.weight_decay * learning_rate * share)
        super().update_step(gradient, variable, learning_rate * share)

def rated(optimizer):
    optimizer.shares = tuple(shares.get(one.path, 1.0) for one in model.trainable_variables)
    slower = [one for one in model.trainable_variables if one.path in shares]
    optimizer.exclude_from_weight_decay(slower)
    return optimizer"""


@dataclass(frozen=True)
class ScriptPhase:
    """Epochs of a script in which the same layers learn.

    Attributes:
        training: how they do; its epochs are those of the phase.
        lines: what lets them learn.
    """

    training: TrainingSpec
    lines: tuple[str, ...] = ()


def script_phases(spec: ExperimentSpec, *, has_new: bool) -> list[ScriptPhase]:
    """Returns the phases of a training; `has_new` says whether a layer starts without weights from elsewhere."""
    tuning, training, epochs = spec.fine_tuning, spec.training, spec.training.epochs
    if tuning is None:
        return [ScriptPhase(training)]
    head = min(tuning.head_epochs, epochs) if has_new else 0
    first, second = tuning.trainings(training, head_alone=head == epochs)
    fixed = tuning.fixed(spec.model)
    settled = f"{_names(fixed)} | brought" if fixed else "brought"
    found: list[ScriptPhase] = []
    if head:
        only_new = (
            "",
            "# First only the layers without weights from elsewhere learn.",
            f"let_learn({settled})",
        )
        found.append(ScriptPhase(first.model_copy(update={"epochs": head}), only_new))
    if head < epochs:
        others = ("", "# Then the others join.", f"let_learn({_names(fixed)})", *_share(tuning, spec.model))
        found.append(ScriptPhase(second.model_copy(update={"epochs": epochs - head}), others))
    return found


def start_lines(spec: ExperimentSpec) -> Iterator[str]:
    """Puts weights from elsewhere into `model`, and says in `brought` which layers have some."""
    tuning, model = spec.fine_tuning, spec.model
    if tuning is None:
        return
    backbones = (one.name for one in model.layers if isinstance(one, Application) and one.weights)
    yield f"brought = {_names(backbones)}"
    if tuning.source is not None:
        yield from _LOAD.splitlines()
        if any(isinstance(layer, Normalization) for layer in model.layers):
            yield from _SETTLE.splitlines()
    yield from _LET_LEARN.splitlines()
    if not tuning.train_batch_norm and _may_normalise(model):
        yield from _KEEP_STATISTICS.splitlines()
    if factors := tuning.factors(model):
        shares = {name: share for name, share in factors.items() if share != 1}
        yield ""
        yield from _RATED.format(
            factors=json.dumps(shares), optimizer=f"optimizers.{spec.training.optimizer.kind}"
        ).splitlines()


def has_rates(spec: ExperimentSpec) -> bool:
    """Returns whether some layers have a learning rate of their own."""
    return spec.fine_tuning is not None and bool(spec.fine_tuning.factors(spec.model))


def _share(tuning: FineTuning, model: ModelSpec) -> Iterator[str]:
    """Yields what leaves the first layers of a backbone as they are, where not all of them join."""
    if tuning.backbone_share == 1:
        return
    for layer in model.layers:
        if isinstance(layer, Application) and layer.name not in tuning.fixed(model):
            yield f"parts = model.get_layer({text(layer.name)}).layers[-1].layers"
            yield f"for part in parts[: round(len(parts) * {1 - tuning.backbone_share})]:"
            yield "    part.trainable = False"


def _may_normalise(model: ModelSpec) -> bool:
    return any(isinstance(layer, (Application, BatchNormalization)) for layer in model.layers)


def _names(names: Iterable[str]) -> str:
    """Returns a set of names as Python source."""
    return f"{{{', '.join(map(text, sorted(names)))}}}" if (names := list(names)) else "set()"
