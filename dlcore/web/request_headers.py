"""What a request says, as it goes on to who answers it."""

from __future__ import annotations

from starlette.types import Scope


def with_header(scope: Scope, name: str, value: bytes) -> Scope:
    """Returns a request that says this in a header, whatever was sent in it.

    Args:
        scope: of the request.
        name: of the header, in lower case.
        value: what it says.
    """
    others = [(header, said) for header, said in scope["headers"] if header != name.encode()]
    return {**scope, "headers": [*others, (name.encode(), value)]}
