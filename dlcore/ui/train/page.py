"""The forms of the Train page."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import SpecError
from dlcore.lessons.lesson import Control
from dlcore.spec.adversarial import can_be_attacked
from dlcore.spec.augmentation import mixes_labels
from dlcore.spec.checks import augmentation_problem, training_problem
from dlcore.spec.data import Task
from dlcore.spec.losses import default_loss
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import METRICS, VALUE_TASKS, default_metrics
from dlcore.spec.paths import TRAINING
from dlcore.ui.forms.form import Form
from dlcore.ui.forms.search_mode import save, searched_dimensions
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.hidden import is_hidden, not_hidden
from dlcore.ui.shared.i18n import _

LENGTH = ("epochs", "batch_size")
LEARNING = ("optimizer", "schedule")
AIM = (
    "loss",
    "metrics",
    "class_weight",
    "scale_targets",
    "anomaly_share",
    "early_stopping",
    "adversarial",
)
ONLY_CLASSES, ONLY_VALUES = frozenset({"class_weight"}), frozenset({"scale_targets"})
ONLY_RECONSTRUCTION = frozenset({"anomaly_share"})
ONLY_ATTACKABLE = frozenset({"adversarial"})
MACHINE = ("precision", "device", "deterministic")


def training_form(draft: WorkingDraft) -> bool:
    """Shows the training part in four cards; a change is saved immediately.

    Returns:
        Whether all that stands in the fields could be taken.
    """
    training, valid, task = draft.spec.training, True, draft.facts.task
    space = searched_dimensions(draft, TRAINING)
    titles = {name: _(metric.title) for name, metric in METRICS.items()}
    automatic = [titles[name] for name in default_metrics(task)]
    headings = {
        _("Duration"): LENGTH,
        _("Training"): LEARNING,
        _("What it aims for"): AIM,
    }
    for number, (heading, names) in enumerate(headings.items()):
        if not not_hidden(names, "training"):
            continue
        with st.container(border=True):
            st.markdown(f"**{heading}**")
            if names is AIM:
                _loss_note(draft)
            form = Form(
                f"{draft.id}.training{number}",
                problem=_problem(draft, names),
                fits=lambda kind: task in getattr(kind, "tasks", Task),
                names=draft.facts.classes,
                offered=_offered(draft, task),
                titles=titles,
                empty={"metrics": _("automatic: {metrics}").format(metrics=", ".join(automatic))},
                dimensions=space,
            )
            left_out = ONLY_CLASSES if task in VALUE_TASKS else ONLY_VALUES
            left_out |= frozenset() if task is Task.RECONSTRUCTION else ONLY_RECONSTRUCTION
            # What stands there already can be switched off.
            if training.adversarial is None and not can_be_attacked(draft.facts):
                left_out |= ONLY_ATTACKABLE
            training = form.edit(
                training, only=[name for name in not_hidden(names, "training") if name not in left_out]
            )
            valid &= form.valid
    if not is_hidden(Control.MACHINE):
        with st.expander(_("Machine: device, precision, determinism"), key="machine"):
            form = Form(f"{draft.id}.machine", dimensions=space)
            training = form.edit(training, only=not_hidden(MACHINE, "training"), flat=True)
            valid &= form.valid
    save(draft, draft.spec.model_copy(update={"training": training}), space)
    return valid


def _offered(draft: WorkingDraft, task: Task) -> dict[str, list[str]]:
    """Returns the metrics that fit the task, and what can be watched:
    the loss and those that are measured.
    """
    fitting = [metric.name for metric in METRICS.values() if task in metric.tasks]
    measured = ["loss", *(draft.spec.training.metrics or default_metrics(task))]
    return {
        "metrics": list(fitting),
        "monitor": [*(str(MeasureName(name, on_validation=True)) for name in measured), *measured],
    }


def seed_form(draft: WorkingDraft) -> bool:
    """Shows the seed; returns whether what is typed could be taken."""
    if is_hidden(Control.SEED):
        return True
    with st.container(border=True):
        st.markdown(f"**{_('Randomness')}**")
        form = Form(f"{draft.id}.experiment")
        edited = form.edit(draft.spec, only=("seed",))
    if edited != draft.spec:
        draft.save(edited)
    return form.valid


def _problem(draft: WorkingDraft, names: tuple[str, ...]) -> SpecError | None:
    """Returns the training part's problem, seen from there, if it comes from one of these fields."""
    problem = training_problem(draft.spec, draft.facts) or augmentation_problem(draft.spec, draft.facts)
    inside = problem.inside("training") if problem else None
    return inside if inside and inside.path.root in names else None


def _loss_note(draft: WorkingDraft) -> None:
    if draft.spec.training.loss is None:
        mixed = mixes_labels(draft.spec.augmentation)
        loss = default_loss(draft.facts.task, soft_labels=mixed)
        st.caption(
            _("Loss for this dataset: `{loss}` ({task})").format(
                loss=loss.kind, task=_(draft.facts.task.value)
            )
        )
