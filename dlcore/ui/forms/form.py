"""Forms made from spec classes: one widget a field, its help beside it, its problem below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.errors import SpecError
from dlcore.field_path import ROOT, FieldPath
from dlcore.lessons.lesson import Control
from dlcore.spec.base import Kind, SpecModel
from dlcore.spec.describe import Field, Sort, describe
from dlcore.spec.order import Order
from dlcore.spec.problems import parse
from dlcore.text import short_texts
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.dimensions import Dimensions
from dlcore.ui.forms.lists import name_rows, number_rows
from dlcore.ui.forms.rows import move_rows, palette, row_buttons, row_ids
from dlcore.ui.forms.widgets import NONE, WIDGETS, help_text, select
from dlcore.ui.shared.hidden import is_hidden
from dlcore.ui.shared.i18n import _, say_beside

S = TypeVar("S", bound=SpecModel)
SMALL = frozenset({Sort.INT, Sort.FLOAT, Sort.PAIR, Sort.CHOICE, Sort.TEXT})
"""Sorts of fields that stand two in a row."""


@dataclass
class Form:
    """One form on the page.

    A form that no one touches gives back the very value it was given.

    Args:
        key: prefix of the widgets' keys.
        problem: a problem found elsewhere (a shape that does not fit), path relative to the form.
        names: the options of fields that name other things: layers, columns, classes.
        fits: which kinds are offered; those that are chosen already are kept.
        offered: for fields of words, by name, which of them are offered; all where it says nothing. A text
            field that is in it is one of the words, or empty.
        titles: what words are called; as they are where it says nothing.
        empty: what is in place of a list without parts, by the field's name.
        dimensions: what a search varies of the fields, edited beside them; None while no one searches.
        slots: where the problem of each field is shown, by path; filled while drawing.
        orders: the acts on lists that were taken, by path; filled while drawing.
        lists: the key of each list, by path; filled while drawing.
        valid: whether all that was typed could be taken.
    """

    key: str
    problem: SpecError | None = None
    names: Sequence[str] = ()
    fits: Callable[[type[Kind]], bool] = lambda kind: True
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, str] = field(default_factory=dict)
    dimensions: Dimensions | None = None
    slots: dict[FieldPath, DeltaGenerator] = field(default_factory=dict)
    orders: dict[FieldPath, Order] = field(default_factory=dict)
    lists: dict[FieldPath, str] = field(default_factory=dict)
    valid: bool = True

    def edit(self, value: S, *, only: Sequence[str] | None = None, flat: bool = False) -> S:
        """Draws the fields of `value` and gives the edited copy; a wrong field keeps its old value.

        Args:
            value: what is edited.
            only: names of the fields to show, in this order; all otherwise.
            flat: show the advanced ones like the others.
        """
        fields = list(describe(type(value)))
        if only is not None:
            fields = sorted((f for f in fields if f.name in only), key=lambda f: only.index(f.name))
        raw = _raw(value)
        advanced = [f for f in fields if f.advanced and not flat]
        raw.update(self._draw([f for f in fields if f not in advanced], raw, self.key))
        if advanced and not is_hidden(Control.ADVANCED):
            with st.expander(_("More options"), key=f"{self.key}.more", expanded=self._inside(advanced)):
                raw.update(self._draw(advanced, raw, self.key))
        edited = self._checked(value, raw)
        for path, order in self.orders.items():
            move_rows(self.lists[path], order)
        self.valid &= self.dimensions is None or self.dimensions.valid
        if self.problem is not None and self.valid:
            self.show(self.problem)
        return edited

    def _checked(self, value: S, raw: dict[str, Any]) -> S:
        """Returns the edited copy; each wrong field is marked, and what is right beside it is kept."""
        while not _is_untouched(value, raw):
            try:
                return parse(type(value), raw)
            except SpecError as error:
                self.valid = False
                self.show(error)
                head = error.path.root
                if head not in raw or raw[head] is getattr(value, head):
                    break
                raw[head] = getattr(value, head)
                self.orders.pop(FieldPath.of(head), None)
        return value

    def _inside(self, fields: Sequence[Field]) -> bool:
        return self.problem is not None and self.problem.path.root in [f.name for f in fields]

    def show(self, error: SpecError) -> None:
        """Puts the problem below the field it comes from, or below the form."""
        path = error.path
        while path and path not in self.slots:
            path = path.parent
        place = self.slots[path] if path else st.container()
        place.error(say_beside(error), icon=":material/error:")

    def _draw(
        self,
        fields: Sequence[Field],
        raw: Mapping[str, Any],
        key: str,
        path: FieldPath = ROOT,
        *,
        fresh: bool = False,
    ) -> dict[str, Any]:
        values = {}

        def draw(item: Field) -> None:
            values[item.name] = self._widget(
                item, raw[item.name], f"{key}.{item.name}", path.child(item.name), fresh=fresh
            )

        small: list[Field] = []
        for item in [*fields, None]:
            if item is not None and item.sort in SMALL:
                small.append(item)
                continue
            for pair in (small[start : start + 2] for start in range(0, len(small), 2)):
                for column, one in zip(st.columns(2, wrap=False), pair, strict=False):
                    with column:
                        draw(one)
                for one in pair:
                    self._dimension(one, raw[one.name], path.child(one.name))
            small = []
            if item is not None:
                draw(item)
        return values

    @contextmanager
    def _beside(self, item: Field, value: Any, path: FieldPath) -> Iterator[None]:
        """Yields the place of a field's widget; beside it the switch that lets a search vary the field."""
        if self.dimensions is None or not self.dimensions.offers(item, value, path):
            yield
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xxsmall", wrap=False):
            with st.container():
                yield
            self.dimensions.switch(item, value, path, self.fits)

    def _dimension(self, item: Field, value: Any, path: FieldPath) -> None:
        """Shows what the search varies of a field, if it does."""
        if self.dimensions is not None and self.dimensions.offers(item, value, path):
            self.dimensions.edit(item, path, self.fits)

    def _widget(self, item: Field, value: Any, key: str, path: FieldPath, *, fresh: bool) -> Any:
        match item.sort:
            case Sort.KIND:
                return self._kind(item, value, key, path, fresh=fresh)
            case Sort.KINDS:
                return self._kinds(item, value, key, path)
            case Sort.MODEL:
                return self._model(item, value, key, path)
            case Sort.NAMES | Sort.CHOICES:
                result = self._names(item, value, key)
            case Sort.WEIGHTS:
                result = self._weights(item, value, key)
            case Sort.TEXT if item.name in self.offered:
                result = self._word(item, value, key)
            case _:
                with self._beside(item, value, path):
                    shown = self._narrowed(item, value)
                    result = WIDGETS[item.sort].ask(shown, value, key, fresh=fresh)
        self.slots[path] = st.container(gap=None)
        if item.sort not in SMALL:
            self._dimension(item, value, path)
        return result

    def _narrowed(self, item: Field, value: Any) -> Field:
        """Returns the field with only those words to choose from that are offered, or chosen already."""
        offered = self.offered.get(item.name)
        if offered is None or not item.choices:
            return item
        return replace(item, choices=tuple(w for w in item.choices if w in offered or w == value))

    def _names(self, item: Field, value: Sequence[str], key: str) -> Any:
        """Shows a list of names: row by row where their order counts, else as a set."""
        options = self.offered.get(item.name, item.choices or self.names)
        if item.ordered or item.sort is Sort.CHOICES:
            _heading(item)
            if not value and item.name in self.empty:
                st.caption(self.empty[item.name])
            free = [name for name in options if item.sort is Sort.NAMES or name not in value]
            label = _("Add {what}").format(what=_(item.label).lower())
            return name_rows(
                value, free, key, label=label, title=lambda name: self.titles.get(name, name), free=item.free
            )
        titles = short_texts([*options, *value])
        return ask(
            key,
            value,
            lambda key, shown: st.multiselect(
                _(item.label),
                list(titles),
                default=shown,
                format_func=titles.__getitem__,
                key=key,
                persist_state=KEPT,
                help=help_text(item),
                filter_mode="contains",
                select_all=False,
            ),
            show=lambda names: list(dict.fromkeys(names)),
        )

    def _word(self, item: Field, value: str, key: str) -> Any:
        """Shows a text that is one of the words that are offered, or empty."""
        options = list(dict.fromkeys(["", *self.offered[item.name], value]))

        def title(word: str) -> str:
            return self.titles.get(word, word) or _("none")

        return ask(key, value, lambda key, shown: select(item, key, shown, options, title))

    def _weights(self, item: Field, value: Mapping[str, float], key: str) -> Any:
        _heading(item)
        label = _("Add {what}").format(what=_(item.label).lower())
        return number_rows(
            value,
            () if item.free else self.names,
            key,
            label=label,
            moves=item.ordered,
        )

    def _kind(self, item: Field, value: Kind | None, key: str, path: FieldPath, *, fresh: bool) -> Any:
        registry = item.registry
        assert registry is not None
        current = value.kind if value is not None else NONE
        fitting = [name for name in registry.names() if name == current or self.fits(registry.get(name))]
        options = ([NONE] if item.optional else []) + fitting
        nothing = _("automatic") if item.derived else _("none")
        with self._beside(item, value, path):
            chosen = ask(
                key,
                current,
                lambda key, shown: select(
                    item, key, shown, options, lambda name: nothing if name == NONE else name
                ),
                fresh=fresh,
            )
        self.slots[path] = st.container(gap=None)
        self._dimension(item, value, path)
        if chosen == NONE:
            return None
        cls = registry.get(chosen)
        st.caption(_(cls.summary))
        return self._nested(cls, value if chosen == current else None, f"{key}.{chosen}", path)

    def _nested(self, cls: type[SpecModel], value: SpecModel | None, key: str, path: FieldPath) -> Any:
        """Shows the fields of a part, the advanced ones folded away;
        a part that the draft has not yet is None.
        """
        placing = cls.placing if issubclass(cls, Kind) else frozenset()
        fields = [f for f in describe(cls) if f.name not in placing]
        raw = {f.name: f.default for f in fields} if value is None else _raw(value)
        plain, advanced = [f for f in fields if not f.advanced], [f for f in fields if f.advanced]
        raw.update(self._draw(plain, raw, key, path, fresh=value is None))
        if advanced and not is_hidden(Control.ADVANCED):
            with st.expander(_("More options of {name}").format(name=_called(cls)), key=f"{key}.more"):
                raw.update(self._draw(advanced, raw, key, path, fresh=value is None))
        if value is not None and _is_untouched(value, raw):
            return value
        return {"kind": cls.__name__, **raw} if issubclass(cls, Kind) else raw

    def _kinds(self, item: Field, value: Sequence[Kind], key: str, path: FieldPath) -> Any:
        """Shows a list of steps: a row and the fields of each, and what adds one."""
        registry = item.registry
        assert registry is not None
        _heading(item)
        size, order, parts = len(value), None, []
        for index, (row, part) in enumerate(zip(row_ids(key, size), value, strict=True)):
            here, name = f"{key}.{row}", _called(type(part))
            with st.container(border=True, gap="small", key=f"{here}.row"):
                with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
                    st.markdown(f"{index + 1} · **{name}**", width="stretch")
                    order = row_buttons(name, here, index, size, copies=True) or order
                st.caption(f"`{part.kind}` · {_(part.summary)}")
                self.slots[path.item(index)] = st.container(gap=None)
                parts.append(self._nested(type(part), part, f"{here}.{part.kind}", path.item(index)))
        self.slots[path] = st.container(gap=None)
        fitting = [kind.__name__ for kind in registry if self.fits(kind)]
        label = _("Add {what}").format(what=_(registry.what))
        new = palette(label, fitting, f"{key}.add", value, title=lambda name: _offered(registry.get(name)))
        order = Order.added(size) if new is not None else order
        if order is None:
            return value if all(map(_is, parts, value)) else parts
        self.orders[path], self.lists[path] = order, key
        sound = [_sound(part, old) for part, old in zip(parts, value, strict=True)]
        return order.arrange(sound, [{"kind": new}])

    def _model(self, item: Field, value: SpecModel | None, key: str, path: FieldPath) -> Any:
        assert item.model is not None
        if item.optional and not ask(
            key,
            value is not None,
            lambda key, shown: st.toggle(
                _(item.label), value=shown, key=key, persist_state=KEPT, help=help_text(item)
            ),
        ):
            return None
        self.slots[path] = st.container(gap=None)
        return self._nested(item.model, value, f"{key}.on", path)


def _raw(value: SpecModel) -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).model_fields}


def _is_untouched(value: SpecModel, raw: Mapping[str, Any]) -> bool:
    """Returns whether each field is the very one of `value`."""
    return all(given is getattr(value, name) for name, given in raw.items())


def _is(one: Any, other: Any) -> bool:
    return one is other


def _sound(part: Any, old: Kind) -> Any:
    """Returns a part as it was edited, or the old one where something in it is wrong:
    that must not hinder a move.
    """
    try:
        return parse(type(old), part) if isinstance(part, Mapping) else part
    except SpecError:
        return old


def _heading(item: Field) -> None:
    """Shows the label of a list."""
    st.markdown(f":small[{_(item.label)}]", help=help_text(item))


def _called(cls: type[SpecModel]) -> str:
    """Returns what users call a class."""
    return _(cls.title) if issubclass(cls, Kind) and cls.title else cls.__name__


def _offered(cls: type[Kind]) -> str:
    """Returns a kind in a list to choose from, found by both of its names."""
    return f"{_(cls.title)} · {cls.__name__}" if cls.title else cls.__name__
