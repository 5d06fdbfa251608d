"""The pages that are none of Streamlit's: a sentence, where there is nothing else to show."""

from __future__ import annotations

import html
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from dlcore.errors import Message

_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>DL Studio</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto 0; padding: 0 1.25rem }}
h1 {{ font-size: 1.4rem }} p {{ overflow-wrap: anywhere }}
</style>
<h1>DL Studio</h1>
<p>{text}</p>
</html>
"""

Texts = Callable[[str], tuple[str, Callable[[str], str]]]
"""From an Accept-Language header to the reader's language and the translation into it."""


def plain_page(message: Message, status: int, scope: Scope, texts: Texts) -> HTMLResponse:
    """Returns a page that says only that.

    Args:
        message: what it says.
        status: of the answer.
        scope: of the request, which tells the reader's language.
        texts: the texts of that language.
    """
    language, translate = texts(Headers(scope=scope).get("accept-language", ""))
    text = html.escape(message.text(translate))
    return HTMLResponse(_PAGE.format(language=language.replace("_", "-"), text=text), status)
