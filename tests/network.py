"""The machine without a network."""

import urllib.request

import pytest

NOWHERE = "http://127.0.0.1:9"


def cut_off(patch: pytest.MonkeyPatch) -> None:
    """Takes the network away from this process and from those it starts, until the patch is undone.

    urllib remembers the proxies of its first request for good: the one that is made here is forgotten.
    """
    patch.setattr(urllib.request, "_opener", None)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        patch.setenv(name, NOWHERE)
