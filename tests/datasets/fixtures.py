"""Small datasets in the real formats, and a web server that hands out files."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import pickle
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import numpy as np

from dlcore.datasets.builtin.cifar import CIFAR10, Cifar
from dlcore.datasets.builtin.mnist import FASHION_MNIST, MNIST, IdxImages, NpzImages
from dlcore.settings import Settings
from dlcore.spec.remote import RemoteFile


def settings_in(folder: Path) -> Settings:
    return Settings(home=folder / "home", KERAS_HOME=folder / "keras")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def small_cifar(files: tuple[RemoteFile, ...] = CIFAR10.facts.files) -> Cifar:
    """CIFAR-10 with two training batches of three images and a test batch of two."""
    facts = dataclasses.replace(CIFAR10.facts, train_size=6, test_size=2, files=files)
    return dataclasses.replace(CIFAR10, facts=facts, members=("data_batch_1", "data_batch_2", "test_batch"))


def cifar_batch(first: int, labels: list[int]) -> bytes:
    """A batch whose i-th image is all `first + i`, but red everywhere and blue only in its last pixel."""
    pixels = np.zeros((len(labels), 3072), np.uint8)
    for i in range(len(labels)):
        pixels[i, :1024] = first + i
        pixels[i, 3071] = 200
    return pickle.dumps({b"data": pixels, b"labels": labels}, protocol=4)


def python2_batch(labels: list[int]) -> bytes:
    """The very opcodes of the published files, which Python 2 wrote with numpy 1.x; all pixels are 7."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    count = len(labels)
    pixels = bytes([7]) * (3072 * count)
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
        b"(K\x01K" + bytes([count]) + b"M\x00\x0c\x86"
        b"cnumpy\ndtype\n(U\x02u1K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89T" + len(pixels).to_bytes(4, "little") + pixels + b"tb"
    )
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + numbers + b"u."


def cifar_archive(batches: dict[str, bytes], inner: str = "cifar-10-batches-py") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in batches.items():
            entry = tarfile.TarInfo(f"{inner}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def small_cifar_archive() -> bytes:
    return cifar_archive(
        {
            "data_batch_1": cifar_batch(10, [0, 1, 2]),
            "data_batch_2": cifar_batch(20, [3, 4, 5]),
            "test_batch": cifar_batch(30, [9, 8]),
        }
    )


def small_mnist() -> NpzImages:
    return NpzImages(dataclasses.replace(MNIST.facts, train_size=4, test_size=2))


def small_npz(**changes: np.ndarray) -> bytes:
    arrays = {
        "x_train": np.arange(4 * 784).reshape(4, 28, 28).astype(np.uint8),
        "y_train": np.array([3, 1, 4, 1], np.uint8),
        "x_test": np.full((2, 28, 28), 9, np.uint8),
        "y_test": np.array([5, 9], np.uint8),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{**arrays, **changes})
    return buffer.getvalue()


def small_fashion() -> IdxImages:
    return IdxImages(dataclasses.replace(FASHION_MNIST.facts, train_size=2, test_size=1))


def idx(values: np.ndarray) -> bytes:
    """`values` (bytes, one or three axes) as a gzipped IDX file."""
    magic = 2049 if values.ndim == 1 else 2051
    header = b"".join(number.to_bytes(4, "big") for number in (magic, *values.shape))
    return gzip.compress(header + values.tobytes())


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class _Handler(BaseHTTPRequestHandler):
    content: ClassVar[bytes]
    breaks_after: ClassVar[int | None]
    ranges: ClassVar[bool]
    refuses_ranges: ClassVar[int | None]
    requests: ClassVar[list[str]]

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        type(self).requests.append(asked)
        if asked and self.refuses_ranges:
            self.send_error(self.refuses_ranges)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.ranges else 0
        rest = self.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.breaks_after])

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server:
    """Hands out `content` at every address; `requests` are the `Range` headers it was asked with."""

    def __init__(self, url: str, handler: type[_Handler]) -> None:
        self.url = url
        self.requests = handler.requests


@contextmanager
def serving(
    content: bytes,
    *,
    breaks_after: int | None = None,
    ranges: bool = True,
    refuses_ranges: int | None = None,
) -> Iterator[Server]:
    values = {
        "content": content, "breaks_after": breaks_after, "ranges": ranges, "refuses_ranges": refuses_ranges,
        "requests": [],
    }  # fmt: skip
    handler = type("Handler", (_Handler,), values)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Server(f"http://127.0.0.1:{server.server_port}", handler)
        finally:
            server.shutdown()
            thread.join()
