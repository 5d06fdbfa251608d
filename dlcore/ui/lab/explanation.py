"""Why a run's model answers so for a sample: methods to choose from, and another run beside it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.plots.explained import explanation_figure
from dlcore.plots.explanations import BLANK, word_strengths
from dlcore.queue.explanations import (
    Arrays,
    ExplanationRequest,
    explainable,
    explanation_of,
    find_explanation,
    request_explanation,
)
from dlcore.records import Run
from dlcore.records.explanation_methods import (
    METHODS,
    Baseline,
    Explainable,
    Form,
    GradCAM,
    IntegratedGradients,
    applicable,
)
from dlcore.records.explanations import ATTRIBUTION, Explanation
from dlcore.records.runs import FINAL_STATES
from dlcore.store.run_files import read_evaluation
from dlcore.text import number_text, short_texts
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.trained import can_be_tried
from dlcore.web.context import context

OFFERED = 50
"""Other runs that can explain the same sample."""
MOST_WORDS = 400
_LAYER = "explain_layer"


def explain_sample(run: Run, part: str, sample: int) -> None:
    """Draws what in a sample raised or lowered the answer, once it is asked for.

    Args:
        run: one of which the actor sees all.
        part: `test` or `validation`.
        sample: its row in the dataset as it was stored.
    """
    st.subheader(_("Why this answer?"), anchor=False)
    try:
        seen = explainable(context().store, run)
    except DlcoreError as error:
        st.info(say(error), icon=":material/info:")
        return
    refusal = seen.refusal()
    if refusal is not None:
        st.info(say(refusal), icon=":material/info:")
        return
    wanted, other = _choose(run, seen, part, sample)
    st.caption(_(METHODS[wanted.method].summary))
    if other is None:
        _explain(run, wanted, choosing=True)
        return
    left, right = st.columns(2, gap="large")
    for column, one in ((left, run), (right, other)):
        with column:
            st.markdown(f"**{escape_name(one.name)}**")
            _explain(one, wanted, choosing=False)


def _choose(run: Run, seen: Explainable, part: str, sample: int) -> tuple[ExplanationRequest, Run | None]:
    """Draws what can be chosen; returns what is asked, and of which other run it is asked as well."""
    names = [method.name for method in applicable(seen)]
    with st.container(horizontal=True, gap="small"):  # their names in a line, though not all are as high
        method = st.segmented_control(
            _("Method"),
            names,
            format_func=lambda name: _(METHODS[name].title),
            key="explain_method",
            default=names[0],
            required=True,
            persist_state="session",
        )
        output = _choose_output(run)
        baseline = _choose_baseline(seen, str(method))
        other = _choose_other(run)
    has_layer = method == GradCAM.name and other is None
    layer = str(st.session_state.get(f"{_LAYER}.{run.id}") or "") if has_layer else ""
    return ExplanationRequest(part, sample, str(method), output, layer, baseline), other


def _choose_output(run: Run) -> str:
    """Draws the choice of a class or target; empty for the one that is predicted."""
    evaluation = read_evaluation(context().store.artifacts.folder(run.id))
    if evaluation is None:
        return ""
    names: Sequence[str] = evaluation.classes or [error.name for error in evaluation.errors]
    if len(names) < 2:
        return ""
    titles = short_texts(names)
    # Of several targets none is predicted more than the others.
    first = [""] if evaluation.classes else []
    chosen = st.selectbox(
        _("Class") if evaluation.classes else _("Target"),
        [*first, *names],
        format_func=lambda name: titles[name] if name else _("the predicted one"),
        key=f"explain_output.{run.id}",
        width=200,
    )
    return str(chosen or "")


def _choose_baseline(seen: Explainable, method: str) -> Baseline:
    if seen.form is not Form.PICTURE or method == GradCAM.name:
        return Baseline.BLACK
    titles = {Baseline.BLACK: _("a black picture"), Baseline.MEAN: _("the mean picture")}
    chosen = st.selectbox(
        _("Compared with"), list(Baseline), format_func=titles.__getitem__, key="explain_baseline", width=180
    )
    return Baseline(str(chosen))


def _choose_other(run: Run) -> Run | None:
    """Draws the choice of another run on the same data, if there are any."""
    here = context()
    found = here.store.runs.list(
        owner=here.actor.id, datasets=[run.dataset], states=FINAL_STATES, limit=OFFERED
    )
    version = run.spec["dataset"].get("version")
    others = {
        one.id: one
        for one in found
        if one.id != run.id and one.spec["dataset"].get("version") == version and can_be_tried(one)
    }
    if not others:
        return None
    chosen = st.selectbox(
        _("Compare with"),
        ["", *others],
        format_func=lambda key: escape_name(others[key].name) if key else _("no other run"),
        key=f"explain_other.{run.id}",
        width=220,
    )
    return others.get(str(chosen or ""))


def _explain(run: Run, wanted: ExplanationRequest, *, choosing: bool) -> None:
    """Draws an explanation, how far it is, or the button that asks for it; `choosing`: with a choice of the layer."""
    here = context()
    job = find_explanation(here.store, run, wanted, owner=here.actor.id)
    try:
        if job is None:
            if not st.button(
                _("Explain"), icon=":material/lightbulb:", key=f"explain.{run.id}", type="primary"
            ):
                return
            job = request_explanation(here.store, run, wanted, owner=here.actor.id)
        job = wait_briefly(job)

        def again() -> None:
            request_explanation(here.store, run, wanted, owner=here.actor.id, again=True)

        title = _("Explaining the answer")
        if not show_until_done(job, title, again, key=f"explain_again.{run.id}", border=False):
            return
        found, arrays = explanation_of(here.store, job)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    _show(run, found, arrays, choosing=choosing)


def _show(run: Run, found: Explanation, arrays: Arrays, *, choosing: bool) -> None:
    st.markdown(_said(found))
    if found.form is Form.WORDS:
        if not found.labels:
            st.info(_("The model sees no word of this text."), icon=":material/info:")
            return
        st.markdown(_marked_words(found, arrays))
        _tell_unseen(found)
    st.plotly_chart(
        explanation_figure(found, arrays, translate=_),
        # Plotly keeps the size of pictures when their column becomes narrower: then it is another figure.
        key=f"explanation.{run.id}.{choosing}",
        config={"displayModeBar": False},
        alt=_("What in the sample raised or lowered the answer"),
    )
    st.caption(f"{_('Orange raised the answer, blue lowered it.')} {_(METHODS[found.method].reading)}")
    if found.method == IntegratedGradients.name:
        _tell_sum(found)
    if found.method == GradCAM.name and len(found.layers) > 1 and choosing:
        _choose_layer(run, found)


def _said(found: Explanation) -> str:
    name, truth = f"**{escape_name(found.output)}**", f"**{escape_name(found.truth)}**"
    if not found.is_class:
        return _("{name}: answered {value}, is {truth}").format(
            name=name, value=f"**{number_text(found.answer)}**", truth=truth
        )
    return _("{name}: probability {chance}, log-odds {score}; it is {truth}").format(
        name=name, chance=f"{found.answer:.1%}", score=f"{found.score:.2f}", truth=truth
    )


def _marked_words(found: Explanation, arrays: Arrays) -> str:
    """Returns the words as Markdown, those that matter with a colour behind them."""
    words = []
    strengths = word_strengths(arrays[ATTRIBUTION])
    for word, strength in list(zip(found.labels, strengths, strict=True))[:MOST_WORDS]:
        seen = word.strip()
        # Markdown takes no blank for bold, nor one beside what encloses it.
        text, behind = (escape_name(seen), word[len(word.rstrip()) :]) if seen else (BLANK * len(word), "")
        if strength:
            inner = f"**{text}**" if abs(strength) > 1 else text
            text = f":{'orange' if strength > 0 else 'blue'}-background[{inner}]"
        words.append(text + " " * bool(behind))
    return found.separator.join(words)


def _tell_unseen(found: Explanation) -> None:
    """Says where a text goes on that the model does not see, or that is not shown."""
    if len(found.labels) > MOST_WORDS:
        shown = _n("Shown is the first word.", "Shown are the first {n} words.", MOST_WORDS)
        st.caption(shown.format(n=MOST_WORDS))
    if found.cut_at:
        words = (
            _n(
                "The text goes on, but the model takes only its first word.",
                "The text goes on, but the model takes only its first {n} words.",
                found.cut_at,
            )
            if found.separator
            else _n(
                "The text goes on, but the model takes only its first character.",
                "The text goes on, but the model takes only its first {n} characters.",
                found.cut_at,
            )
        )
        st.caption(words.format(n=f"{found.cut_at:,}"))


def _tell_sum(found: Explanation) -> None:
    """Says whether the shares sum to the difference that they share out."""
    assert found.baseline_score is not None and found.total is not None
    values = {
        "total": number_text(found.total, 4),
        "difference": number_text(found.score - found.baseline_score, 4),
        "steps": found.steps,
    }
    if found.holds:
        st.caption(
            _("All shares sum to {total}; the answers differ by {difference} ({steps} steps).").format(
                **values
            )
        )
    else:
        st.warning(
            _(
                "After {steps} steps the shares sum to {total}, but the answers differ by {difference}: "
                "take single values with care."
            ).format(**values),
            icon=":material/warning:",
        )


def _choose_layer(run: Run, found: Explanation) -> None:
    """Draws the choice of the layer whose maps are shown; the next script run asks for it."""
    st.selectbox(
        _("Layer"),
        ["", *found.layers],
        format_func=lambda name: name or _("the last convolution"),
        key=f"{_LAYER}.{run.id}",
        width=320,
    )
