"""`python -m dlcore`."""

from dlcore.cli.main import app

if __name__ == "__main__":
    app()
