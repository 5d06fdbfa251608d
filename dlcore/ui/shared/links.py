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


def page_path(name: str) -> str:
    """Returns the path of a page as Streamlit takes it: relative to the router's script."""
    return Path(os.path.relpath(PAGES / f"{name}.py", _UI)).as_posix()


NEW_PAGE = page_path("new")
DATASETS_PAGE = page_path("datasets")
DATA_PAGE = page_path("data")
UPLOAD_PAGE = page_path("upload")
BUILD_PAGE = page_path("build")
TRAIN_PAGE = page_path("train")
SEARCH_PAGE = page_path("search")
RUNS_PAGE = page_path("runs")
RUN_PAGE = page_path("run")
LAB_PAGE = page_path("lab")
COMPARE_PAGE = page_path("compare")
STUDIES_PAGE = page_path("studies")
STUDY_PAGE = page_path("study")
LEARN_PAGE = page_path("learn")


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
