"""From ratings to pairs of ids and a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.parts import Indices
from dlcore.datasets.prepare.encoders import EncodedData
from dlcore.datasets.samples import Samples
from dlcore.spec.preprocessing import ColdStart, Step
from dlcore.spec.signature import ITEM, USER

NEW = 0
"""The id of users and items that the training part does not know (well enough)."""


def encode_ratings(samples: Samples, division: Division, steps: Sequence[Step]) -> EncodedData:
    """Users and items as ids by the training part, and their ratings."""
    fewest = max((step.min_ratings for step in steps if isinstance(step, ColdStart)), default=1)
    inputs, maps = {}, {}
    for name in (USER, ITEM):
        codes, different = pd.factorize(samples.frame[name].astype(str))
        maps[name] = known_ids(codes[division.train], list(different), fewest)
        places = {value: place for place, value in enumerate(maps[name])}
        ids = np.array([places.get(value, NEW) for value in different], np.int32)
        inputs[name] = ids[codes][:, None]
    y = samples.frame["rating"].to_numpy(np.float32)[:, None]
    return EncodedData(inputs, y, division, samples.rows, {"ids": maps})


def known_ids(codes: Indices, names: list[str], fewest: int) -> list[str]:
    """Returns the names by id; 0 has none.

    Args:
        codes: of the ratings of the training part, each the place of a name.
        names: of all users, or items.
        fewest: ratings that a name must have.
    """
    counts = np.bincount(codes, minlength=len(names))
    return ["", *sorted(name for name, count in zip(names, counts, strict=True) if count >= max(1, fewest))]
