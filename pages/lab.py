"""The evaluation lab of a run: which samples it gets wrong, and why."""

from dlcore.ui.lab.page import lab_page

lab_page()
