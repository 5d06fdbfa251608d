"""The topics of the textbook, in the order in which they are read: to add one, write its module and list it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dlcore.errors import N_
from dlcore.ui.learn.activations import activations
from dlcore.ui.learn.descent import descent


class Chapter(StrEnum):
    """What a topic is about, translatable; in the order in which people see it."""

    IDEAS = N_("Ideas to try")
    OWN = N_("Inside your own network")


@dataclass(frozen=True)
class Topic:
    """A page of the textbook.

    Attributes:
        name: of it in the address.
        chapter: where it belongs.
        title, summary: translatable; the summary is one sentence.
        icon: of Material Symbols.
        draw: shows it.
    """

    name: str
    chapter: Chapter
    title: str
    summary: str
    icon: str
    draw: Callable[[], None]


_ALL = (
    Topic(
        "descent",
        Chapter.IDEAS,
        N_("Gradient descent"),
        N_("How a network learns: step by step downhill on its loss, with one optimizer or several at once."),
        "south_east",
        descent,
    ),
    Topic(
        "activations",
        Chapter.IDEAS,
        N_("Activation functions"),
        N_("What makes a network more than one straight line, and why its slope decides how well it learns."),
        "show_chart",
        activations,
    ),
)

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in _ALL}
