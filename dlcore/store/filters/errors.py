"""What is wrong with a filter, and at which of its words."""

from __future__ import annotations

from typing import Any

from dlcore.errors import SpecError


class FilterError(SpecError):
    """A filter that cannot be understood.

    Attributes:
        start, stop: the characters of the line that it is about, the second one excluded.
    """

    def __init__(self, template: str, /, *, start: int, stop: int, hint: str = "", **params: Any) -> None:
        super().__init__(template, hint=hint, where=f"filter:{start + 1}", **params)
        self.start, self.stop = start, stop

    def mark(self, line: str) -> str:
        """Returns the line, and below it marks under the word that the error is about.

        Example:
            >>> print(FilterError("no.", start=4, stop=7).mark("not abc"))
            not abc
                ^^^
        """
        return f"{line}\n{' ' * self.start}{'^' * max(1, self.stop - self.start)}"
