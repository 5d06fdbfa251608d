"""The address without a page: the experiments, or where the first one begins."""

from dlcore.ui.home.page import lead_on

lead_on()
