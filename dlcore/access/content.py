"""What others may be shown: a filter that whoever runs the place may name, asked before anything is shared or stored.

There is none in the mode `local`, nor where neither a list of words nor a filter of one's own is set.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from dlcore.errors import N_, ContentError, SettingsError
from dlcore.settings import Mode, Settings


class ContentKind(StrEnum):
    """What is looked at."""

    NAME = "name"
    """A short text that others are shown: what a thing is called, a class, a layer."""
    TEXT = "text"
    """A text of an uploaded dataset: a document, or a cell of a table."""
    FILE = "file"
    """The bytes of a picture or a recording of an uploaded dataset."""


@dataclass(frozen=True)
class Content:
    """Something that others may be shown.

    Attributes:
        kind: what it is.
        text: of a name or a text.
        data: of a file, as it was uploaded: not decoded, and anybody's.
    """

    kind: ContentKind
    text: str = ""
    data: bytes = b""


ContentFilter = Callable[[Content], str | None]
"""Returns what of some content may not be shown, in a few words; None if nothing is amiss."""


def content_filter(settings: Settings) -> ContentFilter | None:
    """Returns the filter of a place, made once a process; None where nothing is filtered.

    Raises:
        SettingsError: it cannot be loaded.
    """
    if settings.mode is Mode.LOCAL or not (settings.content_filter or settings.blocklist):
        return None
    return _made(settings.content_filter or BUILT_IN, settings)


BUILT_IN = "dlcore.access.blocklist:blocklist"
"""The filter that comes along."""


@lru_cache(maxsize=8)
def _made(entry: str, settings: Settings) -> ContentFilter:
    """Returns what a function makes of the settings.

    Args:
        entry: the function, as `module:function`.
        settings: of the place.
    """
    try:
        make = pkgutil.resolve_name(entry)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            N_("the filter '{entry}' cannot be loaded: {reason}."),
            hint=N_("Name a function that Python finds here, as `module:function`."),
            where="DLCORE_CONTENT_FILTER",
            entry=entry,
            reason=str(error),
        ) from error
    made: ContentFilter = make(settings)
    return made


def check_names(settings: Settings, names: Mapping[str, str]) -> None:
    """Checks that others may be shown some names.

    Args:
        settings: of the place.
        names: the texts, each by what it is of: `name`, `spec.model.layers[0].name`.

    Raises:
        ContentError: they may not; which one, and what is amiss.
    """
    asked = content_filter(settings)
    for where, text in names.items() if asked else ():
        found = asked(Content(ContentKind.NAME, text)) if asked and text else None
        if found is not None:
            raise ContentError(
                N_("this may not be shown to others here: {found}."),
                hint=N_(
                    "Choose other words, then share it again. The settings of a run are changed in a copy of it."
                ),
                where=where,
                found=found,
            )


def upload_filter(settings: Settings) -> ContentFilter | None:
    """Returns the filter that looks at what is uploaded, too; None where none does."""
    return content_filter(settings) if settings.filter_uploads else None


def check_upload(asked: ContentFilter, content: Content) -> None:
    """Checks that something may be stored here.

    Raises:
        ContentError: it may not; what is amiss.
    """
    found = asked(content)
    if found is not None:
        raise ContentError(
            N_("this data may not be stored here: {found}."),
            hint=N_("Remove it from the data. Whoever runs this site has chosen what it takes."),
            found=found,
        )


def texts_within(value: Any, path: str) -> dict[str, str]:
    """Returns all texts in a value that is JSON-ready, each by its path.

    Example:
        >>> texts_within({"layers": [{"kind": "Dense", "units": 3}]}, "model")
        {'model.layers[0].kind': 'Dense'}
    """
    if isinstance(value, str):
        return {path: value}
    parts: Iterable[tuple[str, Any]] = ()
    if isinstance(value, Mapping):
        parts = ((f"{path}.{name}", one) for name, one in value.items())
    elif isinstance(value, (list, tuple)):
        parts = ((f"{path}[{place}]", one) for place, one in enumerate(value))
    return {where: text for at, one in parts for where, text in texts_within(one, at).items()}
