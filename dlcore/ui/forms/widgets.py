"""The widget of each plain sort of field: how it shows a value, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any, TypeVar

import streamlit as st

from dlcore.spec.describe import Field, Sort
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_markdown, format_code, format_sentence

NONE = "–"
"""The choice that stands for an empty field."""

Number = TypeVar("Number", int, float)

SAFE = 2**53 - 1
"""The largest whole number that a browser counts exactly; st.number_input fails beyond it."""


@dataclass(frozen=True)
class Widget:
    """How one sort of field is edited.

    Attributes:
        draw: draws it for a field with a key, showing something; returns what is in it.
        show: makes of a value what is in it.
        read: makes of what is in it a value, or something that is refused with a reason.
    """

    draw: Callable[[Field, str, Any], Any]
    show: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda held: held

    def ask(self, item: Field, value: Any, key: str, *, fresh: bool = False) -> Any:
        """Draws the widget of a field; returns what the field is now."""
        return ask(
            key,
            value,
            lambda key, shown: self.draw(item, key, shown),
            show=self.show,
            read=self.read,
            fresh=fresh,
        )


def help_text(item: Field) -> str:
    """Returns the help of a field: its sentence, its range, its name in Keras."""
    parts = [format_sentence(_(item.help)), format_code(item.name), escape_markdown(item.range_text())]
    return " · ".join(part for part in parts if part)


def number_text(number: float) -> str:
    """Returns a number in the fewest digits that give it back exactly.

    Example:
        >>> number_text(0.1), number_text(2.0), number_text(0.1234567891), number_text(1e-7)
        ('0.1', '2', '0.1234567891', '1e-07')
    """
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def number_format(value: float | None) -> str:
    """Returns the format of a number field that shows a value without rounding it.

    Example:
        >>> number_format(0.001), number_format(0.1234567891)
        ('%.6g', '%.10g')
    """
    digits = range(6, 18)
    exact = (count for count in digits if value is None or float(f"{value:.{count}g}") == value)
    return f"%.{next(exact)}g"


def step_of(default: Any) -> float:
    """Returns how far a press on plus or minus goes."""
    scale = abs(default) if isinstance(default, float) and default else 0.1
    return float(10.0 ** (floor(log10(scale)) - (scale < 1)))


def _int(item: Field, key: str, shown: int | str | None) -> Any:
    if isinstance(shown, str):
        return _text(item, key, shown)
    # Limits are checked when the form is read: the widget would show a value beyond its own ones, give
    # the old one, and not say why.
    return st.number_input(
        _(item.label),
        value=_first_number(item, key, shown),
        step=1,
        key=key,
        persist_state=KEPT,
        help=help_text(item),
        placeholder=_("automatic") if item.optional else None,
    )


def _first_number(item: Field, key: str, shown: Number | None) -> Number | None:
    """Returns what a new number field is told to begin with.

    One that is told a number cannot be emptied in a browser, which then puts that number back: an optional field
    finds it in the session instead.
    """
    if not item.optional:
        return shown
    st.session_state.setdefault(key, shown)
    return None


def _show_int(value: Any) -> Any:
    return str(value) if isinstance(value, int) and abs(value) > SAFE else value


def _read_int(held: Any) -> Any:
    return _number(held.strip()) if isinstance(held, str) else held


def _float(item: Field, key: str, shown: float | None) -> Any:
    return st.number_input(
        _(item.label),
        value=_first_number(item, key, None if shown is None else float(shown)),
        step=step_of(item.default),
        format=number_format(shown),
        key=key,
        persist_state=KEPT,
        help=help_text(item),
        placeholder=(_("automatic") if item.derived else _("none")) if item.optional else None,
    )


def select(item: Field, key: str, shown: Any, options: Sequence[Any], words: Callable[[Any], str]) -> Any:
    """Draws a field that is one of some options.

    Args:
        item: the field.
        key: of the widget.
        shown: the option in it.
        options: what can be chosen.
        words: what an option is called, in the reader's language.
    """
    return st.selectbox(
        _(item.label),
        options,
        index=options.index(shown),
        key=key,
        persist_state=KEPT,
        help=help_text(item),
        format_func=words,
    )


def _bool(item: Field, key: str, shown: bool | None) -> Any:
    if item.optional:
        return _yes_no(item, key, shown)
    return st.checkbox(_(item.label), value=bool(shown), key=key, persist_state=KEPT, help=help_text(item))


def _yes_no(item: Field, key: str, shown: bool | None) -> Any:
    """Yes, no, or left to be chosen: a checkbox would take the last for no."""
    options = (None, True, False)
    words = {None: _("automatic"), True: _("yes"), False: _("no")}
    return select(item, key, shown, options, lambda one: words[one])


def _text(item: Field, key: str, shown: str) -> Any:
    return st.text_input(_(item.label), value=shown, key=key, persist_state=KEPT, help=help_text(item))


def _choice(item: Field, key: str, shown: str) -> Any:
    options = [*([NONE] if item.optional else []), *item.choices]
    return select(item, key, shown, options, lambda word: _("none") if word == NONE else word)


def _show_pair(value: Sequence[Any] | int | float | str | None) -> str:
    if isinstance(value, int | float | str):  # one size for all axes, as it was typed
        return _shown(value)
    between = " × " if all(isinstance(number, int) for number in value or ()) else " … "
    return between.join(map(_shown, value or ()))


def _read_pair(held: str) -> Any:
    numbers = [_number(part) for part in re.split(r"[\s,;×x*…]+", held) if part]
    # One size stands for all axes, however many the field has; a word is refused as one of them would be.
    if len(numbers) == 1:
        return [numbers[0], numbers[0]] if isinstance(numbers[0], str) else numbers[0]
    return numbers or None


def _show_numbers(value: Sequence[Any]) -> str:
    return ", ".join(map(_shown, value))


def _read_numbers(held: str) -> Any:
    return [_number(part) for part in re.split(r"[\s,;]+", held) if part]


def _shown(number: Any) -> str:
    return number if isinstance(number, str) else number_text(number)


def _number(text: str) -> Any:
    """Returns the number that a text says, or the text itself, to be refused with a reason."""
    if re.fullmatch(r"[+-]?[0-9]{1,100}", text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


WIDGETS: dict[Sort, Widget] = {
    Sort.INT: Widget(_int, _show_int, _read_int),
    Sort.FLOAT: Widget(_float),
    Sort.BOOL: Widget(_bool),
    Sort.TEXT: Widget(_text, read=str.strip),
    Sort.CHOICE: Widget(
        _choice,
        lambda value: NONE if value is None else str(value),
        lambda held: None if held == NONE else held,
    ),
    Sort.PAIR: Widget(_text, _show_pair, _read_pair),
    Sort.NUMBERS: Widget(_text, _show_numbers, _read_numbers),
}
