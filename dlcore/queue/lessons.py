"""Lessons that somebody takes: begun with their experiment, and checked by what was done since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, overload

from dlcore.access.actors import Actor
from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.datasets.stored import stored_names
from dlcore.errors import Message, SpecError
from dlcore.lessons.evidence import Evidence, Visit
from dlcore.lessons.lesson import Lesson, Step
from dlcore.lessons.library import LessonFile, find_lesson
from dlcore.queue.drafts import create_draft
from dlcore.queue.ready import ReadyExperiment
from dlcore.records import Draft, Run, Study
from dlcore.records.lessons import LessonProgress
from dlcore.settings import Settings
from dlcore.store import Store

MOST_THINGS = 20
"""How many of the latest drafts, runs and searches are looked at: every two seconds, by each who takes a lesson."""

T = TypeVar("T")


class _Later(Sequence[T]):
    """Things that are read when they are first looked at, which most are not: a step asks for one kind of them."""

    def __init__(self, read: Callable[[], Sequence[T]]) -> None:
        self._read = read

    @cached_property
    def _found(self) -> Sequence[T]:
        return self._read()

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...

    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        return self._found[place]

    def __len__(self) -> int:
        return len(self._found)


@dataclass(frozen=True)
class TakenLesson:
    """A lesson whose guide is shown, and how far it is.

    Attributes:
        number: of the step that is shown, from 0.
        missing: what is still to do in that step, a sentence each; none once it is done.
        evidence: what was done since it began.
    """

    lesson: Lesson
    progress: LessonProgress
    number: int
    missing: tuple[Message, ...]
    evidence: Evidence

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.lesson.steps[self.number]

    @property
    def is_last(self) -> bool:
        """Whether no step follows."""
        return self.number == len(self.lesson.steps) - 1

    @property
    def draft_id(self) -> str:
        """The experiment to work on: the one that was changed last since the lesson began; empty if none is left."""
        return self.evidence.drafts[0].id if self.evidence.drafts else ""


def begin_lesson(store: Store, name: str, *, language: str, actor: Actor, public_owner: str) -> str:
    """Begins a lesson, or begins it again, with a new experiment; returns the id of its draft.

    Args:
        store: where it is noted.
        name: of the lesson.
        language: of its texts.
        actor: who takes it.
        public_owner: whose an example becomes that has to be stored first.

    Raises:
        DlcoreError: there is no such lesson, it cannot be read, or its experiment cannot be begun.
    """
    lesson = find_lesson(name, store.settings).read(language)
    spec = _experiment(name, lesson).prepared(store.settings, owner=public_owner)
    draft = create_draft(store, spec, owner=actor.id)
    store.lessons.begin(name, draft.id, owner=actor.id)
    return draft.id


def check_lesson(file: LessonFile, settings: Settings) -> None:
    """Reads a lesson with its translations, and makes its experiment as whoever takes it would; keeps nothing.

    Raises:
        SpecError: a file cannot be read, or the experiment makes no sense.
        DlcoreError: its data is not there.
    """
    lesson = file.read("")
    for language in file.translations:
        file.read(language)
    experiment = _experiment(file.name, lesson)
    with TemporaryDirectory(prefix="dlcore-") as folder:
        if experiment.dataset in EXAMPLE_SETS and experiment.dataset not in stored_names(settings):
            settings = settings.with_home(Path(folder))
        experiment.prepared(settings, owner=settings.owner)


def _experiment(name: str, lesson: Lesson) -> ReadyExperiment:
    start = lesson.start
    return ReadyExperiment(name, lesson.title, lesson.summary, start.dataset, start.values)


def taken_lesson(
    store: Store, *, owner: str, language: str, visit: Visit | None = None
) -> TakenLesson | None:
    """Returns the lesson whose guide somebody is shown; None where none is, or its file is gone or broken.

    A step stays done once its check has held, which is noted here.

    Args:
        store: where it is noted.
        owner: who takes it.
        language: of its texts.
        visit: where they are; None where nobody looks.
    """
    progress = store.lessons.current(owner=owner)
    if progress is None:
        return None
    try:
        lesson = find_lesson(progress.name, store.settings).read(language)
    except SpecError:  # said on the page of the lessons
        return None
    number = min(progress.step, len(lesson.steps) - 1)
    evidence = evidence_of(store, progress, owner=owner, visit=visit)
    check = lesson.steps[number].check
    missing = () if check is None or number in progress.done else check.missing(evidence)
    if check is not None and not missing and number not in progress.done:
        store.lessons.note_done(progress.name, number, owner=owner)
    return TakenLesson(lesson, progress, number, missing, evidence)


def evidence_of(
    store: Store, progress: LessonProgress, *, owner: str, visit: Visit | None = None
) -> Evidence:
    """Returns what somebody has done since they began a lesson."""
    began = progress.began_at

    def drafts() -> list[Draft]:
        found = store.drafts.list(owner=owner, limit=MOST_THINGS)
        return [one for one in found if one.updated_at >= began or one.id == progress.draft_id]

    def runs() -> list[Run]:
        found = store.runs.list(owner=owner, limit=MOST_THINGS)
        return [one for one in found if one.created_at >= began]

    def studies() -> list[Study]:
        found = store.studies.list(owner=owner, limit=MOST_THINGS)
        return [one for one in found if one.created_at >= began]

    return Evidence(_Later(drafts), _Later(runs), _Later(studies), visit)
