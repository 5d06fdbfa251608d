"""From ratings to pairs of ids and a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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
        values = samples.frame[name].astype(str).to_numpy()
        maps[name] = known_ids(values, division.train, fewest)
        places = {value: place for place, value in enumerate(maps[name])}
        inputs[name] = np.array([[places.get(value, NEW)] for value in values], np.int32)
    y = samples.frame["rating"].to_numpy(np.float32)[:, None]
    return EncodedData(inputs, y, division, samples.rows, {"ids": maps})


def known_ids(values: npt.NDArray[np.str_], train: Indices, fewest: int) -> list[str]:
    """Returns the names by id; 0 has none."""
    counts = Counter(values[train].tolist())
    return ["", *sorted(name for name, count in counts.items() if count >= fewest)]
