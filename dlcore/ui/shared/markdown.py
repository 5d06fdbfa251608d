"""Texts of people and files, shown as they are where Streamlit reads Markdown."""

from __future__ import annotations

import re
from numbers import Number

from dlcore.errors import Message
from dlcore.text import NAME, short_text, visible_text

MOST_VALUE = 300
"""Characters of one value within a message: a file can hold a name of any length."""

_BLANKS = re.compile(r"[\x00-\x20\x7f]+")
_SIGNS = re.compile(
    # Streamlit looks for emoji, icons, arrows and addresses after the escapes are gone, in each piece of text by
    # itself. A sign that they need is therefore put into a piece of its own, by a directive that has no look.
    r"(?P<apart>:(?=[\w+/-])|@|(?<=[wW]{3})\.|(?<=-)[->]|(?<=<)[-=]|(?<=[>~])=)"
    # At the beginning these would make a list, a quotation or a heading.
    r"|^(?P<number>\d+)(?P<point>[.)](?!\S))|^(?P<first>[-+](?!\S)|[>=])"
    r"|(?P<sign>[\\`*\[\]{}$#<~|&]|:(?!\s)|(?<![^\W_])_|_(?![^\W_]))"
)
_CODE = re.compile(r"(`[^`]+`)")
_TICK = "\ue000"
"""Stands for a backtick of a value while a sentence is put together: those of the sentence mark code."""


def escape_markdown(text: str) -> str:
    r"""Returns Markdown that Streamlit shows as this text: no formatting, links, emoji or icons arise from it.

    Blanks and line breaks become single blanks, as everywhere in HTML.

    Example:
        >>> print(escape_markdown("**big** :red[x] learning_rate https://a.b"))
        \*\*big\*\* :color[\:]red\[x\] learning_rate https:color[\:]//a.b
    """
    return _escaped(_one_line(text))


def escape_name(name: str, most: int = NAME) -> str:
    """Returns `escape_markdown` of a name of any length, shortened to at most `most` characters."""
    return escape_markdown(short_text(name, most))


def format_code(text: str) -> str:
    """Returns Markdown that shows a text in the font of code.

    Example:
        >>> format_code("^[^_]*_"), format_code("a`b")
        ('`^[^_]*_`', '``a`b``')
    """
    text = _one_line(text)
    if not text or ":material/" in text:  # Streamlit changes that even within code
        return escape_markdown(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    room = " " * (text[0] == "`" or text[-1] == "`")
    return f"{fence}{room}{text}{room}{fence}"


def format_sentence(sentence: str) -> str:
    r"""Returns a sentence of ours as Markdown: what stands between backticks is code,
    everything else is shown as it is.

    Example:
        >>> print(format_sentence("Write `2_` for what stands before *."))
        Write `2_` for what stands before \*.
    """
    parts = _CODE.split(_one_line(sentence))
    return "".join(
        format_code(_restored(part[1:-1])) if place % 2 else _escaped(_restored(part))
        for place, part in enumerate(parts)
    )


def escape_values(message: Message) -> Message:
    """Returns a message for `format_sentence`: its values, which may be anyone's, mark nothing as code,
    and are not too long.
    """
    params = {key: _value(value) for key, value in message.params.items()}
    return Message(message.template, message.hint, _marking_nothing(message.where), params)


def _value(value: object) -> object:
    match value:
        case Message():
            return escape_values(value)
        case Number():
            return value
        case _:
            return _marking_nothing(str(value))


def _marking_nothing(text: str) -> str:
    return short_text(text, MOST_VALUE).replace("`", _TICK)


def _one_line(text: str) -> str:
    return visible_text(_BLANKS.sub(" ", text).strip(" "))


def _restored(text: str) -> str:
    return text.replace(_TICK, "`")


def _escaped(text: str) -> str:
    return _SIGNS.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    if found["apart"]:
        return f":color[{sign}]" if sign in "@-=." else f":color[\\{sign}]"
    return f"{found['number']}\\{found['point']}" if found["number"] else f"\\{sign}"
