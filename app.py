"""The ASGI entry: `streamlit run app.py` at home, `uvicorn app:app` when hosted.

The Streamlit script is `dlcore/ui/router.py`, one folder away from `pages/`: beside it, a deep link
on a cold server would run a page without the router.
"""

from pathlib import Path

import streamlit as st

import dlcore
from dlcore.ui.live import VIEWS
from dlcore.ui.shared.i18n import texts
from dlcore.ui.shared.sharing import page_address
from dlcore.web.server import lifespan, middleware, routes, secrets
from dlcore.web.tally import errors

app = st.App(
    str(Path(dlcore.__file__).parent / "ui" / "router.py"),
    lifespan=lifespan,
    middleware=middleware(texts),
    routes=routes(VIEWS, page_address, texts),
    on_script_error=errors().in_script,
    secrets=secrets(),
)
