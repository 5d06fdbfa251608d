"""The colours of the textbook's figures: each can be told from the others on the ground of either theme."""

from __future__ import annotations

COLOURS = (
    "#5B6CF0", "#E8590C", "#0CA678", "#D6336C", "#1C8EDE", "#A24BC4", "#74A80F", "#8A8F9E", "#E03131", "#0B8DA5",
)  # fmt: skip
QUIET = "#8A8F9E"
"""Of what is there for orientation."""


def colour(place: int) -> str:
    """Returns the colour of the thing at that place."""
    return COLOURS[place % len(COLOURS)]
