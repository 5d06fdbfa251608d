"""The diagnosis of a run: what is wrong with it, by which numbers, what helps, and the signals of its layers."""

from __future__ import annotations

import streamlit as st

from dlcore.comparison.settings import differing_layers, differing_settings
from dlcore.diagnosis import RULES, SURENESS_TITLES, Evidence, Finding, Sureness, remedy
from dlcore.errors import DlcoreError
from dlcore.plots.diagnosis import evidence_figure, evidence_info
from dlcore.queue.diagnosis import Diagnosis, diagnose_run, try_remedies, with_remedy
from dlcore.records import Run
from dlcore.spec import ExperimentSpec
from dlcore.store.run_files import DamagedArtifactError
from dlcore.ui.components.signals_chart import signals_chart
from dlcore.ui.shared.draft_changes import Changes, Current, changes_table
from dlcore.ui.shared.drafts import start_draft
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import BUILD_PAGE, COMPARE_PAGE
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context

LIVE_SECONDS = 10.0
"""Between two looks at a run that is at work."""
COLORS = {Sureness.POSSIBLE: "gray", Sureness.LIKELY: "orange", Sureness.SURE: "red"}
TRIED = "diagnosis_tried"


def diagnosis(run: Run) -> None:
    """Shows what is wrong with a run, and the signals of its layers."""
    st.fragment(_findings, run_every=None if run.state.final else LIVE_SECONDS)(run)
    st.subheader(_("Signals of the layers"), anchor=False)
    st.caption(
        _(
            "How large gradients, weights, steps and activations are, layer by layer; at most twelve lines a chart."
        )
    )
    layers = [layer["name"] for layer in run.spec["model"]["layers"]]
    signals_chart(run.id, layers, key="signals", empty=_no_signals(run))


def _no_signals(run: Run) -> str:
    if not run.spec["training"].get("record_signals", False):
        return _(
            "Nothing was recorded: it is turned off in the settings of the training, or the run is older."
        )
    return _("Nothing was recorded.") if run.state.final else _("They appear after the first epoch.")


def _findings(run: Run) -> None:
    here = context()
    try:
        run = here.store.runs.get(run.id)
        found = diagnose_run(here.library.shown_with(run.id), run)
    except DamagedArtifactError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    except DlcoreError as error:  # deleted meanwhile, or of another version
        st.info(say(error), icon=":material/info:")
        return
    if not found.findings:
        _say_healthy(found)
        return
    acts = here.library.may_read(run.dataset)
    for one in found.findings:
        _card(run, found, one, acts=acts)
    if acts:
        _try_several(run, found)


def _say_healthy(found: Diagnosis) -> None:
    seen = found.observation
    if not seen.done:
        st.info(_("The diagnosis begins with the first epoch."), icon=":material/info:")
        return
    words = _n("No problem was found in {n} epoch.", "No problem was found in {n} epochs.", seen.done)
    st.success(words.format(n=f"{seen.done:,}"), icon=":material/check_circle:")
    titles = " · ".join(_(rule.title) for rule in RULES.values())
    st.caption(_("Looked for: {titles}.").format(titles=titles))
    if not seen.final:
        st.caption(_("Some of it shows only at the end."))


def _card(run: Run, found: Diagnosis, one: Finding, *, acts: bool) -> None:
    level = _(SURENESS_TITLES[one.sureness])
    with st.container(border=True, key=f"finding_{one.kind}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(_(one.rule.title), anchor=False, width="content")
            st.badge(level, color=COLORS[one.sureness], help=_(one.rule.basis))  # type: ignore[arg-type]
        st.markdown(_(one.rule.meaning))
        for sentence in one.symptom.sentences:
            st.markdown(f"- {say(sentence)}")
        figures = one.symptom.evidence
        for place, (column, figure) in enumerate(
            zip(st.columns(max(1, len(figures))), figures, strict=False)
        ):
            with column:
                _evidence(figure, key=f"evidence_{one.kind}_{place}")
        if one.remedies and acts:
            st.markdown(f"**{_('What helps')}**")
            for name in one.remedies:
                _remedy(run, found, name, key=f"{one.kind}_{name}")


def _evidence(evidence: Evidence, *, key: str) -> None:
    st.caption(say(evidence.title))
    shown = evidence_figure(evidence_info(evidence, _), translate=_)
    st.plotly_chart(shown, key=key, config={"displayModeBar": False})


def _remedy(run: Run, found: Diagnosis, name: str, *, key: str) -> None:
    about = remedy(name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_(about.title), help=_(about.reason), width="stretch")
        # Together, so that both are in the next line of a phone.
        with st.container(horizontal=True, vertical_alignment="center", width="content", wrap=False):
            with st.popover(
                _("What changes"), icon=":material/difference:", type="tertiary", key=f"change_{key}"
            ):
                _difference(run, found, name)
            if st.button(_("New draft"), icon=":material/edit_square:", key=f"draft_{key}"):
                _begin_draft(run, name)


def _difference(run: Run, found: Diagnosis, name: str) -> None:
    changed = _changed(run, name)
    if changed is None:
        return
    both = (Current(found.observation.spec.to_dict(), run.dataset), Current(changed.to_dict(), run.dataset))
    changes = Changes(run, differing_settings(both)[0], differing_layers(both)[0])
    changes_table(changes, (_("This run"), _("Draft")))


def _changed(run: Run, name: str) -> ExperimentSpec | None:
    try:
        return with_remedy(context().library.shown_with(run.id), run, name)
    except DlcoreError as error:  # the dataset has changed meanwhile
        st.error(say(error), icon=":material/error:")
        return None


def _begin_draft(run: Run, name: str) -> None:
    changed = _changed(run, name)
    if changed is None:
        return
    title = "" if run.has_usual_name else f"{run.name} + {_(remedy(name).title)}"
    start_draft(changed.updated(name=title[:200]))
    st.switch_page(BUILD_PAGE)


def _try_several(run: Run, found: Diagnosis) -> None:
    """Offers to try several remedies, each in a run of its own that is compared with this one."""
    if not run.state.final:
        return
    names = list(dict.fromkeys(name for one in found.findings for name in one.remedies))
    if not names:
        return
    with st.form("try_remedies", border=True):
        chosen = st.multiselect(
            _("Try remedies"),
            names,
            default=names[:3],
            max_selections=8,
            format_func=lambda name: _(remedy(name).title),
            key="remedies",
            help=_("Each is a run of its own that differs in it alone; all are compared with this one."),
        )
        if not st.form_submit_button(_("Start"), icon=":material/play_arrow:", key="remedies_start"):
            return
    here = context()
    try:
        new = try_remedies(here.library.shown_with(run.id), run, chosen, actor=here.actor)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    wake_worker()
    st.switch_page(COMPARE_PAGE, query_params={"runs": ",".join([run.id, *(one.id for one in new)])})
