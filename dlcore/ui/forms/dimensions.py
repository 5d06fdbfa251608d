"""Dimensions of a search, edited: beside the fields of the forms, and in the list of the Search page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from dlcore.design.templates import TEMPLATES, templates_of
from dlcore.errors import SpecError
from dlcore.field_path import ROOT, FieldPath
from dlcore.search.dimensions import Choices, Presence, Range, Repeat, label_of
from dlcore.search.drafted import SearchDraft, read_dimension
from dlcore.search.offers import NUMBERS, Offer, default_dimension, is_searchable, offers
from dlcore.search.places import AS_DRAFTED
from dlcore.spec.base import Kind
from dlcore.spec.describe import Field, Sort
from dlcore.spec.layers import LAYERS
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.widgets import SAFE, number_format, number_text, step_of
from dlcore.ui.shared.buttons import icon_button
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _, say_beside
from dlcore.ui.shared.markdown import escape_markdown, escape_name

NONE, LONGEST = "–", 120
"""The choice that stands for nothing, and the characters of a dimension's name."""
RANGE, CHOICES = Range.__name__, Choices.__name__
Fits = Callable[[type[Kind]], bool]
FITS: Fits = lambda kind: True  # noqa: E731


@dataclass
class Dimensions:
    """The space of a draft's search on its way through the forms of a page.

    Args:
        draft: whose.
        space: path to the JSON object of a dimension; edited in place.
        prefix: the path of what a form edits.
        page: where the dimensions stand; a field and the Search page show the same one.
        problems: what is wrong with a dimension as it is stored.
        known: all that can be a dimension.
        valid: whether all that was typed could be taken.
    """

    draft: WorkingDraft
    space: dict[str, Any]
    prefix: FieldPath = ROOT
    page: str = "field"
    problems: Mapping[str, SpecError] = field(default_factory=dict)
    known: Mapping[str, Offer] = field(default_factory=dict)
    valid: bool = True

    @classmethod
    def of(cls, draft: WorkingDraft, prefix: FieldPath = ROOT, page: str = "field") -> Dimensions:
        """Returns the dimensions of a draft."""
        search = draft.search
        return cls(
            draft,
            dict(search.space),
            prefix,
            page,
            search.problems(draft.spec, draft.facts),
            offers(draft.spec, search.dimensions(), draft.facts),
        )

    def under(self, prefix: FieldPath) -> Dimensions:
        """Returns the same for a form that edits what is at `prefix`; both change one space."""
        return replace(self, prefix=prefix, valid=True)

    @property
    def changed(self) -> bool:
        """Whether the space is another than that of the draft."""
        return self.space != dict(self.draft.search.space)

    @property
    def search(self) -> SearchDraft:
        """The draft's search with this space."""
        return self.draft.search.with_space(self.space)

    def path(self, path: FieldPath) -> str:
        """Returns a form's path from the root of the experiment, as in the space."""
        return str(path.under(self.prefix))

    def offers(self, item: Field, value: Any, path: FieldPath) -> bool:
        """Returns whether a field of the form can be searched."""
        whole = self.path(path)
        return whole in self.space or (whole in self.known and is_searchable(item, value))

    def switch(self, item: Field, value: Any, path: FieldPath, fits: Fits) -> None:
        """Shows the button that makes a dimension of a field, or a field of a dimension."""
        whole = self.path(path)
        searched = whole in self.space
        text = _("Stop searching: {field}") if searched else _("Search: {field}")
        pressed = icon_button(
            text.format(field=_(item.label)),
            "tune",
            f"{self._key(whole)}.on",
            kind="primary" if searched else "tertiary",
        )
        if pressed and searched:
            del self.space[whole]
        elif pressed:
            offer = Offer(path.under(self.prefix), (), item, value)
            self.space[whole] = default_dimension(offer, self.draft.facts, fits).model_dump(mode="json")

    def edit(self, item: Field, path: FieldPath, fits: Fits) -> None:
        """Shows the dimension at a field of the form, if any."""
        whole = self.path(path)
        if whole in self.space:
            with st.container(border=True, gap="small", key=f"{self._key(whole)}.card"):
                st.caption(f":material/tune: {_('Searched')}: **{_(item.label)}**")
                self.edit_at(whole, item, fits)
            if item.sort is Sort.KIND:
                self._of_the_others(whole)

    def edit_at(self, path: str, item: Field | None, fits: Fits = FITS) -> None:
        """Shows the widgets of the dimension at a path; what cannot be taken is said below them."""
        key = self._key(path)
        try:
            now = read_dimension(self.space[path])
            data = now.model_dump(mode="json")
            dimension = read_dimension(_EDITORS[now.kind](self, path, item, data, key, fits))
        except SpecError as error:
            self.valid = False
            st.error(say_beside(error), icon=":material/error:")
            return
        if dimension != now:
            self.space[path] = dimension.model_dump(mode="json")
        elif path in self.problems:
            st.error(say_beside(self.problems[path]), icon=":material/error:")

    def _of_the_others(self, path: str) -> None:
        """Fields that only another one of the chosen kinds has."""
        own, outer = offers(self.draft.spec, {}, self.draft.facts), FieldPath.parse(path)
        inner = [one for one, offer in self.known.items() if offer.path.within(outer) and one not in own]
        if not inner:
            return
        chosen = ask(
            f"{self._key(path)}.others",
            [one for one in inner if one in self.space],
            lambda key, shown: st.multiselect(
                _("Also searched in kinds that have it"),
                inner,
                default=shown,
                format_func=lambda one: _(self.known[one].titles[-1]),
                key=key,
                persist_state=KEPT,
                help=_("Fields of the other kinds; a trial gets a value for them only if it has that kind."),
                filter_mode="contains",
                select_all=False,
            ),
        )
        for one in inner:
            offer = self.known[one]
            if one not in chosen:
                self.space.pop(one, None)
                continue
            if one not in self.space:
                self.space[one] = default_dimension(offer, self.draft.facts).model_dump(mode="json")
            with st.container(border=True, gap="small"):
                st.caption(f":material/tune: {_('Searched')}: **{escape_markdown(_(offer.titles[-1]))}**")
                self.edit_at(one, offer.field)

    def _key(self, path: str) -> str:
        # A key that two pages share has a widget on each, and each keeps what it held.
        return f"{self.draft.id}.{self.page}.space.{path}"

    def _numbers(
        self, path: str, item: Field | None, data: Mapping[str, Any], key: str, fits: Fits
    ) -> Mapping[str, Any]:
        """Shows a number: between two limits, or one of a set."""
        titles = {RANGE: _("a range"), CHOICES: _("a set")}
        chosen = ask(
            f"{key}.way",
            data["kind"],
            lambda key, shown: st.segmented_control(
                _("What is tried"),
                [RANGE, CHOICES],
                default=shown,
                format_func=titles.__getitem__,
                key=key,
                persist_state=KEPT,
                required=True,
                label_visibility="collapsed",
            ),
        )
        if chosen == CHOICES:
            return self._set(_as_choices(data), key)
        return self._range(item, _as_range(data), key)

    def _range(self, item: Field | None, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        whole = item is not None and item.sort in (Sort.INT, Sort.PAIR)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            by = step_of(item.default if item else None)
            low = _number(_("Lowest"), data["low"], f"{key}.low", whole=whole, by=by)
            high = _number(_("Highest"), data["high"], f"{key}.high", whole=whole, by=by)
            place = st.container(width="content")
        log = ask(
            f"{key}.log",
            data["log"],
            lambda key, shown: st.checkbox(
                _("Logarithmic"),
                value=shown,
                key=key,
                persist_state=KEPT,
                help=_("Samples each order of magnitude equally; suits learning rates."),
            ),
        )
        step = None
        if not log:
            with place:
                empty = "1" if whole else _("any")
                step = _number(_("Step"), data["step"], f"{key}.step", whole=whole, by=by, empty=empty)
        return {**data, "low": low, "high": high, "log": log, "step": step}

    def _set(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        choices = ask(
            f"{key}.set",
            data["choices"],
            lambda key, shown: st.text_input(
                _("Values"),
                value=shown,
                key=key,
                persist_state=KEPT,
                help=_("Separated by commas; a word for an empty field: none."),
            ),
            show=lambda choices: ", ".join(map(_written, choices)),
            read=lambda text: [_value(part) for part in _parts(text)],
        )
        return {**data, "choices": choices}

    def _words(
        self, path: str, item: Field | None, data: Mapping[str, Any], key: str, fits: Fits
    ) -> Mapping[str, Any]:
        """Shows a choice of several from a list of words, kinds or templates."""
        if item is not None and item.sort in NUMBERS:
            return self._numbers(path, item, data, key, fits)
        given = {str(label_of(one)): one for one in data["choices"]}
        options = {**{str(label_of(one)): one for one in self._words_of(path, item, fits)}, **given}
        choices = ask(
            f"{key}.choices",
            data["choices"],
            lambda key, shown: st.multiselect(
                _("Choices"),
                list(options),
                default=shown,
                format_func=lambda word: _called(path, word),
                key=key,
                persist_state=KEPT,
                filter_mode="contains",
                select_all=False,
            ),
            show=lambda choices: list(dict.fromkeys(str(label_of(one)) for one in choices)),
            read=lambda words: [options.get(word, word) for word in words],
        )
        return {**data, "choices": choices}

    def _words_of(self, path: str, item: Field | None, fits: Fits) -> list[Any]:
        if item is None:
            if path == "model":
                return [AS_DRAFTED, *(one.name for one in templates_of(self.draft.facts))]
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
        st.caption(_("About half of the trials have this layer."))
        return dict(data)

    def _repeat(
        self, path: str, item: Field | None, data: Mapping[str, Any], key: str, fits: Fits
    ) -> Mapping[str, Any]:
        with st.container(horizontal=True, gap="small"):
            low = _number(_("At least"), data["low"], f"{key}.low", whole=True)
            high = _number(_("At most"), data["high"], f"{key}.high", whole=True)
        return {**data, "low": low, "high": high}


_EDITORS: dict[str, Callable[..., Mapping[str, Any]]] = {
    RANGE: Dimensions._numbers,
    CHOICES: Dimensions._words,
    Presence.__name__: Dimensions._presence,
    Repeat.__name__: Dimensions._repeat,
}


def _as_range(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a range, or the one that a set of numbers spans."""
    if data["kind"] == RANGE:
        return data
    numbers = [one for one in data["choices"] if isinstance(one, (int, float))] or [0.0, 1.0]
    return Range(low=min(numbers), high=max(numbers)).model_dump(mode="json")


def _as_choices(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a set, or the limits of a range as one."""
    if data["kind"] == CHOICES:
        return data
    return Choices(choices=tuple(dict.fromkeys((data["low"], data["high"])))).model_dump(mode="json")


def _number(
    label: str, value: Any, key: str, *, whole: bool, by: float = 0.1, empty: str | None = None
) -> Any:
    """Shows a number field of a dimension; whole numbers only, where its own field takes no others."""
    whole = whole and (value is None or (abs(value) <= SAFE and value == int(value)))

    def draw(key: str, shown: Any) -> Any:
        return st.number_input(
            label,
            value=shown,
            step=1 if whole else by,
            format=None if whole else number_format(shown),
            key=key,
            persist_state=KEPT,
            placeholder=empty,
            width=130,
        )

    kind: Callable[[Any], Any] = int if whole else float
    return ask(key, value, draw, show=lambda number: None if number is None else kind(number))


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,;]+", text) if part]


def _value(text: str) -> Any:
    """Returns what the user typed, as numbers if it is some."""
    if text.lower() in ("none", "null", NONE):
        return None
    if len(sizes := re.split("[×x]", text)) > 1 and all(size.isdecimal() for size in sizes):
        return [int(size) for size in sizes]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _written(value: Any) -> str:
    """Returns the text that `_value` makes a value of."""
    if isinstance(value, (list, tuple)):
        return "×".join(map(str, value))
    if value is None:
        return "none"
    return number_text(value) if isinstance(value, float) else str(value)


def _called(path: str, word: str) -> str:
    """Returns a choice as users read it."""
    if path == "model" and word in TEMPLATES:
        return _(TEMPLATES[word].title)
    return {"None": _("none"), "True": _("yes"), "False": _("no"), AS_DRAFTED: _("as drafted")}.get(
        word, word
    )


def dimension_title(path: str, offer: Offer | None) -> str:
    """Returns a dimension as users read it: the names on the way to its field."""
    return " › ".join(_(title) for title in offer.titles) if offer else path


def dimension_markdown(path: str, offer: Offer | None) -> str:
    """`dimension_title`, as Markdown."""
    return escape_name(dimension_title(path, offer), LONGEST)


def summary(path: str, data: Any) -> str:
    """In a few words what a dimension can be."""
    try:
        dimension = read_dimension(data)
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
