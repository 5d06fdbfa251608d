"""What runs models in a browser is fetched once, and only what is known by its hash is kept."""

import gzip
import hashlib
import io
import subprocess
import tarfile

import pytest

from dlcore.browser import runtime
from dlcore.browser.runtime import SCRIPT, WASM, fetch_runtime, read_runtime
from dlcore.errors import DlcoreError


@pytest.fixture
def known(monkeypatch):
    """Two small files in the place of the real ones."""
    hashes = {SCRIPT: hashlib.sha256(b"script").hexdigest(), WASM: hashlib.sha256(b"wasm").hexdigest()}
    monkeypatch.setattr(runtime, "SHA256", hashes)


@pytest.fixture
def npm(monkeypatch, known):
    """An npm that packs what it is told, and notes how it was called."""
    called = []

    def packs(**files):
        def run(line, *, cwd, **options):
            called.append(line)
            with tarfile.open(cwd / "it.tgz", "w:gz") as archive:
                for name, content in files.items():
                    about = tarfile.TarInfo(f"package/dist/{ {'script': SCRIPT, 'wasm': WASM}[name] }")
                    about.size = len(content)
                    archive.addfile(about, io.BytesIO(content))

        monkeypatch.setattr(runtime.shutil, "which", lambda name: f"/bin/{name}")
        monkeypatch.setattr(runtime.subprocess, "run", run)
        return called

    return packs


def test_the_files_are_fetched_once_and_kept_compressed(tmp_path, npm):
    called = npm(script=b"script", wasm=b"wasm")
    assert read_runtime(tmp_path) is None
    assert fetch_runtime(tmp_path) is True
    assert fetch_runtime(tmp_path) is False
    ((_, verb, package, *options),) = called
    assert (verb, package) == ("pack", "onnxruntime-web@1.30.0")
    assert "--ignore-scripts" in options

    found = read_runtime(tmp_path)
    assert {name: gzip.decompress(content) for name, content in found.items()} == {
        SCRIPT: b"script",
        WASM: b"wasm",
    }


@pytest.mark.parametrize("files", [{"script": b"script", "wasm": b"other"}, {"script": b"script"}])
def test_what_is_not_known_by_its_hash_is_refused_and_nothing_is_kept(tmp_path, npm, files):
    npm(**files)
    with pytest.raises(DlcoreError, match=r"ort-wasm-simd-threaded\.wasm: the file is not the one"):
        fetch_runtime(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_changed_later_counts_as_absent(tmp_path, npm):
    npm(script=b"script", wasm=b"wasm")
    fetch_runtime(tmp_path)
    (path,) = tmp_path.rglob(f"{WASM}.gz")
    for content in (gzip.compress(b"changed"), b"no gzip"):
        path.write_bytes(content)
        assert read_runtime(tmp_path) is None
    assert fetch_runtime(tmp_path) is True


def test_without_npm_it_says_what_to_install(tmp_path, monkeypatch, known):
    monkeypatch.setattr(runtime.shutil, "which", lambda name: None)
    with pytest.raises(DlcoreError, match=r"npm is not installed.*Install Node\.js"):
        fetch_runtime(tmp_path)


def test_why_npm_failed_is_said(tmp_path, npm, monkeypatch):
    npm()

    def fails(line, **options):
        raise subprocess.CalledProcessError(1, line, stderr="npm error code E404\nnpm error not here\n")

    monkeypatch.setattr(runtime.subprocess, "run", fails)
    with pytest.raises(DlcoreError, match="npm error not here"):
        fetch_runtime(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, npm):
    npm(script=b"script", wasm=b"wasm")
    (tmp_path / "file").write_text("")
    with pytest.raises(DlcoreError, match="DLCORE_BROWSER_FILES"):
        fetch_runtime(tmp_path / "file")
