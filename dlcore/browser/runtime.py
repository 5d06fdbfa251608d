"""What runs an ONNX model in a browser: two files of onnxruntime-web, fetched once and checked by their hashes."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from dlcore.durable import write_file
from dlcore.errors import N_, DlcoreError

VERSION = "1.30.0"
SCRIPT, WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
SHA256: Mapping[str, str] = {
    SCRIPT: "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    WASM: "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
"""Of the files as they are in the package; they are kept compressed, a quarter as large."""

COMMAND = "python -m dlcore browser-inference"
"""The line that fetches them."""

_PACKAGE = f"onnxruntime-web@{VERSION}"
_SECONDS = 600


def read_runtime(folder: Path) -> Mapping[str, bytes] | None:
    """Returns the files by name, compressed with gzip; None where one is absent, or not what it should be.

    Args:
        folder: where they were put, `Settings.browser_dir`.
    """
    found: dict[str, bytes] = {}
    for name in SHA256:
        path = _path(folder, name)
        if not path.is_file():
            return None
        content = _checked(path, path.stat().st_mtime_ns)
        if content is None:
            return None
        found[name] = content
    return found


def fetch_runtime(folder: Path) -> bool:
    """Fetches the files with the npm client, unless they are there; returns whether it did.

    Raises:
        DlcoreError: npm is absent or fails, the files are not those that are known, or cannot be written.
    """
    if read_runtime(folder) is not None:
        return False
    npm = shutil.which("npm")
    if npm is None:
        raise DlcoreError(
            N_("npm is not installed; it fetches {package}."),
            hint=N_("Install Node.js, which includes npm (Debian: apt-get install npm), and call: {command}"),
            package=_PACKAGE,
            command=COMMAND,
        )
    with tempfile.TemporaryDirectory() as made:
        contents = _members(_packed(npm, Path(made)))
    for name, content in contents.items():
        _put(_path(folder, name), gzip.compress(content, mtime=0))
    return True


def _packed(npm: str, folder: Path) -> Path:
    """Returns the package as npm fetched it; none of its scripts is run."""
    line = [npm, "pack", _PACKAGE, "--ignore-scripts", "--silent", "--pack-destination", str(folder)]
    try:
        subprocess.run(line, capture_output=True, text=True, check=True, timeout=_SECONDS, cwd=folder)
        return next(folder.glob("*.tgz"))
    except subprocess.CalledProcessError as error:
        raise _unfetched(error.stderr.strip().splitlines()[-1:]) from error
    except (subprocess.TimeoutExpired, StopIteration) as error:
        raise _unfetched([]) from error


def _unfetched(last: list[str]) -> DlcoreError:
    return DlcoreError(
        N_("npm cannot fetch {package}: {reason}"),
        hint=N_("Check the network and npm's registry, then try again."),
        package=_PACKAGE,
        reason=last[0][:200] if last else N_("it does not answer."),
    )


def _members(archive: Path) -> dict[str, bytes]:
    """Returns the files out of the package.

    Raises:
        DlcoreError: one is absent, or is not the one that is known.
    """
    found = {}
    with tarfile.open(archive) as package:
        for name, wanted in SHA256.items():
            try:
                member = package.extractfile(f"package/dist/{name}")
            except KeyError:
                member = None
            content = member.read() if member else b""
            if hashlib.sha256(content).hexdigest() != wanted:
                raise DlcoreError(
                    N_("the file is not the one that is known by its SHA-256."),
                    hint=N_("Nothing was installed. Check which registry npm uses."),
                    where=name,
                )
            found[name] = content
    return found


def _path(folder: Path, name: str) -> Path:
    return folder / f"onnxruntime-web-{VERSION}" / f"{name}.gz"


def _put(path: Path, content: bytes) -> None:
    try:
        write_file(path, lambda part: part.write_bytes(content))
    except OSError as error:
        raise DlcoreError(
            N_("it cannot be written: {reason}."),
            hint=N_("Set {setting} to a folder that you may write to."),
            where=str(path),
            reason=error.strerror or str(error),
            setting="DLCORE_BROWSER_FILES",
        ) from error


@lru_cache(maxsize=2 * len(SHA256))
def _checked(path: Path, written: int) -> bytes | None:
    """Returns a file's content if its hash is right.

    Args:
        path: `name.gz`.
        written: when; one that was fetched again is checked again.
    """
    try:
        content = path.read_bytes()
        is_known = hashlib.sha256(gzip.decompress(content)).hexdigest() == SHA256[path.stem]
    except (OSError, EOFError):
        return None
    return content if is_known else None
