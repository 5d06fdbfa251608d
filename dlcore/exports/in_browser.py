"""Whether a run's model can answer in a browser, on a page or in a report."""

from __future__ import annotations

from dlcore.browser.plan import why_not_in_browser
from dlcore.browser.runtime import COMMAND, read_runtime
from dlcore.datasets.prepare.saved import Preparation
from dlcore.errors import N_, Message
from dlcore.exports.base import EXPORTS
from dlcore.settings import Settings


def browser_obstacle(how: Preparation, settings: Settings) -> Message | None:
    """Returns why a run's model cannot answer in a browser, and what to do; None where nothing is in the way."""
    if (reason := why_not_in_browser(how)) is not None:
        return reason
    if read_runtime(settings.browser_dir) is None:
        return Message(
            N_("What runs models in a browser is not on this server."),
            N_("Fetch it: `{line}`"),
            params={"line": COMMAND},
        )
    # By its name: its module, imported here, would be registered before others, which is the order people see.
    if line := EXPORTS["onnx"].install:
        return Message(
            N_("Packages for ONNX are not installed on this server."),
            N_("Install them: `{line}`"),
            params={"line": line},
        )
    return None
