"""One study: its progress, its figures, its trials, and its controls."""

from dlcore.ui.studies.controls import controls
from dlcore.ui.studies.figure_card import figures
from dlcore.ui.studies.page import chosen_study, progress, settings
from dlcore.ui.studies.trial_table import trials_table

study = chosen_study()

progress(study)
controls(study)
figures(study.id)
trials_table(study)
settings(study)
