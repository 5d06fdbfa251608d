"""What the lab looks at: a run, one of its parts, and what was answered there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.samples import ExaminedSamples, examine
from dlcore.datasets.samples import Samples
from dlcore.errors import DlcoreError
from dlcore.records import Evaluation, Run
from dlcore.records.artifacts import ANSWERS_FILES
from dlcore.spec.experiment import DatasetSpec, ExperimentSpec
from dlcore.spec.preprocessing import Step
from dlcore.store.run_files import read_answers, read_evaluation
from dlcore.text import short_texts
from dlcore.ui.shared.samples import samples_of
from dlcore.web.context import context

PART, SAMPLE = "part", "sample"
"""The parameters of the address that name the part, and the sample by its row in the dataset as it was stored."""


@dataclass(frozen=True, eq=False)
class LabSource:
    """A part of a run, as the lab shows it.

    Attributes:
        run: whose.
        evaluation: of its test part; knows the classes.
        part: `test` or `validation`.
        answers: to its samples.
        samples: how well each was answered.
    """

    run: Run
    evaluation: Evaluation
    part: str
    answers: PartAnswers
    samples: ExaminedSamples

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; of numbers none."""
        return self.evaluation.classes

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the numbers that are asked for; of classes none."""
        return tuple(error.name for error in self.evaluation.errors)

    def title_of(self, place: int) -> str:
        """Returns what a class is called, shortened."""
        return short_texts(self.classes)[self.classes[place]]

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
        return ExperimentSpec.from_dict(self.run.spec).preprocessing

    def dataset(self) -> Samples | None:
        """Returns the samples of the dataset; None where it is gone."""
        dataset = DatasetSpec.model_validate(self.run.spec["dataset"])
        try:
            return samples_of(dataset.name, dataset.version)
        except DlcoreError:
            return None


def parts_of(run: Run) -> list[str]:
    """Returns the parts whose answers were kept: runs of earlier versions have those of the test part alone."""
    folder = context().store.artifacts.folder(run.id)
    return [part for part, file in ANSWERS_FILES.items() if (folder / file).is_file()]


def open_part(run: Run, part: str) -> LabSource | None:
    """Returns a part of a run with what was answered there; None where nothing was.

    Raises:
        DamagedArtifactError: a file has changed since it was written.
    """
    folder = context().store.artifacts.folder(run.id)
    path = folder / ANSWERS_FILES[part]
    evaluation = read_evaluation(folder)
    if evaluation is None or not path.is_file():
        return None
    answers, samples = _read(folder, evaluation.task, part, path.stat().st_mtime_ns)
    return LabSource(run, evaluation, part, answers, samples)


@st.cache_resource(max_entries=16, show_spinner=False)
def _read(folder: Path, task: str, part: str, written: int) -> tuple[PartAnswers, ExaminedSamples]:
    answers = read_answers(folder, task, part)
    assert answers is not None, "it was there a moment ago"
    return answers, examine(answers)
