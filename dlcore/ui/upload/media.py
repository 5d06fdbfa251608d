"""How files and arrays are read: what tells their classes, their encoding, their channels and their gaps."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dlcore.datasets.ingest import Choices, Proposal, SourceForm
from dlcore.datasets.ingest.groups import GroupOption, name_part
from dlcore.datasets.ingest.proposal import CHANNELS, FOLDERS, NAME_RULE, NON_FINITE, TABLE
from dlcore.text import short_text
from dlcore.ui.forms.asking import KEPT
from dlcore.ui.shared.i18n import _
from dlcore.ui.upload.look import InspectedFile

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "latin-1", "gb18030", "big5", "shift_jis",
             "euc_kr", "koi8_r")  # fmt: skip
PART = 24
"""Characters of a part of a file's name."""
_PATTERN = "pattern"


def reading_options(proposal: Proposal, choices: Choices, source: InspectedFile) -> Choices:
    """Shows how files or arrays are read; returns the choices with that."""
    if proposal.form is SourceForm.ARRAYS:
        return _arrays(proposal, choices, source)
    unclear = proposal.labels != FOLDERS or proposal.problem is not None
    with st.expander(_("How the files are read"), expanded=unclear):
        # Of another kind of files in the archive something else may tell the classes.
        labels = _labels(proposal, source) if choices.kind == proposal.kind else ""
        encoding = st.selectbox(
            _("Encoding"),
            [proposal.encoding, *(one for one in ("", *ENCODINGS) if one != proposal.encoding)],
            format_func=lambda value: value or _("automatic"),
            key=f"{source.key}.encoding",
            persist_state=KEPT,
            help=_("Of names in a zip that does not say it, and of texts that are not in UTF-8."),
        )
    return replace(choices, labels=labels, encoding=encoding)


def _labels(proposal: Proposal, source: InspectedFile) -> str:
    """Shows what tells the classes: the folders, a table, or a part of the names."""
    parts = {option.rule: option for option in proposal.group_options}
    called = {
        FOLDERS: _("The folders"),
        TABLE: _("A table in the archive"),
        NAME_RULE: _("The beginning of the file names"),
        _PATTERN: _("By a pattern"),
        **{rule: part_called(option) for rule, option in parts.items()},
    }
    # Whatever pattern was guessed or chosen before is an option of its own.
    options = list(dict.fromkeys((*proposal.label_options, *parts, _PATTERN)))
    choice = st.selectbox(
        _("Classes from"),
        options,
        format_func=lambda rule: called.get(rule, rule),
        key=f"{source.key}.labels",
        persist_state=KEPT,
    )
    if choice != _PATTERN:
        return str(choice)
    return st.text_input(
        _("Pattern"),
        proposal.labels if proposal.labels not in called else "",
        key=f"{source.key}.labels.pattern",
        persist_state=KEPT,
        max_chars=200,
        placeholder="^([a-z]+)",
        help=_("A regular expression (RE2) with one pair of parentheses around what tells the class."),
    )


def _arrays(proposal: Proposal, choices: Choices, source: InspectedFile) -> Choices:
    """Shows where the channels of samples are, and what becomes of numbers that are none."""
    if proposal.channels:
        names = {"first": _("first"), "last": _("last"), "none": _("none (grey)")}
        channels = st.selectbox(
            _("Channels"),
            [proposal.channels, *(one for one in CHANNELS if one != proposal.channels)],
            format_func=lambda value: names[value],
            key=f"{source.key}.channels",
            persist_state=KEPT,
            help=_("Where the channels of images or sequences are; stored they are last."),
        )
        choices = replace(choices, channels=channels)
    if proposal.has_non_finite:
        titles = {
            "": _("Choose …"),
            "refuse": _("Refuse these samples"),
            "mean": _("Replace them by the mean of the training part"),
            "zero": _("Replace them by 0"),
        }
        non_finite = st.selectbox(
            _("NaN and infinite numbers"),
            ["", *NON_FINITE],
            format_func=lambda value: titles[value],
            key=f"{source.key}.non_finite",
            persist_state=KEPT,
        )
        choices = replace(choices, non_finite=non_finite)
    return choices


def part_called(option: GroupOption) -> str:
    """Returns a part of the names with some of its values, as the list of them says it."""
    part = name_part(option.rule)
    assert part is not None
    more = ", …" if option.values > len(option.examples) else ""
    return _("Part {number} between {separator}: {examples} ({n})").format(
        number=part.number,
        separator=part.separator,
        examples=", ".join(short_text(one, PART) for one in option.examples) + more,
        n=option.values,
    )
