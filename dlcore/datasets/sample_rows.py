"""The rows of a stored dataset, from its file to pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

DAMAGE = pa.ArrowException
"""What is raised at a damaged file, beside errors of the system."""


def read_rows(path: Path, *, most: int | None = None) -> pd.DataFrame:
    """Returns the rows of a file of samples.

    Args:
        path: of the file.
        most: read no more than so many; None: all of them.
    """
    with pq.ParquetFile(path, pre_buffer=False) as file:
        if most is not None:
            first = next(file.iter_batches(batch_size=most), None)
            head: pd.DataFrame = (file.schema_arrow.empty_table() if first is None else first).to_pandas()
            return head
        names = file.schema_arrow.names
        # One by one: all of them at once in Arrow and in pandas take twice the memory.
        columns = (file.read(columns=[name], use_threads=False).column(0) for name in names)
        # Copied, for what pandas shares with Arrow cannot be written to.
        series = {name: column.to_pandas().copy() for name, column in zip(names, columns, strict=True)}
    return pd.DataFrame(series, copy=False)
