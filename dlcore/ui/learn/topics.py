"""The topics of the textbook, in the order in which they are read: to add one, write its module and list it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dlcore.errors import N_
from dlcore.ui.learn.activations import activations
from dlcore.ui.learn.backward import backward
from dlcore.ui.learn.descent import descent
from dlcore.ui.learn.forward import forward
from dlcore.ui.learn.landscape import landscape
from dlcore.ui.learn.one_step import one_step
from dlcore.ui.learn.rates import rates
from dlcore.ui.learn.regularization import regularization


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
    Topic(
        "rates",
        Chapter.IDEAS,
        N_("Learning rates"),
        N_("The first thing to tune: what the rate does to a real training, in five runs at once."),
        "speed",
        rates,
    ),
    Topic(
        "regularization",
        Chapter.IDEAS,
        N_("Against learning by heart"),
        N_("What L1, L2 and dropout do to weights, units and answers."),
        "compress",
        regularization,
    ),
    Topic(
        "forward",
        Chapter.OWN,
        N_("The way forward"),
        N_("What each layer makes of a sample, from its pixels or words to the loss, with every number."),
        "arrow_forward",
        forward,
    ),
    Topic(
        "backward",
        Chapter.OWN,
        N_("The way back"),
        N_("Backpropagation: how much each weight has to do with the loss, layer by layer from the end."),
        "undo",
        backward,
    ),
    Topic(
        "step",
        Chapter.OWN,
        N_("One step"),
        N_("What a step along the gradient does to the weights, the answer and the loss."),
        "footprint",
        one_step,
    ),
    Topic(
        "landscape",
        Chapter.OWN,
        N_("The loss around your model"),
        N_("A valley or a ravine? The loss along two directions from where your network stands."),
        "landscape",
        landscape,
    ),
)

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in _ALL}
