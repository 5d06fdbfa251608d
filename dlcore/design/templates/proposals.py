"""What each kind of data starts with: cleaning, preprocessing, template, augmentation, training."""

from __future__ import annotations

import math
from typing import Any

from dlcore.design.templates.base import Row
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts, Task
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.preprocessing.tables import MOST_ONE_HOT

IMAGE_SIDE = 32
"""Pixels that images of different sizes are brought to at first."""

FEW_VALUES = 12
"""A category with more values gets learned vectors instead of a 0 or 1 for each."""

MANY_VALUES = 5_000
"""With more still, values share ids."""

FEWEST_VALUES = 10
"""A column of numbers with fewer has no curve to learn."""

MOST_CURVED = 50
"""More columns of numbers are not cut in pieces: a network of all their pieces would be large."""

FEW_ROWS = 2_000

MANY_ROWS = 20_000
"""A table with more rows learns as much in fewer epochs."""

FEW_SERIES = 1_000
"""Of fewer whole series, smaller batches make enough steps of an epoch."""

LONGEST_WINDOW = 48
"""Rows of the past that a forecast sees at first."""

LONG_SERIES = 300
"""A series with fewer rows is too short for a dense layer over its windows."""

FEWEST_VALIDATION = 10
"""With fewer samples to validate with, no epoch is told from another."""

PHOTO_SIDE = 24
"""Coloured images of at least this side are taken for photographs."""


def is_photo(facts: DatasetFacts) -> bool:
    """Returns whether the images are likely photographs: coloured, and not tiny."""
    shape = facts.input_shape
    return facts.kind is DataKind.IMAGE and (
        shape is None or (shape[-1] == 3 and min(shape[:2]) >= PHOTO_SIDE)
    )


def cleaning_for(facts: DatasetFacts) -> list[Row]:
    """Returns what is repaired first."""
    wanted = (
        (ColumnRole.FEATURE, ColumnRole.TARGET) if facts.kind is DataKind.SERIES else (ColumnRole.FEATURE,)
    )
    numbers = [c for c in facts.columns_of(*wanted) if c.type in (ColumnType.NUMBER, ColumnType.TIME)]
    if facts.kind in (DataKind.TABLE, DataKind.SERIES) and any(column.missing for column in numbers):
        # In a series, what comes later must not fill what comes before.
        strategy = {"strategy": "previous"} if facts.kind is DataKind.SERIES else {}
        return [{"kind": "MissingValues", **strategy}]
    return []


def steps_for(facts: DatasetFacts) -> list[Row]:
    """Returns the preprocessing that a kind of data starts with."""
    match facts.kind:
        case DataKind.IMAGE:
            resize = {"kind": "Resizing", "height": IMAGE_SIDE, "width": IMAGE_SIDE}
            return [*([] if facts.input_shape else [resize]), {"kind": "Rescaling"}]
        case DataKind.TEXT:
            return [{"kind": "TextVectorization", "max_tokens": 10_000, "output_sequence_length": 80}]
        case DataKind.AUDIO:
            return _sound_steps(facts)
        case DataKind.TABLE:
            return _table_steps(facts)
        case DataKind.SERIES:
            return [{"kind": "Windows", "sequence_length": window_length(facts)}, {"kind": "Normalization"}]
        case DataKind.RATINGS:
            return [{"kind": "ColdStart"}]
        case _:
            return [{"kind": "Normalization", "per": "feature" if facts.has_whole_series else "all"}]


def window_length(facts: DatasetFacts) -> int:
    """Returns how many rows of a series a window starts with."""
    rows = facts.input_shape[0] if facts.input_shape else facts.size
    watched = len(facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET))
    # With more numbers in a window than a quarter of the rows, it is learned by heart. One that is
    # reconstructed lies within one part, the smallest of which has 8 % of the rows.
    share = 20 if facts.task is Task.RECONSTRUCTION else 10
    return max(2, min(LONGEST_WINDOW, rows // share, rows // (4 * watched)))


def _sound_steps(facts: DatasetFacts) -> list[Row]:
    rate = min(facts.sample_rate, 16_000)
    seconds = min(max(0.1, round(facts.seconds, 1)), 1.0)
    # Windows of 32 ms every 16 ms: as long as a sound of speech stays the same.
    window = 2 ** max(5, (rate // 32).bit_length())
    picture = {"fft_length": window, "sequence_stride": window // 2, "num_mel_bins": 40, "top_db": 60.0}
    return [
        *([{"kind": "Resampling", "sample_rate": rate}] if facts.sample_rate > rate else []),
        {"kind": "FixedLength", "seconds": seconds, "crop": "loudest"},
        {"kind": "MelSpectrogram", **picture},
        {"kind": "Normalization", "per": "all"},
    ]


def _table_steps(facts: DatasetFacts) -> list[Row]:
    features = facts.columns_of(ColumnRole.FEATURE)
    others = [c for c in features if c.type in (ColumnType.CATEGORY, ColumnType.TEXT)]
    few = [c.name for c in others if c.unique <= FEW_VALUES]
    some = [c.name for c in others if FEW_VALUES < c.unique <= MANY_VALUES]
    many = [c.name for c in others if c.unique > MANY_VALUES]
    steps: list[Row] = []
    if facts.task is Task.RECONSTRUCTION:
        # Ids cannot be given back by a number that is nearly right.
        ones = [c.name for c in others if c.unique < MOST_ONE_HOT]
        many = [c.name for c in others if c.unique >= MOST_ONE_HOT]
        hashed = {"kind": "Hashing", "columns": many}
        lookup = {"kind": "StringLookup", "columns": ones}
        return [*([lookup] if ones else []), *([hashed] if many else []), {"kind": "Normalization"}]
    if few:
        steps.append({"kind": "StringLookup", "columns": few})
    if some:
        steps.append({"kind": "StringLookup", "columns": some, "output_mode": "int"})
    if many:
        steps.append({"kind": "Hashing", "columns": many, "output_mode": "int", "num_bins": 1_000})
    return [*_in_pieces(features), *steps, {"kind": "Normalization"}]


def _in_pieces(features: tuple[Column, ...]) -> list[Row]:
    """Returns what cuts numbers in pieces, unless there are so many that they are more like pixels."""
    numbers = [c for c in features if c.type in (ColumnType.NUMBER, ColumnType.TIME)]
    curved = [c.name for c in numbers if c.unique >= FEWEST_VALUES]
    if not curved or len(curved) > MOST_CURVED:
        return []
    named = {} if len(curved) == len(numbers) else {"columns": curved}
    return [{"kind": "PiecewiseLinearEncoding", **named}]


def first_template(facts: DatasetFacts) -> str:
    """Returns the name of the template that a kind of data starts with."""
    if facts.task is Task.RECONSTRUCTION:
        over_time = facts.kind is DataKind.SERIES or len(facts.input_shape or ()) == 2
        return "autoencoder_conv" if over_time else "autoencoder"
    match facts.kind:
        case DataKind.IMAGE:
            return "resnet" if is_photo(facts) else "cnn"
        case DataKind.TEXT:
            return "text_conv1d"
        case DataKind.AUDIO:
            return "sound_cnn"
        case DataKind.TABLE:
            return "table_mlp"
        case DataKind.SERIES:
            return "series_mlp" if facts.size >= LONG_SERIES else "series_conv1d"
        case DataKind.RATINGS:
            return "factors"
        case _:
            if facts.has_whole_series:
                return "signal_fcn"
            shape = facts.input_shape or ()
            if len(shape) == 4:
                return "conv3d"
            return "cnn" if len(shape) == 3 and min(shape[:2]) >= 8 else "mlp"


def training_for(facts: DatasetFacts) -> dict[str, Any]:
    """Training, augmentation and division that do well on a kind of data without a change."""
    chosen = _training_of_kind(facts)
    if DatasetSpec().division(facts).validation < FEWEST_VALIDATION:
        chosen["training"].pop("early_stopping", None)
    return chosen


def _training_of_kind(facts: DatasetFacts) -> dict[str, Any]:
    falling = {"schedule": {"kind": "CosineDecay"}}
    if facts.task is Task.RECONSTRUCTION:
        return {
            "training": {
                "epochs": 100,
                "batch_size": 256 if facts.size > MANY_ROWS else 32,
                "optimizer": _adam(0.003),
                **_stopping(10),
            }
        }
    match facts.kind:
        case DataKind.IMAGE if is_photo(facts):
            warm = {"schedule": {"kind": "CosineDecay", "warmup_epochs": 1.0}}
            decayed = {"kind": "AdamW", "learning_rate": 0.003, "weight_decay": 0.05}
            training = {"epochs": 60, "batch_size": 32, "optimizer": decayed, **warm, **_stopping(15)}
            moves = {"kind": "RandomTranslation", "height_factor": 0.1, "width_factor": 0.1}
            return {"training": training, "augmentation": ["RandomFlip", moves]}
        case DataKind.TEXT:
            return {"training": {"epochs": 12, **_stopping(3)}}
        case DataKind.AUDIO:
            return {"training": {"epochs": 40, "optimizer": _adam(0.005), **falling, **_stopping(10)}}
        case DataKind.TABLE:
            return {"training": _table_training(facts.size)}
        case DataKind.SERIES:
            return {"training": _series_training(facts.size)}
        case DataKind.RATINGS:
            size = {"batch_size": _batch_size(facts.size, steps=64)}
            return {"training": {"epochs": 40, **size, "optimizer": _adam(0.005), **falling, **_stopping(5)}}
        case DataKind.ARRAY if facts.has_whole_series:
            batch_size = 16 if facts.size < FEW_SERIES else 64
            return {"training": {"epochs": 80, "batch_size": batch_size, **falling, **_stopping(20)}}
        case DataKind.ARRAY:
            return {"training": {"epochs": 40, **_stopping(8)}}
        case _:
            return {"training": _stopping(3)}


def _table_training(rows: int) -> Row:
    # The fewer rows validate, the more their loss wavers by chance alone: a short table is learned more slowly.
    rate = 0.001 if rows < FEW_ROWS else 0.003
    return _settling(rows, 200 if rows <= MANY_ROWS else 40, learning_rate=rate, weight_decay=0.3)


def _series_training(rows: int) -> Row:
    epochs = 200 if rows <= MANY_ROWS else 40
    training = _settling(rows, epochs, learning_rate=0.005, weight_decay=0.1)
    # What is forecast lies later than what validates: chance there is no gain here.
    training["early_stopping"]["start_margin"] = 2.0
    return training


def _settling(rows: int, epochs: int, *, learning_rate: float, weight_decay: float) -> Row:
    """Returns a training that settles to its end, some sixteen steps an epoch where there are few rows."""
    return {
        "epochs": epochs,
        "batch_size": _batch_size(rows, steps=22),
        "optimizer": {"kind": "AdamW", "learning_rate": learning_rate, "weight_decay": weight_decay},
        "schedule": {"kind": "CosineDecay", "warmup_epochs": 1.0},
        **_stopping(epochs // 4),
    }


def _batch_size(rows: int, *, steps: int) -> int:
    """Returns a power of two, from 16 to 256, that makes about so many steps of all rows."""
    return int(2 ** round(math.log2(min(256, max(16, rows / steps)))))


def _stopping(patience: int) -> Row:
    return {"early_stopping": {"patience": patience}}


def _adam(learning_rate: float) -> Row:
    return {"kind": "Adam", "learning_rate": learning_rate}
