"""The Search page: what the search will do, what is wrong with it, its start, and its file."""

from __future__ import annotations

import json

import streamlit as st

from dlcore.datasets import DatasetFacts
from dlcore.design.speeds import NOTHING, Span
from dlcore.design.workload import workload
from dlcore.errors import DlcoreError, SpecError
from dlcore.queue.drafts import start_draft_search
from dlcore.queue.slots import slots_here
from dlcore.search.drafted import SearchDraft
from dlcore.search.space import Invalid, Space
from dlcore.search.spec import SPACE, SearchSpec, check_search
from dlcore.spec.checks import check
from dlcore.spec.paths import MODEL, TRAINING
from dlcore.spec.reading import read_text
from dlcore.spec.word_vectors import vectors_problem
from dlcore.text import file_name
from dlcore.ui.forms.dimensions import Dimensions
from dlcore.ui.search.options import measure_title
from dlcore.ui.search.space import example_text
from dlcore.ui.shared import format as show
from dlcore.ui.shared.budget import budget_row, search_refusal, show_refusal
from dlcore.ui.shared.drafts import WorkingDraft, clear_entries
from dlcore.ui.shared.i18n import _, _n, say, say_beside
from dlcore.ui.shared.layout import start_button
from dlcore.ui.shared.links import BUILD_PAGE, STUDY_PAGE, TRAIN_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.speed import span_text
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context

TIMED_TRIALS = 12
"""How many random trials of a space tell how long one takes in the middle."""


def problem_of(draft: WorkingDraft) -> SpecError | None:
    """Returns the first problem of the search as it is stored; its path starts at the root of its file."""
    try:
        spec = draft.search.whole(draft.spec)
    except SpecError as error:
        return error
    known = context().library.vectors_for(draft.spec)
    return _problem(_content(spec, draft.facts), spec, draft.facts) or vectors_problem(draft.spec, known)


def _content(spec: SearchSpec, facts: DatasetFacts, *, options: bool = True) -> str:
    """Returns all that a check depends on."""
    data = spec.to_dict() | ({} if options else {"search": None})
    return json.dumps([data, facts.name, facts.version], sort_keys=True)


@st.cache_data(max_entries=256, ttl=600, show_spinner=False)
def _problem(content: str, _spec: SearchSpec, _facts: DatasetFacts) -> SpecError | None:
    try:
        check_search(_spec, _facts)
    except SpecError as error:
        return error
    return None


@st.cache_data(max_entries=256, ttl=600, show_spinner=False)
def _invalid(content: str, _space: Space) -> Invalid | None:
    # It tries some dozens of experiments, about 0.3 s: not at each run of the page.
    return _space.invalid()


def space_of(draft: WorkingDraft) -> Space | None:
    """Returns the space of the draft's search, without what does not fit;
    None where there is nothing left.
    """
    wrong = draft.search.problems(draft.spec, draft.facts)
    fitting = {path: one for path, one in draft.search.dimensions().items() if path not in wrong}
    try:
        return Space(draft.spec, fitting, draft.facts) if fitting else None
    except SpecError:
        return None


def search_card(draft: WorkingDraft, *, valid: bool, marked: bool) -> None:
    """Shows what will be searched, what is wrong with it, and the button.

    Args:
        draft: whose search.
        valid: whether all fields beside it could be taken.
        marked: whether the problem is shown where it is on the same page.
    """
    space, problem = space_of(draft), problem_of(draft)
    with st.container(border=True):
        st.markdown(f"**{_('What will run')}** :gray[{_('a search')}]")
        st.table(_rows(draft, space), border="horizontal")
        if problem is not None and marked:
            st.caption(_("Fix the marked fields first."))
        elif problem is not None:
            _say_problem(problem)
        elif space is not None:
            _say_invalid(draft, space)
        if not valid:
            st.caption(_("Fix the marked fields first."))
        refusal = search_refusal(draft.search.whole(draft.spec)) if problem is None else None
        show_refusal(refusal)
        if start_button(
            _("Start the search"),
            key="start_search",
            icon=":material/travel_explore:",
            disabled=problem is not None or not valid or refusal is not None,
            help=_("It runs in the background; you can close this page."),
        ):
            _start(draft)


def _say_problem(problem: SpecError) -> None:
    at = problem.path
    if at == SPACE:
        st.info(say_beside(problem), icon=":material/tune:")
    elif at.within(SPACE):
        st.error(_("A dimension does not fit. Correct it or remove it."), icon=":material/error:")
    else:
        st.error(say(problem), icon=":material/error:")
    if at.within(MODEL):
        st.page_link(BUILD_PAGE, label=_("Fix the model"), icon=":material/account_tree:")
    elif at.within(TRAINING):
        st.page_link(TRAIN_PAGE, label=_("Fix the training settings"), icon=":material/model_training:")


def _say_invalid(draft: WorkingDraft, space: Space) -> None:
    content = _content(draft.search.whole(draft.spec), draft.facts, options=False)
    found = _invalid(content, space)
    if found is not None:
        text = _(
            "About {share} of the trials would not make a valid model and would fail immediately."
        ).format(share=f"{found.share:.0%}" if found.share else "< 3%")
        own = space.defaults()
        unlike = {path: value for path, value in found.params.items() if own.get(path, ...) != value}
        example = example_text(unlike or dict(found.params), found.error, Dimensions.of(draft))
        st.warning(f"{text}\n\n{_('For example')}: {example}", icon=":material/warning:")


def _start(draft: WorkingDraft) -> None:
    here = context()
    try:
        study = start_draft_search(here.store, draft.id, draft.search.whole(draft.spec), actor=here.actor)
        wake_worker()
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.switch_page(STUDY_PAGE, query_params={"study": study.id})


def _rows(draft: WorkingDraft, space: Space | None) -> dict[str, str]:
    options, search = draft.search.options, draft.search
    spec = SearchSpec(experiment=draft.spec, search=options)
    metrics = ", ".join(measure_title(name) for name in spec.metrics(draft.facts))
    limits = [str(options.max_trials) if options.max_trials else "", ""]
    if options.max_seconds:
        limits[1] = show.duration(options.max_seconds)
    rows = {
        _("Dataset"): escape_name(_(draft.facts.title)),
        _("Dimensions"): str(len(search.space)),
        _("Aim"): escape_markdown(metrics),
        _("Sampler"): options.sampler.kind,
        _("Pruner"): spec.pruner(draft.facts).kind,
        _("Trials"): limits[0] or _("no limit"),
        _("Time"): limits[1] or _time(draft, space),
    }
    rows |= budget_row()
    if options.seeds > 1:
        rows[_("Trials")] += " × " + _n("{n} seed", "{n} seeds", options.seeds).format(n=options.seeds)
    return rows


def _time(draft: WorkingDraft, space: Space | None) -> str:
    """Returns how long all trials take if none is pruned."""
    options = draft.search.options
    if not options.max_trials:
        return _("no limit")
    content = _content(draft.search.whole(draft.spec), draft.facts, options=False)
    one = None if space is None else _trial_time(content, space, draft.facts)
    if one is None:
        return _("not known until a run has trained on this machine")
    slots = slots_here(context().settings).total
    at_once = min(options.parallel or slots, slots)
    total = one * (options.max_trials * options.seeds / at_once)
    return _("at most about {time}").format(time=span_text(total))


@st.cache_data(max_entries=256, ttl=20, show_spinner=False)
def _trial_time(content: str, _space: Space, _facts: DatasetFacts) -> Span | None:
    """Returns the mean over some trials of the space."""
    total, count = NOTHING, 0
    for spec in _space.examples(TIMED_TRIALS):
        load = workload(spec, _facts, check(spec, _facts))
        found = context().forecasts.new(load, spec.training.device, spec.training.epochs)
        if found is None:
            return None
        total, count = total + found.span, count + 1
    return total * (1 / count) if count else None


def exchange(draft: WorkingDraft) -> None:
    """Shows the search as YAML, out and in."""
    try:
        text = draft.search.whole(draft.spec).to_yaml()
    except SpecError as error:
        st.error(say(error), icon=":material/error:")
    else:
        st.download_button(
            _("Download"),
            text,
            file_name=f"{file_name(draft.name)}-search.yaml",
            icon=":material/download:",
            key="search_file",
        )
        st.code(text, language="yaml", height=320)
    upload = st.file_uploader(
        _("A YAML or JSON file"), type=["yaml", "yml", "json"], key=f"{draft.entry_key}.search_upload"
    )
    pasted = st.text_area(_("or paste it here"), key=f"{draft.entry_key}.search_paste", height=120)
    if st.button(_("Import"), key="import_search", icon=":material/upload:", disabled=not (upload or pasted)):
        _import(draft, upload.getvalue().decode("utf-8", errors="replace") if upload else pasted)


def _import(draft: WorkingDraft, text: str) -> None:
    try:
        spec = SearchSpec.from_dict(read_text(text))
        context().library.facts_in(spec.experiment.dataset)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    clear_entries()
    draft.save(spec.experiment, search=SearchDraft.of(spec))
