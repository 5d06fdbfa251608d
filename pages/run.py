"""One run: its progress, its curves, its mistakes, its model to try and to take away, its log and its settings."""

from dlcore.ui.runs.evaluation import evaluation
from dlcore.ui.runs.lineage import lineage
from dlcore.ui.runs.page import chosen_run, controls, curves, log, machine, progress, settings
from dlcore.ui.runs.take_away import take_away
from dlcore.ui.runs.trying.tab import try_it
from dlcore.ui.shared.address import tabs
from dlcore.ui.shared.i18n import _

run = chosen_run()

progress(run)
controls(run)
lineage(run)
views = {
    "curves": (_("Curves"), curves),
    "evaluation": (_("Evaluation"), evaluation),
    "try": (_("Try it"), try_it),
    "take_away": (_("Take away"), take_away),
    "log": (_("Log"), log),
    "machine": (_("Machine"), machine),
    "settings": (_("Settings"), settings),
}
for name, tab in tabs({name: title for name, (title, _view) in views.items()}, key="view").items():
    with tab:
        views[name][1](run)
