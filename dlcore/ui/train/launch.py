"""From a spec to a queued run."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets import available
from dlcore.design.estimate import Estimate, estimate
from dlcore.queue import queue_length
from dlcore.queue.devices import gpus
from dlcore.spec.checks import other_problem
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import Working
from dlcore.ui.shared.i18n import _, say, say_beside
from dlcore.ui.shared.launch import launch
from dlcore.ui.shared.links import BUILD_PAGE, DATA_PAGE
from dlcore.ui.shared.speed import speed
from dlcore.web.context import context


def launch_card(draft: Working, *, valid: bool) -> None:
    """What will run, what it will need, its place in the queue, and the button.

    Args:
        draft: what would run.
        valid: whether all fields beside it could be taken; else it would not run what they show.
    """
    report = draft.report
    problem = report.problem or other_problem(draft.spec, draft.facts, report)
    with st.container(border=True):
        st.markdown(f"**{_('What will run')}**")
        samples = draft.spec.dataset.division(draft.facts).train
        need = estimate(report, draft.spec.training, samples, speed())
        st.table(_rows(draft, samples, need), border="horizontal")
        _notes(draft)
        if report.problem is not None:
            st.error(say_beside(report.problem), icon=":material/error:")
            st.page_link(BUILD_PAGE, label=_("Mend the model"), icon=":material/account_tree:")
        elif problem is not None and problem.path.startswith("augmentation"):
            st.error(say(problem), icon=":material/error:")
            st.page_link(DATA_PAGE, label=_("Mend the augmentation"), icon=":material/database:")
        elif problem is not None or not valid:
            st.error(_("A field is not right yet; its problem stands below it."), icon=":material/error:")
        if st.button(
            _("Start training"),
            type="primary",
            icon=":material/play_arrow:",
            key="launch",
            width="stretch",
            disabled=problem is not None or not valid,
            help=_("It goes to the end of the queue and runs in the background."),
        ):
            launch(draft.spec)


def _rows(draft: Working, samples: int, need: Estimate) -> dict[str, str]:
    training = draft.spec.training
    optimizer = f"{training.optimizer.kind}, {training.optimizer.learning_rate:g}"
    waiting = queue_length(context().store)
    return {
        _("Dataset"): f"{_(draft.facts.title)} · {samples:,}",
        _("Model"): _("{layers} layers, {parameters} parameters").format(
            layers=len(draft.spec.model.layers), parameters=show.count(draft.report.parameters.total)
        ),
        _("Optimizer"): optimizer,
        _("Epochs"): _("{epochs} of {steps} steps").format(
            epochs=training.epochs, steps=need.steps_per_epoch
        ),
        _("Device"): _device(training.device),
        _("Time"): _("about {time}").format(time=show.duration(need.seconds)),
        _("Memory"): _("about {size}").format(size=show.size(need.memory)),
        _("Queue"): _("starts at once") if not waiting else _("{n} runs before it").format(n=waiting),
    }


def _device(device: str) -> str:
    found = gpus()
    if device == "auto":
        return found[0].name if found else _("CPU (no GPU found)")
    return device.upper()


def _notes(draft: Working) -> None:
    here = context()
    if not available(draft.facts.name, here.settings):
        st.info(
            _("The data is downloaded first: {size}.").format(size=show.size(draft.facts.download_bytes)),
            icon=":material/download:",
        )
