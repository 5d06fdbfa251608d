"""The guide: what to do in the step of a lesson, why, whether it is done, and the way on."""

from __future__ import annotations

import streamlit as st

from dlcore.lessons.evidence import Visit
from dlcore.queue.lessons import TakenLesson
from dlcore.ui.components.live_view import live_view
from dlcore.ui.guide.view import STEP
from dlcore.ui.shared.hidden import hide
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.lesson import LESSON, VIEW, current_lesson, target_of
from dlcore.ui.shared.links import LEARN_PAGE
from dlcore.ui.shared.markdown import escape_markdown
from dlcore.web.context import context

LOOK_MILLISECONDS = 2_000
"""Between two looks whether a step is done."""


def lesson_guide(page: str) -> None:
    """Shows the guide, if a lesson is open, and hides what the lesson asks to hide; before the page is drawn.

    Beside the page it is in the sidebar; where that is closed, as on a phone, it opens from a bar above the page.

    Args:
        page: the name of the page in the address.
    """
    taken = current_lesson(_visit(page))
    hide(taken.lesson.hide if taken is not None else ())
    if taken is None:
        return
    with st.sidebar, st.container(key="lesson_side", border=True, gap="small"):
        _guide(taken, "side")
    with st.container(key="lesson_bar"), st.popover(_bar_label(taken), icon=_icon(taken), width="stretch"):
        _guide(taken, "bar")


def note_visit(page: str) -> None:
    """Notes that a page is open, if the step of the lesson asks for it; after the page is drawn.

    Only then the address says which tab is open.

    Args:
        page: the name of the page in the address.
    """
    before = current_lesson()
    if before is None or not before.missing or before.step.check is None or before.step.check.visit is None:
        return
    after = current_lesson(_visit(page))
    if after is not None and not after.missing:
        st.rerun()


def _visit(page: str) -> Visit:
    return Visit(page, st.query_params.get(VIEW, ""))


def _icon(taken: TakenLesson) -> str:
    is_done = taken.step.check is not None and not taken.missing
    return ":material/check_circle:" if is_done else ":material/school:"


def _place(taken: TakenLesson) -> str:
    return _("Step {n} of {count}").format(n=taken.number + 1, count=len(taken.lesson.steps))


def _bar_label(taken: TakenLesson) -> str:
    return f"{_place(taken)} · {escape_markdown(taken.step.title)}"


def _guide(taken: TakenLesson, key: str) -> None:
    """Draws the guide in one of its places, which the key tells."""
    count = len(taken.lesson.steps)
    st.caption(f"{escape_markdown(taken.lesson.title)} · {_place(taken)}")
    st.progress((taken.number + 1) / count)
    st.markdown(f"**{escape_markdown(taken.step.title)}**")
    st.markdown(taken.step.text)
    if key == "side":
        live_view(STEP, "", key="lesson_step", interval=LOOK_MILLISECONDS)
    else:
        _state(taken)
    target = target_of(taken)
    if taken.step.page is not None and (taken.missing or taken.step.check is None):
        there = st.button(
            _("Take me there"),
            key=f"lesson_go_{key}",
            icon=":material/arrow_forward:",
            disabled=target is None,
            width="stretch",
            type="primary",
        )
        if there and target is not None:
            target.go()
    _ways(taken, key)


def _state(taken: TakenLesson) -> None:
    """Shows whether the step is done where that is not kept up to date by itself."""
    if taken.step.check is None:
        return
    if not taken.missing:
        st.markdown(f":green-badge[:material/check_circle: {_('Done')}]")
        return
    st.markdown(f":orange-badge[:material/radio_button_unchecked: {_('Not done yet')}]")
    for message in taken.missing:
        st.caption(say(message))


def _ways(taken: TakenLesson, key: str) -> None:
    """Draws the ways to the steps before and after, and out of the lesson."""
    with st.container(horizontal=True, gap="small"):
        back = st.button(_("Back"), key=f"lesson_back_{key}", disabled=taken.number == 0)
        label = _("Finish") if taken.is_last else _("Skip this step") if taken.missing else _("Next step")
        on = st.button(label, key=f"lesson_next_{key}", type="secondary" if taken.missing else "primary")
        end = st.button(
            _("End the lesson"),
            key=f"lesson_end_{key}",
            type="tertiary",
            help=_("All that it hides comes back. You can continue it on the page Learn."),
        )
    lessons, name = context().store.lessons, taken.progress.name
    owner = context().actor.id
    if end or (on and taken.is_last):
        lessons.close(owner=owner)
        st.switch_page(LEARN_PAGE, query_params={LESSON: name})
    if on or back:
        lessons.go(name, max(0, taken.number + (1 if on else -1)), owner=owner)
        st.rerun()
