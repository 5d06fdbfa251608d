"""What a search varies of a model's structure: layers that are absent, repeated, or of another kind."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.errors import SpecError
from dlcore.field_path import FieldPath
from dlcore.search.dimensions import Choices, Dimension, Presence, Repeat
from dlcore.search.drafted import read_dimension
from dlcore.search.offers import Offer, default_dimension
from dlcore.search.places import AS_DRAFTED
from dlcore.spec.paths import LAYER_LIST, MODEL, layer_of
from dlcore.ui.forms.asking import KEPT, ask
from dlcore.ui.forms.dimensions import LONGEST, Dimensions, summary
from dlcore.ui.forms.search_mode import remove_button, stale
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.markdown import escape_name, format_code

AS_IT_IS, UNREADABLE = "as it is", "unreadable"
ABSENT, REPEATED, KINDS = Presence.__name__, Repeat.__name__, Choices.__name__


def layer_structure(space: Dimensions, index: int) -> None:
    """Shows what the search does with a layer as a whole; edits the space.

    Args:
        space: its prefix is the layer.
        index: of the layer.
    """
    path, layer = str(space.prefix), space.draft.spec.model.layers[index]
    titles = {
        AS_IT_IS: _("it stays as it is"),
        ABSENT: _("it may be absent"),
        REPEATED: _("it is repeated"),
        KINDS: _("it is one of several kinds"),
    }
    given = _kind(space.space[path]) if path in space.space else AS_IT_IS
    titles.setdefault(given, _("something that no layer can be"))
    chosen = ask(
        f"{space.draft.id}.structure.{path}",
        given,
        lambda key, shown: st.selectbox(
            _("In the search"),
            list(titles),
            index=list(titles).index(shown),
            format_func=titles.__getitem__,
            key=key,
            persist_state=KEPT,
            help=_("What can be varied about this layer as a whole."),
        ),
    )
    if chosen == AS_IT_IS:
        space.space.pop(path, None)
        return
    if chosen != given:
        begins: dict[str, Dimension] = {
            ABSENT: Presence(),
            REPEATED: Repeat(low=1, high=3),
            KINDS: Choices(choices=(layer.kind,)),
        }
        space.space[path] = begins[chosen].model_dump(mode="json")
    with st.container(border=True, gap="small"):
        space.edit_at(path, None)


def _kind(data: Any) -> str:
    """Returns the kind of a dimension as it is stored; one that cannot be read has none that fits."""
    try:
        return read_dimension(data).kind
    except SpecError:
        return UNREADABLE


def blocks(draft: WorkingDraft, *, listed: bool = True) -> None:
    """Groups of layers that are repeated: those there are, if they are listed, and a new one.

    One that no longer fits is not listed here: what is wrong with it stands above, see `show_stale`.
    """
    space = draft.search.space
    wrong = stale(draft) if listed else {}
    for path in space if listed else ():
        group = layer_of(FieldPath.parse(path))
        if group is None or group.last is None or path in wrong:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{format_code(group.key)} … {format_code(group.last)}: {escape_name(summary(path, space[path]), LONGEST)}",
                width="stretch",
            )
            remove_button(draft, path)
    with st.container(horizontal=True):
        if len(draft.spec.model.layers) > 1:
            _new_block(draft)
        if "model" not in space and st.button(
            _("Search among templates"),
            key="search_templates",
            icon=":material/category:",
            help=_("Each trial uses the draft's model or that of a template."),
        ):
            _keep(draft, "model", default_dimension(Offer(MODEL, (), None, AS_DRAFTED), draft.facts))
    if listed and "model" in space:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{_('Template')}: {escape_name(summary('model', space['model']), LONGEST)}", width="stretch"
            )
            remove_button(draft, "model")


def _keep(draft: WorkingDraft, path: str, dimension: Dimension) -> None:
    """Puts a dimension into the space."""
    space = {**draft.search.space, path: dimension.model_dump(mode="json")}
    draft.save(search=draft.search.with_space(space))


def _new_block(draft: WorkingDraft) -> None:
    """Shows the first and the last layer of a group, and how often it is there."""
    names = [layer.name for layer in draft.spec.model.layers]
    with st.popover(_("Repeat a block"), icon=":material/repeat:"):
        first = st.selectbox(_("First layer"), names, key=f"{draft.entry_key}.block.first")
        behind = names[names.index(first) :]
        last = st.selectbox(
            _("Last layer"), behind, index=min(1, len(behind) - 1), key=f"{draft.entry_key}.block.last"
        )
        with st.container(horizontal=True):
            low = st.number_input(_("At least"), 0, 100, 1, key=f"{draft.entry_key}.block.low", width=130)
            high = st.number_input(_("At most"), 1, 100, 3, key=f"{draft.entry_key}.block.high", width=130)
        st.caption(_("0 times: the block may be absent."))
        if st.button(_("Add"), key="add_block", icon=":material/add:", disabled=low > high, type="primary"):
            group = LAYER_LIST.item(first, None if first == last else last)
            _keep(draft, str(group), Repeat(low=low, high=high))
