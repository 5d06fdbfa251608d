"""Datasets that people brought, on the pages."""

import json

import numpy as np
import pandas as pd
import pytest

from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts, Task
from tests.ui.conftest import texts

HOSTILE = "<b>shop</b> **visits** :red[x]"


@pytest.fixture
def visits(here):
    """A stored table of 40 rows, whose title its owner chose with care."""
    facts = DatasetFacts(
        name="visits",
        title=HOSTILE,
        description="",
        task=Task.BINARY,
        input_shape=None,
        classes=("no", "yes"),
        train_size=40,
        test_size=0,
        licence="",
        source="",
        citation="",
        kind=DataKind.TABLE,
        columns=(
            Column("minutes", ColumnType.NUMBER, unique=40),
            Column("bought", ColumnType.CATEGORY, ColumnRole.TARGET, ("no", "yes"), 2),
        ),
        version="0123456789ab",
        owner="local",
    )
    folder = here.settings.home / "datasets" / facts.name / facts.version
    folder.mkdir(parents=True)
    rows = np.arange(40)
    bought = np.where(rows % 2, "yes", "no")
    frame = pd.DataFrame({"part": "", "c0": rows.astype(np.float64), "c1": bought})
    frame.to_parquet(folder / "samples.parquet")
    np.save(folder / "targets.npy", rows % 2)
    manifest = {"format": 1, "facts": facts.to_dict(), "created_at": 1.0, "origin": "visits.csv"}
    manifest |= {"refused": [], "refused_count": 0, "statistics": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_dataset_of_ones_own_is_picked_beside_the_built_in_ones(open_page, here, visits):
    page = open_page("data")
    (pick,) = [field for field in page.selectbox if field.label == "Dataset"]
    assert pick.options[:2] == ["Handwritten digits, 8×8", "MNIST handwritten digits"]
    assert pick.options[-1] == f"{HOSTILE} (visits) · yours"

    pick.set_value("visits").run()

    assert not page.exception
    assert here.store.drafts.latest(owner="local").spec["dataset"]["name"] == "visits"
    assert r"\<b>shop\</b> \*\*visits\*\* :color[\:]red\[x\]" in texts(page)


def test_a_damaged_dataset_says_so_when_it_is_picked(open_page, visits):
    (visits / "manifest.json").write_text(json.dumps({"format": 1}))
    page = open_page("data")
    (pick,) = [field for field in page.selectbox if field.label == "Dataset"]

    pick.set_value("visits").run()

    assert not page.exception
    assert "damaged" in page.error[0].value


def test_a_damaged_dataset_is_named_in_the_gallery_with_a_way_to_remove_it(open_page, visits):
    (visits / "manifest.json").write_text("{")
    page = open_page("datasets")

    assert not page.exception
    assert "visits/0123456789ab: this stored dataset is damaged" in page.warning[0].value
    assert page.button(key="remove_damaged_visits").label == "Remove"
