"""What augmentation makes of some training samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import trusted_limits
from dlcore.processes.private import PrivateHome
from dlcore.records.artifacts import PREVIEW_FILE
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.preprocessing import STEPS


def _reach(arguments: Arguments, home: PrivateHome) -> Sequence[Path]:
    home.show_dataset(arguments["dataset"])
    return []


@JOBS.register(limits=trusted_limits, needs_keras=True, reach=_reach)
def augmentation_preview(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Writes some training samples before and after augmentation to `PREVIEW_FILE`.

    Args:
        arguments: `dataset`, its name, and its `version`; the steps of `preprocessing` and of
            `augmentation`; `seed`; `indices` of samples; `copies` of each.
        handle: its folder gets the file: `before` uint8 (samples, height, width, channels), `after` uint8
            (samples, copies, height, width, channels).
    """
    from dlcore.datasets.prepare.preparation import prepare_some
    from dlcore.engine.augmentation import preview

    steps = [AUGMENTATIONS.parse(step) for step in arguments["augmentation"]]
    dataset = DatasetSpec(name=arguments["dataset"], version=arguments["version"])
    making = [STEPS.parse(step) for step in arguments["preprocessing"]]
    before = pictures_of(prepare_some(dataset, making, arguments["indices"], handle.settings))
    after = preview(steps, before, copies=arguments["copies"], seed=arguments["seed"])
    np.savez(handle.folder / PREVIEW_FILE, allow_pickle=False, before=before, after=after)
    return {}


def pictures_of(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Prepared samples as pictures: bytes as they are, other numbers from the lowest to the highest."""
    if values.dtype == np.uint8:
        return values
    low, high = float(values.min()), float(values.max())
    return np.rint((values - low) / max(high - low, 1e-12) * 255).astype(np.uint8)
