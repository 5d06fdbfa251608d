"""The address of a field in a spec: `training.optimizer.learning_rate`, `model.layers[conv2d].filters`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = re.compile(r"\[([^\[\]]+)\]|([^.\[\]]+)")
_PLACE = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Item:
    """An element of a list, or a group of elements; what is written between brackets.

    Attributes:
        key: its place or its name; of a group, the name of the first element.
        last: the name of the group's last element; None for one element.
    """

    key: str
    last: str | None = None

    @property
    def place(self) -> int | None:
        """The place in the list, counted from 0; None for a name or a group."""
        return int(self.key) if self.last is None and _PLACE.fullmatch(self.key) else None

    @property
    def text(self) -> str:
        """What is written between the brackets."""
        return self.key if self.last is None else f"{self.key}:{self.last}"

    def __str__(self) -> str:
        return f"[{self.text}]"


@dataclass(frozen=True)
class FieldPath:
    """The way from the root of a spec to a field, an element of a list, or a group of layers.

    Files, stores and error messages hold it as text; whatever looks into it parses it first.

    Attributes:
        steps: names of fields, and elements of lists. Without steps it is the root itself.

    Example:
        >>> path = FieldPath.parse("model.layers[2].strides")
        >>> path.steps
        ('model', 'layers', Item(key='2', last=None), 'strides')
        >>> str(path.parent), path.root, path.name
        ('model.layers[2]', 'model', 'strides')
        >>> FieldPath.parse("model.layers.2.strides") == path
        True
    """

    steps: tuple[str | Item, ...] = ()

    @classmethod
    def parse(cls, text: str) -> FieldPath:
        """Returns the path that a text stands for; one in which there is no name is the root."""
        steps: list[str | Item] = []
        for inside, name in _STEP.findall(text):
            if inside:
                key, colon, last = inside.partition(":")
                steps.append(Item(key, last if colon else None))
            else:
                steps.append(Item(name) if steps and _PLACE.fullmatch(name) else name)
        return cls(tuple(steps))

    @classmethod
    def of(cls, *steps: str | int) -> FieldPath:
        """Returns the path of some names of fields and places in lists."""
        return cls(tuple(Item(str(step)) if isinstance(step, int) else step for step in steps))

    def __str__(self) -> str:
        text = ""
        for step in self.steps:
            text = join(text, str(step))
        return text

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def keys(self) -> tuple[str, ...]:
        """The steps without their brackets, from the root."""
        return tuple(step.text if isinstance(step, Item) else step for step in self.steps)

    @property
    def root(self) -> str:
        """The first step's key; empty at the root itself."""
        return self.keys[0] if self.steps else ""

    @property
    def name(self) -> str:
        """The last step's key; empty at the root itself."""
        return self.keys[-1] if self.steps else ""

    @property
    def element(self) -> Item | None:
        """The element of a list that the path ends in; None where it ends in a field."""
        last = self.steps[-1] if self.steps else None
        return last if isinstance(last, Item) else None

    @property
    def parent(self) -> FieldPath:
        """The path without its last step; the root's is the root."""
        return FieldPath(self.steps[:-1])

    def child(self, name: str) -> FieldPath:
        """Returns the path of a field in what is here."""
        return FieldPath((*self.steps, name))

    def item(self, key: int | str, last: str | None = None) -> FieldPath:
        """Returns the path of an element of the list that is here, or of a group of its elements."""
        return FieldPath((*self.steps, Item(str(key), last)))

    def within(self, outer: FieldPath) -> bool:
        """Returns whether this is the other path, or a path inside it."""
        return self.steps[: len(outer)] == outer.steps

    def relative_to(self, outer: FieldPath) -> FieldPath | None:
        """Returns the path as seen from another one; None if it is not within that.

        Example:
            >>> path = FieldPath.parse("augmentation[0].factor")
            >>> str(path.relative_to(FieldPath.of("augmentation"))), path.relative_to(FieldPath.of("aug"))
            ('[0].factor', None)
        """
        return FieldPath(self.steps[len(outer) :]) if self.within(outer) else None

    def step_in(self, outer: FieldPath) -> str | Item | None:
        """Returns the step that leads further from `outer`; None if the path is not inside it."""
        return self.steps[len(outer)] if self != outer and self.within(outer) else None

    def moved(self, to: FieldPath) -> FieldPath:
        """Returns the path with as many of its first steps replaced by those of another one.

        Example:
            >>> str(FieldPath.parse("augmentation[0].factor").moved(FieldPath.parse("augmentation[2]")))
            'augmentation[2].factor'
        """
        return FieldPath((*to.steps, *self.steps[len(to) :]))

    def under(self, outer: FieldPath) -> FieldPath:
        """Returns the path as seen from where `outer` begins."""
        return FieldPath((*outer.steps, *self.steps))


ROOT = FieldPath()


def join(outer: str, inner: str) -> str:
    """Returns the text of a path inside another one, each as it is written.

    Example:
        >>> join("layers", "[2].strides"), join("model", "layers"), join("", "layers")
        ('layers[2].strides', 'model.layers', 'layers')
    """
    return f"{outer}.{inner}" if outer and inner and not inner.startswith("[") else outer + inner
