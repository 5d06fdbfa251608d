"""`python -m dlcore browser-inference`: fetches what runs models in a browser."""

from __future__ import annotations

import typer
from rich.markup import escape

from dlcore.browser.runtime import VERSION, fetch_runtime
from dlcore.cli.terminal import plain_errors, say
from dlcore.settings import Settings


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(browser_inference)


def browser_inference() -> None:
    """Fetches what runs models in a visitor's browser (onnxruntime-web, 4 MB); needs npm."""
    with plain_errors():
        folder = Settings.from_environment().browser_dir
        did = fetch_runtime(folder)
        said = "is fetched into" if did else "is in"
        say(f"onnxruntime-web {VERSION} {said} {escape(str(folder))}")
