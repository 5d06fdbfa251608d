"""The Streamlit script: every page, deep links included, passes through here."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from dlcore.access.actors import Role  # noqa: E402
from dlcore.errors import TooManyError  # noqa: E402
from dlcore.settings import Mode  # noqa: E402
from dlcore.ui.components.live_view import live_view  # noqa: E402
from dlcore.ui.components.reconnect import reconnect  # noqa: E402
from dlcore.ui.components.table_links import table_links  # noqa: E402
from dlcore.ui.guide.guide import lesson_guide, note_visit  # noqa: E402
from dlcore.ui.shared.alerts import alerts_menu  # noqa: E402
from dlcore.ui.shared.buttons import icon_style  # noqa: E402
from dlcore.ui.shared.i18n import _, choose_language, say  # noqa: E402
from dlcore.ui.shared.layout import layout_style  # noqa: E402
from dlcore.ui.shared.links import BUILD_PAGE, PAGES, RUN_PAGE, STUDY_PAGE  # noqa: E402
from dlcore.ui.shared.sharing import may_share  # noqa: E402
from dlcore.ui.shared.status import STATUS  # noqa: E402
from dlcore.ui.shared.title import page_title  # noqa: E402
from dlcore.ui.shared.visit import begin_visit, demo_menu, member_menu, offer_to_take_along  # noqa: E402
from dlcore.web.context import context  # noqa: E402

LOGO = Path(__file__).parent / "static" / "logo.svg"


def visible(name: str, title: str, icon: str) -> st.Page:
    """Returns a page that the sidebar names."""
    return st.Page(PAGES / f"{name}.py", title=title, icon=f":material/{icon}:", url_path=name)


def hidden(name: str, title: str, *, default: bool = False) -> st.Page:
    """Returns a page that others lead to."""
    return st.Page(PAGES / f"{name}.py", title=title, url_path=name, visibility="hidden", default=default)


def hosted_pages() -> list[st.Page]:
    """Returns the pages that there are only where more than one person comes."""
    here = context()
    if here.settings.mode is Mode.LOCAL:
        return []
    own = visible("account", _("Account"), "account_circle")
    is_admin = here.actor.role is Role.ADMIN
    return [own, visible("admin", _("Administration"), "admin_panel_settings")] if is_admin else [own]


# Before the navigation: else the browser is sent to Google for the icon of the page.
st.set_page_config(page_icon=str(LOGO), layout="wide")
st.logo(str(LOGO), size="large")
begin_visit()

page = st.navigation(
    [
        hidden("first", _("Home"), default=True),
        visible("new", _("New experiment"), "add_circle"),
        visible("runs", _("Experiments"), "experiment"),
        visible("datasets", _("Data"), "database"),
        visible("models", _("Models"), "deployed_code"),
        visible("learn", _("Learn"), "school"),
        *([visible("gallery", _("Gallery"), "collections")] if may_share() else []),
        *hosted_pages(),
        hidden("upload", _("Your data")),
        hidden("data", _("Data")),
        hidden("build", _("Network")),
        hidden("train", _("Training")),
        hidden("search", _("Search")),
        hidden("run", _("Run")),
        hidden("lab", _("Evaluation lab")),
        hidden("compare", _("Compare")),
        hidden("study", _("Study")),
        hidden("studies", _("Compare searches")),
    ]
)
st.set_page_config(page_title=page_title(page.title))
icon_style()
layout_style()
lesson_guide(page.url_path)
with st.sidebar:
    live_view(STATUS, "", key="status")
    alerts_menu()
    member_menu()
    demo_menu()
    choose_language()
    reconnect()
    table_links({"run": RUN_PAGE, "study": STUDY_PAGE, "build": BUILD_PAGE})
offer_to_take_along()
try:
    page.run()
    note_visit(page.url_path)
except TooManyError as error:
    st.warning(say(error), icon=":material/hourglass_top:")
