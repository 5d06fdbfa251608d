"""Images, recordings and texts in one folder per class."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dlcore.datasets.decoding import (
    AUDIO_ENDINGS,
    IMAGE_ENDINGS,
    BadFileError,
    decode_image,
    decode_sound,
)
from dlcore.datasets.ingest.groups import Rule, group_options, group_rule, guess_group
from dlcore.datasets.ingest.members import Member, members
from dlcore.datasets.ingest.proposal import (
    Choices,
    Proposal,
    SourceForm,
    checked_name,
    natural_order,
    one_class,
    slug,
    title_of_file,
)
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.likeness import perceptual_hash
from dlcore.datasets.samples import PART_WORDS, TEST, TRAIN, VALIDATION
from dlcore.datasets.stored import RefusedItem
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts, Task

TEXT_ENDINGS = frozenset({"txt", "text"})
NESTED = frozenset({"zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar"})
_KINDS = ((DataKind.IMAGE, IMAGE_ENDINGS), (DataKind.AUDIO, AUDIO_ENDINGS), (DataKind.TEXT, TEXT_ENDINGS))
_PREVIEW = 200
_BATCH = 1_000


def extension_of(name: str) -> str:
    """Returns the file extension in lower case, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name.rsplit("/", 1)[-1] else ""


@dataclass(frozen=True)
class Layout:
    """How the folders of an archive are meant.

    Attributes:
        skip: how many folders enclose everything.
        has_parts: whether the first folder within is train, test or validation.
    """

    skip: int
    has_parts: bool

    def place(self, name: str) -> tuple[str, str] | None:
        """Returns the part and the class of a file; None if it is in no class's folder."""
        folders = name.split("/")[self.skip : -1]
        part = ""
        if self.has_parts:
            part = PART_WORDS.get(folders[0].lower(), "") if folders else ""
            folders = folders[1:]
        return (part, folders[0]) if folders and (part or not self.has_parts) else None


def layout_of(names: Iterable[str]) -> Layout:
    """Returns the layout that fits the files' names."""
    folders = [name.split("/")[:-1] for name in names]
    skip = 0
    while folders and all(len(one) > skip + 1 for one in folders):
        first = {one[skip] for one in folders}
        if len(first) > 1 or next(iter(first)).lower() in PART_WORDS:
            break
        skip += 1
    first = {one[skip].lower() for one in folders if len(one) > skip}
    return Layout(
        skip, bool(first) and first <= set(PART_WORDS) and TRAIN in {PART_WORDS[name] for name in first}
    )


def kind_of(names: Iterable[str]) -> DataKind | None:
    """Returns what most of the files are; None if none of them is known."""
    counts = Counter(kind for name in names for kind, known in _KINDS if extension_of(name) in known)
    return counts.most_common(1)[0][0] if counts else None


def inspect_folders(
    path: Path, settings: Settings, choices: Choices, origin: str, progress: Progress
) -> Proposal:
    """Returns what the files of an archive or a folder seem to be.

    Raises:
        DatasetError: no file of a known kind is in a folder of its class.
    """
    listed = _listed(path, settings, progress)
    fine = [name for name, problem in listed if problem is None]
    kind = choices.kind or kind_of(fine)
    endings = dict(_KINDS).get(kind) if kind else None
    if kind is None or endings is None:
        raise DatasetError(
            N_("it contains no image, recording or text in a known format."),
            hint=N_(
                "Pack PNG, JPEG, GIF, BMP, WebP, TIFF, WAV, FLAC, Ogg or TXT files, in a folder a class."
            ),
        )
    usable = [name for name in fine if extension_of(name) in endings]
    layout = layout_of(usable)
    placed = [(name, layout.place(name)) for name in usable]
    classes, counts = _counted(place for _, place in placed if place)
    guessed = guess_group(usable) if kind is DataKind.AUDIO else ""
    group = guessed if choices.group is None else choices.group
    rule = group_rule(group)
    task = choices.task or (Task.BINARY if len(classes) == 2 else Task.MULTICLASS)
    refused = [RefusedItem(name, problem.message) for name, problem in listed if problem is not None]
    return Proposal(
        form=SourceForm.FILES,
        name=checked_name(choices.name or slug(origin or path.name)),
        title=choices.title or title_of_file(origin or path.name),
        kind=kind,
        task=task,
        samples=sum(1 for _, place in placed if place),
        classes=classes,
        counts=counts,
        group=group,
        group_options=group_options(usable),
        kinds=tuple(one for one, known in _KINDS if any(extension_of(name) in known for name in fine)),
        tasks=(Task.BINARY, Task.MULTICLASS) if len(classes) == 2 else (Task.MULTICLASS,),
        preview_header=("file", "part", "class", "group"),
        preview=_preview(placed, rule),
        doubts=one_class(classes),
        refused=tuple(refused[:_PREVIEW]),
        refused_count=len(refused) + len(fine) - sum(1 for _, place in placed if place),
    )


def _listed(path: Path, settings: Settings, progress: Progress) -> list[tuple[str, BadFileError | None]]:
    """Returns the names of all files, each with what keeps it from being imported, if anything does."""
    listed: list[tuple[str, BadFileError | None]] = []
    with closing(members(path, settings)) as found:
        for member in found:
            listed.append((member.name, member.refused))
            progress(len(listed), 0, JobUnit.FILES)
    return listed


def _counted(
    places: Iterable[tuple[str, str]],
) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """Returns the classes, and how many files of each there are, part by part."""
    found = Counter(places)
    classes = natural_order({label for _, label in found})
    if not classes:
        raise DatasetError(
            N_("the files are not in folders named after their classes."),
            hint=N_("Put the files of each class into a folder with the class's name."),
        )
    parts = sorted({part for part, _ in found})
    return classes, {part: tuple(found[part, label] for label in classes) for part in parts}


def _preview(
    placed: list[tuple[str, tuple[str, str] | None]], rule: Rule | None
) -> tuple[tuple[str, ...], ...]:
    step = max(1, len(placed) // _PREVIEW)
    return tuple((name, place[0], place[1], _group(rule, name)) for name, place in placed[::step] if place)[
        :_PREVIEW
    ]


def _group(rule: Rule | None, name: str) -> str:
    return rule(name) if rule else ""


@dataclass
class _FolderContent:
    """What is collected while the files are read."""

    classes: tuple[str, ...]
    labels: list[int] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    groups: bool = False
    sizes: Counter[tuple[int, ...]] = field(default_factory=Counter)
    rates: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    words: list[int] = field(default_factory=list)


def ingest_folders(
    path: Path, settings: Settings, proposal: Proposal, draft: Draft, progress: Progress
) -> tuple[DatasetFacts, dict[str, Any]]:
    """Reads every file, and returns the facts and the statistics of the accepted ones."""
    endings, rule = dict(_KINDS)[proposal.kind], group_rule(proposal.group)
    listed = _listed(path, settings, progress)
    names = [name for name, refused in listed if refused is None and extension_of(name) in endings]
    layout, taken = layout_of(names), _FolderContent(proposal.classes)
    rows: list[dict[str, Any]] = []
    with closing(members(path, settings)) as found:
        for done, member in enumerate(found):
            progress(done, len(listed), JobUnit.FILES)
            try:
                rows.append(_row(member, endings, layout, rule, proposal, settings, draft, taken))
            except BadFileError as error:
                draft.refuse(member.name, error.message)
            if len(rows) == _BATCH:
                draft.rows(pa.RecordBatch.from_pylist(rows, _SCHEMAS[proposal.kind]))
                rows.clear()
    if rows:
        draft.rows(pa.RecordBatch.from_pylist(rows, _SCHEMAS[proposal.kind]))
    return _facts(proposal, taken, draft)


def _row(
    member: Member,
    endings: frozenset[str],
    layout: Layout,
    rule: Rule | None,
    proposal: Proposal,
    settings: Settings,
    draft: Draft,
    taken: _FolderContent,
) -> dict[str, Any]:
    """Returns one sample; raises the reason if it is not one."""
    if member.refused is not None:
        raise member.refused
    if extension_of(member.name) in NESTED:
        raise BadFileError(N_("archives within archives are not opened."))
    if extension_of(member.name) not in endings:
        raise BadFileError(N_("it is a different kind of file than the others."))
    place = layout.place(member.name)
    if place is None or place[1] not in taken.classes:
        raise BadFileError(N_("it is not in the folder of a class."))
    data = member.read()
    row: dict[str, Any] = {"name": member.name, "part": place[0], "group": _group(rule, member.name)}
    match proposal.kind:
        case DataKind.IMAGE:
            row |= _image(data, settings, taken)
        case DataKind.AUDIO:
            row |= _sound(data, settings, taken)
        case _:
            row |= _text(data, taken)
    if proposal.kind is not DataKind.TEXT:
        row["offset"], row["size"] = draft.blob(data)
    taken.groups |= bool(row["group"])
    taken.labels.append(taken.classes.index(place[1]))
    taken.parts.append(place[0])
    return row


def _image(data: bytes, settings: Settings, taken: _FolderContent) -> dict[str, Any]:
    pixels = decode_image(data, max_pixels=settings.max_pixels)
    taken.sizes[pixels.shape] += 1
    height, width, channels = pixels.shape
    digest = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    return {
        "digest": digest, "height": height, "width": width, "channels": channels,
        "phash": perceptual_hash(pixels),
    }  # fmt: skip


def _sound(data: bytes, settings: Settings, taken: _FolderContent) -> dict[str, Any]:
    sound = decode_sound(data, max_seconds=settings.max_audio_seconds)
    taken.rates[sound.rate] += 1
    taken.seconds = max(taken.seconds, sound.seconds)
    return {
        "digest": hashlib.sha256(sound.samples.tobytes()).hexdigest(), "rate": sound.rate,
        "seconds": sound.seconds, "channels": sound.samples.shape[1],
    }  # fmt: skip


def _text(data: bytes, taken: _FolderContent) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFileError(N_("it is not text in UTF-8.")) from error
    if "\0" in text or not text.strip():
        raise BadFileError(N_("it contains no text."))
    taken.words.append(len(text.split()))
    return {"text": text}


_FILE = [
    ("name", pa.string()), ("part", pa.string()), ("group", pa.string()), ("offset", pa.int64()),
    ("size", pa.int64()), ("digest", pa.string()),
]  # fmt: skip
_SCHEMAS = {
    DataKind.IMAGE: pa.schema(
        [
            *_FILE,
            ("height", pa.int32()),
            ("width", pa.int32()),
            ("channels", pa.int32()),
            ("phash", pa.string()),
        ]
    ),
    DataKind.AUDIO: pa.schema(
        [*_FILE, ("rate", pa.int32()), ("seconds", pa.float64()), ("channels", pa.int32())]
    ),
    DataKind.TEXT: pa.schema(
        [("name", pa.string()), ("part", pa.string()), ("group", pa.string()), ("text", pa.string())]
    ),
}


def _facts(proposal: Proposal, taken: _FolderContent, draft: Draft) -> tuple[DatasetFacts, dict[str, Any]]:
    labels, parts = np.array(taken.labels, np.int64), np.array(taken.parts, np.str_)
    counts = np.bincount(labels, minlength=len(taken.classes))
    for name, count in zip(taken.classes, counts, strict=True):
        if not count:
            draft.refuse(name, Message(N_("no file of this class could be used.")))
    kept = np.flatnonzero(counts)
    # Classes that lost all their files are no classes any more.
    draft.targets(np.searchsorted(kept, labels).astype(np.int64))
    shapes = {shape[-1] for shape in taken.sizes}
    sides = {shape[:2] for shape in taken.sizes}
    # Grey images among coloured ones become coloured.
    shape = (*next(iter(sides)), max(shapes)) if len(sides) == 1 else None
    task = proposal.task if len(kept) == 2 or proposal.task is not Task.BINARY else Task.MULTICLASS
    column = Column("text", ColumnType.TEXT, ColumnRole.FEATURE, (), len(labels), 0)
    facts = DatasetFacts(
        name=proposal.name,
        title=proposal.title,
        description="",
        task=task,
        input_shape=shape,
        classes=tuple(taken.classes[i] for i in kept),
        train_size=int(((parts == "") | (parts == TRAIN)).sum()),
        test_size=int((parts == TEST).sum()),
        validation_size=int((parts == VALIDATION).sum()),
        licence="",
        source="",
        citation="",
        kind=proposal.kind,
        sample_rate=taken.rates.most_common(1)[0][0] if taken.rates else 0,
        seconds=taken.seconds,
        columns=(column,) if proposal.kind is DataKind.TEXT else (),
        has_groups=taken.groups,
        class_counts=tuple(int(counts[i]) for i in kept),
    )
    statistics: dict[str, Any] = {"counts": dict(_counts(parts, labels, kept))}
    if taken.sizes:
        statistics |= {"sizes": [[*s, n] for s, n in taken.sizes.most_common(20)], "channels": sorted(shapes)}
    if taken.words:
        statistics["words"] = [int(q) for q in np.quantile(taken.words, [0, 0.5, 0.95, 1])]
    return facts, statistics


def _counts(parts: Any, labels: Any, kept: Any) -> Iterator[tuple[str, list[int]]]:
    for part in sorted(set(parts.tolist())):
        yield part, np.bincount(labels[parts == part], minlength=int(kept.max(initial=0)) + 1)[kept].tolist()
