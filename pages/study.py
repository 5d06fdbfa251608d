"""One study: how the search goes, its figures, its trials, and what can be asked of it."""

from dlcore.ui.study import chosen_study, progress, settings
from dlcore.ui.study_figures import figures
from dlcore.ui.study_steering import controls
from dlcore.ui.study_trials import trials_table

study = chosen_study()

progress(study)
controls(study)
figures(study.id)
trials_table(study)
settings(study)
