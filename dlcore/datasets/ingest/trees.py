"""What the folders of an archive mean: which are parts, which are classes, and which only enclose others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from dlcore.datasets.ingest.part_words import classes_in_parts, parts_of
from dlcore.datasets.samples import TRAIN

Folders = tuple[str, ...]
"""The folders a file is in, from the outermost."""

GENERIC = frozenset(
    ["images", "image", "imgs", "img", "jpegimages", "jpg", "jpeg", "png", "data", "dataset", "files", "audio",
     "audios", "wav", "wavs", "txt", "labels", "annotations", "annotation", "图片", "图像", "数据", "音频", "文本"]
)  # fmt: skip
"""Names of folders that say what kind of files are in them, never of which class they are."""

_UNLABELED = frozenset(
    ["unsup", "unsupervised", "unlabeled", "unlabelled", "nolabel", "pred", "predict", "prediction", "未标注",
     "无标签"]
)  # fmt: skip
_NOT_KNOWN = frozenset({"unknown", "test", "all", "未知"})
"""Folders within a part that are no classes unless the training part has them."""

_WRAPPER = 0.9
"""A folder that holds as much of the files may be what encloses all that matters."""


@dataclass(frozen=True)
class Place:
    """Where a file belongs.

    Attributes:
        part: train, validation or test; empty where nothing says so.
        label: its class; empty where no folder says it.
        others: further classes that it has.
    """

    part: str
    label: str
    others: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """All its classes; none where nothing says one."""
        return (self.label, *self.others) if self.label else ()


@dataclass(frozen=True)
class Layout:
    """How the folders of an archive are meant.

    Attributes:
        places: of the files in those folders; none for folders that belong to no class.
        unknown: folders beside parts that hold the same classes, but whose names are no part's.
        nested: folders taken for classes although each holds the same folders.
        inner: folders within those of classes, which mean nothing.
    """

    places: Mapping[Folders, Place] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()

    def place(self, name: str) -> Place | None:
        """Returns where a file belongs, by its path; None if it is in no class's folder."""
        return self.places.get(folders_of(name))

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes that the folders name."""
        return frozenset(place.label for place in self.places.values() if place.label)


def folders_of(name: str) -> Folders:
    """Returns the folders in a file's path."""
    return tuple(name.split("/")[:-1])


def is_unlabeled(folder: str) -> bool:
    """Returns whether a folder's name says that nothing is known of what is in it."""
    return any(word in _UNLABELED for word in folder.lower().replace("-", "_").split("_"))


@dataclass(frozen=True)
class _Step:
    """A folder on the way to a file that means something, and the part it names, if any."""

    name: str
    part: str | None


class _Tree:
    """The folders that hold files, and what is below each."""

    def __init__(self, names: Iterable[str]) -> None:
        self.files = Counter(folders_of(name) for name in names)
        self.below: Counter[Folders] = Counter()
        self.children: defaultdict[Folders, set[str]] = defaultdict(set)
        for folders, count in self.files.items():
            for depth in range(len(folders) + 1):
                self.below[folders[:depth]] += count
                if depth < len(folders):
                    self.children[folders[:depth]].add(folders[depth])
        # Once for all files: a set may have thousands of classes.
        self.generic = {
            prefix
            for prefix, names in self.children.items()
            if all(name.lower() in GENERIC for name in names)
        }
        self.both = {prefix: classes_in_parts(names) for prefix, names in self.children.items()}
        self.parts = {prefix: parts_of(names) for prefix, names in self.children.items()}
        self.mains = {prefix: self._main(prefix) for prefix in list(self.children)}

    def steps(self, folders: Folders) -> tuple[_Step, ...]:
        """Returns the folders on the way that are not there to enclose others; none beside what holds all else."""
        steps: list[_Step] = []
        for depth, name in enumerate(folders):
            prefix = folders[:depth]
            part = self.parts[prefix].get(name)
            if name in self.both[prefix]:
                part, label = self.both[prefix][name]
                steps += [_Step(name, part), _Step(label, None)]
            elif not steps and (main := self.mains[prefix]) is not None:
                if name != main:
                    return ()
            elif not self._encloses(prefix, name, part, steps[-1] if steps else None):
                steps.append(_Step(name, part))
        return tuple(steps)

    def _encloses(self, prefix: Folders, name: str, part: str | None, before: _Step | None) -> bool:
        """Returns whether a folder only wraps what is below: doubled, generic, or alone."""
        siblings = self.children[prefix]
        if part is not None:
            # `train/train/cat`, and `test/test` with all the pictures, but not the classes of a part.
            return len(siblings) == 1 and before is not None and before.part == part
        if len(siblings) == 1 and before is not None and before.part and before.name == name:
            return True
        if prefix in self.generic:
            return True
        return len(siblings) == 1 and bool(self.children.get((*prefix, name)))

    def _main(self, prefix: Folders) -> str | None:
        """Returns the folder with nearly everything in it, beside others that have no folders: `data`, not `docs`."""
        siblings = self.children[prefix]
        name = max(siblings, key=lambda one: self.below[(*prefix, one)])
        inner = (*prefix, name)
        leaves = not any(self.children.get((*prefix, sibling)) for sibling in siblings - {name})
        most = self.below[inner] >= _WRAPPER * self.below[prefix]
        wraps = len(self.children.get(inner, ())) > 1 and not self.files[inner]
        return name if len(siblings) > 1 and leaves and most and wraps and not self.parts[prefix] else None


def layout_of(names: Iterable[str]) -> Layout:
    """Returns the layout that fits the files' names."""
    tree = _Tree(names)
    steps = {folders: tree.steps(folders) for folders in tree.files}
    first = {folders: place for folders, way in steps.items() if (place := _part_first(way))}
    last = {folders: place for folders, way in steps.items() if (place := _class_first(way))}
    flat = {folders: way[0].part or "" for folders, way in steps.items() if len(way) == 1 and way[0].part}
    weigh = tree.files
    told = {*first, *last, *flat}
    neither = sum(weigh[folders] for folders in steps if folders not in told)
    for places in sorted((first, last), key=lambda one: -_total(one, weigh)):
        if _divides(places.values(), neither <= _total(places, weigh)):
            return _divided(places, steps)
    if flat and sum(weigh[folders] for folders in flat) >= _WRAPPER * weigh.total() and _all_parts(steps):
        return Layout({folders: Place(part, "") for folders, part in flat.items()})
    places = {folders: Place("", way[0].name if way else "") for folders, way in steps.items()}
    return Layout(places, nested=_nested(steps), inner=_inner(places, steps))


def _part_first(way: tuple[_Step, ...]) -> Place | None:
    """Returns the place in a tree of parts with classes in them."""
    for step, inner in pairwise(way):
        if step.part:
            return Place(step.part, inner.name)
    return None


def _class_first(way: tuple[_Step, ...]) -> Place | None:
    """Returns the place in a tree of classes with parts in them."""
    if len(way) < 2 or not way[-1].part or any(step.part for step in way[:-1]):
        return None
    return Place(way[-1].part, way[-2].name)


def _total(places: Mapping[Folders, Place], weigh: Counter[Folders]) -> int:
    return sum(weigh[folders] for folders in places)


def _divides(places: Iterable[Place], is_most: bool) -> bool:
    """Returns whether what looks like parts is what divides the files."""
    parts = {place.part for place in places}
    return len(parts) > 1 or (parts == {TRAIN} and is_most)


def _all_parts(steps: Mapping[Folders, tuple[_Step, ...]]) -> bool:
    parts = {way[0].part for way in steps.values() if way and way[0].part}
    return TRAIN in parts or len(parts) > 1


def _divided(places: Mapping[Folders, Place], steps: Mapping[Folders, tuple[_Step, ...]]) -> Layout:
    """Returns the layout of a tree with parts; what is beside them belongs to no class."""
    learned = {place.label for place in places.values() if place.part == TRAIN}
    known = {
        folders: place
        for folders, place in places.items()
        if not is_unlabeled(place.label)
        # `test/unknown`: what is to be predicted in a competition.
        and (place.label in learned or place.label.lower() not in _NOT_KNOWN)
    }
    classes = {place.label for place in known.values()}
    unknown = {
        _stranger(way, classes)
        for folders, way in steps.items()
        if folders not in places
        and any(step.name in classes for step in way)
        and not any(step.part for step in way)
    }
    # Files right in a part's folder have a part, and a class if their names or a table say it.
    loose = {
        folders: Place(way[0].part, "")
        for folders, way in steps.items()
        if len(way) == 1 and way[0].part and folders not in known
    }
    unsaid = {folders: Place(place.part, "") for folders, place in places.items()}
    return Layout({**loose, **unsaid, **known}, unknown=tuple(sorted(unknown)), inner=_inner(known, steps))


def _stranger(way: tuple[_Step, ...], classes: set[str]) -> str:
    """Returns the folder on a way that should have been a part's."""
    return next((step.name for step in way if step.name not in classes), way[0].name)


def _inner(places: Mapping[Folders, Place], steps: Mapping[Folders, tuple[_Step, ...]]) -> tuple[str, ...]:
    """Returns the folders behind those of the classes, which say something that is not used."""
    found = set()
    for folders, place in places.items():
        way = [step.name for step in steps[folders]]
        if place.label in way and not steps[folders][-1].part:
            found.update(way[way.index(place.label) + 1 :])
    return tuple(sorted(found))


def _nested(steps: Mapping[Folders, tuple[_Step, ...]]) -> tuple[str, ...]:
    """Returns the outermost folders if each of them holds the same folders, of which there are several."""
    inner: defaultdict[str, set[str]] = defaultdict(set)
    for way in steps.values():
        if way:
            inner[way[0].name].update(step.name for step in way[1:2])
    kinds = set(map(frozenset, inner.values()))
    return tuple(sorted(inner)) if len(inner) > 1 and len(kinds) == 1 and len(next(iter(kinds))) > 1 else ()
