"""Lessons on the page Learn: all of them as cards, and one with its steps."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dlcore.access.actors import Role
from dlcore.errors import DlcoreError, SpecError
from dlcore.lessons.lesson import Lesson
from dlcore.lessons.library import LessonFile, find_lesson, lesson_files
from dlcore.queue.lessons import begin_lesson
from dlcore.records.lessons import LessonProgress
from dlcore.ui.shared.i18n import _, _n, language, say
from dlcore.ui.shared.lesson import LESSON, current_lesson, target_of
from dlcore.ui.shared.links import DATA_PAGE, LEARN_PAGE
from dlcore.ui.shared.markdown import escape_markdown
from dlcore.web.context import context


def lesson_cards() -> None:
    """Shows all lessons as cards; a file that cannot be read is told to whoever runs the machine."""
    here = context()
    taken = here.store.lessons.all(owner=here.actor.id)
    st.subheader(_("Lessons"), anchor=False, help=_("Step by step in the real pages; each step is checked."))
    with st.grid(3, min_column_width=260, gap="small"):
        for name, lesson in _readable_lessons():
            _card(name, lesson, taken.get(name))


def _readable_lessons() -> list[tuple[str, Lesson]]:
    """Returns all lessons that can be read, in their order; of each other one says why to whoever runs the machine."""
    here, found = context(), list[tuple[str, Lesson]]()
    for name, file in lesson_files(here.settings).items():
        try:
            found.append((name, file.read(language())))
        except SpecError as error:
            if here.actor.role is Role.ADMIN:
                st.error(say(error), icon=":material/error:")
    return sorted(found, key=lambda one: (one[1].order, one[0]))


def _card(name: str, lesson: Lesson, progress: LessonProgress | None) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card_{name}"):
        st.page_link(
            LEARN_PAGE,
            label=f"**{escape_markdown(lesson.title)}**",
            icon=":material/school:",
            query_params={LESSON: name},
            width="content",
        )
        st.caption(escape_markdown(lesson.summary))
        st.caption(_facts(lesson, progress))


def _facts(lesson: Lesson, progress: LessonProgress | None) -> str:
    count = len(lesson.steps)
    steps = _n("{n} step", "{n} steps", count).format(n=count)
    facts = [_n("{n} minute", "{n} minutes", lesson.minutes).format(n=lesson.minutes), steps]
    if progress is not None:
        facts.append(_("you are at step {n}").format(n=min(progress.step, count - 1) + 1))
    return f":material/schedule: {' · '.join(facts)}"


def lesson_page(name: str) -> None:
    """Shows a lesson: what it is about, its steps, and the button that begins it."""
    here = context()
    try:
        file = find_lesson(name, here.settings)
        lesson = file.read(language())
    except SpecError as error:
        st.title(_("Learn"), anchor=False)
        st.warning(say(error), icon=":material/search_off:")
        lesson_cards()
        return
    progress = here.store.lessons.all(owner=here.actor.id).get(name)
    st.title(escape_markdown(lesson.title), anchor=False)
    st.caption(_facts(lesson, progress))
    st.markdown(lesson.text or escape_markdown(lesson.summary))
    _begin(file, progress)
    with st.container(border=True, gap="xsmall"):
        for number, step in enumerate(lesson.steps):
            is_done = progress is not None and number in progress.done
            icon = "check_circle" if is_done else "radio_button_unchecked"
            st.markdown(f":material/{icon}: {number + 1} · {escape_markdown(step.title)}")
    st.page_link(LEARN_PAGE, label=_("All topics"), icon=":material/menu_book:")


def _begin(file: LessonFile, progress: LessonProgress | None) -> None:
    """Draws the button that begins the lesson, or goes on with it."""
    here = context()
    with st.container(horizontal=True):
        again: Literal["primary", "secondary"] = "primary" if progress is None else "secondary"
        go_on = progress is not None and st.button(
            _("Continue"), type="primary", icon=":material/play_arrow:", key="lesson_continue"
        )
        label = _("Begin the lesson") if progress is None else _("Begin anew")
        begin = st.button(
            label,
            type=again,
            icon=":material/play_arrow:" if progress is None else ":material/restart_alt:",
            key="lesson_begin",
            help=_("Begins an experiment for it; what you have stays as it is."),
        )
    if begin:
        try:
            with st.spinner(_("Preparing the data…")):
                begin_lesson(
                    here.store,
                    file.name,
                    language=language(),
                    actor=here.actor,
                    public_owner=here.public_owner,
                )
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
            return
    elif go_on:
        here.store.lessons.open(file.name, owner=here.actor.id)
    else:
        return
    _lead_on()


def _lead_on() -> None:
    """Leads to the page of the step, where its guide is shown."""
    taken = current_lesson()
    target = target_of(taken) if taken is not None else None
    if target is not None:
        target.go()
    st.switch_page(DATA_PAGE, query_params={"draft": taken.draft_id} if taken and taken.draft_id else {})
