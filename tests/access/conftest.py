"""The context of the pages and the pages themselves, in a home of their own."""

from tests.ui.conftest import here, open_page

__all__ = ["here", "open_page"]
