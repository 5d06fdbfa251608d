"""From ratings to pairs of ids and a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Indices
from dlcore.datasets.prepare.encoders import AppliedData, EncodedData, State
from dlcore.datasets.samples import Samples
from dlcore.spec.preprocessing import ColdStart, Step
from dlcore.spec.signature import ITEM, USER

NEW = 0
"""The id of users and items that the training part does not know (well enough)."""


def encode_ratings(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Users and items as ids by the training part, and their ratings."""
    state = learn_ratings(samples, division.train, steps)
    y = samples.frame["rating"].to_numpy(np.float32)[:, None]
    return EncodedData(apply_ratings(samples, steps, state).inputs, y, division, samples.rows, state)


def learn_ratings(samples: Samples, train: Indices, steps: Sequence[Step]) -> State:
    """Returns under `ids` the names of users and of items by id."""
    fewest = max((step.min_ratings for step in steps if isinstance(step, ColdStart)), default=1)
    maps = {}
    for name in (USER, ITEM):
        codes, different = pd.factorize(samples.frame[name].iloc[train].astype(str))
        maps[name] = known_ids(codes, list(different), fewest)
    return {"ids": maps}


def apply_ratings(samples: Samples, steps: Sequence[Step], state: State) -> AppliedData:
    """Returns the ids of users and items by the names that are known."""
    inputs = {}
    for name in (USER, ITEM):
        codes, different = pd.factorize(samples.frame[name].astype(str))
        places = {value: place for place, value in enumerate(state["ids"][name]) if place != NEW}
        ids = np.array([places.get(value, NEW) for value in different], np.int32)
        inputs[name] = ids[codes][:, None]
    return AppliedData(inputs, np.arange(len(samples)))


def known_ids(codes: Indices, names: list[str], fewest: int) -> list[str]:
    """Returns the names by id; 0 has none.

    Args:
        codes: of the ratings of the training part, each the place of a name.
        names: of all users, or items.
        fewest: ratings that a name must have.
    """
    counts = np.bincount(codes, minlength=len(names))
    return ["", *sorted(name for name, count in zip(names, counts, strict=True) if count >= max(1, fewest))]
