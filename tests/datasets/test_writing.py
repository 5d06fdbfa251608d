"""Datasets on their way to the disk: those of killed processes go, those that are being written stay."""

import subprocess
import sys

from dlcore.datasets.ingest.writing import sweep, writing

WRITE = """
import os, sys, time
from dlcore.datasets.ingest.writing import writing
from dlcore.settings import Settings
with writing(Settings()) as draft:
    draft.blob(b"content")
    print("writing", flush=True)
    time.sleep(600)
"""


def parts(settings):
    return sorted(settings.stored_dir.glob(".part-*"))


def test_what_a_killed_process_was_writing_goes_and_what_a_live_one_writes_stays(settings):
    command = [sys.executable, "-c", WRITE]
    with subprocess.Popen(
        command,
        env=settings.environment() | {"PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "writing\n"
        theirs = parts(settings)
        assert [path.is_dir() for path in theirs] == [True, False]
        with writing(settings):
            ours = [path for path in parts(settings) if path not in theirs]
            sweep(settings)
            assert parts(settings) == sorted(theirs + ours)
            process.kill()
            process.wait()
            sweep(settings)
            assert parts(settings) == ours
    assert not settings.stored_dir.exists()
