"""What is counted, so that nobody does it too often."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """Something that costs the machine enough for nobody to do it without end."""

    LAUNCH = "launch"
    """Queue a run, or begin a search."""
    DRAFT = "draft"
    """Begin an experiment."""
    UPLOAD = "upload"
    """Begin to send a file."""
    PREDICT = "predict"
    """Try a model on a page."""
    JOB = "job"
    """Ask for what works in the background: a look at a file, an export, a preview."""
    COMPLAIN = "complain"
    """Report what others show."""
    LOGIN = "login"
    """Sign in, or try to."""
    SESSION = "session"
    """Open a page."""
    ARRIVE = "arrive"
    """Come as a visitor whom nobody knows yet."""
