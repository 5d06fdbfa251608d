"""Training against attacks: samples that are changed so as to mislead the model, among those that it learns from."""

from typing import Literal

from dlcore.errors import N_, SpecError
from dlcore.spec.base import SpecModel
from dlcore.spec.data import DataKind, DatasetFacts, Task
from dlcore.spec.fields import Scale, arg
from dlcore.spec.layers import Shape

LEVELS = 255
"""Levels from the darkest value of a picture to the brightest."""

_USUAL, _MOST = {True: 8.0, False: 0.1}, {True: float(LEVELS), False: 10.0}
"""Strengths of pictures, in levels, and of all else, in deviations."""

_KINDS = (DataKind.IMAGE, DataKind.AUDIO, DataKind.SERIES, DataKind.ARRAY)
_PICTURE = 3
"""The axes of a picture: height, width, channels."""


class AdversarialTraining(SpecModel):
    """Changes a share of each batch so that the loss rises, before the model learns from it (Madry et al., 2018)."""

    attack: Literal["fgsm", "pgd"] = arg(
        "fgsm",
        N_(
            "The attack: `fgsm` is one step, `pgd` seven from a random point: stronger, and several times as slow."
        ),
    )
    strength: float | None = arg(
        None,
        N_(
            "How far each number may be moved: of pictures in levels of 255, of all else in standard deviations; "
            "empty: 8 levels, or 0.1 deviations."
        ),
        gt=0,
        le=LEVELS,
        derived=True,
        search=Scale.STRENGTHS,
    )
    share: float = arg(
        0.5,
        N_("The share of each batch that is attacked; the rest stays as it is."),
        label=N_("Attacked share"),
        gt=0,
        le=1,
        search=Scale.PARTS,
    )

    @property
    def steps(self) -> int:
        """How many steps an attack takes; Madry et al. trained with 7."""
        return 7 if self.attack == "pgd" else 1

    @property
    def stride(self) -> float:
        """How far a step goes, in proportion to the strength; those of PGD together reach 2.5 times as far."""
        return 2.5 / self.steps if self.attack == "pgd" else 1.0

    def reach(self, *, of_picture: bool) -> float:
        """Returns the strength; what is empty follows from the data."""
        return self.strength or usual_strength(of_picture=of_picture)


def can_be_attacked(facts: DatasetFacts) -> bool:
    """Returns whether the samples of a dataset are numbers that can be moved a little."""
    return facts.kind in _KINDS and facts.task is not Task.RECONSTRUCTION


def counts_levels(kind: DataKind, shape: Shape) -> bool:
    """Returns whether strengths count levels of 255: of pictures; of all else they count deviations.

    Args:
        kind: of the data.
        shape: of one sample; () where pictures differ in size.
    """
    return kind is DataKind.IMAGE or (kind is DataKind.ARRAY and len(shape) == _PICTURE)


def usual_strength(*, of_picture: bool) -> float:
    """Returns the strength that is taken where none is named."""
    return _USUAL[of_picture]


def most_strength(*, of_picture: bool) -> float:
    """Returns the greatest strength that makes sense."""
    return _MOST[of_picture]


def check_adversarial(
    wanted: AdversarialTraining | None, facts: DatasetFacts, shape: Shape, *, has_further: bool
) -> None:
    """Checks that samples can be attacked while a model trains.

    Args:
        wanted: what is asked for, if anything.
        facts: of the dataset.
        shape: of one sample; () where a model has several inputs.
        has_further: whether the model has further outputs.

    Raises:
        SpecError: they cannot; `where` is the path from the root of the experiment.
    """
    if wanted is None:
        return
    where = "training.adversarial"
    if not can_be_attacked(facts) or not shape:
        raise SpecError(
            N_(
                "only pictures, recordings, series and arrays can be attacked in training, and no reconstructions."
            ),
            hint=N_("Switch adversarial training off."),
            where=where,
        )
    if has_further:
        raise SpecError(
            N_("a model with further outputs cannot be trained against attacks yet."),
            hint=N_("Switch adversarial training off, or remove the further outputs."),
            where=where,
        )
    most = most_strength(of_picture=counts_levels(facts.kind, shape))
    if wanted.strength is not None and wanted.strength > most:
        raise SpecError(
            N_("expected a strength of at most {most} (standard deviations), got {got}."),
            hint=N_("Levels are counted of pictures alone; here 0.1 is a usual strength."),
            where=f"{where}.strength",
            most=f"{most:g}",
            got=f"{wanted.strength:g}",
        )
