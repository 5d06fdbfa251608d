"""Keeping a run's model under a name, and the models that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.exports import EXPORTS
from dlcore.queue.registry import edit_model, keep_model, note_version, remove_version, set_stage
from dlcore.records import Run
from dlcore.records.registry import (
    LONGEST_NAME,
    LONGEST_NOTES,
    ModelStage,
    ModelVersion,
    RegisteredModel,
    TryPlace,
    UseKind,
)
from dlcore.ui.runs.judging import best_value
from dlcore.ui.shared import format as show
from dlcore.ui.shared.buttons import icon_key, icon_popover
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.web.context import context

SHOWN = 3
"""Of a model with more versions, the older ones are shown on request."""

_COLOURS: Mapping[ModelStage, Literal["gray", "blue", "green"]] = {
    ModelStage.NONE: "gray",
    ModelStage.STAGING: "blue",
    ModelStage.PRODUCTION: "green",
    ModelStage.ARCHIVED: "gray",
}


def stage_names() -> dict[ModelStage, str]:
    """Returns what each stage is called."""
    return {
        ModelStage.NONE: _("No stage"),
        ModelStage.STAGING: _("Staging"),
        ModelStage.PRODUCTION: _("Production"),
        ModelStage.ARCHIVED: _("Archived"),
    }


def keep_button(run: Run) -> None:
    """Draws a button that asks for a name, and keeps the run's model under it."""
    opened = f"keep.{run.id}"
    box = st.popover(_("Keep"), icon=":material/bookmark_add:", key=opened, on_change="rerun")
    if not box.open:
        return
    with box:
        st.text_input(
            _("Name of the model"),
            run.name[:LONGEST_NAME].replace("@", " "),
            max_chars=LONGEST_NAME,
            key=f"keep_name.{run.id}",
            help=_("Under a name that there is, it becomes the next version."),
        )
        st.text_input(_("Notes"), max_chars=LONGEST_NOTES, key=f"keep_notes.{run.id}")
        st.caption(_("The run cannot be resumed or deleted while its model is kept."))
        st.button(
            _("Keep this model"),
            type="primary",
            key=f"keep_sure.{run.id}",
            on_click=_keep,
            args=(run, opened),
        )
        _show_problem(opened)


def _keep(run: Run, opened: str) -> None:
    here = context()
    name, notes = (st.session_state[f"keep_{part}.{run.id}"] for part in ("name", "notes"))
    try:
        keep_model(here.store, run.id, name, actor=here.actor, notes=notes)
    except DlcoreError as error:
        st.session_state[f"{opened}.problem"] = error
        return
    # A widget's state can be set only before it is drawn.
    st.session_state[opened] = False


def kept_as(versions: Sequence[ModelVersion]) -> None:
    """Shows as which versions a run's model is kept; nothing where it is not."""
    names = stage_names()
    for one in versions:
        version = _("Version {n}").format(n=one.number)
        # No badge: within one, what is escaped for Markdown shows.
        st.caption(
            f":material/bookmark: {escape_name(one.model)} · {version} · {names[one.stage]}", width="content"
        )


def registered_models() -> None:
    """Shows the models that are kept, each with its versions, above those of all runs; nothing while there are none."""
    here = context()
    found = here.store.registry.list(owner=here.actor.id)
    if not found:
        return
    st.subheader(_("Kept models"), help=_("Models under a name of their own, with versions and stages."))
    for model in found:
        with st.container(border=True, gap="small"):
            _model(model)
    st.subheader(_("All runs"))


def _model(model: RegisteredModel) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{escape_name(model.name)}**", width="content")
        _editor(model)
    if model.notes:
        st.markdown(model.notes)
    for one in model.versions[:SHOWN]:
        _version(one)
    if older := model.versions[SHOWN:]:
        shown = st.expander(_("Older versions"), key=f"older.{model.name}", on_change="rerun")
        if shown.open:
            with shown:
                for one in older:
                    _version(one)


def _editor(model: RegisteredModel) -> None:
    opened = icon_key(f"edit_model.{model.name}")
    box = icon_popover(_("Name and notes"), "edit", opened, on_change="rerun")
    if not box.open:
        return
    key = f"edit_model.{model.name}"
    with box, st.form(key, border=False):
        st.text_input(
            _("Name of the model"),
            model.name,
            max_chars=LONGEST_NAME,
            key=f"{key}.name",
            help=_("Commands and services that use the name need the new one."),
        )
        _notes_field(model.notes, f"{key}.notes")
        st.form_submit_button(
            _("Save"), type="primary", key=f"{key}.save", on_click=_edit, args=(model, key, opened)
        )
        _show_problem(key)


def _edit(model: RegisteredModel, key: str, opened: str) -> None:
    here, name, notes = context(), st.session_state[f"{key}.name"], st.session_state[f"{key}.notes"]
    try:
        edit_model(here.store, model.name, actor=here.actor, to=name, notes=notes)
    except DlcoreError as error:
        st.session_state[f"{key}.problem"] = error
        return
    st.session_state[opened] = False


def _notes_field(notes: str, key: str) -> None:
    st.text_area(
        _("Notes"),
        notes,
        max_chars=LONGEST_NOTES,
        key=key,
        help=_("As Markdown: **bold**, lists, links, tables."),
    )


def _show_problem(key: str) -> None:
    """Shows, once, why what was asked for could not be done."""
    if (problem := st.session_state.pop(f"{key}.problem", None)) is not None:
        st.error(say(problem), icon=":material/error:")


def _version(one: ModelVersion) -> None:
    run = context().store.runs.get(one.run_id)
    facts, actions = st.columns([5, 3], vertical_alignment="center", gap="small")
    with facts.container(gap=None):
        badge = f":{_COLOURS[one.stage]}-badge[{stage_names()[one.stage]}]"
        st.markdown(f"**{_('Version {n}').format(n=one.number)}** {badge} {_result(run)}")
        st.caption(" · ".join(_facts(one, run)), help=_uses(one) or None)
        if one.notes:
            st.markdown(one.notes)
    with actions.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        for view, label, icon in (
            ("try", _("Try it"), "touch_app"),
            ("take_away", _("Take away"), "download"),
        ):
            st.page_link(
                RUN_PAGE, label=label, icon=f":material/{icon}:", query_params={"run": run.id, "view": view}
            )
        box = st.popover(
            _("Change"), icon=":material/tune:", key=f"change.{one.reference}", on_change="rerun"
        )
        if box.open:
            with box:
                _change(one)


def _result(run: Run) -> str:
    best = best_value(run)
    if best is None:
        return ""
    name, value = best
    return f"{show.labels().get(name, name)} **{show.metric(name, value)}**"


def _facts(one: ModelVersion, run: Run) -> list[str]:
    """Returns what is known of a version, in short parts."""
    said = [escape_name(run.name), _("kept {when}").format(when=show.time_ago(one.created_at))]
    if formats := one.details(UseKind.EXPORT):
        titles = (escape_markdown(_format_title(name)) for name in formats)
        said.append(_("exported: {formats}").format(formats=", ".join(titles)))
    if places := one.details(UseKind.TRY):
        names = _place_names()
        said.append(
            _("tried: {places}").format(places=", ".join(names.get(place, place) for place in places))
        )
    return said


def _uses(one: ModelVersion) -> str:
    """Returns how often a version was exported in each format and tried in each place, and when last."""
    lines = []
    for use in one.uses:
        name = (
            _format_title(use.detail)
            if use.kind is UseKind.EXPORT
            else _place_names().get(use.detail, use.detail)
        )
        words = _n("{what}: {n} time, {when}", "{what}: {n} times, the last {when}", use.count)
        text = words.format(what=escape_markdown(name), n=f"{use.count:,}", when=show.time_ago(use.last_at))
        lines.append(f"- {text}")
    return "\n".join(lines)


def _format_title(name: str) -> str:
    return _(EXPORTS[name].title) if name in EXPORTS else name


def _place_names() -> dict[str, str]:
    return {
        TryPlace.PAGE: _("on the page"),
        TryPlace.BROWSER: _("in a browser"),
        TryPlace.COMMAND_LINE: _("on the command line"),
        TryPlace.SERVICE: _("as a service"),
        TryPlace.PYTHON: _("in Python"),
    }


def _change(one: ModelVersion) -> None:
    names = stage_names()
    # Another version that goes into production changes this one's, too.
    key = f"stage.{one.reference}.{one.stage.value}"
    st.selectbox(
        _("Stage"),
        list(ModelStage),
        index=list(ModelStage).index(one.stage),
        format_func=names.__getitem__,
        key=key,
        on_change=_stage,
        args=(one, key),
        help=_("One version at most is in production; the one before it is archived."),
    )
    notes = f"notes.{one.reference}"
    with st.form(f"form.{notes}", border=False):
        _notes_field(one.notes, notes)
        st.form_submit_button(_("Save"), key=f"save.{notes}", on_click=_note, args=(one, notes))
    st.button(
        _("Remove this version"),
        icon=":material/bookmark_remove:",
        key=f"unkeep.{one.reference}",
        on_click=_remove,
        args=(one,),
        help=_("Its run stays, and can be resumed or deleted again."),
    )


def _stage(one: ModelVersion, key: str) -> None:
    here = context()
    try:
        set_stage(here.store, one.reference, st.session_state[key], actor=here.actor)
    except DlcoreError as error:
        st.toast(say(error), icon=":material/error:")


def _note(one: ModelVersion, key: str) -> None:
    here = context()
    try:
        note_version(here.store, one.reference, st.session_state[key], actor=here.actor)
    except DlcoreError as error:
        st.toast(say(error), icon=":material/error:")
        return
    st.session_state[f"change.{one.reference}"] = False


def _remove(one: ModelVersion) -> None:
    here = context()
    try:
        remove_version(here.store, one.reference, actor=here.actor)
    except DlcoreError as error:
        st.toast(say(error), icon=":material/error:")
