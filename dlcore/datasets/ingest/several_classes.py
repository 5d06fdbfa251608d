"""Files that have several classes: in a table, or because they are in several classes' folders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from dlcore.datasets.ingest.labels import LabelTable
from dlcore.datasets.ingest.listing import Listing
from dlcore.datasets.ingest.proposal import Doubt
from dlcore.datasets.ingest.trees import Place
from dlcore.errors import N_, Message
from dlcore.spec.data import Task

_FEW_SEVERAL = 0.05
"""A share of files with several classes up to which these may be mistakes."""

_MOST_SEVERAL = 0.9


def find_copies(listing: Listing, places: Mapping[str, Place]) -> dict[str, str]:
    """Returns the files that are the same as one in the folder of another class, with the first such one.

    They have the same name and the same content.

    A few are mistakes, and left to the cleaning; where almost all are, the classes would say nothing. Then there
    are none.
    """
    alike: defaultdict[tuple[str, str, tuple[int, int]], list[str]] = defaultdict(list)
    for file in listing.usable:
        if file.content is not None and file.name in places:
            last = file.name.rsplit("/", 1)[-1]
            alike[places[file.name].part, last, file.content].append(file.name)
    several = [names for names in alike.values() if len({places[name].label for name in names}) > 1]
    if not _FEW_SEVERAL * len(alike) < len(several) <= _MOST_SEVERAL * len(alike):
        return {}
    return {other: first for first, *others in several for other in others}


def with_copies(places: Mapping[str, Place], copies: Mapping[str, str]) -> dict[str, Place]:
    """Returns the places of files without their copies, whose classes they get."""
    found = {name: place for name, place in places.items() if name not in copies}
    for other, first in copies.items():
        if places[other].label not in found[first].labels:
            found[first] = replace(found[first], others=(*found[first].others, places[other].label))
    return found


def combined_place(place: Place) -> Place:
    """Returns a place whose classes, if they are several, are one: `cat|dog`."""
    return Place(place.part, "|".join(sorted(place.labels)))


def several_notes(several: int, files: int, task: Task | None) -> tuple[Message, ...]:
    """Returns what is assumed of so many of the files that have several classes."""
    if not several or task not in (None, Task.MULTILABEL):
        return ()
    text = N_("files with several classes: {count} of {all}; each file may have any number of them.")
    return (Message(text, params={"count": several, "all": files}),)


def several_doubts(several: int, files: int, task: Task | None) -> tuple[Doubt, ...]:
    """Returns the doubt about files of several classes, if only a few are, or if each should have one."""
    params = {"count": several, "all": files}
    if several and task not in (None, Task.MULTILABEL):
        text = N_("files with several classes: {count} of {all}; each combination of them becomes a class.")
        hint = N_("Choose the task multilabel classification, or leave one class per file.")
        return (Doubt("several-labels", Message(text, hint, params=params)),)
    if several and task is None and several <= _FEW_SEVERAL * files:
        text = N_("only a few files have several classes: {count} of {all}.")
        hint = N_("If that is a mistake, leave one class per file.")
        return (Doubt("several-labels", Message(text, hint, params=params)),)
    return ()


def list_doubts(table: LabelTable | None) -> tuple[Doubt, ...]:
    """Returns the doubt about cells that may name several classes, or one of several words."""
    if table is None or not table.unsure_list:
        return ()
    text = N_("cells of column {column} of {table} are read as several classes each, such as '{example}'.")
    hint = N_("If each is the name of one class, choose the task multiclass classification.")
    params = {"column": table.column, "table": table.names[0], "example": table.unsure_list}
    return (Doubt("lists-of-labels", Message(text, hint, params=params)),)
