"""Runs the cells of python.ipynb and keeps what they say: `python -m docs.build_notebook`."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from dlcore.settings import Settings
from dlcore.store import Store

NOTEBOOK = Path(__file__).with_name("python.ipynb")
SECONDS = 200
"""For one cell, on a machine that has much else to do."""


def execute(path: Path, home: Path) -> NotebookNode:
    """Returns a notebook after its cells were run, in its own folder, without what libraries say on standard error.

    Args:
        path: the notebook.
        home: gets the runs; a supervisor is started there, which the caller ends.
    """
    notebook = nbformat.read(path, as_version=4)
    environment = {**os.environ, "DLCORE_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[1])}
    client = NotebookClient(
        notebook, timeout=SECONDS, record_timing=False, resources={"metadata": {"path": path.parent}}
    )
    done = client.execute(env=environment)
    for cell in done.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    return done


def end_supervisor(home: Path) -> None:
    """Ends the supervisor that the cells have started, and its processes."""
    store = Store.open(Settings(home=home))
    worker = store.workers.current()
    if worker is not None:
        os.killpg(worker.pid, signal.SIGKILL)
    store.close()


def main() -> None:
    """Writes the notebook with its outputs."""
    with tempfile.TemporaryDirectory() as home:
        try:
            notebook = execute(NOTEBOOK, Path(home))
        finally:
            end_supervisor(Path(home))
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
