"""Optimizers whose steps are smaller for some weights.

Keras' MultiOptimizer does not fit: with an optimizer for each group, a limit on the gradient of all
weights together holds for each group alone, and a schedule on a plateau finds no single rate to lower.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops


def with_rates(optimizer: Any, variables: list[Any], shares: Mapping[int, float]) -> Any:
    """Returns the same optimizer, not built yet, whose learning rate is smaller for some variables.

    Args:
        optimizer: one of Keras' own.
        variables: those it will be built with.
        shares: for places in that list, what the learning rate is multiplied by, weight decay included.
    """
    kind: Any = type(optimizer)

    class Rated(kind):  # type: ignore[misc]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            share = shares.get(self._get_variable_index(variable))
            if share is None:
                super().update_step(gradient, variable, learning_rate)
                return
            rate = learning_rate * share
            if self.weight_decay is not None:
                decay = ops.cast(self.weight_decay, variable.dtype) * ops.cast(rate, variable.dtype)
                self.assign_sub(variable, variable * decay)
            super().update_step(gradient, variable, rate)

    rated = Rated.from_config(optimizer.get_config())
    # Keras' own decay knows one rate only.
    rated.exclude_from_weight_decay([variables[index] for index in shares])
    return rated
