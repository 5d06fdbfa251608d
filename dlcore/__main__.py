"""`python -m dlcore`."""

from dlcore.cli import app

if __name__ == "__main__":
    app()
