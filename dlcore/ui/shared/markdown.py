"""Escaping of users' texts, so that they are not read as Markdown."""

from __future__ import annotations

from dlcore.errors import Message

MARKDOWN = frozenset("\\`*_[]:$#<>~&|!")


def escape_markdown(text: str) -> str:
    r"""Escapes a user's text so that none of it is read as Markdown.

    Example:
        >>> escape_markdown("**big** :red[x]")
        '\\*\\*big\\*\\* \\:red\\[x\\]'
    """
    return "".join(f"\\{char}" if char in MARKDOWN else char for char in text)


def escape_message(message: Message) -> Message:
    """Returns the message with its values escaped, since they may be any user's text."""
    params = {
        key: escape_message(value)
        if isinstance(value, Message)
        else escape_markdown(value)
        if isinstance(value, str)
        else value
        for key, value in message.params.items()
    }
    return Message(message.template, message.hint, escape_markdown(message.where), params)
