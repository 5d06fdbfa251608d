"""How a test tells patient runs and jobs, which are other processes, that it has seen enough."""

from pathlib import Path


def enough(home: Path) -> None:
    """Lets patient runs and jobs come to their end."""
    (home / "enough").touch()


def is_enough(home: Path) -> bool:
    """Whether the test has seen enough."""
    return (home / "enough").exists()
