"""The JavaScript of our components; each file lies beside the Python that serves it."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def script(*names: str) -> str:
    """Returns the files of those names as one script: first what several components share.

    They go into a page as text, and a module that came that way cannot import another one.
    """
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)
