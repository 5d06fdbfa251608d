"""The page of the textbook: its contents, or one topic."""

from __future__ import annotations

import streamlit as st

from dlcore.ui.learn.lessons import lesson_cards, lesson_page
from dlcore.ui.learn.topics import TOPICS, Chapter, Topic
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.layout import head_line
from dlcore.ui.shared.lesson import LESSON
from dlcore.ui.shared.links import LEARN_PAGE

TOPIC, CONTENTS = "topic", "contents"
"""The parameter of the address that names the topic, and what it says while none is open."""


def learn_page() -> None:
    """Draws the topic that the address names, else the contents."""
    if LESSON in st.query_params:
        lesson_page(st.query_params[LESSON])
        return
    topic = TOPICS.get(st.query_params.get(TOPIC, ""))
    if topic is None:
        # Said, so that Back leads from a topic to here.
        st.query_params[TOPIC] = CONTENTS
        _contents()
        return
    _head(topic)
    topic.draw()
    _foot(topic)


def _contents() -> None:
    """Shows all topics as cards, chapter by chapter."""
    st.title(_("Learn"), anchor=False)
    st.markdown(
        _(
            "How a neural network computes, how it learns, and what each setting does to it: with pictures that answer "
            "when you move something, and with the numbers of networks that you have trained yourself."
        )
    )
    lesson_cards()
    for chapter in Chapter:
        topics = [topic for topic in TOPICS.values() if topic.chapter is chapter]
        if not topics:
            continue
        st.subheader(_(chapter.value), anchor=False)
        with st.grid(4, min_column_width=230, gap="small"):
            for topic in topics:
                _card(topic)


def _card(topic: Topic) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card_{topic.name}"):
        _link(topic, f"**{_(topic.title)}**", topic.icon)
        st.caption(_(topic.summary))


def _head(topic: Topic) -> None:
    with head_line():
        st.title(_(topic.title), anchor=False, width="content")
        st.page_link(
            LEARN_PAGE,
            label=_("All topics"),
            icon=":material/menu_book:",
            query_params={TOPIC: CONTENTS},
            width="content",
        )
    st.markdown(_(topic.summary))


def _foot(topic: Topic) -> None:
    """Leads to the topics before and after."""
    order = list(TOPICS.values())
    place = order.index(topic)
    st.space("small")
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if place:
            _link(order[place - 1], _(order[place - 1].title), "arrow_back")
        if place + 1 < len(order):
            _link(order[place + 1], _(order[place + 1].title), "arrow_forward")


def _link(topic: Topic, label: str, icon: str) -> None:
    st.page_link(
        LEARN_PAGE,
        label=label,
        icon=f":material/{icon}:",
        query_params={TOPIC: topic.name},
        width="content",
    )
