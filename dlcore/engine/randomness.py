"""What random layers draw depends on nothing but the seed and the epoch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def random_states(network: Any) -> list[Any]:
    """Returns the states of a network's random generators: its variables that are no weights."""
    weights = {id(weight) for weight in network.weights}
    return [variable for variable in network.variables if id(variable) not in weights]


def reseed(states: Iterable[Any], *, seed: int, epoch: int) -> None:
    """Sets the states of Keras' random generators, each to another one."""
    for index, state in enumerate(states):
        entropy = (seed, epoch, index)
        state.assign([int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1), 0])
