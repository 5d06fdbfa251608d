"""The dashboard's process never loads what reads a stranger's file, whatever is on its pages."""

import json
import os
import subprocess
import sys

from tests.conftest import ROOT
from tests.datasets.makers import arrived, people
from tests.models.samples import keras_file

READERS = {
    "dlcore.datasets.ingest.arrays",
    "dlcore.datasets.ingest.arff",
    "dlcore.datasets.ingest.cells",
    "dlcore.datasets.ingest.databases",
    "dlcore.datasets.ingest.columns",
    "dlcore.datasets.ingest.delimited",
    "dlcore.datasets.ingest.encodings",
    "dlcore.datasets.ingest.folders",
    "dlcore.datasets.ingest.intake",
    "dlcore.datasets.ingest.members",
    "dlcore.datasets.ingest.records",
    "dlcore.datasets.ingest.sources",
    "dlcore.datasets.ingest.open_table",
    "dlcore.datasets.ingest.table_reading",
    "dlcore.datasets.ingest.table_storing",
    "dlcore.datasets.ingest.tables",
    "dlcore.datasets.ingest.workbooks",
    "dlcore.design.keras_import",
    "dlcore.models.keras_file",
    "dlcore.models.storing",
    "dlcore.models.weights",
    "h5py",
    "python_calamine",
}

PAGES = """
import json, sys
from streamlit.testing.v1 import AppTest
import app

def opened(name, **values):
    page = AppTest.from_file("dlcore/ui/router.py", default_timeout=120)
    page.run()
    page.switch_page(f"../../pages/{name}.py")
    for key, value in values.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception, page.exception
    return page

table, model = sys.argv[1:]
opened("upload", upload=table)
page = opened("build", model=model)
page.session_state["view"] = "Import and export"
page.run()
assert not page.exception, page.exception
from dlcore.web.context import context
print(json.dumps([sorted(job.what for job in context().store.jobs.unfinished()), sorted(sys.modules)]))
"""


def sent(settings, path):
    return arrived(settings, path.name, path.read_bytes(), owner=settings.owner).token


def test_a_page_on_a_file_loads_nothing_that_reads_it(settings, tmp_path):
    tokens = [sent(settings, people(tmp_path / "a.csv")), sent(settings, keras_file(tmp_path / "a.keras"))]
    environment = {**os.environ, **settings.environment(), "DLCORE_START_WORKER": "false"}
    done = subprocess.run(
        [sys.executable, "-c", PAGES, *tokens], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    asked, loaded = json.loads(done.stdout.splitlines()[-1])
    assert asked == ["inspection", "model_inspection"]
    assert READERS.isdisjoint(loaded), sorted(READERS & set(loaded))
