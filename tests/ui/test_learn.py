"""The textbook: its contents, and each topic without a run."""

import pytest

from dlcore.ui.learn.topics import TOPICS
from tests.ui.conftest import texts


def test_the_contents_lead_to_every_topic(open_page):
    page = open_page("learn")

    assert page.title[0].value == "Learn"
    assert page.query_params["topic"] == "contents"
    said = texts(page)
    assert all(topic.summary in said for topic in TOPICS.values())


@pytest.mark.parametrize("name", sorted(TOPICS))
def test_a_topic_opens_by_its_address(open_page, name):
    assert open_page("learn", topic=name).title[0].value == TOPICS[name].title


def test_an_unknown_topic_leads_to_the_contents(open_page):
    assert open_page("learn", topic="nowhere").title[0].value == "Learn"


@pytest.mark.parametrize("view", ["softmax", "depth"])
def test_each_view_of_the_activations_opens_by_its_address(open_page, view):
    page = open_page("learn", topic="activations", view=view)

    assert page.query_params["view"] == view
    assert len(page.get("plotly_chart")) == 1


def test_a_rate_too_high_is_said_to_lead_away(open_page):
    page = open_page("learn", topic="descent", surface="bowl", optimizers="SGD")
    page.select_slider(key="learn_rate_bowl_SGD").set_value(3.0).run()
    page.slider(key="learn_steps").set_value(100).run()

    assert "Gone for good: SGD." in page.warning[0].value
