"""The files of an archive or a folder by name, and what each seems to be; contents only where they matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dlcore.datasets.decoding import KIND_ENDINGS, BadFileError, content_kind
from dlcore.datasets.ingest.archive_names import likely_encoding
from dlcore.datasets.ingest.encodings import encoding_of
from dlcore.datasets.ingest.members import Member, members, names_encoding
from dlcore.datasets.ingest.proposal import Choices
from dlcore.errors import N_, DatasetError
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings
from dlcore.spec.data import DataKind

TABLE_ENDINGS = frozenset({"csv", "tsv", "tab", "txt", "xlsx", "parquet", "feather"})
BOX_ENDINGS = frozenset({"json", "yaml", "yml", "xml"})
_MOST_ASIDE = 64
"""Files of an ending whose content is kept, so that a thousand texts do not keep a table out."""

_LARGEST_ASIDE = 32 * 2**20
_MOST_TEXTS = 5_000
"""Texts that are read to find their encoding; those behind that do not fit are refused by name."""

_TEXT_SAMPLE = 2**20
"""Bytes of texts that are looked at to find their encoding."""


def extension_of(name: str) -> str:
    """Returns the file extension in lower case, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name.rsplit("/", 1)[-1] else ""


@dataclass(frozen=True)
class ListedFile:
    """A file of an archive.

    Attributes:
        name: its path.
        kind: what it seems to be, by its ending, or by its content if it has none; None for anything else.
        refused: what keeps it from being imported, if anything does.
        content: its size and checksum, where the archive tells them.
    """

    name: str
    kind: DataKind | None
    refused: BadFileError | None = None
    content: tuple[int, int] | None = None


@dataclass(frozen=True)
class Listing:
    """All files of an archive or a folder.

    Attributes:
        files: in their order.
        aside: the contents of some that may say something of the others: tables, and descriptions of boxes.
        encoding: of the names, where a zip does not say it; else empty.
        text_encoding: of the texts that are not in UTF-8; empty if all that were looked at are.
    """

    files: tuple[ListedFile, ...]
    aside: Mapping[str, bytes] = field(default_factory=dict)
    encoding: str = ""
    text_encoding: str = ""

    @cached_property
    def usable(self) -> tuple[ListedFile, ...]:
        """The files that nothing keeps from being imported."""
        return tuple(file for file in self.files if file.refused is None)

    @cached_property
    def kinds(self) -> tuple[DataKind, ...]:
        """What the files are, most of them first; images and recordings come before texts about them."""
        counts = Counter(file.kind for file in self.usable if file.kind)
        order = list(KIND_ENDINGS)
        media = [kind for kind in counts if kind is not DataKind.TEXT]
        # As many texts as images are descriptions of them.
        texts = [DataKind.TEXT] if counts[DataKind.TEXT] else []
        media.sort(key=lambda kind: (-counts[kind], order.index(kind)))
        first = media[:1] if media and counts[media[0]] * 1.1 + 5 >= counts[DataKind.TEXT] else []
        return tuple(dict.fromkeys((*first, *texts, *media) if first else (*texts, *media)))

    def named(self, kind: DataKind) -> list[str]:
        """Returns the names of the usable files of a kind."""
        return [file.name for file in self.usable if file.kind is kind]


def list_files(path: Path, settings: Settings, choices: Choices, progress: Progress) -> Listing:
    """Returns the files of an archive or a folder, each with what it seems to be.

    Raises:
        DatasetError: it cannot be read, or nothing is known of the encoding that was chosen.
    """
    if choices.encoding:
        _check_encoding(choices.encoding)
    encoding = names_encoding(path)
    encoding = choices.encoding if encoding and choices.encoding else encoding
    listing, odd_names = _listed(path, settings, choices, encoding, progress)
    if odd_names and not encoding:
        # All names are known only now: once more, in the encoding that fits them all.
        encoding = choices.encoding or likely_encoding(odd_names)
        listing, _ = _listed(path, settings, choices, encoding, progress)
    return listing


def _listed(
    path: Path, settings: Settings, choices: Choices, encoding: str, progress: Progress
) -> tuple[Listing, list[bytes]]:
    """Returns the files, and the names among theirs that are not in UTF-8."""
    files: list[ListedFile] = []
    odd_names: list[bytes] = []
    aside = _Aside()
    with closing(members(path, settings, encoding)) as found:
        for member in found:
            files.append(ListedFile(member.name, aside.look(member), member.refused, member.content))
            odd_names += [member.raw] if member.raw else []
            progress(len(files), 0, JobUnit.FILES)
    odd = bytes(aside.odd_texts)
    texts = choices.encoding or (encoding_of(lambda: iter((odd,))) if odd else "")
    return Listing(tuple(files), aside.contents, encoding, texts), odd_names


class _Aside:
    """Looks at the files one by one, and keeps of their contents what is needed later."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.odd_texts = bytearray()
        self._endings: Counter[str] = Counter()
        self._bytes = 0

    def look(self, member: Member) -> DataKind | None:
        """Returns what a file seems to be."""
        ending = extension_of(member.name)
        known = next((kind for kind, endings in KIND_ENDINGS.items() if ending in endings), None)
        looks = not ending or (ending in TABLE_ENDINGS | BOX_ENDINGS and self._endings[ending] < _MOST_TEXTS)
        if member.refused is not None or not looks or member.size > _LARGEST_ASIDE:
            return known
        try:
            data = member.read()
        except BadFileError:
            return known  # it is refused when it is stored
        self._endings[ending] += 1
        kind = known if ending else content_kind(data)
        fits = self._bytes + len(data) <= _LARGEST_ASIDE
        if ending and self._endings[ending] <= _MOST_ASIDE and fits:
            self.contents[member.name] = data
            self._bytes += len(data)
        if kind is DataKind.TEXT and len(self.odd_texts) < _TEXT_SAMPLE and not _is_utf8(data):
            self.odd_texts += data
        return kind


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _check_encoding(encoding: str) -> None:
    try:
        "a".encode(encoding)
    except LookupError as error:
        raise DatasetError(
            N_("there is no encoding '{encoding}'."),
            hint=N_("Use a name such as utf-8, gb18030, cp1252 or shift_jis."),
            encoding=encoding[:80],
        ) from error
