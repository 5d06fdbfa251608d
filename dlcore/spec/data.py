"""What a dataset is, as far as specs must know: its kind, its task, its columns, its sizes."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from dlcore.spec.remote import RemoteFile


class DataKind(StrEnum):
    """What one sample is."""

    IMAGE = "image"
    TEXT = "text"
    AUDIO = "audio"
    TABLE = "table"
    SERIES = "series"
    RATINGS = "ratings"
    ARRAY = "array"


class Task(StrEnum):
    """What a model should do with the data."""

    BINARY = "binary classification"
    MULTICLASS = "multiclass classification"
    MULTILABEL = "multilabel classification"
    REGRESSION = "regression"
    FORECASTING = "forecasting"
    RATING = "rating prediction"
    RECONSTRUCTION = "reconstruction"

    @property
    def single_label(self) -> bool:
        """Whether each sample belongs to exactly one class."""
        return self in (Task.BINARY, Task.MULTICLASS)

    @property
    def classifies(self) -> bool:
        """Whether the answer is one class, or several."""
        return self in (Task.BINARY, Task.MULTICLASS, Task.MULTILABEL)


class ColumnType(StrEnum):
    """What is in a column."""

    NUMBER = "number"
    CATEGORY = "category"
    TEXT = "text"
    TIME = "time"


class ColumnRole(StrEnum):
    """What a column is for."""

    FEATURE = "feature"
    TARGET = "target"
    GROUP = "group"
    TIME = "time"
    PART = "part"
    USER = "user"
    ITEM = "item"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Column:
    """One column of a table, a series, a text file or a list of ratings.

    Attributes:
        name: as the user's file has it.
        categories: the values of a category in order; empty for other types, or where there are more
            than `MAX_CATEGORIES`.
        unique: how many different values there are.
        missing: how many rows have none.
    """

    name: str
    type: ColumnType
    role: ColumnRole = ColumnRole.FEATURE
    categories: tuple[str, ...] = ()
    unique: int = 0
    missing: int = 0


MAX_CATEGORIES = 1_000
"""Categories of a column that are listed one by one; with more, only how many there are."""


@dataclass(frozen=True)
class ForecastStart:
    """What the next value of a series is near, without learning: the mean of its last rows, or closer to the mean of all.

    Attributes:
        rows: how many of the last rows.
        share: of its distance from the training part's mean, how much is kept; 0 is that mean.
    """

    rows: int = 1
    share: float = 1.0


LAST_VALUE = ForecastStart()


_TEXTS = ("name", "title", "description", "licence", "source", "citation")


@dataclass(frozen=True)
class DatasetFacts:
    """What can be known of a dataset without opening its samples.

    Attributes:
        title, description, licence: for display; those of built-in datasets are translatable templates.
        classes: the names, in the order of the labels; of a multilabel task, the labels.
        train_size: samples to train on, the validation part not yet taken off; where the dataset has
            no test part of its own, that one neither.
        test_size, validation_size: samples of the dataset's own parts; 0 where it has none.
        class_counts: samples of each class, over all parts; empty where unknown.
        input_shape: (height, width, channels) of images, the sizes of one array, (timesteps,) of a
            series, of the longest where there are several; None where samples differ or it does not apply.
        sample_rate: of audio, in Hz.
        seconds: the length of the longest recording.
        columns: of tables, series, texts and ratings.
        has_groups: whether samples know a group (a speaker, a patient) to be split by; the rows of each
            group of a series are a series of their own.
        forecast_start: of a series, what a forecast starts from.
        version: a hash of the content; empty for built-in datasets.
        owner: whose it is; empty for built-in datasets.
        files: what is downloaded; empty where the data is here already.
    """

    name: str
    title: str
    description: str
    task: Task
    input_shape: tuple[int, ...] | None
    classes: tuple[str, ...]
    train_size: int
    test_size: int
    licence: str
    source: str
    citation: str
    files: tuple[RemoteFile, ...] = ()
    kind: DataKind = DataKind.IMAGE
    validation_size: int = 0
    sample_rate: int = 0
    seconds: float = 0.0
    columns: tuple[Column, ...] = ()
    has_groups: bool = False
    class_counts: tuple[int, ...] = ()
    forecast_start: ForecastStart = LAST_VALUE
    version: str = ""
    owner: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """What somebody has called it and what it is made of, each text by its place."""
        named = {name: getattr(self, name) for name in _TEXTS}
        classes = {f"classes[{place}]": text for place, text in enumerate(self.classes)}
        return named | classes | {f"columns[{place}]": one.name for place, one in enumerate(self.columns)}

    @property
    def download_bytes(self) -> int:
        """How much is downloaded at first use; 0 where nothing is."""
        return sum(file.size for file in self.files)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of data whose samples are images of one size."""
        assert self.input_shape is not None and len(self.input_shape) == 3, "images of one size"
        return self.input_shape

    @property
    def has_whole_series(self) -> bool:
        """Whether each sample is a series, (time, features): images have a third axis, their channels."""
        return self.kind is DataKind.ARRAY and len(self.input_shape or ()) == 2

    @property
    def size(self) -> int:
        """All samples."""
        return self.train_size + self.validation_size + self.test_size

    def columns_of(self, *roles: ColumnRole) -> tuple[Column, ...]:
        """Returns the columns that have one of these roles, in order."""
        return tuple(column for column in self.columns if column.role in roles)

    def with_classes(self, names: tuple[str | None, ...]) -> "DatasetFacts":
        """Returns the same with each class renamed, those of one name put together,
        and those of None removed.

        A binary task that no longer has two classes becomes a multiclass one.
        """
        if names == self.classes or not self.task.single_label:
            return self
        kept = tuple(dict.fromkeys(name for name in names if name is not None))
        counts = tuple(
            sum(count for new, count in zip(names, self.class_counts, strict=True) if new == name)
            for name in kept
            if self.class_counts
        )
        task = self.task if self.task is Task.MULTICLASS or len(kept) == 2 else Task.MULTICLASS
        return replace(self, classes=kept, class_counts=counts, task=task)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of what is predicted: classes of a classification, else the target columns."""
        if self.task.classifies:
            return self.classes
        named = tuple(column.name for column in self.columns_of(ColumnRole.TARGET))
        return named or ("target",)

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "DatasetFacts":
        """Restores what `to_dict` returned, also after a JSON round trip."""
        columns = tuple(
            Column(
                **{
                    **row,
                    "type": ColumnType(row["type"]),
                    "role": ColumnRole(row["role"]),
                    "categories": tuple(row["categories"]),
                }
            )
            for row in data["columns"]
        )
        shape, start = data["input_shape"], data.get("forecast_start")
        changed = {
            # Datasets that were stored before it was measured have none.
            "forecast_start": ForecastStart(**start) if start else LAST_VALUE,
            "task": Task(data["task"]),
            "kind": DataKind(data["kind"]),
            "classes": tuple(data["classes"]),
            "class_counts": tuple(data["class_counts"]),
            "files": tuple(RemoteFile(**file) for file in data["files"]),
            "input_shape": None if shape is None else tuple(shape),
            "columns": columns,
        }
        return cls(**{**data, **changed})
