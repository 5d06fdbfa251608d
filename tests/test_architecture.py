"""The rules that keep the code small and its parts apart."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LONGEST, ROOT

FRAMEWORK = {"keras", "tensorflow"}
PAGES_MAY_IMPORT = {"streamlit", "__future__"}
SOURCES = [
    path
    for folder in ("dlcore", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
] + [ROOT / "app.py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The packages that a file imports anywhere, also within functions and by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module)
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called), args=[ast.Constant(str(module)), *_]
            ):
                if called in ("import_module", "__import__"):
                    found.add(module)
    return found


def packages(path: Path) -> set[str]:
    return {module.split(".")[0] for module in imported(path)}


def test_imports_point_one_way():
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_engine_imports_keras_and_tensorflow_lazily_or_not():
    assert [
        name_of(path)
        for path in SOURCES
        if packages(path) & FRAMEWORK and not name_of(path).startswith("dlcore/engine/")
    ] == []


def test_only_the_dashboard_imports_streamlit():
    allowed = ("dlcore/ui/", "dlcore/web/", "pages/", "app.py")

    assert [
        name_of(path)
        for path in SOURCES
        if "streamlit" in packages(path) and not name_of(path).startswith(allowed)
    ] == []


def test_the_dashboard_never_imports_the_engine():
    forbidden = ("dlcore.engine", "dlcore.processes", "dlcore.worker")

    assert [
        (name_of(path), module)
        for path in SOURCES
        if name_of(path).startswith(("dlcore/ui/", "dlcore/web/", "pages/", "app.py"))
        for module in imported(path)
        if module.startswith(forbidden)
    ] == []


def test_a_page_only_puts_pieces_of_the_dashboard_together():
    """So that what import-linter says of `dlcore.ui` is true of pages, which it does not see."""
    assert {
        f"{name_of(path)}: {module}"
        for path in SOURCES
        if name_of(path).startswith("pages/")
        for module in imported(path)
        if module not in PAGES_MAY_IMPORT and not module.startswith("dlcore.ui.")
    } == set()


def test_the_files_that_begin_first_are_there():
    assert [name for name in LONGEST if not (ROOT / "tests" / name).is_file()] == []


def test_the_rule_about_imports_sees_lazy_ones(tmp_path):
    path = tmp_path / "sly.py"
    path.write_text(
        "import importlib\n"
        "def late():\n    from keras.layers import Dense\n    import tensorflow as tf\n"
        "    importlib.import_module('streamlit.web')\n"
        "# import torch\n"
    )

    assert packages(path) == {"importlib", "keras", "tensorflow", "streamlit"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_and_its_functions_stay_small(path):
    text = path.read_text(encoding="utf-8")
    limit = 200 if name_of(path).startswith("pages/") else 400
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if (node.end_lineno or 0) - node.lineno + 1 > 50
    ]

    assert text.count("\n") <= limit
    assert long == []
