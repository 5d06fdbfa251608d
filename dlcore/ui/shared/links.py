"""Where the pages are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from dlcore.records import Draft, Run, Study

_UI = Path(__file__).resolve().parents[1]
_INSTALLED = _UI.parent / "pages"

PAGES = _INSTALLED if _INSTALLED.is_dir() else _UI.parents[1] / "pages"
"""The folder of the page files: inside the package once it is installed, beside it in a checkout."""


def _page(name: str) -> str:
    """Returns the path of a page as Streamlit takes it: relative to the router's script."""
    return Path(os.path.relpath(PAGES / f"{name}.py", _UI)).as_posix()


NEW_PAGE = _page("new")
DATASETS_PAGE = _page("datasets")
DATA_PAGE = _page("data")
UPLOAD_PAGE = _page("upload")
BUILD_PAGE = _page("build")
TRAIN_PAGE = _page("train")
SEARCH_PAGE = _page("search")
RUNS_PAGE = _page("runs")
RUN_PAGE = _page("run")
LAB_PAGE = _page("lab")
COMPARE_PAGE = _page("compare")
STUDIES_PAGE = _page("studies")
STUDY_PAGE = _page("study")
LEARN_PAGE = _page("learn")


def address_of(page: str, query: Mapping[str, str]) -> str:
    """Returns the address of a page, as a browser has it behind the host.

    Example:
        >>> address_of(RUN_PAGE, {"run": "abc"})
        'run?run=abc'
    """
    return f"{Path(page).stem}?{urlencode(query)}"


def page_of(experiment: Run | Study | Draft) -> tuple[str, dict[str, str]]:
    """Returns the page of an experiment, and its parameters: a draft is opened at its network."""
    match experiment:
        case Run():
            return RUN_PAGE, {"run": experiment.id}
        case Study():
            return STUDY_PAGE, {"study": experiment.id}
    return BUILD_PAGE, {"draft": experiment.id}
