"""A job of the command line, in a process of its own: what it prints reaches people only where it helps."""

import pytest

from dlcore.datasets.ingest.proposal import NOTHING
from dlcore.errors import DatasetError
from dlcore.processes.alone import run_alone
from dlcore.records import no_progress


def test_the_traceback_of_a_bug_is_passed_on(settings, capsys):
    with pytest.raises(DatasetError, match="an unexpected error: KeyError: 'folder'"):
        run_alone("prediction", {}, settings, no_progress)
    assert "Traceback" in capsys.readouterr().err


def test_an_error_for_people_comes_without_what_libraries_print(settings, tmp_path, capsys):
    with pytest.raises(DatasetError, match="there is no such file or folder"):
        arguments = {"path": str(tmp_path / "none"), "origin": "none", "choices": NOTHING.to_dict()}
        run_alone("inspection", arguments, settings, no_progress)
    assert capsys.readouterr().err == ""
