"""What a search varies of a model's structure: layers that are absent, repeated, or of another kind."""

from __future__ import annotations

import streamlit as st

from dlcore.search.dimensions import Choices, Dimension, Presence, Repeat
from dlcore.search.offers import Offer, beginning
from dlcore.search.places import AS_DRAFTED
from dlcore.ui.forms.dimensions import KEPT, Dimensions, summary
from dlcore.ui.forms.search_mode import remove_button, show_switches
from dlcore.ui.shared.drafts import Working, forget_widgets
from dlcore.ui.shared.i18n import _

AS_IT_IS, ABSENT, REPEATED, KINDS = "as it is", "Presence", "Repeat", "Choices"


def layer_structure(space: Dimensions, index: int) -> None:
    """What the search does with a layer as a whole; edits the space.

    Args:
        space: its prefix is the layer.
        index: of the layer.
    """
    path, layer = space.prefix, space.draft.spec.model.layers[index]
    titles = {
        AS_IT_IS: _("it stays as it is"),
        ABSENT: _("it may be absent"),
        REPEATED: _("it is repeated"),
        KINDS: _("it is one of several kinds"),
    }
    given = space.space.get(path, {}).get("kind", AS_IT_IS)
    chosen = st.selectbox(
        _("In the search"),
        list(titles),
        index=list(titles).index(given) if given in titles else 0,
        format_func=titles.__getitem__,
        key=f"{space.draft.key}.structure.{path}",
        persist_state=KEPT,
        help=_("What a trial makes of this layer as a whole."),
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


def blocks(draft: Working, *, listed: bool = True) -> None:
    """Groups of layers that are repeated: those there are, if they are listed, and a new one."""
    space = draft.search.space
    for path in [one for one in space if one.startswith("model.layers[") and ":" in one and listed]:
        with st.container(horizontal=True, vertical_alignment="center"):
            first, _colon, last = path.removeprefix("model.layers[").removesuffix("]").partition(":")
            st.markdown(f"`{first}` … `{last}`: {summary(path, space[path])}", width="stretch")
            remove_button(draft, path)
    with st.container(horizontal=True):
        if len(draft.spec.model.layers) > 1:
            _new_block(draft)
        if "model" not in space and st.button(
            _("Search among templates"),
            key="search_templates",
            icon=":material/category:",
            help=_("Each trial has the model as drafted, or that of a template."),
        ):
            _keep(draft, "model", beginning(Offer("model", (), None, AS_DRAFTED), draft.facts))
    if listed and "model" in space:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{_('Template')}: {summary('model', space['model'])}", width="stretch")
            remove_button(draft, "model")


def _keep(draft: Working, path: str, dimension: Dimension) -> None:
    """Puts a dimension into the space."""
    show_switches(draft)
    forget_widgets()
    space = {**draft.search.space, path: dimension.model_dump(mode="json")}
    draft.save(search=draft.search.with_space(space))


def _new_block(draft: Working) -> None:
    """The first and the last layer of a group, and how often it stands there."""
    names = [layer.name for layer in draft.spec.model.layers]
    with st.popover(_("Repeat a block"), icon=":material/repeat:"):
        first = st.selectbox(_("First layer"), names, key=f"{draft.key}.block.first")
        behind = names[names.index(first) :]
        last = st.selectbox(
            _("Last layer"), behind, index=min(1, len(behind) - 1), key=f"{draft.key}.block.last"
        )
        with st.container(horizontal=True):
            low = st.number_input(_("Fewest times"), 0, 100, 1, key=f"{draft.key}.block.low", width=130)
            high = st.number_input(_("Most times"), 1, 100, 3, key=f"{draft.key}.block.high", width=130)
        st.caption(_("0 times: the block may be absent."))
        if st.button(_("Add"), key="add_block", icon=":material/add:", disabled=low > high, type="primary"):
            group = first if first == last else f"{first}:{last}"
            _keep(draft, f"model.layers[{group}]", Repeat(low=low, high=high))
