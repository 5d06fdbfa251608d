"""What can be downloaded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteFile:
    """One file to download.

    Attributes:
        name: where it belongs, relative to Keras' folder of its sort, as Keras itself would put it.
        size: in bytes; 0: the server says it.
        sha256: the published checksum, in hexadecimal; empty: there is an MD5.
        md5: likewise, where nothing better was published; empty as well: no checksum was published.
    """

    name: str
    url: str
    size: int
    sha256: str
    md5: str = ""
