"""The steps from a run's errors to a run on corrected data, as a person takes them in the evaluation lab."""

import re
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, expect

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.examples import EXAMPLE_SETS, example_file
from dlcore.datasets.ingest.intake import ingest
from dlcore.queue import submit
from dlcore.records import Run, RunState
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store import Store
from dlcore.store.run_files import read_evaluation
from tests.e2e.conftest import ROOT, ready
from tests.waiting import wait_for

SLOW = 180_000
"""Milliseconds that a training or a job may take."""
_LIST_HEADER = 38
"""Pixels of the list's head, which is a canvas."""


def stored_example(store: Store, name: str, file: Path, **changed: object) -> ExperimentSpec:
    """Stores the file as a dataset, and returns the example of that name, as it is but for what is changed."""
    ingest(file, store.settings, Choices(name=name), owner=store.settings.owner)
    return ExperimentSpec.load(ROOT / "examples" / f"{name}.yaml").with_values(changed)


def packaged_example(store: Store, name: str, **changed: object) -> ExperimentSpec:
    """Stores a dataset that comes along, and returns its example, as it is but for what is changed."""
    entry = EXAMPLE_SETS[name]
    with example_file(entry) as file:
        ingest(file, store.settings, entry.choices, owner=store.settings.owner)
    return ExperimentSpec.load(ROOT / "examples" / f"{name}.yaml").with_values(changed)


def trained(page: Page, store: Store, spec: ExperimentSpec) -> Run:
    """Trains an experiment on the page's server, and returns it once it is completed."""
    run = submit(store, spec, owner=store.settings.owner)
    page.goto(f"/run?run={run.id}")  # its server starts the supervisor
    return completed(store, run)


def completed(store: Store, run: Run) -> Run:
    """Waits until a run is completed; returns it as it is then."""
    wait_for(
        lambda: store.runs.get(run.id).state.final, SLOW / 1000, what=lambda: store.runs.get(run.id).state
    )
    found = store.runs.get(run.id)
    assert found.state is RunState.COMPLETED, found.reason
    return found


def most_confused(store: Store, run: Run) -> tuple[int, int]:
    """The class that was most often taken for another one, and that, by their places."""
    counts = np.array(read_evaluation(store.artifacts.folder(run.id)).confusion)
    np.fill_diagonal(counts, 0)
    assert counts.max() > 0
    true, predicted = (int(place) for place in np.unravel_index(counts.argmax(), counts.shape))
    return true, predicted


def card(page: Page) -> Locator:
    """The sample that is open."""
    return page.locator(".st-key-lab_card")


def sample_number(page: Page) -> int:
    """The number of the sample that is open."""
    title = card(page).get_by_text(re.compile(r"^Sample [\d,]+$"))
    return int(title.inner_text().removeprefix("Sample ").replace(",", ""))


def open_lab(page: Page, run: Run) -> None:
    """Goes from a run's page to its lab."""
    page.goto(f"/run?run={run.id}&view=evaluation")
    ready(page)
    page.get_by_role("link", name="Open the evaluation lab").click()
    expect(page.get_by_role("heading", name="Evaluation lab")).to_be_visible()
    ready(page)


def open_view(page: Page, name: str) -> None:
    """Opens a tab of the lab."""
    page.get_by_role("tab", name=name, exact=True).click()
    ready(page)


def choose_cell(page: Page, true: int, predicted: int, *, classes: int) -> None:
    """Clicks a cell of the confusion matrix, whose samples are then listed."""
    cells = page.locator("[class*=st-key-lab_matrix] .scatterlayer .point")
    expect(cells).to_have_count(classes**2)
    cells.nth(classes * true + predicted).click(force=True)
    ready(page)
    expect(page).to_have_url(re.compile(f"true={true}&predicted={predicted}"))


def choose_listed(page: Page, place: int, *, height: int = 35) -> None:
    """Opens a sample by its place in the list, counted from 0.

    Args:
        page: which shows the lab.
        place: of the row.
        height: of a row, in pixels.
    """
    rows = page.locator("[class*=st-key-lab_list] [data-testid=stDataFrame]")
    rows.click(position={"x": 15, "y": _LIST_HEADER + height * (place + 0.5)})
    ready(page)


def explain(page: Page) -> None:
    """Asks why the open sample was answered so."""
    card(page).get_by_role("button", name="Explain", exact=True).click()
    expect(card(page).get_by_text("Orange raised the answer, blue lowered it.")).to_be_visible(timeout=SLOW)
    ready(page)


def relabel(page: Page, given: str, label: str) -> None:
    """Gives the open sample the label that is suggested, which is what was answered."""
    card(page).get_by_role("button", name="Relabel", exact=True).click()
    ready(page)
    expect(card(page).get_by_text(f"{given} → {label}")).to_be_visible()


def set_value(page: Page, value: str) -> None:
    """Gives the open sample another number."""
    field = card(page).get_by_label("Value", exact=True)
    field.fill(value)
    field.press("Enter")
    ready(page)
    card(page).get_by_role("button", name="Set the value", exact=True).click()
    ready(page)
    expect(card(page).get_by_text(f"→ {value}")).to_be_visible()


def exclude(page: Page) -> None:
    """Leaves the open sample out."""
    card(page).get_by_role("button", name="Exclude", exact=True).click()
    ready(page)
    expect(card(page).get_by_text(re.compile("Excluded"))).to_be_visible()


def correct(page: Page) -> None:
    """Makes a corrected version of the dataset by what was said of its samples."""
    open_view(page, "Labels")
    page.get_by_role("button", name="Make a corrected version").click()
    expect(page.get_by_role("button", name="Train again on the corrected data")).to_be_visible(timeout=SLOW)
    ready(page)


def train_again(page: Page, store: Store) -> Run:
    """Trains the experiment on the corrected version; returns its run once it is completed."""
    before = {one.id for one in store.runs.list()}
    page.get_by_role("button", name="Train again on the corrected data").click()
    expect(page.get_by_role("link", name="Compare", exact=True)).to_be_visible(timeout=SLOW)
    (other,) = [one for one in store.runs.list() if one.id not in before]
    return completed(store, other)


def compare(page: Page) -> None:
    """Goes to the comparison of the run and the one on corrected data."""
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    ready(page)
