"""Links that let whoever has one look at a thing: their tokens, and how a browser keeps those that it has opened.

A token has 128 bits, so nobody guesses one. The store has its hash alone: who reads the store opens nothing with it. It is
made from the id of the link by the key of the installation, so that the owner can be shown it again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from functools import lru_cache

COOKIE = "dlstudio_links"
"""The cookie with the tokens of the links that a browser has opened, the newest first."""
MOST = 20
"""Tokens in it: the oldest is forgotten for one more, and its link has to be opened again."""
_BETWEEN = "."
_TOKEN_BYTES = 16
_LONGEST = MOST * 23
"""Characters of that cookie: of each token, and what stands behind it."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def link_token(key: str, link_id: str) -> str:
    """Returns the token of a link.

    Args:
        key: of the installation.
        link_id: of the link.
    """
    digest = hmac.digest(key.encode(), b"dl-studio link " + link_id.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """Returns by what the store knows a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(text: str) -> bool:
    """Returns whether a text could be a token.

    Example:
        >>> is_token("AAAAAAAAAAAAAAAAAAAAAA"), is_token("../../etc/passwd")
        (True, False)
    """
    return _TOKEN.fullmatch(text) is not None


def opened_links(cookie: str) -> frozenset[str]:
    """Returns the hashes of the tokens in a cookie; what is none counts for nothing."""
    # A cookie that we have made is no longer; all of another one would be kept.
    return _hashes(cookie[:_LONGEST])


@lru_cache(maxsize=2_000)
def _hashes(cookie: str) -> frozenset[str]:
    return frozenset(token_hash(token) for token in _tokens(cookie))


def with_token(cookie: str, token: str) -> str:
    """Returns a cookie with one more token."""
    others = [one for one in _tokens(cookie) if one != token]
    return _BETWEEN.join([token, *others][:MOST])


def _tokens(cookie: str) -> Sequence[str]:
    return [token for token in cookie.split(_BETWEEN, MOST)[:MOST] if is_token(token)]
