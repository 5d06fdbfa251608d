"""A lesson: what it starts from, what it hides, and its steps."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from dlcore.errors import N_, unknown_name
from dlcore.languages import Language
from dlcore.lessons.checks import Check, Page, View
from dlcore.spec import TrainingSpec
from dlcore.spec.base import SpecModel, problem
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.fields import Line

MOST_STEPS = 60
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_TEXT = 120, 400, 4_000
"""In characters."""

Title = Annotated[Line, Field(min_length=1, max_length=LONGEST_TITLE)]


class Control(StrEnum):
    """Parts of pages that a lesson can hide; fields are named by their paths."""

    ADVANCED = "advanced"
    """“More options” of every form."""
    SEARCH = "search"
    """The choice between a single run and a search, and the step of the search."""
    TEMPLATES = "templates"
    """The templates of networks, and the start with trained weights."""
    EXCHANGE = "exchange"
    """Import and export of an experiment, and its Keras script."""
    MACHINE = "machine"
    """Device, precision and determinism."""
    SEED = "seed"


CONTROLS = frozenset(
    [
        *(control.value for control in Control),
        "preprocessing",
        "augmentation",
        *(f"dataset.{name}" for name in DatasetSpec.model_fields if name not in ("name", "version")),
        *(f"training.{name}" for name in TrainingSpec.model_fields),
    ]
)
"""All that a lesson can hide."""


def _check_control(name: str) -> str:
    if name not in CONTROLS:
        raise problem(unknown_name(N_("control"), name, CONTROLS))
    return name


class Start(SpecModel):
    """The experiment that a lesson begins with.

    Attributes:
        dataset: built in, one of the examples, or one that is stored here.
        values: what differs from what is proposed for such data: path to value.
    """

    dataset: Annotated[Line, Field(min_length=1, max_length=200)]
    values: dict[Line, Any] = {}


class StepBlock(SpecModel):
    """What the block of a step says.

    Attributes:
        page: where it is done; None if that is wherever one is.
        view: the tab to open there.
        check: what tells that it is done; None where there is nothing to do but to read.
    """

    page: Page | None = None
    view: View = ""
    check: Check | None = None


class Step(StepBlock):
    """One step of a lesson; its text is Markdown."""

    title: Title
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""


class Head(SpecModel):
    """What stands before the steps.

    Attributes:
        minutes: how long it takes.
        order: where it stands among others: low ones first.
        language: of its texts.
        hide: what forms and pages leave out as long as it is open.
    """

    title: Title
    summary: Annotated[Line, Field(max_length=LONGEST_SUMMARY)] = ""
    minutes: Annotated[int, Field(ge=1, le=600)]
    order: Annotated[int, Field(ge=0, le=999)] = 100
    language: Language = Language.ENGLISH
    start: Start
    hide: Annotated[
        tuple[Annotated[str, AfterValidator(_check_control)], ...],
        BeforeValidator(lambda data: [data] if isinstance(data, str) else data),
    ] = ()


class TranslatedHead(SpecModel):
    """What stands before the steps of a translation: the rest is that of the lesson."""

    title: Title
    summary: Annotated[Line, Field(max_length=LONGEST_SUMMARY)] = ""


class Lesson(Head):
    """A whole lesson.

    Attributes:
        text: what it is about, Markdown; before its first step.
        steps: in their order.
    """

    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS)]
