"""What the columns of a table are for, and what the table is meant as, as far as it can be inferred."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dlcore.datasets.ingest.columns import FEW, TEXT_NAMES, TIME_NAMES
from dlcore.datasets.ingest.label_cells import label_separator
from dlcore.datasets.ingest.missing_words import NO_NUMBER
from dlcore.datasets.ingest.panels import Panel, time_of
from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.table_reading import TableReading
from dlcore.errors import N_, Message
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task

_TARGETS = re.compile(
    r"^(label|labels|class|target|targets|y|category|species|outcome|sentiment|diagnosis|result|quality|"
    r"rating|price|survived|progression|output|tags|标签|类别|类别名|分类|情感|目标)$",
    re.IGNORECASE,
)
_SURE_TARGETS = re.compile(r"^(label|labels|class|target|targets|标签|类别|目标)$", re.IGNORECASE)
"""Nobody calls anything else so."""

_TRUTH = frozenset({"true", "false", "yes", "no", "t", "f", "y", "n"})
_USERS = re.compile(r"^((user|customer|reviewer|member)[-_ ]?(id)?|用户|用户id)$", re.IGNORECASE)
_ITEMS = re.compile(
    r"^((item|movie|product|book|game|anime|artist|track|song|business|restaurant|recipe|hotel)[-_ ]?(id)?|isbn|asin|物品)$",
    re.IGNORECASE,
)
_RATINGS = re.compile(r"^(([a-z]+[-_ ])?ratings?|score|stars|hours|评分)$", re.IGNORECASE)
_ROW_NAMES = re.compile(
    r"^(row\.?names?|row([_ ]?(id|number|nr|no|num|index))?|index|idx|no|no\.|nr|nr\.|#|x|obs|observation|case|"
    r"id|uuid|guid|name|.*[_ ](id|uuid)|序号|编号)$",
    re.IGNORECASE,
)
_CAMEL_ID = re.compile(r".*[a-z]I[dD]$")
_PARTS = frozenset({"part", "partition", "split", "subset", "set", "fold", "usage", "数据集"})
_ALMOST_ALL = 0.95
"""The share of different times in rows that are in order from which they are of one series, a few of them doubled."""

_SINGLE = 0.95
"""The share of different values from which a column names single rows."""


@dataclass(frozen=True)
class Roles:
    """The columns with their roles.

    Attributes:
        columns: in order.
        notes: what was left out, and why.
        warnings: what is probably wrong.
    """

    columns: tuple[Column, ...]
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()


def row_numbers(table: TableReading, unnamed: frozenset[str], rows: int) -> frozenset[str]:
    """Returns the columns that only tell rows apart: without a name, or with one such as `id`."""
    found = set()
    wide = len(table.columns) > 3
    for column in table.columns:
        nameless = column.name in unnamed
        if not nameless and not _ROW_NAMES.match(column.name) and not _CAMEL_ID.match(column.name):
            continue
        single = rows > FEW and column.unique >= _SINGLE * max(1, rows - column.missing)
        # R calls row names "X"; of few columns it is rather what the others depend on.
        counts = column.name in table.counting and (wide or column.name.lower() != "x")
        if counts or (single and column.name.lower() != "x"):
            found.add(column.name)
    # Something has to be left to learn from.
    return frozenset(found) if len(table.columns) - len(found) > 1 else frozenset()


def kind_of(
    columns: tuple[Column, ...], panel: Panel | None, rows: int, is_ordered: Callable[[Column], bool]
) -> DataKind:
    """Returns what the table is most likely meant as, by the columns that say something.

    Args:
        columns: those that do not only number the rows.
        panel: what tells several series apart, if they are.
        rows: how many there are.
        is_ordered: whether the rows are in the order of a column of times.
    """
    names = [column.name for column in columns]
    if any(map(_USERS.match, names)) and any(map(_ITEMS.match, names)) and any(map(_RATINGS.match, names)):
        return DataKind.RATINGS
    if _is_u_data(columns):
        return DataKind.RATINGS
    if any(column.type is ColumnType.TEXT for column in columns) and len(columns) <= 4:
        return DataKind.TEXT
    times = [c for c in columns if c.type is ColumnType.TIME or TIME_NAMES.match(c.name)]
    numbers = [c for c in columns if c.type is ColumnType.NUMBER and c not in times]
    rest = [c for c in columns if c not in times and c not in numbers]
    if panel is not None:
        told = {*panel.groups, *panel.fixed}
        numbers, rest = ([c for c in some if c.name not in told] for some in (numbers, rest))
        rest = [c for c in rest if not _is_flag(c)]
    if not times or not numbers or rest:
        return DataKind.TABLE
    if panel is not None or any(one.unique == rows for one in times):
        return DataKind.SERIES
    doubled = [one for one in times if one.type is ColumnType.TIME and one.unique >= _ALMOST_ALL * rows]
    return DataKind.SERIES if any(map(is_ordered, doubled)) else DataKind.TABLE


def _is_flag(column: Column) -> bool:
    """Returns whether a column only says whether something is so, and is not what is to be predicted."""
    words = {word.lower() for word in column.categories}
    return 0 < len(words) <= 2 and words <= _TRUTH and not _TARGETS.match(column.name)


def _is_u_data(columns: tuple[Column, ...]) -> bool:
    """MovieLens' `u.data`: user, item, rating and time without a header."""
    return (
        len(columns) in (3, 4)
        and all(c.type is ColumnType.NUMBER and c.name.startswith("column ") for c in columns)
        and columns[2].unique <= 10 < min(columns[0].unique, columns[1].unique)
    )


def assign_roles(
    table: TableReading,
    kind: DataKind,
    chosen: Mapping[str, ColumnRole],
    *,
    groups: tuple[str, ...],
    numbering: frozenset[str],
    rows: int,
) -> Roles:
    """Returns the columns with their roles in data of that kind; choices come first.

    Args:
        table: how the columns are read.
        kind: of the data.
        chosen: roles by name.
        groups: the columns of groups.
        numbering: columns that only tell rows apart.
        rows: how many there are.
    """
    told = tuple(column for column in table.columns if column.name not in numbering)
    guess = {
        DataKind.RATINGS: _rating_roles, DataKind.SERIES: _series_roles, DataKind.TEXT: _text_roles,
    }.get(kind, _table_roles)  # fmt: skip
    guessed = {
        **dict.fromkeys(numbering, ColumnRole.IGNORED),
        **guess(told),
        **dict.fromkeys(groups, ColumnRole.GROUP),
    }
    if ColumnRole.TARGET in chosen.values():
        # Whoever names targets names all of them.
        guessed = {n: r if r is not ColumnRole.TARGET else ColumnRole.FEATURE for n, r in guessed.items()}
    columns = tuple(
        replace(column, role=chosen.get(column.name, guessed.get(column.name, ColumnRole.FEATURE)))
        for column in table.columns
    )
    unused = frozenset(c.name for c in columns if c.role is ColumnRole.IGNORED and c.name not in chosen)
    notes = tuple(_unused_notes(columns, kind, unused, numbering))
    return Roles(columns, notes, tuple(_warnings(columns, kind, rows)))


def all_features(roles: Roles) -> Roles:
    """Returns the roles for a reconstruction, which has no target beside what it is given."""
    columns = tuple(
        replace(column, role=ColumnRole.FEATURE) if column.role is ColumnRole.TARGET else column
        for column in roles.columns
    )
    text = N_("all columns that are used are reconstructed; none of them is a target.")
    warnings = tuple(_warnings(columns, DataKind.TABLE, 0))
    return Roles(columns, (*roles.notes, Message(text)), warnings)


def _unused_notes(
    columns: tuple[Column, ...], kind: DataKind, unused: frozenset[str], numbering: frozenset[str]
) -> Iterator[Message]:
    """Yields why columns are not used."""
    reasons = {
        DataKind.TABLE: N_("column {column} is not used: almost every row has another value."),
        DataKind.SERIES: N_("column {column} is not used: a series is made of numbers."),
        DataKind.TEXT: N_("column {column} is not used: only one column of texts is read."),
    }
    numbers = N_("column {column} is not used: it only tells the rows apart.")
    for name in sorted(unused & numbering):
        yield Message(numbers, params={"column": name})
    for column in columns:
        if kind is DataKind.TEXT and column.type is not ColumnType.TEXT:
            continue
        if column.name in unused - numbering and kind in reasons:
            yield Message(reasons[kind], params={"column": column.name})


def _warnings(columns: tuple[Column, ...], kind: DataKind, rows: int) -> Iterator[Message]:
    for column in columns:
        if (
            kind is DataKind.SERIES
            and TIME_NAMES.match(column.name)
            and column.type is ColumnType.CATEGORY
            and not any(one.role is ColumnRole.TIME for one in columns)
        ):
            yield Message(
                N_(
                    "the times in column {column} are not understood: the rows stay in the order of the file."
                ),
                N_("Choose how its dates are written."),
                params={"column": column.name},
            )
        if (
            column.role is ColumnRole.TARGET
            and column.type is ColumnType.CATEGORY
            and column.unique > max(FEW, rows / 2)
        ):
            yield Message(
                N_(
                    "target {column} has too many different values to learn one by one: {unique}, of rows: {rows}."
                ),
                N_("Check its type, or choose another target."),
                params={"column": column.name, "unique": column.unique, "rows": rows},
            )
        if column.role in (ColumnRole.TARGET, ColumnRole.FEATURE) and (alike := _alike(column.categories)):
            yield Message(
                N_("column {column}: '{first}' and '{second}' count as different values."),
                N_("If they are one, write them the same way."),
                params={"column": column.name, "first": alike[0], "second": alike[1]},
            )
        words = [word for word in column.categories if word.lower() in NO_NUMBER]
        if words and column.role in (ColumnRole.TARGET, ColumnRole.FEATURE) and len(column.categories) > 1:
            yield Message(
                N_("column {column}: '{word}' counts as a value like the others."),
                N_("If it means that there is none, name it as a word for missing values."),
                params={"column": column.name, "word": words[0]},
            )


def _alike(words: Iterable[str]) -> tuple[str, str] | None:
    """Returns two words that differ only in their case, if there are such."""
    known: dict[str, str] = {}
    for word in words:
        if (other := known.setdefault(" ".join(word.casefold().split()), word)) != word:
            return other, word
    return None


def _target_of(columns: tuple[Column, ...]) -> Column | None:
    """Returns the column that is called like a target: the surest name, then the first; `y` beside `x` is a place."""
    plane = len(columns) > 2 and any(column.name.lower() == "x" for column in columns)
    called = [
        column
        for column in columns
        if _TARGETS.match(column.name)
        and not (plane and column.name.lower() == "y" and column is not columns[-1])
    ]
    return next((column for column in called if _SURE_TARGETS.match(column.name)), next(iter(called), None))


def _first(columns: tuple[Column, ...], pattern: re.Pattern[str]) -> Column | None:
    return next((column for column in columns if pattern.match(column.name)), None)


def _rating_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    order = [_first(columns, pattern) for pattern in (_USERS, _ITEMS, _RATINGS, TIME_NAMES)]
    if None in order[:3]:
        order = [*columns[:4]]
    wanted = (ColumnRole.USER, ColumnRole.ITEM, ColumnRole.TARGET, ColumnRole.TIME)
    roles = {column.name: ColumnRole.IGNORED for column in columns}
    return roles | {c.name: role for c, role in zip(order, wanted, strict=False) if c is not None}


def _series_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    roles = {c.name: ColumnRole.FEATURE for c in columns if c.type is ColumnType.NUMBER}
    roles |= {c.name: ColumnRole.IGNORED for c in columns if c.type is not ColumnType.NUMBER}
    if (time := time_of(columns)) is not None:
        roles[time.name] = ColumnRole.TIME
    numbers = [name for name, role in roles.items() if role is ColumnRole.FEATURE]
    known = _target_of(tuple(column for column in columns if column.name in numbers))
    target = known.name if known is not None else numbers[-1] if numbers else None
    return roles | ({target: ColumnRole.TARGET} if target else {})


def _text_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    roles = {column.name: ColumnRole.IGNORED for column in columns}
    texts = [c for c in columns if c.type is ColumnType.TEXT]
    if texts:
        chosen = _first(tuple(texts), TEXT_NAMES) or texts[0]
        roles[chosen.name] = ColumnRole.FEATURE
    rest = tuple(c for c in columns if roles[c.name] is ColumnRole.IGNORED)
    if part := _part_column(rest):
        roles[part.name] = ColumnRole.PART
    rest = tuple(c for c in rest if c.unique and c is not part)
    flags = [c.name for c in rest if c.type is ColumnType.NUMBER and c.unique == 2]
    if len(flags) > 1 and len(flags) == len(rest):
        return roles | dict.fromkeys(flags, ColumnRole.TARGET)  # several labels, a column each
    target = _target_of(rest) or min(rest, key=lambda c: c.unique, default=None)
    return roles | ({target.name: ColumnRole.TARGET} if target else {})


def _part_column(columns: tuple[Column, ...]) -> Column | None:
    part = next((c for c in columns if c.name.lower() in _PARTS), None)
    if part is None:
        return None
    known = {part_of(value) for value in part.categories}
    # Where some are parts, the others must not be trained on unseen: what they are is asked.
    return part if len(known - {None}) > (None in known) else None


def _table_roles(columns: tuple[Column, ...]) -> dict[str, ColumnRole]:
    roles = {c.name: ColumnRole.FEATURE for c in columns}
    if part := _part_column(columns):
        roles[part.name] = ColumnRole.PART
    for column in columns:
        # Texts and names of single rows teach nothing; whoever knows better says so.
        single = column.unique > 50 and column.unique >= _SINGLE * (column.unique + column.missing)
        named = (
            column.type is ColumnType.CATEGORY
            and not _TARGETS.match(column.name)
            and column is not columns[-1]
        )
        if column.type is ColumnType.TEXT or (single and named):
            roles[column.name] = ColumnRole.IGNORED
    features = [c for c in columns if roles[c.name] is ColumnRole.FEATURE]
    target = _target_of(tuple(c for c in features if c.unique > 1)) or (features[-1] if features else None)
    return roles | ({target.name: ColumnRole.TARGET} if target else {})


def task_of(kind: DataKind, columns: tuple[Column, ...], rows: int) -> Task:
    """Returns what the targets ask for."""
    if kind is DataKind.SERIES:
        return Task.FORECASTING
    if kind is DataKind.RATINGS:
        return Task.RATING
    targets = [column for column in columns if column.role is ColumnRole.TARGET]
    if len(targets) > 1:
        yes_no = all(c.type is ColumnType.NUMBER and c.unique <= 2 for c in targets)
        return Task.MULTILABEL if yes_no else Task.REGRESSION
    if not targets:
        return Task.REGRESSION
    target = targets[0]
    if target.type is ColumnType.CATEGORY or target.type is ColumnType.TEXT:
        if label_separator(target.categories):
            return Task.MULTILABEL
        return Task.BINARY if target.unique == 2 else Task.MULTICLASS
    if target.unique == 2:
        return Task.BINARY
    return Task.MULTICLASS if target.unique <= FEW and target.unique * 10 <= rows else Task.REGRESSION
