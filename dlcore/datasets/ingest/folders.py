"""Images, recordings and texts in one folder per class."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dlcore.datasets.decoding import BadFileError, decode_image, decode_sound
from dlcore.datasets.ingest.groups import Rule, group_options, group_rule, guess_group
from dlcore.datasets.ingest.listing import extension_of, list_files
from dlcore.datasets.ingest.members import Member, members
from dlcore.datasets.ingest.plan import FilePlan, plan_files
from dlcore.datasets.ingest.proposal import (
    Choices,
    Proposal,
    SourceForm,
    checked_name,
    lonely_classes,
    natural_order,
    slug,
    title_of_file,
)
from dlcore.datasets.ingest.trees import Place
from dlcore.datasets.ingest.writing import Draft
from dlcore.datasets.likeness import perceptual_hash
from dlcore.datasets.reading import HIGHEST
from dlcore.datasets.samples import TEST, TRAIN, VALIDATION
from dlcore.datasets.stored import RefusedItem
from dlcore.errors import N_, Message
from dlcore.records import JobUnit, Progress
from dlcore.settings import Settings
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts, Task

NESTED = frozenset({"zip", "tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar"})
_PREVIEW = 200
_BATCH = 1_000


def inspect_folders(
    path: Path, settings: Settings, choices: Choices, origin: str, progress: Progress
) -> Proposal:
    """Returns what the files of an archive or a folder seem to be.

    Raises:
        DatasetError: no file is of a known kind, or they are an export of boxes.
    """
    listing = list_files(path, settings, choices, progress)
    plan = plan_files(listing, choices, settings)
    names = listing.named(plan.kind)
    classes, counts = _counted(plan)
    labels = {name: "|".join(place.labels) for name, place in plan.places.items()}
    guessed = guess_group(labels) if plan.kind is DataKind.AUDIO else ""
    group = guessed if choices.group is None else choices.group
    rule = group_rule(group)
    single = (Task.BINARY, Task.MULTICLASS) if len(classes) == 2 else (Task.MULTICLASS,)
    tasks = (Task.MULTILABEL, Task.MULTICLASS) if plan.has_several else single
    refused = [RefusedItem(file.name, file.refused.message) for file in listing.files if file.refused]
    refused += [RefusedItem(name, plan.refusal(name).message) for name in names if name not in plan.places]
    return Proposal(
        form=SourceForm.FILES,
        name=checked_name(choices.name or slug(origin or path.name)),
        title=choices.title or title_of_file(origin or path.name),
        kind=plan.kind,
        task=choices.task or tasks[0],
        samples=len(plan.places),
        classes=classes,
        counts=counts,
        group=group,
        group_options=group_options(names),
        labels=plan.labels,
        label_options=plan.label_options,
        encoding=choices.encoding,
        kinds=listing.kinds,
        tasks=tasks,
        preview_header=("file", "part", "class", "group"),
        preview=_preview(plan, rule),
        notes=plan.notes,
        warnings=(*plan.warnings, *lonely_classes(classes, counts)),
        doubts=plan.doubts,
        problem=plan.problem,
        refused=tuple(refused[:_PREVIEW]),
        refused_count=len(listing.files) - len(plan.places),
    )


def _counted(plan: FilePlan) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """Returns the classes, and how many files of each there are, part by part."""
    found = Counter((place.part, label) for place in plan.places.values() for label in place.labels)
    classes = natural_order({label for _, label in found})
    parts = sorted({part for part, _ in found}, key=("", TRAIN, VALIDATION, TEST).index)
    return classes, {part: tuple(found[part, label] for label in classes) for part in parts}


def _preview(plan: FilePlan, rule: Rule | None) -> tuple[tuple[str, ...], ...]:
    step = max(1, len(plan.places) // _PREVIEW)
    rows = tuple(
        (name, place.part, ", ".join(place.labels), _group(rule, name))
        for name, place in islice(plan.places.items(), 0, None, step)
    )
    return rows[:_PREVIEW]


def _group(rule: Rule | None, name: str) -> str:
    return rule(name) if rule else ""


@dataclass
class _FolderContent:
    """What is collected while the files are read."""

    classes: tuple[str, ...]
    labels: list[tuple[int, ...]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    groups: bool = False
    sizes: Counter[tuple[int, ...]] = field(default_factory=Counter)
    rates: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    words: list[int] = field(default_factory=list)
    highest: dict[str, int] = field(default_factory=dict)


def ingest_folders(
    path: Path, settings: Settings, proposal: Proposal, draft: Draft, progress: Progress
) -> tuple[DatasetFacts, dict[str, Any]]:
    """Reads every file, and returns the facts and the statistics of the accepted ones."""
    listing = list_files(path, settings, proposal.choices(), progress)
    plan = plan_files(listing, proposal.choices(), settings)
    kinds = {file.name: file.kind for file in listing.files}
    reader = _FileReader(plan, proposal, listing.text_encoding, settings, draft)
    with closing(members(path, settings, listing.encoding)) as found:
        for done, member in enumerate(found):
            progress(done, len(listing.files), JobUnit.FILES)
            try:
                reader.read(member, kinds.get(member.name))
            except BadFileError as error:
                draft.refuse(member.name, error.message)
    reader.flush()
    return _facts(proposal, reader.content, draft)


class _FileReader:
    """Makes rows of files, one after another."""

    def __init__(
        self, plan: FilePlan, proposal: Proposal, encoding: str, settings: Settings, draft: Draft
    ) -> None:
        self._plan, self._settings, self._draft = plan, settings, draft
        self._encoding, self._rule = encoding, group_rule(proposal.group)
        self._rows: list[dict[str, Any]] = []
        self.content = _FolderContent(proposal.classes)

    def read(self, member: Member, kind: DataKind | None) -> None:
        """Stores a file as one sample.

        Raises:
            BadFileError: it is not one; why.
        """
        if member.refused is not None:
            raise member.refused
        if extension_of(member.name) in NESTED:
            raise BadFileError(N_("archives within archives are not opened."))
        if kind is not self._plan.kind:
            raise BadFileError(N_("it is a different kind of file than the others."))
        place = self._plan.places.get(member.name)
        if place is None:
            raise self._plan.refusal(member.name)
        self._rows.append(self._row(member, place))
        if len(self._rows) == _BATCH:
            self.flush()

    def flush(self) -> None:
        """Writes what has been read."""
        if self._rows:
            self._draft.rows(pa.RecordBatch.from_pylist(self._rows, _SCHEMAS[self._plan.kind]))
            self._rows.clear()

    def _row(self, member: Member, place: Place) -> dict[str, Any]:
        data, content = member.read(), self.content
        row: dict[str, Any] = {
            "name": member.name,
            "part": place.part,
            "group": _group(self._rule, member.name),
        }
        match self._plan.kind:
            case DataKind.IMAGE:
                row |= _image(data, self._settings, content)
            case DataKind.AUDIO:
                row |= _sound(data, self._settings, content)
            case _:
                row |= _text(data, self._encoding, content)
        if self._plan.kind is not DataKind.TEXT:
            row["offset"], row["size"] = self._draft.blob(data)
        content.groups |= bool(row["group"])
        content.labels.append(tuple(map(content.classes.index, place.labels)))
        content.parts.append(place.part)
        return row


def _image(data: bytes, settings: Settings, taken: _FolderContent) -> dict[str, Any]:
    pixels = decode_image(data, max_pixels=settings.max_pixels)
    values = pixels.values
    taken.sizes[values.shape] += 1
    if pixels.highest:
        taken.highest[pixels.format] = max(pixels.highest, taken.highest.get(pixels.format, 0))
    height, width, channels = values.shape
    digest = hashlib.sha256(repr(values.shape).encode() + values.tobytes()).hexdigest()
    return {
        "digest": digest, "height": height, "width": width, "channels": channels,
        # Alike is what looks alike: a deep one in its own range, for that of the others is not known yet.
        "phash": perceptual_hash(pixels.in_bytes(pixels.highest)),
    }  # fmt: skip


def _sound(data: bytes, settings: Settings, taken: _FolderContent) -> dict[str, Any]:
    sound = decode_sound(data, max_seconds=settings.max_audio_seconds)
    taken.rates[sound.rate] += 1
    taken.seconds = max(taken.seconds, sound.seconds)
    return {
        "digest": hashlib.sha256(sound.samples.tobytes()).hexdigest(), "rate": sound.rate,
        "seconds": sound.seconds, "channels": sound.samples.shape[1],
    }  # fmt: skip


def _text(data: bytes, encoding: str, taken: _FolderContent) -> dict[str, Any]:
    text = _decoded(data, encoding)
    if "\0" in text or not text.strip():
        raise BadFileError(N_("it contains no text."))
    taken.words.append(len(text.split()))
    return {"text": text}


def _decoded(data: bytes, encoding: str) -> str:
    for one in ("utf-8-sig", encoding or "utf-8"):
        try:
            return data.decode(one)
        except UnicodeDecodeError:
            continue
    raise BadFileError(
        N_("it is not text in {encoding}."),
        hint=N_("Choose the encoding of the texts."),
        encoding=f"UTF-8, {encoding}" if encoding else "UTF-8",
    )


_FILE = [
    ("name", pa.string()), ("part", pa.string()), ("group", pa.string()), ("offset", pa.int64()),
    ("size", pa.int64()), ("digest", pa.string()),
]  # fmt: skip
IMAGE_ROWS = pa.schema(
    [
        *_FILE,
        ("height", pa.int32()),
        ("width", pa.int32()),
        ("channels", pa.int32()),
        ("phash", pa.string()),
    ]
)
"""What is kept of each picture."""

_SCHEMAS = {
    DataKind.IMAGE: IMAGE_ROWS,
    DataKind.AUDIO: pa.schema(
        [*_FILE, ("rate", pa.int32()), ("seconds", pa.float64()), ("channels", pa.int32())]
    ),
    DataKind.TEXT: pa.schema(
        [("name", pa.string()), ("part", pa.string()), ("group", pa.string()), ("text", pa.string())]
    ),
}


def _facts(proposal: Proposal, taken: _FolderContent, draft: Draft) -> tuple[DatasetFacts, dict[str, Any]]:
    parts = np.array(taken.parts, np.str_)
    rows = np.repeat(np.arange(len(parts)), list(map(len, taken.labels)))
    labels = np.array([label for one in taken.labels for label in one], np.int64)
    counts = np.bincount(labels, minlength=len(taken.classes))
    for name, count in zip(taken.classes, counts, strict=True):
        if not count:
            draft.refuse(name, Message(N_("no file of this class could be used.")))
    # Classes that lost all their files are no classes any more.
    kept = np.flatnonzero(counts)
    labels = np.searchsorted(kept, labels)
    several = proposal.task is Task.MULTILABEL
    targets = np.zeros((len(parts), len(kept)), np.float32) if several else labels.astype(np.int64)
    if several:
        targets[rows, labels] = 1
    draft.targets(targets)
    task = proposal.task if len(kept) == 2 or proposal.task is not Task.BINARY else Task.MULTICLASS
    column = Column("text", ColumnType.TEXT, ColumnRole.FEATURE, (), len(parts), 0)
    facts = DatasetFacts(
        name=proposal.name,
        title=proposal.title,
        description="",
        task=task,
        input_shape=_shape(taken),
        classes=tuple(taken.classes[i] for i in kept),
        train_size=int(((parts == "") | (parts == TRAIN)).sum()),
        test_size=int((parts == TEST).sum()),
        validation_size=int((parts == VALIDATION).sum()),
        licence="",
        source="",
        citation="",
        kind=proposal.kind,
        sample_rate=max(taken.rates, key=taken.rates.__getitem__, default=0),
        seconds=taken.seconds,
        columns=(column,) if proposal.kind is DataKind.TEXT else (),
        has_groups=taken.groups,
        class_counts=() if several else tuple(int(counts[i]) for i in kept),
    )
    counts_by_part = {
        part: np.bincount(labels[parts[rows] == part], minlength=len(kept)).tolist()
        for part in sorted(set(taken.parts))
    }
    return facts, {"counts": counts_by_part, **_measured(taken)}


def _shape(taken: _FolderContent) -> tuple[int, ...] | None:
    """Returns the shape of all images; grey ones among coloured ones become coloured."""
    sides = {shape[:2] for shape in taken.sizes}
    return (*next(iter(sides)), max(shape[-1] for shape in taken.sizes)) if len(sides) == 1 else None


def _measured(taken: _FolderContent) -> dict[str, Any]:
    """Returns what is kept of the sizes of images, of the highest values of deep ones, and of lengths of texts."""
    found: dict[str, Any] = {}
    if taken.sizes:
        channels = sorted({shape[-1] for shape in taken.sizes})
        found |= {"sizes": [[*s, n] for s, n in taken.sizes.most_common(20)], "channels": channels}
    if taken.highest:
        found[HIGHEST] = taken.highest
    if taken.words:
        found["words"] = [int(q) for q in np.quantile(taken.words, [0, 0.5, 0.95, 1])]
    return found
