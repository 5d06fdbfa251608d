"""Compare: runs side by side."""

from dlcore.ui.runs.comparison.page import comparison_page

comparison_page()
