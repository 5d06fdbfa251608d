"""Models that run in a visitor's browser: the runtime's files, which models can, and the scripts that ask them.

The scripts beside this file are ES modules; pages import them by their names, and a report holds them.
"""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
"""Of the scripts and styles."""
