"""The lessons that come along, done as they say, in both languages: minutes each."""

import pytest

from tests.e2e.lesson_walk import Learner, build, fine_tune, train, tune

pytestmark = [pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance]


@pytest.fixture(scope="module")
def server(supervised_server):
    """One for both: its supervisor takes long to start."""
    return supervised_server


in_both_languages = pytest.mark.parametrize(("language", "locale"), [("en", "en-US"), ("zh_CN", "zh-CN")])


@in_both_languages
def test_a_person_walks_the_first_lesson(visit, language, locale):
    learner = Learner(visit(locale=locale).new_page(), language)
    build(learner)
    train(learner)
    tune(learner)


@in_both_languages
def test_a_person_walks_the_lesson_on_fine_tuning(visit, language, locale):
    fine_tune(Learner(visit(locale=locale).new_page(), language))
