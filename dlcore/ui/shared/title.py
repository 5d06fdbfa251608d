"""The title of a page in the browser's tab, for users who work elsewhere."""

from __future__ import annotations


def page_title(name: str, share: float | None = None) -> str:
    """Returns the title.

    Args:
        name: of the page, or of what it shows.
        share: its progress from 0 to 1, while it runs.

    Example:
        >>> page_title("Runs"), page_title("digits-cnn", 0.734)
        ('Runs · DL Studio', '73 % · digits-cnn')
    """
    return f"{name} · DL Studio" if share is None else f"{int(100 * share)} % · {name}"
