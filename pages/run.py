"""One run: its curves, its mistakes, its diagnosis, its model to try and to take away, its network, its log and its settings."""

from dlcore.ui.runs.actions import VIEW
from dlcore.ui.runs.curves import curves
from dlcore.ui.runs.diagnosis import diagnosis
from dlcore.ui.runs.evaluation import evaluation
from dlcore.ui.runs.head import head
from dlcore.ui.runs.network import network
from dlcore.ui.runs.page import chosen_run, log, settings
from dlcore.ui.runs.take_away import take_away
from dlcore.ui.runs.trying.tab import try_it
from dlcore.ui.shared.address import tabs
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.sharing import sees_all

run = chosen_run()

head(run)
views = {
    "curves": (_("Curves"), curves),
    "evaluation": (_("Evaluation"), evaluation),
    "diagnosis": (_("Diagnosis"), diagnosis),
    "try": (_("Try it"), try_it),
    "take_away": (_("Take away"), take_away),
    "network": (_("Network"), network),
    "log": (_("Log"), log),
    "settings": (_("Settings"), settings),
}
if not sees_all(run):
    for name in ("diagnosis", "try", "take_away", "log"):
        del views[name]
for name, tab in tabs({name: title for name, (title, _view) in views.items()}, key=VIEW).items():
    with tab:
        views[name][1](run)
