"""The parts of the Build page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dlcore.design.code import export_command, keras_script, needs_export
from dlcore.design.edits import duplicate_layer, move_layer, remove_layer, replace_layer
from dlcore.design.estimate import training_memory
from dlcore.design.templates import TEMPLATES, templates_of
from dlcore.errors import SpecError
from dlcore.field_path import FieldPath
from dlcore.spec import ExperimentSpec, GraphReport
from dlcore.spec.checks import model_data
from dlcore.spec.data import Task
from dlcore.spec.paths import LAYER_LIST, layer_of
from dlcore.text import file_name, shape_text
from dlcore.ui.build.palette import new_layer
from dlcore.ui.build.trained import trained_starts
from dlcore.ui.build.word_vectors import FIELD, fit_to_vectors, offered_vectors, shown_fields
from dlcore.ui.forms.form import Form
from dlcore.ui.forms.search_mode import is_searching, searched_dimensions
from dlcore.ui.forms.structure import layer_structure
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, say, say_beside
from dlcore.ui.shared.markdown import escape_markdown

SELECTED = "selected_layer"
LIST_HEIGHT, LIST_ROWS = 620, 14
"""A longer list of layers scrolls, so that the form stays beside it."""


def selected_layer(draft: WorkingDraft) -> int:
    """Returns the index of the layer that is being edited; the last one by default."""
    layers = draft.spec.model.layers
    names = [layer.name for layer in layers]
    chosen = st.session_state.get(SELECTED)
    return names.index(chosen) if chosen in names else len(layers) - 1


def _change(draft: WorkingDraft, edit: Callable[[], ExperimentSpec], select: int | None = None) -> None:
    """Saves what `edit` gives and selects a layer of it, counted from the end if negative."""
    try:
        spec = edit()
    except SpecError as error:
        st.error(say(error), icon=":material/error:")
        return
    layers = spec.model.layers
    if layers and select is not None:
        place = select if select >= 0 else len(layers) + select
        st.session_state[SELECTED] = layers[min(place, len(layers) - 1)].name
    draft.save(spec)


def totals(draft: WorkingDraft, report: GraphReport) -> None:
    """Shows the four numbers of the whole model, and the first problem."""
    samples = draft.spec.dataset.division(draft.facts).train
    memory = training_memory(report, draft.spec.training, samples)
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        st.metric(
            _("Layers"),
            len(draft.spec.model.layers),
            border=True,
            help=_("Steps from the input to the answer."),
        )
        st.metric(
            _("Parameters"),
            show.count(report.parameters.total),
            border=True,
            help=_("Numbers that training changes, and a few it keeps."),
        )
        st.metric(
            _("FLOP per sample"),
            show.count(report.flops),
            border=True,
            help=_("Additions and multiplications of one forward pass."),
        )
        st.metric(
            _("Memory to train"),
            show.size(memory),
            border=True,
            help=_("An estimate, at a batch size of {n}.").format(n=draft.spec.training.batch_size),
        )
    _problem_elsewhere(draft, report)


def _problem_elsewhere(draft: WorkingDraft, report: GraphReport) -> None:
    """Shows the first problem, unless it is beside a field of the chosen layer."""
    problem = report.problem
    if problem is None or (draft.spec.model.layers and _of_layer(report, selected_layer(draft))):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        layer = layer_of(problem.path)
        index = layer.place if layer else None
        place = "" if index is None else f"**{_layer_title(draft, index)}** · "
        st.error(place + say_beside(problem), icon=":material/error:", width="stretch")
        if index is not None and st.button(
            _("Show the layer"), key="show_problem", icon=":material/arrow_forward:"
        ):
            st.session_state[SELECTED] = draft.spec.model.layers[index].name
            st.rerun()


def _layer_title(draft: WorkingDraft, index: int) -> str:
    return f"{index + 1} · {draft.spec.model.layers[index].kind}"


def start_over(draft: WorkingDraft) -> None:
    """Templates to start from."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            _("Template"),
            [one.name for one in templates_of(draft.facts)],
            format_func=lambda key: _(TEMPLATES[key].title),
            key="template",
            help=_("Replaces all layers of this draft."),
        )
        if st.button(
            _("Use"), key="use_template", icon=":material/restart_alt:", help=_("Replaces all layers.")
        ):
            _change(draft, lambda: _from_template(draft, name), select=0)
    st.caption(_(TEMPLATES[name].summary))
    for note in TEMPLATES[name].notes(draft.facts):
        st.caption(say(note))
    with st.expander(_("Start with trained weights"), icon=":material/moving:", key="trained"):
        trained_starts(draft, lambda build: _change(draft, build, select=-1))


def _from_template(draft: WorkingDraft, name: str) -> ExperimentSpec:
    model = TEMPLATES[name].build(model_data(draft.spec, draft.facts))
    return draft.spec.updated(model=model, fine_tuning=None)


def layer_list(draft: WorkingDraft, report: GraphReport) -> None:
    """Shows one row per layer, in order; the pressed one is edited beside."""
    layers, chosen = draft.spec.model.layers, selected_layer(draft)
    shapes = {row.name: shape_text(row.output_shape) for row in report.rows}
    with st.container(border=True, gap="small"):
        for name, given in report.inputs.items():
            label = _("Input {shape}") if len(report.inputs) == 1 else f"`{name}` " + "{shape}"
            st.caption(label.format(shape=shape_text(given.shape)))
        if not layers:
            st.info(_("No layers yet: add one below, or use a template."), icon=":material/info:")
        with st.container(
            gap="xxsmall", height=LIST_HEIGHT if len(layers) > LIST_ROWS else "content", border=False
        ):
            for index, layer in enumerate(layers):
                _layer_row(draft, index, shapes.get(layer.name), chosen=index == chosen)
        new_layer(draft, report, chosen + 1, _change)


def _layer_row(draft: WorkingDraft, index: int, shape: str | None, *, chosen: bool) -> None:
    layer = draft.spec.model.layers[index]
    here = LAYER_LIST.item(layer.name)
    searched_for = is_searching(draft) and any(
        FieldPath.parse(path).within(here) for path in draft.search.space
    )
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", wrap=False
    ):
        pressed = st.button(
            f"{index + 1} · **{layer.kind}** {escape_markdown(show.argument(layer.brief))}",
            key=f"layer_{layer.name}",
            type="secondary" if chosen else "tertiary",
            icon=":material/error:" if shape is None else ":material/tune:" if searched_for else None,
        )
        st.caption(shape or "?", width="content")
    if pressed:
        st.session_state[SELECTED] = layer.name
        st.rerun()


def layer_form(draft: WorkingDraft, report: GraphReport) -> bool:
    """Shows the chosen layer: move, copy, remove, and all its arguments.

    Returns:
        Whether all that stands in the fields could be taken.
    """
    layers, index = draft.spec.model.layers, selected_layer(draft)
    if not layers:
        return True
    layer = layers[index]
    with st.container(border=True):
        st.markdown(f"**{_layer_title(draft, index)}**  `{layer.name}`")
        st.caption(_(type(layer).summary))
        _toolbar(draft, index)
        earlier = [*draft.spec.model.inputs, *(one.name for one in layers[:index])]
        space = searched_dimensions(draft, LAYER_LIST.item(layer.name))
        if space is not None:
            layer_structure(space, index)
        vectors = offered_vectors() if FIELD in type(layer).model_fields else {}
        form = Form(
            f"{draft.id}.{layer.name}.{layer.kind}",
            problem=_of_layer(report, index),
            fits=lambda kind: draft.facts.task in getattr(kind, "tasks", Task),
            names=earlier,
            offered={FIELD: list(vectors)},
            titles=vectors,
            dimensions=space,
        )
        fields = shown_fields(draft, layer)
        edited = fit_to_vectors(layer, form.edit(layer, only=fields))
        if FIELD in fields and not vectors:
            st.caption(_("Word vectors are uploaded in the tab “Word vectors” below."))
    if space is not None and space.changed:
        draft.save(search=space.search)
    if edited != layer:
        renamed = edited.name != layer.name
        try:
            spec = replace_layer(draft.spec, index, edited)
        except SpecError as error:
            # Two layers of one name are found at the later one, whichever of them is edited.
            form.show(error.at("name" if renamed else error.path.name))
            return False
        if renamed:
            st.session_state[SELECTED] = spec.model.layers[index].name
        draft.save(spec, search=draft.search.renamed(layer.name, spec.model.layers[index].name))
    return form.valid


def _of_layer(report: GraphReport, index: int) -> SpecError | None:
    """Returns the report's problem as seen from the layer, if it is this layer's."""
    return report.problem.inside(str(LAYER_LIST.item(index))) if report.problem else None


def _toolbar(draft: WorkingDraft, index: int) -> None:
    last = len(draft.spec.model.layers) - 1
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(_("Up"), key="layer_up", icon=":material/arrow_upward:", disabled=index == 0):
            _change(draft, lambda: move_layer(draft.spec, index, index - 1), select=index - 1)
        if st.button(_("Down"), key="layer_down", icon=":material/arrow_downward:", disabled=index == last):
            _change(draft, lambda: move_layer(draft.spec, index, index + 1), select=index + 1)
        if st.button(_("Duplicate"), key="layer_copy", icon=":material/content_copy:"):
            _change(draft, lambda: duplicate_layer(draft.spec, index), select=index + 1)
        if st.button(_("Remove"), key="layer_remove", icon=":material/delete:"):
            _change(draft, lambda: remove_layer(draft.spec, index), select=max(0, index - 1))


def script(draft: WorkingDraft, report: GraphReport) -> None:
    """Shows the equivalent Keras script, to read, copy or download."""
    if report.problem is not None:
        st.info(_("The script appears once the model is valid."), icon=":material/info:")
        return
    try:
        code = keras_script(draft.spec, draft.facts)
    except SpecError as error:
        st.info(say_beside(error), icon=":material/info:")
        return
    st.download_button(
        _("Download"),
        code,
        file_name=f"{file_name(draft.name)}.py",
        icon=":material/download:",
        key="script_file",
    )
    if needs_export(draft.spec, draft.facts):
        st.caption(
            _("The script reads data.npz. Download the experiment as a file, then: `{command}`").format(
                command=export_command()
            )
        )
    st.code(code, language="python", line_numbers=True, height=600)
