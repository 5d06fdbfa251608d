"""When a supervisor that was just started is waited for instead of starting another."""

import os
import time

import pytest

from dlcore.queue.processes import own_identity, start_of
from dlcore.queue.start import STARTING_SECONDS, _still_starting


@pytest.fixture
def note(tmp_path):
    """A note that this very process was started a moment ago."""
    path = tmp_path / "worker.starting"
    path.write_text(f"{os.getpid()} {start_of(os.getpid())}")
    return path


def test_one_that_was_just_started_is_waited_for(note):
    assert _still_starting(note, None)


def test_one_that_has_not_begun_for_too_long_is_not(note):
    long_ago = time.time() - STARTING_SECONDS - 60
    os.utime(note, (long_ago, long_ago))
    assert not _still_starting(note, None)


def test_one_that_holds_the_lease_has_started(note):
    assert not _still_starting(note, own_identity())


@pytest.mark.parametrize("text", ["", "nonsense", "PID another-start"])
def test_a_note_that_says_nothing_or_is_of_another_process_counts_for_nothing(note, text):
    note.write_text(text.replace("PID", str(os.getpid())))
    assert not _still_starting(note, None)


def test_without_a_note_none_was_started(tmp_path):
    assert not _still_starting(tmp_path / "worker.starting", None)
