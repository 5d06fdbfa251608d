"""The parts of a study's page."""

from __future__ import annotations

import streamlit as st

from dlcore.access.actors import Role
from dlcore.access.permissions import Kind
from dlcore.errors import DlcoreError, NotFoundError
from dlcore.records import Study
from dlcore.records.shares import Thing
from dlcore.search.spec import SearchSpec
from dlcore.ui.components.live_view import live_view
from dlcore.ui.shared.alerts import see_alerts
from dlcore.ui.shared.annotations import annotation_notes, annotation_tools
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.layout import head_actions, head_line
from dlcore.ui.shared.links import RUNS_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.sharing import sees_all, shown_notice
from dlcore.ui.studies.controls import controls
from dlcore.ui.studies.figures import CHOSEN
from dlcore.ui.studies.view import STUDY
from dlcore.web.context import context

OPEN = "study_open"


def chosen_study() -> Study:
    """Returns the study named in the URL, else the one seen last; without one, the page says so and ends."""
    # A change of page by a button leaves an entry without the id in the browser's history.
    study_id = st.query_params.get("study") or st.session_state.get(OPEN, "")
    try:
        study = context().store.studies.get(study_id)
    except NotFoundError:
        st.title(_("Study"))
        st.warning(
            _("There is no study '{id}'. It may have been deleted.").format(id=escape_name(study_id))
            if study_id
            else _("Choose a study first."),
            icon=":material/search_off:",
        )
        st.page_link(RUNS_PAGE, label=_("All experiments"), icon=":material/table_chart:")
        st.stop()
    if st.session_state.get(OPEN) != study.id:
        st.session_state.pop(CHOSEN, None)
    st.session_state[OPEN] = st.query_params["study"] = study.id
    return study


def head(study: Study) -> None:
    """Shows its name with what can be done, and below it its live state and numbers."""
    see_alerts(study, context().store.alerts.of_study(study.id))
    with head_line():
        st.title(escape_markdown(study.name), anchor=False, width="content")
        with head_actions():
            if sees_all(study):
                annotation_tools(study)
                controls(study)
    if not sees_all(study):
        shown_notice([Thing(Kind.STUDY, study.id)])
    elif study.owner != context().actor.id:
        words = _("This study belongs to {owner}: you can view it but not change it.")
        st.caption(words.format(owner=escape_markdown(study.owner)))
    live_view(STUDY, study.id, key="study_state")
    annotation_notes(study)
    if study.reason is not None:
        st.info(say(study.reason), icon=":material/info:")


def settings(study: Study) -> None:
    """Shows the search as it was when the study began, and how to look at it with Optuna's own dashboard."""
    with st.expander(_("Settings of the search"), icon=":material/settings:"):
        try:
            text = SearchSpec.from_dict(study.spec).to_yaml()
        except DlcoreError as error:
            st.warning(say(error), icon=":material/warning:")
            st.json(study.spec)
        else:
            st.download_button(
                _("Download"), text, file_name=f"{study.id}.yaml", icon=":material/download:",
                key="study_spec", on_click="ignore",
            )  # fmt: skip
            st.code(text, language="yaml")
    if context().actor.role is not Role.ADMIN:
        return  # that storage holds the searches of all, and its address may hold a password
    with st.expander(_("Optuna dashboard"), icon=":material/monitoring:"):
        st.caption(
            _(
                "The trials are also in Optuna's own storage, where its dashboard can read them. Use "
                "it to look; control the study here."
            )
        )
        url = context().settings.optuna_storage_url
        st.code(f'pip install optuna-dashboard\noptuna-dashboard "{url}"', language="bash", wrap_lines=True)
