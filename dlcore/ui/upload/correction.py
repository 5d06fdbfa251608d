"""What a file seems to be, shown for correction before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

import pandas as pd
import streamlit as st

from dlcore.datasets.ingest import NOTHING, Choices, Proposal, SourceForm, inspect
from dlcore.datasets.stored import Refused, stored_names
from dlcore.errors import DlcoreError, Message
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, Task
from dlcore.ui.forms.asking import KEPT
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context

SHORT_TABLE = 12
"""Rows of a table that is as high as they are; a longer one scrolls."""
DELIMITERS = (",", ";", "\t", "|", " ")
ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "latin-1", "gb18030", "big5", "shift_jis",
             "euc_kr", "koi8_r")  # fmt: skip
T = TypeVar("T", bound=str)


@dataclass(frozen=True)
class Source:
    """What is looked at.

    Attributes:
        path: of the file or folder.
        origin: what it is called where it comes from.
        key: prefix of the keys of the widgets that are about it.
        known: what need not be guessed.
    """

    path: Path
    origin: str
    key: str
    known: Choices = NOTHING


@dataclass(frozen=True)
class Corrected:
    """What a person says of a file.

    Attributes:
        choices: what is to be stored, all of it said.
        problem: whether something stands in the way.
    """

    choices: Choices
    problem: bool


def correct(source: Source) -> Corrected | None:
    """The whole form; None while it cannot even be guessed what the file is."""
    try:
        with st.spinner(_("Analyzing the data …")):
            guess = _inspected(source.path, source.origin, source.known)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return None
    left, right = st.columns([5, 6], gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"**{_('What it is')}**")
        choices = _begun(guess, source)
        if guess.form is SourceForm.TABLE:
            choices = _reading(guess, choices, source)
        read, problem = _looked(source, choices, guess)
        if read.form is SourceForm.FILES:
            choices = replace(choices, group=_group(read, _key(source, choices)))
        rest = st.container()
    if read.columns:
        choices = _columns(read.columns, choices, source)
    seen, problem = _looked(source, choices, read)
    with rest:
        choices = replace(choices, task=_task(seen, source))
        seen, problem = _looked(source, choices, seen)
        name, title = _names(read, source)
    with right, st.container(border=True, height="stretch"):
        st.markdown(f"**{_('Contents')}**")
        _contents(seen)
    if problem is not None:
        st.error(say(problem), icon=":material/error:")
    _preview(seen)
    return Corrected(replace(choices, name=name, title=title), problem is not None)


def _begun(guess: Proposal, source: Source) -> Choices:
    """The kind a person says, and what is known; of columns nothing where that is about another kind."""
    kind = _kind(guess, source)
    known = source.known if kind == guess.kind else replace(source.known, roles={}, types={})
    # Another target is another task: it is known of the columns as they came.
    return replace(known, kind=kind, task=None)


def _looked(source: Source, choices: Choices, before: Proposal) -> tuple[Proposal, Message | None]:
    """The proposal under these choices, or the one from before; and why it cannot be stored."""
    if _agrees(choices, before):
        return before, before.problem
    try:
        proposal = _inspected(source.path, source.origin, choices)
    except DlcoreError as error:
        return before, error.message
    return proposal, proposal.problem


def _agrees(choices: Choices, proposal: Proposal) -> bool:
    """Whether all that was said is what was guessed, so that another look would see the same."""
    guessed = vars(proposal.choices())
    return all(
        value == guessed[name]
        for name, value in vars(choices).items()
        if value is not None and (value or name == "group")
    )


@st.cache_data(
    max_entries=64,
    ttl=300,  # a folder on the server may change meanwhile
    show_spinner=False,
    hash_funcs={Choices: lambda choices: choices.to_dict()},
)
def _inspected(path: Path, origin: str, choices: Choices) -> Proposal:
    return inspect(path, context().settings, choices, origin=origin)


def _kind(guess: Proposal, source: Source) -> DataKind:
    return _choice(_("Kind"), guess.kinds, guess.kind, key=f"{source.key}.kind")


def _task(proposal: Proposal, source: Source) -> Task:
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


def _names(proposal: Proposal, source: Source) -> tuple[str, str]:
    name = st.text_input(
        _("Name"),
        proposal.name,
        key=f"{source.key}.name",
        persist_state=KEPT,
        max_chars=64,
        help=_("Its name in experiments: lower-case letters, digits, '-' and '_'."),
    )
    if name.strip() in stored_names(context().settings):
        st.caption(_("A dataset of this name exists; different content becomes its next version."))
    title = st.text_input(
        _("Title"), proposal.title, key=f"{source.key}.title", persist_state=KEPT, max_chars=200
    )
    return name.strip(), title.strip()


def _reading(proposal: Proposal, choices: Choices, source: Source) -> Choices:
    """How a table's text is taken apart."""
    with st.expander(_("How the file is read")):
        if proposal.delimiter:  # a file of text, no workbook
            names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar"), " ": _("space")}
            delimiter = st.selectbox(
                _("Between two marks"),
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
        header = st.toggle(
            _("The first row holds the names"),
            value=proposal.header,
            key=f"{source.key}.header",
            persist_state=KEPT,
        )
    return replace(choices, header=header)


def _with(guess: T, options: Sequence[T]) -> list[T]:
    """The guess first, then the other options."""
    return [guess, *(one for one in options if one != guess)]


def _key(source: Source, choices: Choices) -> str:
    """Prefix for widgets that show a guess under these choices; under others it is another guess."""
    return f"{source.key}.{choices.kind}.{choices.delimiter!r}.{choices.encoding}.{choices.header}"


def _group(proposal: Proposal, key: str) -> str:
    return st.text_input(
        _("Group, by file name"),
        proposal.group,
        key=f"{key}.group",
        persist_state=KEPT,
        max_chars=200,
        placeholder="^[^_]+_([^_]+)_",
        help=_(
            "A regular expression with one pair of parentheses around what tells who or what a file comes "
            "from (a speaker, a patient), so that no group is in two parts. The table below shows what it finds."
        ),
    )


def keep_corrections(source: Source, choices: Choices) -> None:
    """Remembers what was corrected in the table of columns, which forgets it while it is not shown."""
    st.session_state[_kept(source, choices)] = choices


def _kept(source: Source, choices: Choices) -> str:
    return f"{_key(source, choices)}.kept"


def _columns(columns: Sequence[Column], choices: Choices, source: Source) -> Choices:
    """The table of columns, whose types and roles can be changed."""
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
    """How much there is, and of which class."""
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
    if proposal.classes:
        class_table(proposal.classes, proposal.counts)
    if proposal.refused:
        with st.expander(_("What would be refused, and why")):
            refusals(proposal.refused, proposal.refused_count)


def class_table(classes: Sequence[str], counts: Mapping[str, Sequence[int]]) -> None:
    """How many samples each class has, part by part."""
    parts = {"": _("Samples"), "train": _("Training"), "validation": _("Validation"), "test": _("Test")}
    by_part = {title: counts[part] for part, title in parts.items() if part in counts}
    table(pd.DataFrame({_("Class"): classes, **by_part}), _("Classes"))


def table(frame: pd.DataFrame, about: str) -> None:
    """A table as high as its rows; a long one scrolls."""
    height: Literal["content"] | int = "content" if len(frame) <= SHORT_TABLE else 300
    st.dataframe(frame, hide_index=True, height=height, alt=about)


def refusals(refused: Sequence[Refused], count: int) -> None:
    """A table of what was not taken in, and why."""
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
    """The first rows, or some of the files."""
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
