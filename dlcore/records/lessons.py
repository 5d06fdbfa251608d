"""How far somebody is with a lesson."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LessonProgress:
    """One lesson of one person.

    Attributes:
        name: of the lesson.
        draft_id: the experiment that it began with.
        step: the number of the step that is shown, from 0.
        done: the numbers of the steps whose checks have held.
        is_open: whether its guide is shown.
    """

    name: str
    draft_id: str
    step: int
    done: frozenset[int]
    began_at: datetime
    is_open: bool
