"""From a spec to a queued run."""

from __future__ import annotations

from math import ceil

import streamlit as st

from dlcore.datasets import is_available
from dlcore.design.estimate import Forecast, training_memory
from dlcore.queue import place_for
from dlcore.queue.devices import gpus
from dlcore.spec.checks import other_problem
from dlcore.spec.paths import AUGMENTATION
from dlcore.ui.shared import format as show
from dlcore.ui.shared.budget import budget_row, run_refusal, show_refusal
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, _n, say, say_beside
from dlcore.ui.shared.launch import launch
from dlcore.ui.shared.layout import start_button
from dlcore.ui.shared.links import BUILD_PAGE, DATA_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.speed import draft_forecast, span_text, waiting_text
from dlcore.web.context import context


def launch_card(draft: WorkingDraft, *, valid: bool, marked: bool) -> None:
    """Shows what will run, what it will need, its place in the queue, and the button.

    Args:
        draft: what would run.
        valid: whether all fields beside it could be taken; else it would not run what they show.
        marked: whether the problem is shown where it is on the same page.
    """
    report = draft.report
    problem = report.problem or other_problem(draft.spec, draft.facts, report)
    with st.container(border=True):
        st.markdown(f"**{_('What will run')}** :gray[{_('a single run')}]")
        forecast = draft_forecast(draft)
        st.table(_rows(draft, forecast), border="horizontal")
        _notes(draft, forecast)
        refusal = run_refusal(draft)
        show_refusal(refusal)
        if problem is not None and marked:
            st.caption(_("Fix the marked fields first."))
        elif report.problem is not None:
            st.error(say_beside(report.problem), icon=":material/error:")
            st.page_link(BUILD_PAGE, label=_("Fix the model"), icon=":material/account_tree:")
        elif problem is not None and problem.path.within(AUGMENTATION):
            st.error(say(problem), icon=":material/error:")
            st.page_link(DATA_PAGE, label=_("Fix the augmentation"), icon=":material/database:")
        elif problem is not None or not valid:
            st.error(_("A field is not valid yet; see the message below it."), icon=":material/error:")
        if start_button(
            _("Start training"),
            key="launch",
            icon=":material/play_arrow:",
            disabled=problem is not None or not valid or refusal is not None,
            help=_("It waits for its turn and runs in the background."),
        ):
            launch(draft.spec, draft=draft.id)


def _rows(draft: WorkingDraft, forecast: Forecast | None) -> dict[str, str]:
    training = draft.spec.training
    samples = draft.spec.dataset.division(draft.facts).train
    steps = ceil(samples / training.batch_size)
    optimizer = f"{training.optimizer.kind}, {training.optimizer.learning_rate:g}"
    return {
        _("Dataset"): f"{escape_name(_(draft.facts.title))} · {samples:,}",
        _("Model"): _n(
            "{layers} layer, {parameters} parameters",
            "{layers} layers, {parameters} parameters",
            len(draft.spec.model.layers),
        ).format(layers=len(draft.spec.model.layers), parameters=show.count(draft.report.parameters.total)),
        _("Optimizer"): optimizer,
        _("Epochs"): _n("{epochs} × {steps} step", "{epochs} × {steps} steps", steps).format(
            epochs=training.epochs, steps=steps
        ),
        _("Device"): _device(training.device),
        _("Time"): _time(forecast, early_stopping=training.early_stopping is not None),
        _("Memory"): _("about {size}").format(
            size=show.size(training_memory(draft.report, training, samples))
        ),
        _("Queue"): _queue(),
        **budget_row(),
    }


def _time(forecast: Forecast | None, *, early_stopping: bool) -> str:
    if forecast is None:
        return _("not known until a run has trained on this machine")
    text = _("at most about {time}") if early_stopping else _("about {time}")
    return text.format(time=span_text(forecast.span))


def _queue() -> str:
    here = context()
    place = place_for(here.store, owner=here.actor.id)
    waiting = place - 1
    before = _n("{n} run before it", "{n} runs before it", waiting).format(n=waiting) if waiting else ""
    return " · ".join(filter(None, [before, waiting_text(place)])) or _("begins when a run has ended")


def _device(device: str) -> str:
    found = gpus()
    if device == "auto":
        return escape_markdown(found[0].name) if found else _("CPU (no GPU found)")
    return device.upper()


def _notes(draft: WorkingDraft, forecast: Forecast | None) -> None:
    here = context()
    if not is_available(draft.facts.name, here.settings):
        st.info(
            _("The data is downloaded first: {size}.").format(size=show.size(draft.facts.download_bytes)),
            icon=":material/download:",
        )
    elif forecast is not None and forecast.unprepared and draft.facts.version:
        st.info(
            _("The data is prepared at its first use; how long that takes is not known yet."),
            icon=":material/hourglass_top:",
        )
