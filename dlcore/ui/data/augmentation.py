"""Augmentation on the Data page: the steps, and what they make of the user's own samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.datasets.summary import random_samples
from dlcore.errors import SpecError
from dlcore.field_path import ROOT
from dlcore.plots.images import tile_pairs
from dlcore.queue import worker_alive
from dlcore.queue.jobs import request_preview
from dlcore.records import Job, JobState
from dlcore.records.artifacts import PREVIEW_FILE
from dlcore.spec.augmentation import AUGMENTATIONS, Augmentation, mixes_labels
from dlcore.spec.base import Kind
from dlcore.spec.checks import augmentation_problem
from dlcore.spec.paths import AUGMENTATION, TRAINING
from dlcore.spec.signature import INPUT
from dlcore.store import Store
from dlcore.store.run_files import read_arrays
from dlcore.ui.components.live_view import Badge, LiveTopic, View, fingerprint, live_view
from dlcore.ui.forms.form import Form
from dlcore.ui.forms.search_mode import save, searched_dimensions
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, say, say_beside
from dlcore.ui.shared.images import png_of
from dlcore.ui.shared.jobs import FOLLOW_MILLISECONDS
from dlcore.ui.shared.links import TRAIN_PAGE
from dlcore.ui.shared.samples import draft_samples
from dlcore.ui.shared.status import missing_worker
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context

SAMPLES, COPIES = 6, 6
SHEET_PIXELS = 900
"""How wide the picture of a preview is at least, so that it is not blurred when it is stretched."""

SKELETON_PIXELS = 320
"""How high the place is kept where the first preview will be."""

ASKED, SHOWN = "preview_asked", "preview_shown"
"""Where the session keeps which preview it waits for, and which one it has seen last."""


def can_augment(draft: WorkingDraft) -> bool:
    """Returns whether there is any augmentation for this kind of data, as it is prepared."""
    seen = draft.report.inputs.get(INPUT)
    pictures = seen is not None and len(seen.shape) == 3
    return pictures and any(draft.facts.kind in kind.data_kinds for kind in AUGMENTATIONS)


def augmentation(draft: WorkingDraft) -> None:
    """Shows the steps on the left, their preview on the right."""
    left, right = st.columns([5, 7], gap="medium")
    with left, st.container(border=True):
        valid = _form(draft)
    with right, st.container(border=True):
        _preview(draft, valid=valid)


def _form(draft: WorkingDraft) -> bool:
    """Shows the steps and their arguments; returns whether they can be applied."""
    st.markdown(
        f"**{_('Random changes')}**", help=_("Only the training part is changed, differently in each epoch.")
    )
    problem = augmentation_problem(draft.spec, draft.facts)
    beside_a_field = problem if problem and problem.path.within(AUGMENTATION) else None
    space = searched_dimensions(draft, ROOT)
    form = Form(f"{draft.id}.augmentation", problem=beside_a_field, fits=_suits(draft), dimensions=space)
    edited = form.edit(draft.spec, only=("augmentation",))
    save(draft, edited, space, form.orders)
    if mixes_labels(edited.augmentation):
        _note_on_labels(problem)
    return form.valid and problem is None


def _suits(draft: WorkingDraft) -> Callable[[type[Kind]], bool]:
    """Tells the steps that can be applied to the draft's data."""
    seen = draft.report.inputs.get(INPUT)
    kind, shape = draft.facts.kind, seen.shape if seen else None

    def suits(step: type[Kind]) -> bool:
        assert issubclass(step, Augmentation)
        grey = shape is not None and shape[-1] != 3
        return kind in step.data_kinds and not (step.needs_colour and grey)

    return suits


def _note_on_labels(problem: SpecError | None) -> None:
    if problem is not None and problem.path.within(TRAINING):
        st.error(say_beside(problem), icon=":material/error:")
        st.page_link(TRAIN_PAGE, label=_("Choose another loss"), icon=":material/tune:")
    else:
        st.caption(_("Labels become class probabilities; an automatically chosen loss handles them."))


def _preview(draft: WorkingDraft, *, valid: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{_('Preview')}**", width="content")
        status = st.container(width="stretch")
        seed = st.number_input(
            _("Draw"),
            min_value=0,
            value=0,
            step=1,
            key="augmentation_draw",
            width=140,
            help=_("Another number gives other samples and other changes."),
        )
    if not draft.spec.augmentation:
        st.info(_("Choose a step to see what it does to your samples."), icon=":material/auto_awesome:")
    elif not valid:
        st.info(_("The preview returns when the problem is fixed."), icon=":material/build:")
    else:
        _live(_arguments(draft, int(seed)), status)


def _arguments(draft: WorkingDraft, seed: int) -> dict[str, Any]:
    """Returns what the preview depends on; nothing else of the draft asks for a new one."""
    spec = draft.spec.model_dump(mode="json", include={"augmentation", "preprocessing"})
    indices = random_samples(draft_samples(draft), SAMPLES, seed=seed)
    return {
        "dataset": draft.facts.name,
        "version": draft.facts.version,
        **spec,
        "seed": seed,
        "indices": indices.tolist(),
        "copies": COPIES,
    }


def _live(arguments: Mapping[str, Any], status: DeltaGenerator) -> None:
    """Shows the preview, or the one before it while the new one is made; `status` says that it is."""
    here = context()
    job = request_preview(here.store, arguments, owner=here.actor.id)
    _take_back_the_last(job)
    if job.state is JobState.DONE and _show(job):
        return
    if job.state is JobState.FAILED:
        _failed(job, arguments)
        return
    wake_worker()
    if not here.settings.start_worker and not worker_alive(here.store, here.settings):
        missing_worker()
    with status:
        live_view(PREVIEW, job.id, key=f"preview.{job.id}", interval=FOLLOW_MILLISECONDS)
    last = here.store.jobs.find(st.session_state.get(SHOWN, ""))
    if last is None or not _show(last):
        st.skeleton(height=SKELETON_PIXELS)


def _take_back_the_last(job: Job) -> None:
    """Withdraws what this session asked for before: no one waits for it any more."""
    asked = st.session_state.get(ASKED)
    if asked is not None and asked != job.id:
        context().store.jobs.withdraw(asked)
    st.session_state[ASKED] = job.id


def _show(job: Job) -> bool:
    """Draws the picture; False if its file was swept away meanwhile."""
    path = context().store.jobs.folder(job.id) / PREVIEW_FILE
    if not path.exists():
        return False
    st.session_state[SHOWN] = job.id
    st.image(_sheet(path, job.id), width="stretch")
    st.caption(_("Left: the sample as it is. Right of it: what training may see instead, a batch a column."))
    return True


@st.cache_data(max_entries=32, show_spinner=False)
def _sheet(_path: Path, job_id: str) -> bytes:
    result = read_arrays(_path)
    return png_of(tile_pairs(result["before"], result["after"], width=SHEET_PIXELS))


def _failed(job: Job, arguments: Mapping[str, Any]) -> None:
    if job.reason is not None:
        st.error(say(job.reason), icon=":material/error:")
    if st.button(_("Try again"), icon=":material/refresh:", key="preview_again"):
        here = context()
        request_preview(here.store, arguments, owner=here.actor.id, again=True)
        st.rerun()


def preview_view(store: Store, job_id: str) -> View:
    """Returns whether a preview is still to come, and what it waits for."""
    job = store.jobs.find(job_id)
    waits = job is not None and not job.state.final
    worker = store.workers.current()
    warm = worker is not None and worker.ready
    text = _("making the preview") if warm else _("warming up: the first takes some seconds")
    return View(
        page=fingerprint(waits),
        live=waits,
        badges=(Badge(text, "gray", icon="hourglass_top"),),
    )


PREVIEW = LiveTopic("preview", preview_view)
