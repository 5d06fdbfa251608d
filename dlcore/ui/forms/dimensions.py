"""Dimensions of a search, edited: beside the fields of the forms, and in the list of the Search page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import floor, log10
from typing import Any, Literal

import streamlit as st

from dlcore.design.templates import TEMPLATES, templates_for
from dlcore.errors import SpecError
from dlcore.search.dimensions import Choices, Dimension, Presence, Range, Repeat, label_of
from dlcore.search.drafted import SearchDraft, read
from dlcore.search.offers import NUMBERS, Offer, beginning, is_searchable, offers
from dlcore.search.places import AS_DRAFTED
from dlcore.spec.base import Kind
from dlcore.spec.describe import Field, Sort
from dlcore.spec.layers import LAYERS
from dlcore.ui.shared.drafts import Working
from dlcore.ui.shared.i18n import _, say_beside
from dlcore.ui.shared.markdown import plain

KEPT: Literal["session"] = "session"
NONE = "–"
RANGE, CHOICES = "Range", "Choices"
Fits = Callable[[type[Kind]], bool]
FITS: Fits = lambda kind: True  # noqa: E731


@dataclass
class Dimensions:
    """The space of a draft's search on its way through the forms of a page.

    Args:
        draft: whose.
        space: path to the JSON object of a dimension; edited in place.
        prefix: the path of what a form edits.
        problems: what is wrong with a dimension as it is stored.
        known: all that can be a dimension.
        valid: whether all that was typed could be taken.
    """

    draft: Working
    space: dict[str, Any]
    prefix: str = ""
    problems: Mapping[str, SpecError] = field(default_factory=dict)
    known: Mapping[str, Offer] = field(default_factory=dict)
    valid: bool = True

    @classmethod
    def of(cls, draft: Working, prefix: str = "") -> Dimensions:
        """The dimensions of a draft."""
        search = draft.search
        return cls(
            draft,
            dict(search.space),
            prefix,
            search.problems(draft.spec, draft.facts),
            offers(draft.spec, search.dimensions(), draft.facts),
        )

    def under(self, prefix: str) -> Dimensions:
        """The same for a form that edits what is at `prefix`; both change one space."""
        return replace(self, prefix=prefix, valid=True)

    @property
    def changed(self) -> bool:
        """Whether the space is another than that of the draft."""
        return self.space != dict(self.draft.search.space)

    @property
    def search(self) -> SearchDraft:
        """The draft's search with this space."""
        return self.draft.search.with_space(self.space)

    def path(self, path: str) -> str:
        """A form's path from the root of the experiment."""
        return f"{self.prefix}.{path}" if self.prefix else path

    def offers(self, item: Field, value: Any, path: str) -> bool:
        """Whether a field of the form can be searched."""
        whole = self.path(path)
        return whole in self.space or (whole in self.known and is_searchable(item, value))

    def switch(self, item: Field, value: Any, path: str, fits: Fits) -> None:
        """The button that makes a dimension of a field, or a field of a dimension."""
        whole = self.path(path)
        searched = whole in self.space
        pressed = st.button(
            "",
            icon=":material/tune:",
            key=f"{self._key(whole)}.on",
            type="primary" if searched else "tertiary",
            help=_("Search no longer: {field}").format(field=_(item.label))
            if searched
            else _("Search: {field}").format(field=_(item.label)),
        )
        if pressed and searched:
            del self.space[whole]
        elif pressed:
            offer = Offer(whole, (), item, value)
            self.space[whole] = beginning(offer, self.draft.facts, fits).model_dump(mode="json")

    def edit(self, item: Field, path: str, fits: Fits) -> None:
        """The dimension at a field of the form, if there is one."""
        whole = self.path(path)
        if whole in self.space:
            with st.container(border=True, gap="small", key=f"{self._key(whole)}.card"):
                st.caption(f":material/tune: {_('Searched')}: **{_(item.label)}**")
                self.edit_at(whole, item, fits)
            if item.sort is Sort.KIND:
                self._of_the_others(whole)

    def edit_at(self, path: str, item: Field | None, fits: Fits = FITS) -> None:
        """The widgets of the dimension at a path; what cannot be taken is said below them."""
        data, key = self.space[path], self._key(path)
        try:
            raw = _EDITORS[_kind(data)](self, path, item, data, key, fits)
            dimension = read(raw)
        except SpecError as error:
            self.valid = False
            st.error(say_beside(error), icon=":material/error:")
            return
        if dimension != _readable(data):
            self.space[path] = dimension.model_dump(mode="json")
        elif path in self.problems:
            st.error(say_beside(self.problems[path]), icon=":material/error:")

    def _of_the_others(self, path: str) -> None:
        """Fields that only another one of the chosen kinds has."""
        own = offers(self.draft.spec, {}, self.draft.facts)
        inner = [one for one in self.known if one.startswith(f"{path}.") and one not in own]
        if not inner:
            return
        chosen = st.multiselect(
            _("Also searched where it has them"),
            inner,
            default=[one for one in inner if one in self.space],
            format_func=lambda one: _(self.known[one].titles[-1]),
            key=f"{self._key(path)}.others",
            persist_state=KEPT,
            help=_("Fields of the other kinds; a trial is asked for them only if it has that kind."),
        )
        for one in inner:
            offer = self.known[one]
            if one not in chosen:
                self.space.pop(one, None)
                continue
            if one not in self.space:
                self.space[one] = beginning(offer, self.draft.facts).model_dump(mode="json")
            with st.container(border=True, gap="small"):
                st.caption(f":material/tune: {_('Searched')}: **{_(offer.titles[-1])}**")
                self.edit_at(one, offer.field)

    def _key(self, path: str) -> str:
        return f"{self.draft.key}.space.{path}"

    def _numbers(
        self, path: str, item: Field | None, data: Mapping[str, Any], key: str, fits: Fits
    ) -> dict[str, Any]:
        """A number: between two limits, or one of a set."""
        chosen = st.segmented_control(
            _("What is tried"),
            [RANGE, CHOICES],
            default=_kind(data),
            format_func={RANGE: _("a range"), CHOICES: _("a set")}.__getitem__,
            key=f"{key}.way",
            persist_state=KEPT,
            required=True,
            label_visibility="collapsed",
        )
        if chosen == CHOICES:
            return self._set(item, data, key)
        return self._range(item, _as_range(data), key)

    def _range(self, item: Field | None, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        whole = item is not None and item.sort in (Sort.INT, Sort.PAIR)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            by = _step_of(item)
            low = _number(_("Lowest"), data.get("low", 0.0), f"{key}.low", whole=whole, by=by)
            high = _number(_("Highest"), data.get("high", 1.0), f"{key}.high", whole=whole, by=by)
            log = st.session_state.get(f"{key}.log", data.get("log", False))
            step = None
            if not log:
                empty = "1" if whole else _("any")
                step = _number(_("Step"), data.get("step"), f"{key}.step", whole=whole, by=by, empty=empty)
        log = st.checkbox(
            _("Logarithmic"),
            value=bool(data.get("log", False)),
            key=f"{key}.log",
            persist_state=KEPT,
            help=_("Tries each order of magnitude alike, as suits learning rates."),
        )
        return {"kind": RANGE, "low": low, "high": high, "log": log, "step": None if log else step}

    def _set(self, item: Field | None, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        given = data.get("choices") or [data.get("low"), data.get("high")]
        text = st.text_input(
            _("Values"),
            value=", ".join(_written(one) for one in given),
            key=f"{key}.set",
            persist_state=KEPT,
            help=_("Separated by commas; a word for an empty field: none."),
        )
        return {"kind": CHOICES, "choices": [_value(part) for part in _parts(text)]}

    def _words(
        self, path: str, item: Field | None, data: Mapping[str, Any], key: str, fits: Fits
    ) -> dict[str, Any]:
        """Some of a list of words, kinds or templates."""
        if item is not None and item.sort in NUMBERS:
            return self._numbers(path, item, data, key, fits)
        given = {str(label_of(one)): one for one in data.get("choices", ())}
        options = {**{str(label_of(one)): one for one in self._words_of(path, item, fits)}, **given}
        chosen = st.multiselect(
            _("Choices"),
            list(options),
            default=list(given),
            format_func=lambda word: _called(path, word),
            key=f"{key}.choices",
            persist_state=KEPT,
        )
        return {"kind": CHOICES, "choices": [options[word] for word in chosen]}

    def _words_of(self, path: str, item: Field | None, fits: Fits) -> list[Any]:
        if item is None:
            if path == "model":
                return [AS_DRAFTED, *(one.name for one in templates_for(self.draft.facts.kind))]
            return list(LAYERS.names())
        empty = [None] if item.optional else []
        if item.sort is Sort.BOOL:
            return [True, False]
        if item.registry is not None:
            return [*empty, *(kind.__name__ for kind in item.registry if fits(kind))]
        return [*empty, *item.choices]

    def _presence(
        self, path: str, item: Field | None, data: Mapping[str, Any], key: str, fits: Fits
    ) -> dict[str, Any]:
        st.caption(_("Half of the trials have this layer, the others do not."))
        return dict(data)

    def _repeat(
        self, path: str, item: Field | None, data: Mapping[str, Any], key: str, fits: Fits
    ) -> dict[str, Any]:
        with st.container(horizontal=True, gap="small"):
            low = _number(_("Fewest times"), data.get("low", 1), f"{key}.low", whole=True)
            high = _number(_("Most times"), data.get("high", 3), f"{key}.high", whole=True)
        return {"kind": "Repeat", "low": low, "high": high}


_EDITORS: dict[str, Callable[..., dict[str, Any]]] = {
    RANGE: Dimensions._numbers,
    CHOICES: Dimensions._words,
    "Presence": Dimensions._presence,
    "Repeat": Dimensions._repeat,
}


def _kind(data: Any) -> str:
    return read(data).kind


def _readable(data: Any) -> Dimension:
    return read(data)


def _as_range(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A range, or the one that a set of numbers spans."""
    numbers = [n for n in data.get("choices", ()) if isinstance(n, (int, float))]
    if _kind(data) == RANGE or not numbers:
        return data
    return {"low": min(numbers), "high": max(numbers)}


def _step_of(item: Field | None) -> float:
    """How far a press on plus or minus goes."""
    default = item.default if item is not None else None
    scale = abs(default) if isinstance(default, float) and default else 0.1
    return float(10.0 ** (floor(log10(scale)) - (scale < 1)))


def _number(
    label: str, value: Any, key: str, *, whole: bool, by: float = 0.1, empty: str | None = None
) -> Any:
    if isinstance(value, (int, float)) and whole and value == int(value):
        value = int(value)
    elif value is not None:
        value, whole = float(value), False
    return st.number_input(
        label,
        value=value,
        step=1 if whole else by,
        format=None if whole else "%.6g",
        key=key,
        persist_state=KEPT,
        placeholder=empty,
        width=130,
    )


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,;]+", text) if part]


def _value(text: str) -> Any:
    """What a person typed, as a number if it is one."""
    if text.lower() in ("none", "null", NONE):
        return None
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _written(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _called(path: str, word: str) -> str:
    """A choice as people read it."""
    if path == "model" and word in TEMPLATES:
        return _(TEMPLATES[word].title)
    return {"None": _("none"), "True": _("yes"), "False": _("no"), AS_DRAFTED: _("as drafted")}.get(
        word, word
    )


def called(path: str, offer: Offer | None) -> str:
    """A dimension as people read it: the names on the way to its field."""
    if offer is None:
        return plain(path)
    return " › ".join(plain(_(title)) for title in offer.titles)


def summary(path: str, data: Any) -> str:
    """In a few words what a dimension can be."""
    try:
        dimension = read(data)
    except SpecError:
        return "?"
    match dimension:
        case Range():
            step = f", {_('step')} {dimension.step:g}" if dimension.step else ""
            log = f", {_('logarithmic')}" if dimension.log else ""
            return f"{dimension.low:g} … {dimension.high:g}{step}{log}"
        case Choices():
            return ", ".join(_called(path, str(label)) for label in dimension.labels)
        case Presence():
            return _("there or not")
        case Repeat():
            return _("{low} to {high} times").format(low=dimension.low, high=dimension.high)
        case _:
            return dimension.kind
