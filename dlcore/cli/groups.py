"""`python -m dlcore runs --group FIELD`: groups of runs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dlcore.cli.terminal import print_rows
from dlcore.spec.metrics import METRICS
from dlcore.store import Store
from dlcore.store.filters import RunQuestion
from dlcore.store.filters.fields import find_field, named_field
from dlcore.store.filters.grouping import Statistics, group_runs


def list_groups(store: Store, asked: RunQuestion, names: Sequence[str], *, limit: int, as_json: bool) -> None:
    """Prints the groups of runs that have the same in some fields.

    Raises:
        SpecError: there is no such field.
    """
    by = [named_field(name, where="--group") for name in names]
    metrics = [field for name in (*METRICS, "loss") if (field := find_field(name)) is not None]
    rows = store.runs.values([*by, *metrics], **asked.filters)
    measured = [
        field
        for place, field in enumerate(metrics, start=len(by))
        if any(values[place] is not None for _id, values in rows)
    ]
    places = [*range(len(by)), *(len(by) + metrics.index(field) for field in measured)]
    rows = [(run_id, [values[place] for place in places]) for run_id, values in rows]
    found = group_runs(rows, by, measured)[:limit]
    if as_json:
        print(json.dumps([one.to_dict(by) for one in found]))
        return
    header = (*(field.name for field in by), "runs", *(field.name for field in measured))
    print_rows(
        header,
        [
            (
                *("–" if value is None else str(value) for value in one.values),
                len(one.ids),
                *(_text(one.numbers.get(field.name)) for field in measured),
            )
            for one in found
        ],
    )


def _text(found: Statistics | None) -> str:
    if found is None:
        return ""
    spread = "" if found.deviation is None else f" ± {found.deviation:.2g}"
    return f"{found.mean:.4f}{spread}, best {found.best:.4f}"
