"""Where a run's weights came from and went to."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import NotFoundError
from dlcore.records import Run
from dlcore.spec.fine_tuning import FromRun
from dlcore.spec.layers import APPLICATIONS
from dlcore.store.run_files import DamagedArtifactError, read_transfer
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.markdown import escape_name, format_code
from dlcore.ui.shared.models import model_title
from dlcore.ui.shared.sharing import sees_all
from dlcore.web.context import context


def lineage(run: Run) -> None:
    """Shows where the run's weights came from, which layers took them, and which runs continued with them."""
    children = context().store.runs.children(run.id)
    tuning = run.spec.get("fine_tuning")
    backbones = _backbones(run)
    if tuning is None and not children and not backbones:
        return
    with st.container(border=True, gap="xsmall"):
        if tuning is not None or backbones:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(
                    f":material/account_tree: **{_('Started with the weights of')}**", width="content"
                )
                _origin(run, (tuning or {}).get("source"), backbones)
            _taken(run)
        if children:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f":material/moving: **{_('Continued in')}**", width="content")
                for child in children:
                    _link(child)


def parent_of(run: Run) -> Run | None:
    """Returns the run whose weights it started with; None if there is none, or it was deleted."""
    if run.parent_id is None:
        return None
    try:
        return context().store.runs.get(run.parent_id)
    except NotFoundError:
        return None


def _backbones(run: Run) -> list[str]:
    layers = run.spec.get("model", {}).get("layers", [])
    known = APPLICATIONS.names()
    return [layer["kind"] for layer in layers if layer["kind"] in known and layer.get("weights")]


def _origin(run: Run, source: dict[str, str] | None, backbones: list[str]) -> None:
    if source is not None and source["kind"] == FromRun.__name__:
        try:
            parent = context().store.runs.get(source["run"])
            _link(parent)
        except NotFoundError:
            words = _("run `{id}`, which was deleted") if sees_all(run) else _("a run that is not shown")
            st.markdown(words.format(id=source["run"]), width="content")
    elif source is not None:
        st.markdown(model_title(source["model"]), width="content")
    for kind in backbones:
        st.markdown(_("{kind}, pretrained on ImageNet").format(kind=f"**{kind}**"), width="content")


def _link(run: Run) -> None:
    st.page_link(
        RUN_PAGE, label=f"{escape_name(run.name)} `{run.id}`", query_params={"run": run.id}, width="content"
    )


def _taken(run: Run) -> None:
    try:
        found = read_transfer(context().store.artifacts.results(run.id))
    except DamagedArtifactError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    if found is None:
        if not run.state.final:
            st.caption(_("Which layers take them is shown once it has started."))
        return
    for title, names in (
        (_("took these weights"), (*found.loaded, *found.pretrained)),
        (_("started with new weights"), found.kept),
        (_("started with new weights, because their ids stand for other words here"), found.other_ids),
    ):
        if names:
            st.caption(f"{len(names)} {title}: {', '.join(map(format_code, names))}")
