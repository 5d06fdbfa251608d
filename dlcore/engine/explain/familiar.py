"""What is usual to a run's model: how its last layer sees the samples of the training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlcore.analysis.unlike import Familiar
from dlcore.datasets.parts import Array
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.drawn import drawn_evenly
from dlcore.engine.explain.last_layer import penultimate
from dlcore.errors import N_, SpecError
from dlcore.records.unlike import Familiarity

MOST_SAMPLES = 5_000
"""Samples of each part that are looked at."""


def learn_familiar(
    asked: AskedModel, tell: Callable[[int, int], None]
) -> tuple[Familiarity, dict[str, Array]]:
    """Returns what is usual to a model, with the arrays of `FAMILIAR_FILE` but its hash.

    Classes are described by the training part, the limits are those of the validation part, of which nothing was learned.

    Args:
        asked: the model with its dataset.
        tell: is told how many samples are done.

    Raises:
        SpecError: there is no validation part.
    """
    train, validation = asked.part("train"), asked.part("validation")
    if len(validation) < 2:
        raise SpecError(
            N_("what is usual cannot be told without a validation part."),
            hint=N_("Train again with dataset.validation_fraction above 0."),
        )
    places, held = drawn_evenly(train.indices, MOST_SAMPLES), drawn_evenly(validation.indices, MOST_SAMPLES)
    total = len(places) + len(held)
    features, _outputs = penultimate(asked, train, places, lambda done, _all: tell(done, total))
    seen, outputs = penultimate(asked, validation, held, lambda done, _all: tell(len(places) + done, total))
    single = asked.task.single_label
    labels = train.y[places].astype(np.int64) if single else np.zeros(len(places), np.int64)
    found = Familiar.fit(features, labels, seen, outputs if single and asked.gives_logits else None)
    return Familiarity(len(places), len(held)), found.to_arrays()
