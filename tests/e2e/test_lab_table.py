"""The lab on rows of a table, with classes and with numbers, up to a run on corrected data: in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.lab_walk import (
    SLOW,
    card,
    choose_cell,
    choose_listed,
    compare,
    correct,
    explain,
    most_confused,
    open_lab,
    open_view,
    packaged_example,
    relabel,
    set_value,
    train_again,
    trained,
)

pytestmark = [
    pytest.mark.keras, pytest.mark.processes, pytest.mark.acceptance, pytest.mark.timeout(900),
]  # fmt: skip


@pytest.fixture(scope="module")
def server(supervised_server):
    return supervised_server


def test_a_row_of_the_wrong_class_is_explained_relabelled_and_learned_from_again(page, store):
    run = trained(page, store, packaged_example(store, "breast_cancer", **{"training.epochs": 2}))
    classes = ("benign", "malignant")
    true, predicted = most_confused(store, run)
    open_lab(page, run)
    choose_cell(page, true, predicted, classes=2)
    expect(card(page).get_by_text(f"Answered {classes[predicted]}, is {classes[true]}")).to_be_visible()
    explain(page)
    relabel(page, classes[true], classes[predicted])

    open_view(page, "Columns")
    page.get_by_role("button", name="Shuffle the columns").click()
    expect(page.get_by_text("each column was shuffled 5 times")).to_be_visible(timeout=SLOW)

    correct(page)
    again = train_again(page, store)
    assert (again.dataset, again.spec["dataset"]["version"] != run.spec["dataset"]["version"]) == (
        "breast_cancer",
        True,
    )
    compare(page)


def test_a_number_that_is_far_off_is_explained_set_right_and_learned_from_again(page, store):
    run = trained(page, store, packaged_example(store, "diabetes", **{"training.epochs": 2}))
    open_lab(page, run)
    choose_listed(page, 1)
    expect(page).to_have_url(re.compile("sample="))
    explain(page)
    set_value(page, "123")
    open_view(page, "Errors")
    expect(page.get_by_text("Predicted minus true; right answers are at 0.")).to_be_visible()

    correct(page)
    train_again(page, store)
    expect(page.get_by_text("1 of them have another label since")).to_be_visible()
    compare(page)
