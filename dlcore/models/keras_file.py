"""The file that `model.save` writes: a zip of a JSON config and the weights; both bounded and checked."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from dlcore.design.keras_import import ImportedModel, import_config, import_json, newer_config
from dlcore.design.keras_import.objects import MAX_CONFIG_BYTES, keras_2_error, read_config
from dlcore.errors import N_, DatasetError, SpecError
from dlcore.models.hdf5_file import read_hdf5_config, weights_error

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MAX_MEMBERS = 1000
MAX_WEIGHTS_BYTES = 1 << 36
_ZIP, _HDF5, _SAVED_MODEL = b"PK", b"\x89HDF", b"\x08\x01\x12"
"""How files begin; a SavedModel with the number of its schema."""

_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, OverflowError,
)  # fmt: skip
"""All that zipfile raises for a damaged, encrypted or strangely packed file."""

# What a saved model holds besides its weights: the state of the optimizer, at most three numbers for each,
# all of them perhaps in float64; and what HDF5 needs for its groups.
_COPIES, _BYTES, _ROOM = 4, 8, 1 << 20
_ROOM_PER_LAYER = 1 << 16


def read_model_file(source: Path | BinaryIO) -> ImportedModel:
    """Returns the model in a `.keras` file, an HDF5 file or a JSON config; its weights are not looked at.

    Args:
        source: a path, or an open file.

    Raises:
        SpecError: it is no such file, is damaged, or holds what is not known.
        DatasetError: the file is absent or unreadable.
    """
    if isinstance(source, Path):
        with _file(source) as file:
            return read_model_file(file)
    head = source.read(4)
    source.seek(0)
    if head.startswith(_ZIP):
        with _opened(source) as archive:
            return _model_in(archive)
    if head == _HDF5:
        return _older_model(source)
    if head.startswith(_SAVED_MODEL):
        raise _saved_model()
    if not head.lstrip().startswith(b"{"):
        raise SpecError(
            N_("this is neither a `.keras` file nor a JSON config."),
            hint=N_("Choose a file written by `model.save` or `model.to_json`."),
        )
    return import_json(source.read(MAX_CONFIG_BYTES + 1))


def extract_weights(path: Path, imported: ImportedModel, target: Path) -> None:
    """Writes the weights' own file (HDF5) to `target`, no more of it than such a model can have.

    Raises:
        SpecError: the file is damaged, has no weights, or too many.
        DatasetError: the file is absent or unreadable, or `target` cannot be written.
    """
    limit = min(_limit(imported), MAX_WEIGHTS_BYTES)
    with _file(path) as file:
        if file.read(4) == _HDF5:
            raise weights_error()
    with _file(path) as file, _opened(file) as archive, _member(archive, WEIGHTS, limit) as member:
        try:
            with target.open("wb") as out:
                shutil.copyfileobj(member, out, 1 << 20)
        except OSError as error:
            raise _unusable(target, error) from error


def _limit(imported: ImportedModel) -> int:
    report = imported.report
    numbers = report.parameters.total if report else 0
    return numbers * _BYTES * _COPIES + _ROOM + _ROOM_PER_LAYER * len(imported.groups)


def _older_model(source: BinaryIO) -> ImportedModel:
    imported = import_config(newer_config(read_config(read_hdf5_config(source))))
    if imported.report is None:
        raise no_input()
    return replace(imported, notes=(*imported.notes, weights_error().message))


def _saved_model() -> SpecError:
    return SpecError(
        N_("this is a SavedModel of TensorFlow, which holds a program and no layers."),
        hint=N_("Load it where it was made, and save it as a `.keras` file."),
    )


def _model_in(archive: zipfile.ZipFile) -> ImportedModel:
    if any(PurePosixPath(name).name == "saved_model.pb" for name in archive.namelist()):
        raise _saved_model()
    version = _keras_version(archive)
    if not version.startswith("3."):
        raise keras_2_error()
    with _member(archive, CONFIG, MAX_CONFIG_BYTES) as member:
        return import_json(member.read())


def _keras_version(archive: zipfile.ZipFile) -> str:
    with _member(archive, METADATA, 1 << 16) as member:
        metadata = read_config(member.read())
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return version if isinstance(version, str) else ""


class _Member:
    """One part of the archive, of which no more is given than was announced."""

    def __init__(self, stream: IO[bytes], name: str, limit: int) -> None:
        self._stream, self._name, self._left = stream, name, limit

    def __enter__(self) -> _Member:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        """Returns the next bytes."""
        try:
            data = self._stream.read(size)
        except _BROKEN as error:
            raise _damaged() from error
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(self._name)
        return data


def _file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise _unusable(path, error) from error


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise _damaged() from error
    _refuse_strange_members(archive)
    return archive


def _refuse_strange_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise SpecError(
            N_("the file holds more than {limit} parts."),
            hint=N_("Choose a file written by `model.save`."),
            limit=MAX_MEMBERS,
        )
    names = [member.filename for member in members]
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or names.count(name) > 1:
            raise SpecError(
                N_("the file contains an entry that does not belong in a `.keras` file."),
                hint=N_("Choose a file written by `model.save`."),
            )


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> _Member:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise SpecError(
            N_("the file has no {name}."), hint=N_("Choose a file written by `model.save`."), name=name
        ) from None
    if info.file_size > limit:
        raise _too_large(name)
    try:
        return _Member(archive.open(info), name, limit)
    except _BROKEN as error:
        raise _damaged() from error


def no_input() -> SpecError:
    """Returns the error for a model whose parameters cannot be counted."""
    return SpecError(
        N_("the config does not contain the input shape."),
        hint=N_("Build the model with an `Input` layer, and save it again."),
    )


def _damaged() -> SpecError:
    return SpecError(
        N_("the file is damaged or is not a `.keras` file."),
        hint=N_("Save the model again with `model.save`, and copy the whole file."),
    )


def _too_large(name: str) -> SpecError:
    return SpecError(
        N_("{name} is larger than such a model can need."),
        hint=N_("Choose a file written by `model.save`."),
        name=name,
    )


def _unusable(path: Path, error: OSError) -> DatasetError:
    return DatasetError(
        N_("the file cannot be read or written: {reason}."),
        hint=N_("Check the path, and that there is room on the disk."),
        where=str(path),
        reason=error.strerror or type(error).__name__,
    )
