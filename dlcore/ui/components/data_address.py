"""Addresses of `data:`, as which a browser sends a small file with what a component tells."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence


def read_address(address: object, *, types: Sequence[str] = (), most: int) -> bytes | None:
    r"""Returns the bytes in an address; None where a browser sent anything else.

    Args:
        address: what came.
        types: of the files that may come, such as `image/png`; by default any.
        most: characters that one takes at most.

    Example:
        >>> read_address("data:image/png;base64,iVBORw==", types=["image/png"], most=100)
        b'\x89PNG'
        >>> read_address("data:image/png;base64,?", types=["image/png"], most=100)
        >>> read_address("data:text/html;base64,iVBORw==", types=["image/png"], most=100)
    """
    if not isinstance(address, str) or len(address) > most:
        return None
    head, found, body = address.partition(";base64,")
    if not found or not head.startswith("data:") or (types and head.removeprefix("data:") not in types):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return None


def written_address(content: bytes, kind: str) -> str:
    r"""Returns the address of some bytes.

    Example:
        >>> written_address(b"\x89PNG", "image/png")
        'data:image/png;base64,iVBORw=='
    """
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
