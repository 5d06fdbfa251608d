"""The pages that are none of Streamlit's: a sentence, where there is nothing else to show."""

from __future__ import annotations

import html
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import Scope

from dlcore.errors import N_, Message

_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>DL Studio</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto 0; padding: 0 1.25rem }}
h1 {{ font-size: 1.4rem }} p {{ overflow-wrap: anywhere }}
a {{ display: inline-block; margin-top: .5rem; padding: .5rem 1.25rem; border-radius: 8px;
  background: #4f46e5; color: #fff; text-decoration: none; font-weight: 600 }}
a:hover {{ background: #4338ca }} a:focus-visible {{ outline: 3px solid #a5b4fc; outline-offset: 2px }}
</style>
<h1>DL Studio</h1>
<p>{text}</p>
{rest}</html>
"""

_SIGN_IN = N_("Sign in")
Texts = Callable[[str], tuple[str, Callable[[str], str]]]
"""From an Accept-Language header to the reader's language and the translation into it."""


def plain_page(
    message: Message,
    status: int,
    scope: Scope,
    texts: Texts,
    *,
    otherwise: Message | None = None,
    script: str = "",
    sign_in: str = "",
) -> HTMLResponse:
    """Returns a page that says only that.

    Args:
        message: what it says.
        status: of the answer.
        scope: of the request, which tells the reader's language.
        texts: the texts of that language.
        otherwise: what it can say instead, hidden as long as no script shows it.
        script: the address of an ES module, if any.
        sign_in: the path of a link by which to sign in, if there should be one.
    """
    language, translate = texts(Headers(scope=scope).get("accept-language", ""))
    text = html.escape(_sentence(message, translate))
    rest = f'<a href="{html.escape(sign_in)}">{html.escape(translate(_SIGN_IN))}</a>\n' if sign_in else ""
    if otherwise is not None:
        rest += f"<p hidden>{html.escape(_sentence(otherwise, translate))}</p>\n"
    if script:
        rest += f'<script src="{html.escape(script)}" type="module"></script>\n'
    page = _PAGE.format(language=language.replace("_", "-"), text=text, rest=rest)
    return HTMLResponse(page, status, {"cache-control": "no-store"})


def _sentence(message: Message, translate: Callable[[str], str]) -> str:
    text = message.text(translate)
    return text[:1].upper() + text[1:]
