"""The scripts of our components; each is next to the Python that serves it."""

from __future__ import annotations

from dlcore.web.modules import module_url


def script(name: str) -> str:
    """Returns a component's script: it fetches the module of that name and passes on what that exports.

    Streamlit sends this text with every message and runs it from a `blob:` URL, from where nothing can
    be imported by a path; the module itself is fetched once and imports its neighbours by theirs.
    """
    return (
        f'const found = await import(new URL("{module_url(name)}", document.baseURI));\n'
        "export default found.default;\n"
    )


def nothing() -> None:
    """Does nothing, as what is called at a trigger which only makes the script run."""
