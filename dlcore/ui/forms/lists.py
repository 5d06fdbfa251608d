"""Lists of names, and numbers by name, edited row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dlcore.spec.order import Order
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.rows import palette, row_buttons
from dlcore.ui.forms.widgets import number_format
from dlcore.ui.shared.i18n import _n
from dlcore.ui.shared.markdown import escape_name

MOST_ROWS = 100
"""Of a longer list only the first are drawn; the others are kept as they are."""


def name_rows(
    names: Sequence[str],
    options: Sequence[str],
    key: str,
    *,
    label: str,
    title: Callable[[str], str] = str,
    free: bool = False,
) -> Sequence[str]:
    """Draws a list of names whose order counts; returns it as it is now.

    Args:
        names: the list.
        options: what can be added.
        key: of the list.
        label: of what adds one.
        title: what users call a name.
        free: whether other names can be typed as well.
    """
    order, seen = None, Counter[str]()
    for index, name in enumerate(names[:MOST_ROWS]):
        here, text = f"{key}.{name}.{seen[name]}", title(name)
        seen[name] += 1
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
            st.markdown(f"{index + 1} · {escape_name(text)}", width="stretch")
            order = row_buttons(text, here, index, len(names)) or order
    _say_rest(len(names))
    new = palette(label, options, f"{key}.add", tuple(names), title=title, free=free)
    if new is not None:
        return [*names, new]
    return names if order is None else order.arrange(names)


def number_rows(
    numbers: Mapping[str, float], options: Sequence[str], key: str, *, label: str, moves: bool
) -> Mapping[str, float]:
    """Draws a number for each of some names; returns them as they are now.

    Args:
        numbers: by name.
        options: names that can be added.
        key: of the whole.
        label: of what adds one.
        moves: whether their order counts.
    """
    names, edited = list(numbers), dict(numbers)
    order: Order | None = None
    for index, name in enumerate(names[:MOST_ROWS]):
        here = f"{key}.{name}"
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xxsmall", wrap=False):
            edited[name] = ask(here, numbers[name], _number_field(escape_name(name)))
            order = row_buttons(name, here, index, len(names), moves=moves) or order
    _say_rest(len(names))
    free = [name for name in options if name not in numbers]
    new = palette(label, free, f"{key}.add", dict(numbers), free=not options)
    if new is not None and new not in numbers:
        return {**edited, new: 1.0}
    if order is not None:
        return {name: edited[name] for name in order.arrange(names)}
    untouched = all(edited[name] is numbers[name] for name in names)
    return numbers if untouched else edited


def _number_field(label: str) -> Callable[[str, float], float | None]:
    def draw(key: str, shown: float) -> float | None:
        return st.number_input(
            label, value=shown, step=0.1, format=number_format(shown), key=key, persist_state=KEPT
        )

    return draw


def _say_rest(count: int) -> None:
    if count > MOST_ROWS:
        text = _n(
            "{n} more is kept as it is; the experiment's file shows it.",
            "{n} more are kept as they are; the experiment's file shows them.",
            count - MOST_ROWS,
        )
        st.caption(text.format(n=count - MOST_ROWS))
