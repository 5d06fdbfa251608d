"""Which function makes arrays of which kind of data."""

from __future__ import annotations

from dlcore.datasets.prepare.encoders import SampleEncoder, TableEncoder, read_as_is
from dlcore.datasets.prepare.images import encode_images
from dlcore.datasets.prepare.ratings import encode_ratings
from dlcore.datasets.prepare.recordings import encode_sounds
from dlcore.datasets.prepare.series import encode_series
from dlcore.datasets.prepare.tables import encode_table
from dlcore.datasets.prepare.texts import encode_texts
from dlcore.spec.data import DataKind

SAMPLE_ENCODERS: dict[DataKind, SampleEncoder] = {
    DataKind.ARRAY: read_as_is,
    DataKind.IMAGE: encode_images,
    DataKind.AUDIO: encode_sounds,
}

TABLE_ENCODERS: dict[DataKind, TableEncoder] = {
    DataKind.TEXT: encode_texts,
    DataKind.TABLE: encode_table,
    DataKind.SERIES: encode_series,
    DataKind.RATINGS: encode_ratings,
}
