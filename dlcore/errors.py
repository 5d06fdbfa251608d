"""Errors and other sentences for people: `where: what is wrong. What to do.`

A sentence is kept as a template and its values, never as finished text, so that the page can show
it in the reader's language (the template is the gettext key) and a store can keep it for later.
"""

from __future__ import annotations

import difflib
import os
import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlcore.field_path import FieldPath, join


def N_(text: str) -> str:
    """Marks `text` as translatable where it is written; the translation happens where it is shown."""
    return text


_REPR = reprlib.Repr()
_REPR.maxlevel, _REPR.maxstring, _REPR.maxother, _REPR.maxlong = 3, 80, 80, 80


def quote_value(value: Any) -> str:
    """`value` as a message quotes it: at most 80 characters, and quick for whatever a file held.

    Example:
        >>> quote_value([[[[1]]]] * 9)
        '[[[[...]]], [[[...]]], [[[...]]], [[[...]]], [[[...]]], [[[...]]], ...]'
    """
    try:
        return _REPR.repr(value)[:80]
    except ValueError:  # Python refuses to write out a number of more than 4,300 digits
        return f"{type(value).__name__}(…)"


@dataclass(frozen=True)
class Message:
    """A sentence that can be translated later.

    Args:
        template: what is the case, in English, with `{name}` fields; a gettext key.
        hint: what to do, likewise a template over the same values.
        where: the path or name the sentence is about (`model.layers[2].strides`); not translated.
        params: the values of the fields; a value may be a `Message` itself.

    Example:
        >>> Message("expected {n} values.", "Add some.", "a.b", {"n": 3}).text()
        'a.b: expected 3 values. Add some.'
    """

    template: str
    hint: str = ""
    where: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Returns the whole sentence, each template passed through `translate` first."""
        parts = [self._fill(part, translate) for part in (self.template, self.hint) if part]
        sentence = ""
        for part in parts:  # Chinese has no space between sentences
            sentence += part if not sentence or sentence.endswith("。") else f" {part}"
        return f"{self.where}: {sentence}" if self.where else sentence

    def body(self, translate: Callable[[str], str] = str) -> str:
        """Returns the sentence without `where`, for a place that shows beside what it is about."""
        return Message(self.template, self.hint, "", self.params).text(translate)

    def _fill(self, template: str, translate: Callable[[str], str]) -> str:
        values = {
            key: value.text(translate) if isinstance(value, Message) else value
            for key, value in self.params.items()
        }
        return translate(template).format(**values) if values else translate(template)

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form; values that JSON lacks become their text."""
        params = {
            key: {"message": value.to_dict()} if isinstance(value, Message) else _plain(value)
            for key, value in self.params.items()
        }
        return {"template": self.template, "hint": self.hint, "where": self.where, "params": params}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Message:
        """Restores what `to_dict` returned."""
        params = {
            key: cls.from_dict(value["message"]) if isinstance(value, dict) else value
            for key, value in data["params"].items()
        }
        return cls(data["template"], data["hint"], data["where"], params)


def _plain(value: Any) -> str | int | float | bool | None:
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


class DlcoreError(Exception):
    """An error that the user can act on.

    Args:
        template: what is wrong, a translatable template (mark it with `N_`).
        hint: what to do about it, likewise.
        where: the path, file or name it is about.
        params: the values of the templates' fields.
    """

    def __init__(self, template: str, /, *, hint: str = "", where: str = "", **params: Any) -> None:
        self.message = Message(template, hint, where, params)
        super().__init__(self.message.text())


class SpecError(DlcoreError):
    """A spec that cannot be run; `where` is the path of the field (`model.layers[2].strides`)."""

    @property
    def path(self) -> FieldPath:
        """The path of the field, from the root of the spec that was checked."""
        return FieldPath.parse(self.message.where)

    def under(self, prefix: str) -> SpecError:
        """Returns the same error seen from one level up: `strides` under `layers[2]`."""
        return self.at(join(prefix, self.message.where))

    def at(self, path: str) -> SpecError:
        """Returns the same error at another path."""
        old = self.message
        return SpecError(old.template, hint=old.hint, where=path, **old.params)

    def inside(self, part: str) -> SpecError | None:
        """Returns the same error seen from `part` (`layers[2].strides` inside `layers[2]`), if it is there.

        Example:
            >>> str(SpecError("no.", where="training.loss").inside("training").path)
            'loss'
        """
        inner = self.path.relative_to(FieldPath.parse(part))
        return None if inner is None else self.at(str(inner))


class DatasetError(DlcoreError):
    """A dataset that is unknown, absent, damaged or cannot be downloaded."""


class SettingsError(DlcoreError):
    """An environment variable holds a value that its setting does not accept."""


class StoreError(DlcoreError):
    """The store could not read or write: locked, full, from another version."""


class NotFoundError(DlcoreError):
    """No run, draft or artifact of that id."""


class StateError(DlcoreError):
    """A run cannot make that move in the state it is in."""


class LeaseLostError(DlcoreError):
    """Another supervisor has taken over: this process must not write anything more."""


class PermissionDeniedError(DlcoreError):
    """The actor may not change what belongs to someone else."""


class ContentError(DlcoreError):
    """Others may not be shown that here, or it may not be stored."""


class TooManyError(DlcoreError):
    """Somebody asked for something too often.

    Args:
        template: what was too often, see `DlcoreError`.
        hint: what to do.
        seconds: after which it can be asked for again.
        params: the values of the templates' fields.
    """

    def __init__(self, template: str, /, *, hint: str, seconds: int, **params: Any) -> None:
        super().__init__(template, hint=hint, **params)
        self.seconds = seconds


class BudgetError(DlcoreError):
    """That goes beyond what somebody may use, or what the machine has room for."""


class NoRoomError(BudgetError):
    """The machine has no room for it, whoever asks."""


class ConversionError(DlcoreError):
    """A network has something that a format cannot hold.

    Args:
        reason: what, as the converter calls it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            N_("this network cannot be written in this format: {reason}."),
            hint=N_("Take another format; {other} holds the model as it is."),
            reason=reason.rstrip("."),
            other="keras",
        )


def not_written(
    error: OSError,
    where: object,
    *,
    hint: str = N_("Check the path, and whether the disk is full."),
) -> DlcoreError:
    """Returns the error for a file that cannot be written.

    Args:
        error: what the system says.
        where: the path of the file.
        hint: what to do.
    """
    # By number: what HDF5 says beside it is a page long.
    reason = os.strerror(error.errno) if error.errno else str(error).partition("\n")[0][:200].rstrip(".")
    return DlcoreError(
        N_("the file cannot be written: {reason}."),
        hint=hint,
        where=str(where),
        reason=reason or type(error).__name__,
    )


def unknown_name(what: str, name: str, known: Iterable[str], *, where: str = "") -> SpecError:
    """Returns the error for a name that nothing is registered under; lists the closest matches."""
    names, name = sorted(known), quote_value(name)[1:-1]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5) or [
        *names[:12],
        *["…"] * (len(names) > 12),
    ]
    return SpecError(
        N_("there is no {what} '{name}'."),
        hint=N_("Nearest: {near}."),
        where=where,
        what=Message(what),
        name=name,
        near=", ".join(near),
    )
