"""The context of the pages, in a home of its own."""

from tests.ui.conftest import here

__all__ = ["here"]
