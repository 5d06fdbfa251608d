"""Which version this is; told apart from the package, whose modules may not import it."""

__version__ = "0.1.0"
