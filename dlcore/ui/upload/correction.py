"""The form that shows what a file seems to be, for correction before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import pandas as pd
import streamlit as st

from dlcore.datasets.ingest import Choices, Doubt, Proposal, SourceForm
from dlcore.datasets.stored import RefusedItem
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task
from dlcore.ui.forms.asking import KEPT
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.upload.look import InspectedFile, inspect_again, inspect_first
from dlcore.ui.upload.media import ENCODINGS, part_called, reading_options
from dlcore.web.context import context

SHORT_TABLE = 12
"""Rows of a table that is as high as they are; a longer one scrolls."""
DELIMITERS = (",", ";", "\t", "|", " ")
_PATTERN = "pattern"
T = TypeVar("T", bound=str)


@dataclass(frozen=True)
class Correction:
    """The user's corrections to what a file seems to be.

    Attributes:
        choices: what is to be stored, all of it said.
        problem: whether something is wrong.
    """

    choices: Choices
    problem: bool


def correction_form(source: InspectedFile) -> Correction | None:
    """Shows the whole form; None while it is not known what the file is."""
    guess = inspect_first(source)
    if guess is None:
        return None
    left, right = st.columns([5, 6], gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"**{_('What it is')}**")
        choices = _begun(guess, source)
        if guess.form is SourceForm.TABLE:
            choices = _reading(guess, choices, source)
        else:
            choices = reading_options(guess, choices, source)
        read = inspect_again(source, choices, guess)
        if read is None:
            return None
        if read.proposal.form is SourceForm.FILES:
            choices = replace(
                choices, group=_group(read.proposal, f"{_key(source, choices)}.{choices.labels}")
            )
        rest = st.container()
    if read.proposal.columns:
        choices = _columns(read.proposal.columns, choices, source)
    seen = inspect_again(source, choices, read.proposal)
    if seen is None:
        return None
    with rest:
        choices = replace(choices, task=_task(seen.proposal, source))
        seen = inspect_again(source, choices, seen.proposal)
        if seen is None:
            return None
        name, title = _names(read.proposal, source)
    with right, st.container(border=True, height="stretch"):
        st.markdown(f"**{_('Contents')}**")
        _contents(seen.proposal)
    if seen.problem is not None:
        st.error(say(seen.problem), icon=":material/error:")
    doubts = seen.proposal.doubts
    accept = _accepted(doubts, source)
    _preview(seen.proposal)
    choices = replace(choices, name=name, title=title, accept=accept)
    return Correction(choices, seen.problem is not None or len(accept) < len(doubts))


def _accepted(doubts: Sequence[Doubt], source: InspectedFile) -> tuple[str, ...]:
    """Shows what must be settled, each with a box to accept it; returns the codes of those that are."""
    return tuple(doubt.code for doubt in doubts if _accepts(doubt, source))


def _accepts(doubt: Doubt, source: InspectedFile) -> bool:
    with st.container(border=True):
        st.warning(say(doubt.message), icon=":material/help:")
        return st.checkbox(
            _("It is right as it is"), key=f"{source.key}.accept.{doubt.code}", persist_state=KEPT
        )


def _begun(guess: Proposal, source: InspectedFile) -> Choices:
    """Returns the kind a user says, and what is known;
    of columns nothing where that is about another kind.
    """
    kind = _kind(guess, source)
    known = source.known if kind == guess.kind else replace(source.known, roles={}, types={})
    # Another target is another task: it is known of the columns as they came.
    return replace(known, kind=kind, task=None)


def _kind(guess: Proposal, source: InspectedFile) -> DataKind:
    return _choice(_("Kind"), guess.kinds, guess.kind, key=f"{source.key}.kind")


def _task(proposal: Proposal, source: InspectedFile) -> Task:
    # Another guess, another widget: what was chosen for other columns does not stay.
    key = f"{source.key}.task.{proposal.kind}.{'/'.join(proposal.tasks)}.{proposal.task}"
    return _choice(_("Task"), proposal.tasks, proposal.task, key=key)


def _choice(label: str, options: Sequence[T], guess: T, *, key: str) -> T:
    return st.selectbox(
        label,
        _with(guess, options),
        format_func=lambda value: _(str(value)),
        key=key,
        persist_state=KEPT,
    )


def _names(proposal: Proposal, source: InspectedFile) -> tuple[str, str]:
    name = st.text_input(
        _("Name"),
        proposal.name,
        key=f"{source.key}.name",
        persist_state=KEPT,
        max_chars=64,
        help=_("Its name in experiments: lower-case letters, digits, `-` and `_`."),
    )
    if name.strip() in context().library.names():
        st.caption(_("A dataset of this name exists; different content becomes its next version."))
    title = st.text_input(
        _("Title"), proposal.title, key=f"{source.key}.title", persist_state=KEPT, max_chars=200
    )
    return name.strip(), title.strip()


def _reading(proposal: Proposal, choices: Choices, source: InspectedFile) -> Choices:
    """Shows how the text of a table is parsed."""
    with st.expander(_("How the file is read")):
        if proposal.delimiter:  # a file of text, no workbook
            names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar"), " ": _("space")}
            delimiter = st.selectbox(
                _("Delimiter"),
                _with(proposal.delimiter, DELIMITERS),
                format_func=lambda value: names.get(value, value),
                key=f"{source.key}.delimiter",
                persist_state=KEPT,
            )
            encoding = st.selectbox(
                _("Encoding"),
                _with(proposal.encoding, ENCODINGS),
                key=f"{source.key}.encoding",
                persist_state=KEPT,
            )
            choices = replace(choices, delimiter=delimiter, encoding=encoding)
        choices = _written(choices, source)
        header = st.toggle(
            _("The first row holds the names"),
            value=proposal.header,
            key=f"{source.key}.header",
            persist_state=KEPT,
        )
    return replace(choices, header=header)


def _written(choices: Choices, source: InspectedFile) -> Choices:
    """Shows how numbers and dates are written, and what says nothing."""
    names = {"": _("as it seems"), ".": _("point"), ",": _("comma")}
    decimal = st.selectbox(
        _("Decimals"),
        list(names),
        format_func=names.__getitem__,
        key=f"{source.key}.decimal",
        persist_state=KEPT,
    )
    date_format = st.text_input(
        _("Dates"),
        key=f"{source.key}.date_format",
        persist_state=KEPT,
        max_chars=40,
        placeholder="dd/mm/yyyy",
        help=_("How dates are written, such as `dd/mm/yyyy` or `yyyymmdd HH:MM`; empty: as it seems."),
    )
    missing = st.text_input(
        _("Words for missing values"),
        key=f"{source.key}.missing",
        persist_state=KEPT,
        max_chars=200,
        placeholder="None, ?",
        help=_(
            "Separated by commas. In columns of categories such words are values unless they are named here."
        ),
    )
    words = tuple(word for part in missing.split(",") if (word := part.strip()))
    return replace(choices, decimal=decimal, date_format=date_format.strip(), missing=words)


def _with(guess: T, options: Sequence[T]) -> list[T]:
    """Returns the guess first, then the other options."""
    return [guess, *(one for one in options if one != guess)]


def _key(source: InspectedFile, choices: Choices) -> str:
    """Prefix for widgets that show a guess under these choices; under others it is another guess."""
    read = (choices.delimiter, choices.decimal, choices.date_format, choices.missing)
    return f"{source.key}.{choices.kind}.{read}.{choices.encoding}.{choices.header}"


def _group(proposal: Proposal, key: str) -> str:
    """Shows the rule for the group of a file: a part of its name, or a pattern."""
    parts = {option.rule: option for option in proposal.group_options}
    rules = ["", *parts, _PATTERN]
    guess = proposal.group if proposal.group in parts or not proposal.group else _PATTERN

    def called(rule: str) -> str:
        return part_called(parts[rule]) if rule in parts else _("By a pattern") if rule else _("None")

    rule = st.selectbox(
        _("Group, by file name"),
        rules,
        index=rules.index(guess),
        format_func=called,
        key=f"{key}.group",
        persist_state=KEPT,
        help=_(
            "What of a file's name tells who or what it comes from (a speaker, a patient), so that no group is in two "
            "parts. The table below shows what it finds."
        ),
    )
    if rule != _PATTERN:
        return str(rule)
    return st.text_input(
        _("Pattern"),
        proposal.group if guess == _PATTERN else "",
        key=f"{key}.pattern",
        persist_state=KEPT,
        max_chars=200,
        placeholder="^[^_]+_([^_]+)_",
        help=_("A regular expression (RE2) with one pair of parentheses around what tells the group."),
    )


def keep_corrections(source: InspectedFile, choices: Choices) -> None:
    """Remembers what was corrected in the table of columns, which forgets it while it is not shown."""
    st.session_state[_kept(source, choices)] = choices


def _kept(source: InspectedFile, choices: Choices) -> str:
    return f"{_key(source, choices)}.kept"


def _columns(columns: Sequence[Column], choices: Choices, source: InspectedFile) -> Choices:
    """Shows the table of columns, whose types and roles can be changed."""
    kept = st.session_state.get(_kept(source, choices), choices)
    st.markdown(
        f"**{_('Columns')}**",
        help=_("Double-click a type or a use to change it. What is to be predicted is the target."),
    )
    frame = pd.DataFrame(
        {
            "name": [column.name for column in columns],
            "type": [kept.types.get(column.name, column.type).value for column in columns],
            "role": [kept.roles.get(column.name, column.role).value for column in columns],
            "unique": [column.unique for column in columns],
            "missing": [column.missing for column in columns],
            "values": [", ".join(column.categories[:8]) for column in columns],
        }
    )
    config = st.column_config
    edited = st.data_editor(
        frame,
        key=f"{_key(source, choices)}.columns",
        hide_index=True,
        num_rows="fixed",
        disabled=["name", "unique", "missing", "values"],
        height="content" if len(columns) <= SHORT_TABLE else 460,
        column_config={
            "name": config.TextColumn(_("Column"), pinned=True),
            "type": config.SelectboxColumn(
                _("Type"),
                options=[one.value for one in ColumnType],
                format_func=lambda value: _(str(value)),
                required=True,
            ),
            "role": config.SelectboxColumn(
                _("Used as"),
                options=[one.value for one in ColumnRole],
                format_func=lambda value: _(str(value)),
                required=True,
            ),
            "unique": config.NumberColumn(_("Different values")),
            "missing": config.NumberColumn(_("Missing")),
            "values": config.TextColumn(_("Values")),
        },
    )
    return replace(
        choices,
        types={name: ColumnType(type_) for name, type_ in zip(edited["name"], edited["type"], strict=True)},
        roles={name: ColumnRole(role) for name, role in zip(edited["name"], edited["role"], strict=True)},
    )


def _contents(proposal: Proposal) -> None:
    """Shows how much there is, and of which class."""
    with st.grid(3, min_column_width=show.CARD, gap="small"):
        about = "" if proposal.exact else "≈ "
        st.metric(_("Samples"), f"{about}{proposal.samples:,}", border=True)
        if proposal.classes:
            st.metric(_("Classes"), str(len(proposal.classes)), border=True)
        elif proposal.columns:
            st.metric(_("Columns"), str(len(proposal.columns)), border=True)
        st.metric(_("Refused"), f"{proposal.refused_count:,}", border=True)
    for warning in proposal.warnings:
        st.warning(say(warning), icon=":material/warning:")
    for note in proposal.notes:
        st.caption(f":material/info: {say(note)}")
    if proposal.classes:
        class_table(proposal.classes, proposal.counts)
    if proposal.refused:
        with st.expander(_("What would be refused, and why")):
            refusals(proposal.refused, proposal.refused_count)


def class_table(classes: Sequence[str], counts: Mapping[str, Sequence[int]]) -> None:
    """Shows how many samples each class has, part by part."""
    parts = {"": _("Samples"), "train": _("Training"), "validation": _("Validation"), "test": _("Test")}
    by_part = {title: counts[part] for part, title in parts.items() if part in counts}
    table(pd.DataFrame({_("Class"): classes, **by_part}), _("Classes"))


def table(frame: pd.DataFrame, about: str) -> None:
    """Shows a table as high as its rows; a long one scrolls."""
    height: Literal["content"] | int = "content" if len(frame) <= SHORT_TABLE else 300
    st.dataframe(frame, hide_index=True, height=height, alt=about)


def refusals(refused: Sequence[RefusedItem], count: int) -> None:
    """Shows a table of what was rejected, and why."""
    frame = pd.DataFrame(
        {
            _("File or row"): [row.name for row in refused],
            _("Reason"): [row.reason.text(_) for row in refused],
        }
    )
    table(frame, _("Refused"))
    if count > len(refused):
        st.caption(_("The first {n} of {total}.").format(n=f"{len(refused):,}", total=f"{count:,}"))


def _preview(proposal: Proposal) -> None:
    """Shows the first rows, or some of the files."""
    if not proposal.preview:
        return
    st.markdown(f"**{_('The beginning')}**")
    said = {"file": _("File"), "part": _("Part"), "class": _("Class"), "group": _("Group"),
            "samples": _("Samples"), "shape": _("Shape")}  # fmt: skip
    header = proposal.preview_header
    if proposal.form is not SourceForm.TABLE:
        header = tuple(said.get(name, name) for name in header)
    frame = pd.DataFrame(list(proposal.preview), columns=header)
    table(frame, _("Preview"))
