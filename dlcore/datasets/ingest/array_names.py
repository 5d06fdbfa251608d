"""Which arrays of a file hold the samples and which the targets, and of which part, by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.proposal import Doubt, clean_text
from dlcore.datasets.samples import TEST, TRAIN
from dlcore.errors import N_, DatasetError, Message

Array = npt.NDArray[Any]

_X = frozenset(
    ["x", "xs", "image", "images", "img", "imgs", "data", "feature", "features", "input", "inputs", "sample",
     "samples", "signal", "signals"]
)  # fmt: skip
_Y = frozenset(["y", "ys", "label", "labels", "target", "targets", "class", "classes", "output", "outputs"])
_TOKEN = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBERED = re.compile(r"arr_(\d+)")
"""What `numpy.savez` calls arrays that were given no name."""


@dataclass(frozen=True)
class NamedPairs:
    """The arrays that belong together.

    Attributes:
        pairs: for each part ("" where there are none) its samples and targets.
        names: for each part what these two are called in the file.
        unused: what else is in the file.
        doubts: what the names do not say for certain.
        warnings: what was done to the samples to make arrays of them.
        labelled: whether there are targets; else those of the pairs are all 0.
    """

    pairs: Mapping[str, tuple[Array, Array]]
    names: Mapping[str, tuple[str, str]]
    unused: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[Message, ...] = ()
    labelled: bool = True


def role_of(name: str) -> tuple[str, str] | None:
    """Returns "x" or "y" and the part that the name of an array says; None if it says neither.

    Example:
        >>> [role_of(name) for name in ("X_train", "val_labels", "testY", "images", "xtrain", "weights")]
        [('x', 'train'), ('y', 'validation'), ('y', 'test'), ('x', ''), ('x', 'train'), None]
    """
    roles, parts = [], []
    for token in _TOKEN.findall(_CAMEL.sub(" ", name)):
        word = token.lower()
        if word in _X or word in _Y:
            roles.append("x" if word in _X else "y")
        elif (part := part_of(word)) is not None:
            parts.append(part)
        elif word[0] in "xy" and (part := part_of(word[1:])) is not None:
            roles.append(word[0])
            parts.append(part)
        else:
            return None
    # `train_data_labels`: what the numbers are, then what they are of.
    role = "y" if "y" in roles else "x" if roles else ""
    return (role, parts[0] if parts else "") if role and len(set(parts)) < 2 else None


def pair_arrays(arrays: Mapping[str, Array]) -> NamedPairs:
    """Returns the samples and targets of each part.

    Raises:
        DatasetError: no two of the arrays belong together; which there are.
    """
    found: dict[str, dict[str, str]] = {}
    for name in arrays:
        if (said := role_of(name)) is not None:
            found.setdefault(said[1], {}).setdefault(said[0], name)
    names = {part: (both["x"], both["y"]) for part, both in found.items() if len(both) == 2}
    doubts: tuple[Doubt, ...] = ()
    pair = len(arrays) == 2 and len({one.shape[:1] for one in arrays.values()}) == 1
    # A second array of the same length is what the first is to predict, whatever it is called.
    if found and all(set(both) == {"x"} for both in found.values()) and (len(found) > 1 or not pair):
        return _without_targets({part: both["x"] for part, both in found.items()}, arrays)
    if not names and len(arrays) == 1 and not found:  # targets alone are nothing to reconstruct
        return _without_targets({"": next(iter(arrays))}, arrays)
    if not names:
        names = _by_form(arrays)
        doubts = _unsure(names, arrays)
    used = {name for both in names.values() for name in both}
    pairs = {part: (arrays[x], arrays[y]) for part, (x, y) in names.items()}
    return NamedPairs(pairs, names, tuple(clean_text(name) for name in arrays if name not in used), doubts)


def _without_targets(names: Mapping[str, str], arrays: Mapping[str, Array]) -> NamedPairs:
    """Returns the samples alone, as only a reconstruction takes them."""
    unused = tuple(clean_text(name) for name in arrays if name not in names.values())
    pairs = {
        part: (arrays[name], np.zeros(len(arrays[name]) if arrays[name].ndim else 0))
        for part, name in names.items()
    }
    return NamedPairs(pairs, {part: (name, "") for part, name in names.items()}, unused, labelled=False)


def _by_form(arrays: Mapping[str, Array]) -> dict[str, tuple[str, str]]:
    """Returns the pairs of arrays whose names say nothing, by their lengths and order."""
    names = list(arrays)
    if all(map(_NUMBERED.fullmatch, names)):
        names.sort(key=lambda name: int(name.removeprefix("arr_")))
    lengths = [arrays[name].shape[0] if arrays[name].ndim else -1 for name in names]
    if len(names) == 2 and lengths[0] == lengths[1]:
        return {"": _ordered(names[0], names[1], arrays)}
    if len(names) == 4 and all(map(_NUMBERED.fullmatch, names)):
        # (x, y) of one part and then of the other, or both x first.
        for first, second in (((0, 1), (2, 3)), ((0, 2), (1, 3))):
            if all(lengths[one] == lengths[other] for one, other in (first, second)):
                return {
                    part: _ordered(names[one], names[other], arrays)
                    for part, (one, other) in ((TRAIN, first), (TEST, second))
                }
    listed = ", ".join(f"{name} {arrays[name].shape}" for name in names)
    raise DatasetError(
        N_("expected arrays x and y, or x_train, y_train, x_test and y_test, got {names}."),
        hint=N_("Name them so when you save them."),
        names=clean_text(listed) or "-",
    )


def _ordered(one: str, other: str, arrays: Mapping[str, Array]) -> tuple[str, str]:
    """Returns the array of samples, which has more dimensions or comes first, and the other."""
    return (other, one) if arrays[other].ndim > arrays[one].ndim else (one, other)


def _unsure(names: Mapping[str, tuple[str, str]], arrays: Mapping[str, Array]) -> tuple[Doubt, ...]:
    """Returns the doubt about arrays whose names say nothing; the first two that NumPy numbers are x and y."""
    if set(arrays) == {"arr_0", "arr_1"} and names[""] == ("arr_0", "arr_1"):
        return ()
    said = "; ".join(f"{part or '-'}: x = {x}, y = {y}" for part, (x, y) in names.items())
    text = N_("the names of the arrays do not say what they are; they are taken as {said}.")
    hint = N_("Save them as x and y, or as x_train, y_train, x_test and y_test.")
    return (Doubt("array-names", Message(text, hint, params={"said": clean_text(said)})),)
