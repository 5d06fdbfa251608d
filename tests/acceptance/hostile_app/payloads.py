"""Texts and files that mean harm: each would leave a file behind, or be seen elsewhere, if anything of it were carried out."""

import io
import json
import os
import pickle
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

import h5py

from tests.datasets import hostile
from tests.datasets.makers import png
from tests.models.samples import keras_file, small

HUGE = 10_000
DEEP = 50_000


@dataclass(frozen=True)
class Canary:
    """A file that is there only if something was executed, or written where nothing may be."""

    path: Path

    @property
    def command(self) -> str:
        """What a shell would make it with."""
        return f"touch {self.path}"

    @property
    def python(self) -> str:
        """What Python would make it with."""
        return f"__import__('os').system('touch {self.path}')"


class _Pickled:
    """Makes the canary when it is unpickled."""

    def __init__(self, canary: Canary) -> None:
        self._command = canary.command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self._command,)


def texts(canary: Canary) -> list[str]:
    """What is put wherever a text is taken: ids, names, values of fields, parameters."""
    command, python = canary.command, canary.python
    return [
        "", " ", "0", "-1", "null", "true", "[]", "{}", "NaN", "1e999", "9" * 400, "\x00", "a\x00b", "\r\nx: y",
        "../../../../etc/passwd", "..\\..\\secret.key", "/etc/passwd", "file:///etc/passwd", "%2e%2e%2f", "store.sqlite",
        "~root", "$HOME", "${IFS}", "CON", ".", "..", "*", "%", "_", "'; DROP TABLE runs; --", '" OR 1=1 --', "\\", "'",
        f"; {command}", f"$({command})", f"`{command}`", f"| {command}", f"{{{{{python}}}}}", f"${{{python}}}",
        f"!!python/object/apply:os.system ['{command}']", python, f"=cmd|' /C {command}'!A0", f"@SUM({command})",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](javascript:alert(1))", "[x](http://evil.example)",
        ":material/home:", "$\\frac{1}{0}$", "\u202eevil\u202c", "\ufeff\u200b\u2028\u2029", "\U0001f4a9" * 50, "Ω≈ç√∫",
        "\u0130\u0131ſ", "e\u0301" * 100, "\ufffd", "x" * HUGE, "é" * HUGE, "a:" * 200, "{" * 500, "((((((((((a)*)*)*)*)*)*)*)*)*",
        "__class__", "constructor", "__proto__", "training.epochs", "model.layers[99999999999].units", "1.0.0.0:0",
    ]  # fmt: skip


def documents(canary: Canary) -> list[bytes]:
    """JSON, YAML and other bodies, none of which is what it seems."""
    run = canary.command
    return [
        b"", b"{", b"[" * DEEP, b'{"a":' * DEEP, b'{"a": NaN, "b": Infinity, "c": -0, "d": 1e400}',
        b'{"a": ' + b"9" * 50_000 + b"}", b'"\\ud800"', b"\xff\xfe\x00", b"\x00" * 1000, b'{"a": 1, "a": 2}',
        f"!!python/object/apply:os.system ['{run}']".encode(),
        f"!!python/object/new:subprocess.Popen [['touch', '{canary.path}']]".encode(),
        b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n".encode() for n in range(9)
        ),
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
        b"--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"../../x\"\r\n\r\n" + b"y" * 2000,
        pickle.dumps(_Pickled(canary)), b"x" * 200_000,
    ]  # fmt: skip


def files(canary: Canary) -> list[tuple[str, bytes]]:
    """Names and contents of files to be uploaded and looked at."""
    pickled, script = pickle.dumps(_Pickled(canary)), f"<script>{canary.python}</script>".encode()
    lambda_layer = small()
    lambda_layer["config"]["layers"].append(
        {"class_name": "Lambda", "module": "keras.layers", "config": {"name": "x", "function": canary.python}}
    )
    out = f"../../../../../../..{canary.path}"
    folder = canary.path.parent / "made"
    folder.mkdir(exist_ok=True)
    model = keras_file(folder / "lambda.keras", lambda_layer).read_bytes()
    return [
        ("data.pkl", pickled), ("data.npy", pickled), ("data.npz", _zip({"a.npy": pickled})), ("data.csv", pickled),
        ("data.parquet", b"PAR1" + pickled + b"PAR1"), ("data.joblib", pickled), ("data.pt", _zip({"archive/data.pkl": pickled})),
        ("model.keras", model), ("model.h5", _h5(canary)), ("model.json", json.dumps(lambda_layer).encode()),
        ("out.zip", _zip({out: b"x", "a.csv": b"a,b\n1,2\n"})), ("out.tar", _tar(out)),
        ("link.tar", _tar("link", link="/etc/passwd")), ("bomb.zip", _bomb()), ("nested.zip", _zip({"a.zip": _bomb()})),
        ("polyglot.png", png([[1, 2], [3, 4]]) + _zip({"a.pkl": pickled}) + script), ("x.svg", b"<svg>" + script + b"</svg>"),
        ("x.html", script), ("huge.png", hostile.huge_png()), ("formula.csv", f"a,=cmd|'{canary.command}'!A0\n1,@x\n".encode()),
        ("deep.json", b"[" * DEEP), ("numbers.csv", b"a,b\n" + b"9" * 5000 + b",NaN\n1e999,-1e999\n"),
        ("=cmd|' /C calc'!A0.csv", b"a,b\n1,2\n"), ("<img src=x onerror=alert(1)>.csv", b"a,b\n1,2\n"),
        ("..%2f..%2fsecret.key", b"a,b\n1,2\n"), ("a" * 255 + ".csv", b"a,b\n1,2\n"), ("empty.csv", b"\n"), ("nul.csv", b"a\0b\n"),
    ]  # fmt: skip


def broken_files(count: int, rng: Random) -> list[tuple[str, bytes]]:
    """Files of all formats that were cut, mixed and changed."""
    return list(hostile.mutants(count, rng.randrange(2**32)))


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _bomb() -> bytes:
    return _zip({f"{n}.csv": b"0" * 4_000_000 for n in range(8)})


def _tar(name: str, link: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo(name)
        if link:
            info.type, info.linkname = tarfile.SYMTYPE, link
            archive.addfile(info)
        else:
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))
    return buffer.getvalue()


def _h5(canary: Canary) -> bytes:
    buffer = io.BytesIO()
    layer = {"class_name": "Lambda", "config": {"name": "x", "function": canary.python}}
    with h5py.File(buffer, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})
    return buffer.getvalue()
