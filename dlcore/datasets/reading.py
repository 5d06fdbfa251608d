"""How a dataset's files were read: what its statistics keep of it, so that new files can be read alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TABLES = "tables"
"""Of tables: `columns`, how each is written, `missing`, words that say nothing, and the `separator` of labels."""

HIGHEST = "highest"
"""Of deep images: the highest values, by format."""

CHANNELS_FIRST = "channels_first"
"""Of images in arrays: whether their channels came first."""

FILLING = "filling"
"""Of arrays: what stands in for numbers that are none."""


def how_read(statistics: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the statistics of a dataset say of its reading; nothing where an older version stored it.

    Example:
        >>> how_read({"highest": {"PNG": 4095}, "words": [1, 2, 3, 4]})
        {'highest': {'PNG': 4095}}
    """
    keys = (TABLES, HIGHEST, CHANNELS_FIRST, FILLING)
    return {key: statistics[key] for key in keys if key in statistics}
