"""The scripts and styles of a report in which a model is tried, each as one text."""

from __future__ import annotations

import re

from dlcore.browser import FOLDER

_SCRIPTS = ("resample", "pixels", "model", "answer", "picture", "sheet", "report")
"""In the order in which one needs the other."""
_STYLES = ("sheet", "picture", "answer")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./\w+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=class|(?:async )?function|const)", re.MULTILINE)


def bundled_script() -> str:
    """Returns one module of all: a file that is opened from the disk can import none.

    Its parts share one scope, so no two may have a name in common; a browser refuses the module otherwise.
    """
    texts = ((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)


def bundled_style() -> str:
    """Returns the styles of all parts."""
    return "\n".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in _STYLES)
