"""Which functions make arrays of which kind of data."""

from __future__ import annotations

from dlcore.datasets.prepare.encoders import SampleEncoder, TableEncoder, read_as_is
from dlcore.datasets.prepare.images import encode_images
from dlcore.datasets.prepare.ratings import apply_ratings, encode_ratings
from dlcore.datasets.prepare.recordings import encode_sounds
from dlcore.datasets.prepare.series import apply_series, encode_series
from dlcore.datasets.prepare.tables import apply_table, encode_table, learn_table
from dlcore.datasets.prepare.texts import apply_texts, encode_texts, learn_texts
from dlcore.spec.data import DataKind

SAMPLE_ENCODERS: dict[DataKind, SampleEncoder] = {
    DataKind.ARRAY: read_as_is,
    DataKind.IMAGE: encode_images,
    DataKind.AUDIO: encode_sounds,
}

TABLE_ENCODERS: dict[DataKind, TableEncoder] = {
    DataKind.TEXT: TableEncoder(encode_texts, apply_texts, learn_texts),
    DataKind.TABLE: TableEncoder(encode_table, apply_table, learn_table),
    DataKind.SERIES: TableEncoder(encode_series, apply_series),
    DataKind.RATINGS: TableEncoder(encode_ratings, apply_ratings),
}
