"""Texts of people, kept from being read as Markdown."""

from __future__ import annotations

from dlcore.errors import Message

MARKDOWN = frozenset("\\`*_[]:$#<>~&|!")


def escape_markdown(text: str) -> str:
    r"""A name that a person gave, without any Markdown of its own.

    Example:
        >>> escape_markdown("**big** :red[x]")
        '\\*\\*big\\*\\* \\:red\\[x\\]'
    """
    return "".join(f"\\{char}" if char in MARKDOWN else char for char in text)


def escape_message(message: Message) -> Message:
    """The same sentence with the values in it, which may be anybody's text, made plain."""
    params = {
        key: escape_message(value)
        if isinstance(value, Message)
        else escape_markdown(value)
        if isinstance(value, str)
        else value
        for key, value in message.params.items()
    }
    return Message(message.template, message.hint, escape_markdown(message.where), params)
