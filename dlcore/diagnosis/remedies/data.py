"""Remedies in the data: how it is divided, cleaned, and changed at random."""

from __future__ import annotations

from typing import Literal

from dlcore.diagnosis.remedies.base import Remedy, register
from dlcore.errors import N_
from dlcore.spec.augmentation import RandomRotation, RandomTranslation, RandomZoom, SpecAugment
from dlcore.spec.cleaning import RemoveDuplicates
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.splits import Grouped

SMALL_IMAGE = 16
"""Pixels: a smaller image is changed by a shift of one of them already."""


@register
class Augment(Remedy):
    """Random changes (Shorten and Khoshgoftaar, A Survey on Image Data Augmentation, 2019; Park et al., 2019)."""

    name = "augmentation"
    title = N_("Change the training samples at random")
    reason = N_("A sample that looks a little different each time cannot be learned by heart.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Shifts, turns and zooms images, and hides bands of recordings; mirrors nothing, for a digit is none then."""
        if spec.augmentation or facts is None:
            return None
        if facts.kind is DataKind.AUDIO:
            return spec.updated(augmentation=(SpecAugment(),))
        if facts.kind is not DataKind.IMAGE:
            return None
        steps = (RandomTranslation(), RandomRotation(factor=0.03), RandomZoom(height_factor=0.1))
        return spec.updated(augmentation=steps)


@register
class SplitByGroups(Remedy):
    """Whole groups in one part."""

    name = "split_by_groups"
    title = N_("Keep whole groups in one part")
    reason = N_("Samples of one speaker or patient in both parts make the validation part too easy.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Divides by the groups that the dataset knows."""
        if facts is None or not facts.has_groups or isinstance(spec.dataset.split, Grouped):
            return None
        return spec.updated(dataset=spec.dataset.updated(split=Grouped()))


class _Duplicates(Remedy):
    """Duplicates taken out before the data is divided."""

    method: Literal["exact", "near"]

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Adds the cleaning step, unless it is there."""
        kind = facts.kind if facts else None
        fits = kind is DataKind.IMAGE if self.method == "near" else kind in RemoveDuplicates.data_kinds
        has = any(isinstance(step, RemoveDuplicates) for step in spec.dataset.cleaning)
        if not fits or has:
            return None
        steps = (RemoveDuplicates(method=self.method), *spec.dataset.cleaning)
        return spec.updated(dataset=spec.dataset.updated(cleaning=steps))


@register
class WithoutDuplicates(_Duplicates):
    """Equal samples once."""

    name, method = "remove_duplicates", "exact"
    title = N_("Remove duplicates")
    reason = N_("A sample that is in two parts is known before it is asked for.")


@register
class WithoutLookalikes(_Duplicates):
    """Images that look alike once."""

    name, method = "remove_near_duplicates", "near"
    title = N_("Remove images that look alike")
    reason = N_("Images of one scene in two parts are as good as the same image.")
