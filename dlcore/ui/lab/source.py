"""What the lab looks at: a run, one of its parts, and what was answered there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import streamlit as st

from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.samples import ExaminedSamples, examine
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, DlcoreError, StateError
from dlcore.records import Evaluation, Run
from dlcore.records.artifacts import ANSWERS_FILES
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.preprocessing import Step
from dlcore.store.run_files import read_answers, read_evaluation
from dlcore.text import short_texts
from dlcore.ui.lab.sample import places_of
from dlcore.ui.shared.samples import samples_of
from dlcore.web.context import context

PART, SAMPLE = "part", "sample"
"""The parameters of the address that name the part, and the sample by its row in the dataset as it was stored."""


@dataclass(frozen=True, eq=False)
class LabSource:
    """A part of a run, as the lab shows it.

    Attributes:
        run: whose.
        spec: its experiment.
        evaluation: of its test part; knows the classes.
        part: `test` or `validation`.
        answers: to its samples, as far as they are finite.
        samples: how well each was answered.
        unanswered: how many more samples there are, which got NaN or an infinite number.
    """

    run: Run
    spec: ExperimentSpec
    evaluation: Evaluation
    part: str
    answers: PartAnswers
    samples: ExaminedSamples
    unanswered: int = 0

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; of numbers none."""
        return self.evaluation.classes

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the numbers that are asked for; of classes none."""
        return tuple(error.name for error in self.evaluation.errors)

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """What the classes are called, shortened."""
        titles = short_texts(self.classes)
        return tuple(titles[name] for name in self.classes)

    @property
    def confusion(self) -> tuple[tuple[int, ...], ...]:
        """How often each class was taken for each, in this part."""
        count = len(self.classes)
        counts = np.bincount(
            self.samples.true * count + self.samples.predicted, minlength=count * count
        ).reshape(count, count)
        return tuple(map(tuple, counts.tolist()))

    @property
    def preprocessing(self) -> tuple[Step, ...]:
        """What is done to a sample before the model sees it."""
        return self.spec.preprocessing

    def dataset(self) -> Samples | None:
        """Returns the samples of the dataset; None where it is gone, or is not what the run has answered for."""
        try:
            found = samples_of(self.spec.dataset.name, self.spec.dataset.version)
            places_of(found, self.samples.rows)
        except DlcoreError:
            return None
        return found


def parts_of(run: Run) -> list[str]:
    """Returns the parts whose answers were kept: runs of earlier versions have those of the test part alone."""
    folder = context().store.artifacts.folder(run.id)
    return [part for part, file in ANSWERS_FILES.items() if (folder / file).is_file()]


def open_part(run: Run, part: str) -> LabSource | None:
    """Returns a part of a run with what was answered there; None where nothing was.

    Raises:
        DamagedArtifactError: a file has changed since it was written.
        StateError: no answer is finite.
        SpecError: another version wrote an experiment that this one refuses.
    """
    spec = ExperimentSpec.from_dict(run.spec)
    folder = context().store.artifacts.folder(run.id)
    path = folder / ANSWERS_FILES[part]
    evaluation = read_evaluation(folder)
    if evaluation is None or not path.is_file():
        return None
    read = _read(folder, part, path.stat().st_mtime_ns, evaluation)
    if read is None:
        return None
    answers, samples, unanswered = read
    return LabSource(run, spec, evaluation, part, answers, samples, unanswered)


@st.cache_resource(max_entries=16, show_spinner=False)
def _read(
    folder: Path, part: str, written: int, _evaluation: Evaluation
) -> tuple[PartAnswers, ExaminedSamples, int] | None:
    found = read_answers(folder, _evaluation, part)
    if found is None:
        return None
    finite = found.finite
    if not len(finite.rows):
        raise StateError(
            N_("no answer of this run is a finite number: its network has diverged."),
            hint=N_("Train it again with a lower learning rate, or set clipnorm to limit the gradient."),
        )
    return finite, examine(finite), len(found.rows) - len(finite.rows)
