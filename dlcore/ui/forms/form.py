"""Forms made from spec classes: one widget a field, its help beside it, its problem below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import floor, log10
from typing import Any, Literal, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.errors import SpecError
from dlcore.spec.base import Kind, Registry, SpecModel
from dlcore.spec.describe import Field, Sort, describe
from dlcore.spec.problems import parse
from dlcore.ui.forms.dimensions import Dimensions
from dlcore.ui.shared.i18n import _, say_beside

S = TypeVar("S", bound=SpecModel)
SMALL = frozenset({Sort.INT, Sort.FLOAT, Sort.PAIR, Sort.CHOICE, Sort.TEXT})
"""Sorts of fields that stand two in a row."""

KEPT: Literal["session"] = "session"
"""What is typed, wrong or not, is still there when its form is shown again."""

DERIVED = frozenset({"loss", "split"})
"""Fields that are chosen by the data when they are left empty."""

NONE = "–"
"""The choice that stands for an empty field."""


@dataclass
class Form:
    """One form on the page.

    Args:
        key: prefix of the widgets' keys; a new one forgets what was typed.
        problem: a problem found elsewhere (a shape that does not fit), path relative to the form.
        names: the options of fields that name other layers.
        fits: which kinds are offered; those that are chosen already are kept.
        offered: for fields of words, by name, which of them are offered; all where it says nothing.
        dimensions: what a search varies of the fields, edited beside them; None while nobody searches.
        slots: where the problem of each field is shown, by path; filled while drawing.
        valid: whether all that was typed could be taken.
    """

    key: str
    problem: SpecError | None = None
    names: Sequence[str] = ()
    fits: Callable[[type[Kind]], bool] = lambda kind: True
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dimensions: Dimensions | None = None
    slots: dict[str, DeltaGenerator] = field(default_factory=dict)
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
        raw = {name: getattr(value, name) for name in type(value).model_fields}
        advanced = [f for f in fields if f.advanced and not flat]
        raw.update(self._draw([f for f in fields if f not in advanced], raw, self.key))
        if advanced:
            with st.expander(_("More options"), key=f"{self.key}.more", expanded=self._inside(advanced)):
                raw.update(self._draw(advanced, raw, self.key))
        edited = self._checked(value, raw)
        self.valid &= self.dimensions is None or self.dimensions.valid
        if self.problem is not None and self.valid:
            self.show(self.problem)
        return edited

    def _checked(self, value: S, raw: dict[str, Any]) -> S:
        """The edited copy; each wrong field is marked, and what is right beside it is kept."""
        while True:
            try:
                return parse(type(value), raw)
            except SpecError as error:
                self.valid = False
                self.show(error)
                head = _head(error.path)
                if head not in raw or raw[head] is getattr(value, head):
                    return value
                raw[head] = getattr(value, head)

    def _inside(self, fields: Sequence[Field]) -> bool:
        head = _head(self.problem.path) if self.problem else ""
        return any(f.name == head for f in fields)

    def show(self, error: SpecError) -> None:
        """Puts the problem below the field it comes from, or below the form."""
        path = error.path
        while path and path not in self.slots:
            path = path.rpartition(".")[0] if "." in path else path.rpartition("[")[0]
        place = self.slots[path] if path else st.container()
        place.error(say_beside(error), icon=":material/error:")

    def _draw(
        self, fields: Sequence[Field], raw: Mapping[str, Any], key: str, path: str = ""
    ) -> dict[str, Any]:
        values = {}
        small: list[Field] = []
        for item in [*fields, None]:
            if item is not None and item.sort in SMALL:
                small.append(item)
                continue
            for pair in (small[start : start + 2] for start in range(0, len(small), 2)):
                for column, one in zip(st.columns(2, wrap=False), pair, strict=False):
                    with column:
                        values[one.name] = self._placed(one, raw, key, path)
                for one in pair:
                    self._dimension(one, raw[one.name], _joined(path, one.name))
            small = []
            if item is not None:
                values[item.name] = self._placed(item, raw, key, path)
        return values

    def _placed(self, item: Field, raw: Mapping[str, Any], key: str, path: str) -> Any:
        return self._widget(item, raw[item.name], f"{key}.{item.name}", _joined(path, item.name))

    @contextmanager
    def _beside(self, item: Field, value: Any, path: str) -> Iterator[None]:
        """The place of a field's widget; beside it the switch that lets a search vary the field."""
        if self.dimensions is None or not self.dimensions.offers(item, value, path):
            yield
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xxsmall", wrap=False):
            with st.container():
                yield
            self.dimensions.switch(item, value, path, self.fits)

    def _dimension(self, item: Field, value: Any, path: str) -> None:
        """What the search varies of a field, if it does."""
        if self.dimensions is not None and self.dimensions.offers(item, value, path):
            self.dimensions.edit(item, path, self.fits)

    def _widget(self, item: Field, value: Any, key: str, path: str) -> Any:
        match item.sort:
            case Sort.KIND:
                return self._kind(item, value, key, path)
            case Sort.KINDS:
                return self._kinds(item, value, key, path)
            case Sort.MODEL:
                return self._model(item, value, key, path)
            case Sort.NAMES:
                options = list(dict.fromkeys([*self.names, *value]))
                result: Any = st.multiselect(
                    _(item.label), options, default=list(value), key=key, persist_state=KEPT, help=hint(item)
                )
            case _:
                with self._beside(item, value, path):
                    result = _PLAIN[item.sort](self._narrowed(item, value), value, key)
        self.slots[path] = st.container(gap=None)
        if item.sort not in SMALL:
            self._dimension(item, value, path)
        return result

    def _narrowed(self, item: Field, value: Any) -> Field:
        """The field with only those words to choose from that are offered, or chosen already."""
        offered = self.offered.get(item.name)
        if offered is None or not item.choices:
            return item
        chosen = {value} if isinstance(value, str) else set(value or ())
        return replace(item, choices=tuple(w for w in item.choices if w in offered or w in chosen))

    def _kind(self, item: Field, value: Kind | None, key: str, path: str) -> Any:
        registry = item.registry
        assert registry is not None
        current = value.kind if value is not None else NONE
        fitting = [name for name in registry.names() if name == current or self.fits(registry.get(name))]
        options = ([NONE] if item.optional else []) + fitting
        with self._beside(item, value, path):
            chosen = st.selectbox(
                _(item.label),
                options,
                index=options.index(current),
                key=key,
                persist_state=KEPT,
                help=hint(item),
                format_func=lambda name: (
                    _("none") if name == NONE and item.name not in DERIVED else _automatic(name)
                ),
            )
        self.slots[path] = st.container(gap=None)
        self._dimension(item, value, path)
        if chosen == NONE:
            return None
        cls = registry.get(chosen)
        st.caption(_(cls.summary))
        return self._nested(cls, value if chosen == current else None, f"{key}.{chosen}", path)

    def _nested(self, cls: type[SpecModel], value: SpecModel | None, key: str, path: str) -> Any:
        """The fields of a part, the advanced ones folded away."""
        placing = cls.placing if issubclass(cls, Kind) else frozenset()
        fields = [f for f in describe(cls) if f.name not in placing]
        raw = {f.name: getattr(value, f.name) if value is not None else f.default for f in fields}
        plain, advanced = [f for f in fields if not f.advanced], [f for f in fields if f.advanced]
        raw.update(self._draw(plain, raw, key, path))
        if advanced:
            with st.expander(_("More options of {name}").format(name=cls.__name__), key=f"{key}.more"):
                raw.update(self._draw(advanced, raw, key, path))
        return {"kind": cls.__name__, **raw} if issubclass(cls, Kind) else raw

    def _kinds(self, item: Field, value: Sequence[Kind], key: str, path: str) -> Any:
        registry = item.registry
        assert registry is not None
        current = {step.kind: step for step in value}
        offered = [name for name in registry.names() if name in current or self.fits(registry.get(name))]
        chosen = st.multiselect(
            _(item.label),
            offered,
            default=list(current),
            key=key,
            persist_state=KEPT,
            help=hint(item),
        )
        self.slots[path] = st.container(gap=None)
        return [
            self._listed(registry, name, current.get(name), f"{key}.{name}", f"{path}[{index}]")
            for index, name in enumerate(chosen)
        ]

    def _listed(self, registry: Registry[Any], name: str, value: Kind | None, key: str, path: str) -> Any:
        st.caption(f"**{name}** · {_(registry.get(name).summary)}")
        self.slots[path] = st.container(gap=None)
        return self._nested(registry.get(name), value, key, path)

    def _model(self, item: Field, value: SpecModel | None, key: str, path: str) -> Any:
        assert item.model is not None
        if item.optional and not st.toggle(
            _(item.label), value=value is not None, key=key, persist_state=KEPT, help=hint(item)
        ):
            return None
        self.slots[path] = st.container(gap=None)
        return self._nested(item.model, value, f"{key}.on", path)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _head(path: str) -> str:
    return re.split(r"[.\[]", path)[0]


def hint(item: Field) -> str:
    """The help of a field: its sentence, its range, its name in Keras."""
    parts = [_(item.help), f"`{item.name}`", item.range_text()]
    return " · ".join(part for part in parts if part)


def _automatic(name: str) -> str:
    return _("automatic") if name == NONE else name


def _int(item: Field, value: int | None, key: str) -> Any:
    # Limits are checked when the form is read: the widget would show a value beyond its own ones, give
    # the old one, and not say why.
    return st.number_input(
        _(item.label),
        value=value,
        step=1,
        key=key,
        persist_state=KEPT,
        help=hint(item),
        placeholder=_("automatic") if item.optional else None,
    )


def _float(item: Field, value: float | None, key: str) -> Any:
    scale = abs(item.default) if isinstance(item.default, float) and item.default else 0.1
    return st.number_input(
        _(item.label),
        value=value,
        step=10.0 ** (floor(log10(scale)) - (scale < 1)),
        format="%.6g",
        key=key,
        persist_state=KEPT,
        help=hint(item),
        placeholder=_("none") if item.optional else None,
    )


def _bool(item: Field, value: bool | None, key: str) -> Any:
    if item.optional:
        return _yes_no(item, value, key)
    return st.checkbox(_(item.label), value=bool(value), key=key, persist_state=KEPT, help=hint(item))


def _yes_no(item: Field, value: bool | None, key: str) -> Any:
    """Yes, no, or left to be chosen: a checkbox would take the last for no."""
    options = (None, True, False)
    words = {None: _("automatic"), True: _("yes"), False: _("no")}
    return st.selectbox(
        _(item.label),
        options,
        index=options.index(value),
        key=key,
        persist_state=KEPT,
        help=hint(item),
        format_func=lambda one: words[one],
    )


def _text(item: Field, value: str, key: str) -> Any:
    return st.text_input(_(item.label), value=value, key=key, persist_state=KEPT, help=hint(item)).strip()


def _choice(item: Field, value: Any, key: str) -> Any:
    options = [*([NONE] if item.optional else []), *item.choices]
    chosen = st.selectbox(
        _(item.label),
        options,
        index=options.index(NONE if value is None else str(value)),
        key=key,
        persist_state=KEPT,
        help=hint(item),
        format_func=lambda word: _("none") if word == NONE else word,
    )
    return None if chosen == NONE else chosen


def _choices(item: Field, value: Sequence[str], key: str) -> Any:
    return st.multiselect(
        _(item.label), list(item.choices), default=list(value), key=key, persist_state=KEPT, help=hint(item)
    )


def _pair(item: Field, value: tuple[int, int] | None, key: str) -> Any:
    between = " × " if all(isinstance(number, int) for number in value or ()) else " … "
    shown = between.join(str(number) for number in value) if value else ""
    text = st.text_input(_(item.label), value=shown, key=key, persist_state=KEPT, help=hint(item)).strip()
    if not text:
        return None
    parts = [part for part in re.split(r"[\s,;×x*…]+", text) if part]
    numbers = [int(part) if part.isdecimal() else part for part in parts]
    return numbers * 2 if len(numbers) == 1 else numbers


def _numbers(item: Field, value: Sequence[float], key: str) -> Any:
    shown = ", ".join(str(number) if isinstance(number, int) else f"{number:g}" for number in value)
    text = st.text_input(_(item.label), value=shown, key=key, persist_state=KEPT, help=hint(item))
    return [part for part in re.split(r"[\s,;]+", text) if part]


def _weights(item: Field, value: Mapping[str, float], key: str) -> Any:
    shown = ", ".join(f"{name}: {weight:g}" for name, weight in value.items())
    text = st.text_input(
        _(item.label),
        value=shown,
        key=key,
        persist_state=KEPT,
        help=hint(item),
        placeholder=_("name: 2, other name: 0.5"),
    )
    pairs = (part.rpartition(":") for part in text.split(",") if part.strip())
    return {name.strip(): weight.strip() for name, _colon, weight in pairs}


_PLAIN: dict[Sort, Callable[[Field, Any, str], Any]] = {
    Sort.INT: _int,
    Sort.FLOAT: _float,
    Sort.BOOL: _bool,
    Sort.TEXT: _text,
    Sort.CHOICE: _choice,
    Sort.CHOICES: _choices,
    Sort.PAIR: _pair,
    Sort.NUMBERS: _numbers,
    Sort.WEIGHTS: _weights,
}
