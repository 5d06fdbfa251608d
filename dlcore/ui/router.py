"""The Streamlit script: every page, deep links included, passes through here."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from dlcore.ui.components.live_view import live_view  # noqa: E402
from dlcore.ui.shared.alerts import alerts_menu  # noqa: E402
from dlcore.ui.shared.buttons import icon_style  # noqa: E402
from dlcore.ui.shared.i18n import _, choose_language  # noqa: E402
from dlcore.ui.shared.layout import layout_style  # noqa: E402
from dlcore.ui.shared.links import PAGES  # noqa: E402
from dlcore.ui.shared.status import STATUS  # noqa: E402
from dlcore.ui.shared.title import page_title  # noqa: E402

LOGO = Path(__file__).parent / "static" / "logo.svg"

# Before the navigation: else the browser is sent to Google for the icon of the page.
st.set_page_config(page_icon=str(LOGO), layout="wide")
st.logo(str(LOGO), size="large")

page = st.navigation(
    {
        "": [
            st.Page(
                PAGES / "home.py",
                title=_("Home"),
                icon=":material/home:",
                default=True,
                help=_("What you can do here."),
            )
        ],
        _("Experiment"): [
            st.Page(PAGES / "data.py", title=_("Data"), icon=":material/database:", url_path="data"),
            st.Page(
                PAGES / "upload.py", title=_("Your data"), icon=":material/upload_file:", url_path="upload"
            ),
            st.Page(PAGES / "build.py", title=_("Build"), icon=":material/account_tree:", url_path="build"),
            st.Page(PAGES / "train.py", title=_("Train"), icon=":material/model_training:", url_path="train"),
            st.Page(
                PAGES / "search.py", title=_("Search"), icon=":material/travel_explore:", url_path="search"
            ),
        ],
        _("Results"): [
            st.Page(PAGES / "runs.py", title=_("Runs"), icon=":material/table_chart:", url_path="runs"),
            st.Page(
                PAGES / "run.py",
                title=_("Run"),
                icon=":material/monitoring:",
                url_path="run",
                visibility="hidden",
            ),
            st.Page(
                PAGES / "compare.py",
                title=_("Compare"),
                icon=":material/compare_arrows:",
                url_path="compare",
                visibility="hidden",
            ),
            st.Page(
                PAGES / "models.py", title=_("Models"), icon=":material/deployed_code:", url_path="models"
            ),
            st.Page(
                PAGES / "studies.py",
                title=_("Studies"),
                icon=":material/travel_explore:",
                url_path="studies",
            ),
            st.Page(
                PAGES / "study.py",
                title=_("Study"),
                icon=":material/query_stats:",
                url_path="study",
                visibility="hidden",
            ),
        ],
    }
)
st.set_page_config(page_title=page_title(page.title))
icon_style()
layout_style()
with st.sidebar:
    live_view(STATUS, "", key="status")
    alerts_menu()
    choose_language()
page.run()
